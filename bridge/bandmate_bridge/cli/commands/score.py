"""`bandmate score`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bandmate_bridge.cli.options.types import KeyText

if TYPE_CHECKING:
    from bandmate_protocol.messages import Timeline

_MIDI = (".mid", ".midi", ".smf", ".kar")


@click.command()
@click.argument("source", required=False, metavar="[SONG.mid|SONG.rpp|JOB]")
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="SONG.rpp",
    help="Write down this project: of REAPER or Ardour, or a DAWproject.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.abc|FILE.musicxml",
    required=True,
    help="The score, as ABC or MusicXML.",
)
@click.option(
    "--section", "sections", multiple=True, metavar="NAME", help="Only this section of the project."
)
@click.option("--midi-track", metavar="NAME", help="Only the notes of this track.")
@click.option(
    "--key", type=KeyText(), metavar="KEY", help='Key, such as "A minor".  [default: from the notes]'
)
@click.option("--title", metavar="TEXT", help="Title.  [default: the name of the file]")
@click.option("--force", is_flag=True, help="Replace an existing file.")
def score(
    source: str | None,
    into: Path | None,
    output: Path,
    sections: tuple[str, ...],
    midi_track: str | None,
    key: str | None,
    title: str | None,
    force: bool,
) -> None:
    """Write chords and melody as ABC or MusicXML.

    The source is a REAPER project, a MIDI file, or a job. A project is written from its time selection,
    if there is one, else whole. Without a source, the last job is written.

    \b
    bandmate score --into song.rpp -o song.abc
    bandmate score tune.mid -o tune.musicxml
    bandmate score k3m9 -o lead.abc
    """
    from bandmate_bridge.outputs.score_file import check_score_file, write_score
    from bandmate_bridge.projects import load_project, names_project
    from bandmate_bridge.requests.score_timeline import midi_score, project_score
    from bandmate_plugins._score.from_timeline import score_of

    if source is not None and into is not None:
        raise click.UsageError("Give a source or --into, not both.")
    file = into or (Path(source) if source and Path(source).suffix else None)
    is_project = into is not None or (file is not None and names_project(file))
    if sections and not is_project:
        raise click.UsageError("--section needs a project; add --into song.rpp.")
    check_score_file(output, replace=force)
    if is_project and file is not None:
        timeline = project_score(load_project(file), sections, midi_track, key)
    elif file is not None and file.suffix.lower() in _MIDI:
        timeline = midi_score(file, midi_track, key)
    elif file is not None:
        raise click.UsageError("A score is made of a REAPER project (.rpp), a MIDI file (.mid), or a job.")
    else:
        timeline, name = _job_timeline(source, midi_track)
        title = title or name
    written = score_of(timeline, title or (file.stem if file else "Score"))
    write_score(output, written, replace=force)
    voices = ", ".join(voice.name for voice in written.voices)
    click.echo(f"{output}: {len(written.bars)} bars; {voices}.")
    for remark in written.remarks:
        click.echo(f"  {remark}")


def _job_timeline(prefix: str | None, midi_track: str | None) -> tuple[Timeline, str]:
    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.runs.job_score import job_timeline

    with ProgressDisplay() as display, connect_client(display) as client:
        return job_timeline(client, prefix, midi_track, display)
