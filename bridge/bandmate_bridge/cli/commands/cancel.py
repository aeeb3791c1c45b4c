"""`bandmate cancel`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from bandmate_bridge.cli.options.types import JobPrefix

if TYPE_CHECKING:
    from bandmate_bridge.client import Client
    from bandmate_protocol.messages import JobSummary

_WAIT_SECONDS = 15.0
"""A worker that does not answer is replaced well before."""
_POLL_SECONDS = 0.1


@click.command()
@click.argument("job", type=JobPrefix())
def cancel(job: str) -> None:
    """Cancel a waiting or running job. The first characters of its id are enough."""
    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay
    from bandmate_bridge.progress import StageStarted

    with ProgressDisplay() as display, connect_client(display) as client:
        before = client.job(job)
        after = before
        if before.state in ("queued", "running", "interrupted"):
            display(StageStarted("Cancelling"))
            client.cancel(before.job)
            after = _wait_until_settled(client, before)
    if before.state not in ("queued", "running", "interrupted"):
        click.echo(f"Job {before.job} had already ended: {before.state}.")
    elif after.state == "cancelled":
        click.echo(f"Job {after.job} is cancelled.")
    else:
        click.echo(f"Job {after.job} is {after.state}.")


def _wait_until_settled(client: Client, job: JobSummary) -> JobSummary:
    """The job once the cancel took effect, or as it is after a while."""
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        job = client.job(job.job)
        if job.state not in ("queued", "running", "interrupted") or time.monotonic() > deadline:
            return job
        time.sleep(_POLL_SECONDS)
