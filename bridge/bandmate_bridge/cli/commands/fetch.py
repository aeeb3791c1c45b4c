"""`bandmate fetch`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bandmate_bridge.cli.options.file_format import format_options, take_format_options
from bandmate_bridge.cli.options.types import JobPrefix, json_option, play_option
from bandmate_protocol.texts import say

if TYPE_CHECKING:
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.client import Client
    from bandmate_bridge.runs.fetch import FetchDestination
    from bandmate_bridge.runs.run_result import RunResult
    from bandmate_protocol.messages import JobSummary


@click.command()
@click.argument("job", type=JobPrefix(), required=False)
@click.option(
    "-o",
    "--output",
    metavar="FILE.wav|FILE.flac|FOLDER/|SONG.dawproject",
    help="Write the mix to a new audio file; with a slash at the end, write a file for each part to a folder; or write "
    "a new project, of REAPER or a DAWproject, with a track for each part.",
)
@format_options
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="SONG.rpp",
    help="Add tracks to this project: of REAPER or Ardour, or a DAWproject.",
)
@click.option("--at", metavar="POSITION", help="Position in the project.  [default: the job's own]")
@click.option("--track", metavar="NAME", help="Put the mix on this track of the project: name, number or id.")
@click.option(
    "--midi", is_flag=True, help="Also write the notes, as a MIDI file or as MIDI items in the project."
)
@play_option
@json_option
@click.option(
    "--force", is_flag=True, help="Replace existing files; write to the project even if it is open."
)
def fetch(
    job: str | None,
    output: str | None,
    bits: str | None,
    container: str | None,
    into: Path | None,
    at: str | None,
    track: str | None,
    midi: bool,
    play: bool,
    as_json: bool,
    force: bool,
) -> None:
    """Fetch a job's result, to its original place or elsewhere.

    Without JOB, fetches the last job's result. A job continues if its command dies before it can cancel it;
    a job that was interrupted because the server stopped starts again. You can fetch a finished job's audio and
    notes as often as you like.

    \b
    bandmate fetch
    bandmate fetch k3m9 -o stems/ --midi
    """
    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.cli.play import play_results
    from bandmate_bridge.cli.report import print_result
    from bandmate_bridge.runs.fetch import FetchDestination, job_to_fetch

    if output is not None and into is not None:
        raise click.UsageError("Give -o for files or --into for a project, not both.")
    for name, value in (("at", at), ("track", track)):
        if value is not None and into is None:
            raise click.UsageError(
                say("--{name} is a position in a project; add --into song.rpp.", name=name)
            )
    files = take_format_options({"bits": bits, "container": container, "output": output, "play": play})
    said = FetchDestination(output, into, at, track, midi, force, files)
    with ProgressDisplay() as display, connect_client(display) as client:
        result = _fetch_result(client, job_to_fetch(client, job), said, display)
    print_result(result, as_json=as_json)
    if play:
        play_results(result.received)


def _fetch_result(
    client: Client, job: JobSummary, said: FetchDestination, display: ProgressDisplay
) -> RunResult:
    from bandmate_bridge.runs.fetch import fetch_output, fetch_report, is_report
    from bandmate_bridge.runs.generate import fetch_job

    try:
        if is_report(client, job):
            return fetch_report(client, job, display)
        return fetch_job(client, job, fetch_output(job, said), display)
    except KeyboardInterrupt:
        click.echo(f"Job {job.job} continues; `bandmate cancel {job.job}` ends it.", err=True)
        raise
