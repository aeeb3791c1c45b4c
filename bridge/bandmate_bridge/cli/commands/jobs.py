"""`bandmate jobs`: the list of jobs, and what is said about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bandmate_bridge.cli.options.types import JobPrefix

if TYPE_CHECKING:
    from bandmate_bridge.client import Client
    from bandmate_protocol.messages import JobSummary

Answer = TypeVar("Answer")

_STATES = ("queued", "running", "done", "failed", "cancelled", "interrupted")
_DAY_MS = 86_400_000


@click.group(invoke_without_command=True)
@click.option("--most", type=click.IntRange(1, 1000), default=20, show_default=True, help="Number of jobs.")
@click.option("--search", default="", metavar="WORDS", help="Only jobs with these words: prompt, note, task.")
@click.option("--task", help="Only jobs of this task.")
@click.option("--engine", help="Only jobs of this engine.")
@click.option("--state", type=click.Choice(_STATES), help="Only jobs in this state.")
@click.option("--rated", type=click.IntRange(1, 5), help="Only jobs with at least so many stars.")
@click.option("--kept", is_flag=True, help="Only jobs that are kept.")
@click.option("--days", type=click.FloatRange(0, 36_500, min_open=True), help="Only jobs of the last days.")
@click.option("--dropped", is_flag=True, help="Only jobs that were dropped and can be restored.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, for programs.")
@click.pass_context
def jobs(context: click.Context, /, most: int, as_json: bool, days: float | None, **chosen: Any) -> None:
    """List the newest jobs and where their results are.

    \b
    bandmate jobs --most 5
    bandmate jobs --search "lo-fi drums" --rated 4
    """
    if context.invoked_subcommand is None:
        _list_jobs(most, as_json, _filters(days, **chosen))


@jobs.command()
@click.argument("job", type=JobPrefix())
@click.argument("stars", type=click.IntRange(0, 5))
def rate(job: str, stars: int) -> None:
    """Rate a job with up to five stars; 0 takes the rating away.

    \b
    bandmate jobs rate 7kq2m0xa 4
    """
    found = _ask_server(lambda client: client.annotate(client.job(job).job, rating=stars))
    click.echo(
        f"Job {found.job}: {found.rating} of 5 stars." if stars else f"Job {found.job} has no rating now."
    )


@jobs.command()
@click.argument("job", type=JobPrefix())
@click.argument("text", nargs=-1)
def note(job: str, text: tuple[str, ...]) -> None:
    """Write a note to a job, or remove it.

    \b
    bandmate jobs note 7kq2m0xa take this for the bridge
    """
    words = " ".join(text)
    if len(words) > 4096:
        raise click.UsageError("A note has at most 4096 characters.")
    found = _ask_server(lambda client: client.annotate(client.job(job).job, note=words))
    click.echo(f"Job {found.job} has the note." if found.note else f"Job {found.job} has no note now.")


@jobs.command()
@click.argument("job", nargs=-1, required=True, type=JobPrefix())
@click.option("--release", is_flag=True, help="Let it go by age and room again.")
def keep(job: tuple[str, ...], release: bool) -> None:
    """Keep jobs: nothing removes them or their audio."""
    found = _ask_server(
        lambda client: [client.annotate(client.job(each).job, kept=not release) for each in job]
    )
    names = ", ".join(each.job for each in found)
    click.echo(f"Released: {names}." if release else f"Kept: {names}.")


@jobs.command()
@click.argument("job", nargs=-1, required=True, type=JobPrefix())
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--now", is_flag=True, help="Delete the audio at once; nothing brings it back.")
def drop(job: tuple[str, ...], yes: bool, now: bool) -> None:
    """Take jobs out of the list, and free their audio a while later.

    Audio that another job or a saved project needs stays.
    """
    from bandmate_bridge.cli.job_table import size_text

    def ask_first(client: Client) -> str:
        names = tuple(client.job(each).job for each in job)
        effect = client.drop_jobs(*names, preview=True)
        freed = f"Dropping {', '.join(names)} frees {size_text(effect.disk_bytes)}."
        if effect.needed:
            freed += f" Other jobs need {', '.join(effect.needed)}, so that audio stays."
        if not yes:
            click.echo(freed)
            click.confirm("Delete for good?" if now else "Drop?", abort=True)
        done = client.drop_jobs(*names, now=now)
        if now:
            return f"Deleted: {', '.join(names)}. Freed: {size_text(done.disk_bytes)}."
        minutes = done.undo_seconds / 60
        restore = f"`bandmate jobs restore {' '.join(names)}`"
        return f"{freed} {restore} brings it back for {minutes:.0f} minutes; then its audio is deleted."

    click.echo(_ask_server(ask_first))


@jobs.command()
@click.argument("job", nargs=-1, required=True, type=JobPrefix())
def restore(job: tuple[str, ...]) -> None:
    """Bring dropped jobs back, until their audio is deleted."""

    def restore_all(client: Client) -> Sequence[JobSummary]:
        return client.restore_jobs(*(_dropped_job(client, each) for each in job))

    click.echo(f"Restored: {', '.join(each.job for each in _ask_server(restore_all))}.")


def _dropped_job(client: Client, prefix: str) -> str:
    """The whole id of a dropped job. A whole one is passed on: the server knows what became of it."""
    from bandmate_bridge.client.requests import only_job
    from bandmate_protocol.units import JOB_ID_LENGTH

    if len(prefix) == JOB_ID_LENGTH:
        return prefix
    return only_job(client.jobs(10, prefix, dropped=True), prefix).job


def _filters(
    days: float | None,
    *,
    search: str,
    task: str | None,
    engine: str | None,
    state: str | None,
    rated: int | None,
    kept: bool,
    dropped: bool,
) -> dict[str, Any]:
    """Fields of `list_jobs`; only those that were given, which older servers do not know."""
    import time

    given = {
        "words": search.strip()[:256],
        "task": task,
        "engine": engine,
        "state": state,
        "rating": rated,
        "kept": kept,
        "dropped": dropped,
        "since_ms": round(time.time() * 1000 - days * _DAY_MS) if days else None,
    }
    return {name: value for name, value in given.items() if value}


def _list_jobs(most: int, as_json: bool, filters: dict[str, Any]) -> None:
    from bandmate_bridge.history.job_list import visible_jobs

    found, all_bytes = _ask_server(
        lambda client: (visible_jobs(client, most, **filters), client.job_list(1).disk_bytes)
    )
    if as_json:
        from bandmate_plugins._platform.json_text import json_text

        click.echo(json_text([_summary_fields(job) for job in found]))
    elif not found and filters:
        click.echo("No job fits. `bandmate jobs` lists the newest ones.")
    elif not found:
        click.echo('There are no jobs yet. `bandmate generate "warm upright bass" -o bass.wav` starts one.')
    else:
        _print_jobs(found, all_bytes)


def _print_jobs(found: Sequence[JobSummary], all_bytes: int) -> None:
    from bandmate_bridge.cli.job_table import job_lines, size_text

    for line in job_lines(found):
        click.echo(line)
    hint = "`bandmate fetch JOB` fetches a job's audio again; -o sends it elsewhere."
    click.echo(f"{hint} All audio takes {size_text(all_bytes)}.")


def _summary_fields(job: JobSummary) -> dict[str, Any]:
    """All that the server knows of a job, and where its result is."""
    import msgspec

    from bandmate_bridge.history.job_list import result_place

    plain: dict[str, Any] = msgspec.to_builtins(job)
    return plain | {"where": result_place(job) or None}


def _ask_server(work: Callable[[Client], Answer]) -> Answer:
    from bandmate_bridge.cli.connect import connect_client
    from bandmate_bridge.cli.display import ProgressDisplay

    with ProgressDisplay() as display, connect_client(display) as client:
        return work(client)
