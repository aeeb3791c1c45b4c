"""`bandmate jobs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bandmate_protocol.messages import JobSummary


@click.command()
@click.option("--most", type=click.IntRange(1, 1000), default=20, show_default=True, help="Number of jobs.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, for programs.")
def jobs(most: int, as_json: bool) -> None:
    """List the newest jobs and where their results are.

    \b
    bandmate jobs --most 5
    """
    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.history.job_list import visible_jobs

    with ProgressDisplay() as display, connect_client(display) as client:
        found = visible_jobs(client, most)
    if as_json:
        from bandmate_plugins._platform.json_text import json_text

        click.echo(json_text([_summary_fields(job) for job in found]))
    elif not found:
        click.echo('There are no jobs yet. `bandmate generate "warm upright bass" -o bass.wav` starts one.')
    else:
        from bandmate_bridge.cli.job_table import job_lines

        for line in job_lines(found):
            click.echo(line)
        click.echo("`bandmate fetch JOB` fetches a job's audio again; -o sends it elsewhere.")


def _summary_fields(job: JobSummary) -> dict[str, Any]:
    """All that the server knows of a job, and where its result is."""
    import msgspec

    from bandmate_bridge.history.job_list import result_place

    plain: dict[str, Any] = msgspec.to_builtins(job)
    return plain | {"where": result_place(job) or None}
