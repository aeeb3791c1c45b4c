"""`bandmate jobs`."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bandmate_protocol.messages import JobSummary

_PROMPT_CHARS = 60


@click.command()
@click.option("--most", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Everything, for programs.")
def jobs(most: int, as_json: bool) -> None:
    """List the newest jobs and what became of them."""
    from bandmate_bridge.display import Display
    from bandmate_bridge.work import make

    with Display() as display, make.connect(display) as client:
        found = client.jobs(most)
    if as_json:
        import msgspec

        click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
        return
    # What was asked for before another job, to know its tempo, is nobody's job to look up.
    found = tuple(job for job in found if job.task != "suggest" and job.origin.get("for") != "tempo")
    if not found:
        click.echo('There are no jobs yet. `bandmate generate "warm upright bass" -o bass.wav` makes one.')
    else:
        _show(found)


def _show(found: tuple[JobSummary, ...]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for title in ("Job", "State", "When", "What", "Engine", "Seed", "Length"):
        table.add_column(title, no_wrap=title != "What")
    for job in found:
        prompt = " ".join(str(job.params.get("prompt", "")).split())
        what = shorten(f"{job.task}: {prompt}".rstrip(": "), _PROMPT_CHARS, placeholder=" ...")
        if job.sentence:
            what += f"\n{job.sentence}"
        length = f"{job.timeline.seconds:.1f} s" if job.timeline else ""
        row = (job.job, job.state, _when(job.created_ms), what, job.engine, str(job.seed), length)
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def _when(milliseconds: int) -> str:
    from datetime import datetime

    return datetime.fromtimestamp(milliseconds / 1000).astimezone().strftime("%Y-%m-%d %H:%M")
