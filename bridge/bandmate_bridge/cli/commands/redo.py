"""`bandmate redo`."""

from __future__ import annotations

import click

from bandmate_bridge.cli.options.types import JobPrefix, json_option, play_option


@click.command()
@click.argument("job", type=JobPrefix(), required=False)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Seed.  [default: random]")
@play_option
@json_option
@click.option("--force", is_flag=True, help="Write to the project even if it may be open in REAPER.")
def redo(job: str | None, seed: int | None, play: bool, as_json: bool, force: bool) -> None:
    """Run the last job, or JOB, again with another seed.

    In a project, the result is another take of the item that the job made; otherwise a new file beside the old.
    """
    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.cli.play import play_results
    from bandmate_bridge.cli.report import print_result
    from bandmate_bridge.runs.generate import rerun_job
    from bandmate_bridge.runs.redo import job_to_redo, redo_output

    with ProgressDisplay() as display, connect_client(display) as client:
        before = job_to_redo(client, job)
        output = redo_output(before, force=force)
        assert before.timeline is not None, "a job to redo has one"
        result = rerun_job(client, before.job, seed, before.timeline, output, display)
    print_result(result, as_json=as_json)
    if play:
        play_results(result.received)
