"""What a command says at its end."""

from __future__ import annotations

import click

from bandmate_bridge.work.make import Result


def report(result: Result) -> None:
    """Where the results are, what was decided and is remarked, and what to type for another try."""
    for line in result.lines:
        click.echo(line)
    for remark in (*result.decided, *result.remarks):
        click.echo(f"  {remark}")
    for accepted in result.accepted:
        click.echo(f"  Job {accepted.job}, engine {accepted.engine}, seed {accepted.seed}.")
    if any(result.received):
        click.echo(f"  Another try: bandmate redo {result.accepted[-1].job}")
