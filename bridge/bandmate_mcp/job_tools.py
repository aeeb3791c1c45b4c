"""Tools that look after jobs and models."""

from __future__ import annotations

from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer, Resolve
from pydantic import Field

from bandmate_bridge.cli.job_table import size_text
from bandmate_bridge.history.job_list import visible_jobs
from bandmate_bridge.jobs.job_run import JobRun, ReportSink
from bandmate_bridge.runs.any_task import find_server_task
from bandmate_bridge.runs.fetch import FetchDestination, fetch_output, job_to_fetch
from bandmate_bridge.runs.generate import fetch_job, rerun_job
from bandmate_bridge.runs.pull_model import ask_offer, fetch_model
from bandmate_bridge.runs.redo import redo_output
from bandmate_bridge.runs.run_result import RunResult
from bandmate_mcp.arguments import Engine, Params, Seed, SourceFile
from bandmate_mcp.calls import ToolCall, run_call
from bandmate_mcp.consent import Consent, ask_drop, ask_overwrite, ask_pull, check_agreed, is_replaced
from bandmate_mcp.hints import ADDS, DOWNLOADS, READS, REPLACES, RUNS_ANYTHING, SETS, TAKES_UP
from bandmate_mcp.job_facts import is_placed_here, job_facts, job_line
from bandmate_mcp.task_calls import file_answer
from bandmate_mcp.task_params import checked_params
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import JobState
from bandmate_protocol.texts import say

JobId = Annotated[str, Field(description="A job's id, or how it starts.")]
JobIds = Annotated[list[str], Field(min_length=1, max_length=100, description="Ids of jobs.")]


async def list_jobs(
    ctx: Context,
    most: Annotated[int, Field(ge=1, le=100, description="Number of jobs.")] = 20,
    words: Annotated[str, Field(max_length=256, description="Only jobs with these words.")] = "",
    state: JobState | None = None,
    task: str | None = None,
) -> dict[str, Any]:
    """List the newest jobs of the server, newest first. Changes nothing."""
    given = {"words": words, "state": state, "task": task}
    filters = {name: value for name, value in given.items() if value}
    return await run_call(
        ctx, lambda call: {"jobs": [job_line(job) for job in visible_jobs(call.client, most, **filters)]}
    )


async def get_job(ctx: Context, job: JobId) -> dict[str, Any]:
    """Get what the server knows of a job: task, parameters, seed, state, stems, size. Changes nothing."""
    return await run_call(ctx, lambda call: job_facts(call.client.job(job)))


async def wait_for_job(ctx: Context, job: JobId) -> dict[str, Any]:
    """Wait until a job has ended, with progress. Cancelling this call leaves the job running."""

    def work(call: ToolCall) -> dict[str, Any]:
        found = job_to_fetch(call.client, job)
        call.client.attach(found.job)
        JobRun(call.client, found.job, ReportSink(), call.progress, cancels=False).finish()
        return job_facts(call.client.job(found.job))

    return await run_call(ctx, work)


async def cancel_job(ctx: Context, job: JobId) -> dict[str, Any]:
    """Cancel a job that waits or runs. Nothing of it is kept, and redo_job runs it again."""

    def work(call: ToolCall) -> dict[str, Any]:
        found = call.client.job(job)
        if found.state not in ("queued", "running"):
            return job_line(found) | {"lines": ["The job had ended, so there was nothing to cancel."]}
        call.client.attach(found.job)
        call.client.cancel(found.job)
        for _ in call.client.follow(found.job):
            pass
        return job_line(call.client.job(found.job))

    return await run_call(ctx, work)


async def redo_job(ctx: Context, job: JobId, seed: Seed = None) -> dict[str, Any]:
    """Run a job again with another seed. In a project: a further take, as one undo step. For a job that wrote a file: a
    new file beside it. Otherwise the audio stays with the new job.
    """

    def work(call: ToolCall) -> dict[str, Any]:
        before = call.client.job(job)
        if is_placed_here(before) and before.timeline is not None:
            output = redo_output(before)
            return _run_answer(
                rerun_job(call.client, before.job, seed, before.timeline, output, call.progress)
            )
        accepted = call.client.redo(before.job, seed)
        JobRun(call.client, accepted.job, ReportSink(), call.progress).finish()
        return job_facts(call.client.job(accepted.job))

    return await run_call(ctx, work)


async def save_job(
    ctx: Context,
    job: JobId,
    output: Annotated[
        str, Field(description="A .wav or .flac file for a mix, or a folder with a slash at its end.")
    ],
    overwrite: Annotated[Consent, Resolve(ask_overwrite)],
    midi: Annotated[bool, Field(description="Also write the notes as a MIDI file.")] = False,
) -> dict[str, Any]:
    """Write a job's audio to files; waits for a job that runs. Asks the user before it replaces a file."""
    check_agreed(overwrite, "Give another name for `output`.")

    def work(call: ToolCall) -> dict[str, Any]:
        found = job_to_fetch(call.client, job)
        destination = FetchDestination(output=output, midi=midi, force=is_replaced(output))
        return _run_answer(fetch_job(call.client, found, fetch_output(found, destination), call.progress))

    return await run_call(ctx, work)


async def drop_jobs(
    ctx: Context, jobs: JobIds, consent: Annotated[Consent, Resolve(ask_drop)]
) -> dict[str, Any]:
    """Take jobs out of the list and free their audio. Asks the user first. restore_jobs undoes it for ten minutes."""
    check_agreed(consent, "")

    def work(call: ToolCall) -> dict[str, Any]:
        names = tuple(call.client.job(each).job for each in jobs)
        dropped = call.client.drop_jobs(*names)
        return {
            "dropped": list(names),
            "frees": size_text(dropped.disk_bytes),
            "restore_within_seconds": dropped.undo_seconds,
        }

    return await run_call(ctx, work)


async def restore_jobs(ctx: Context, jobs: JobIds) -> dict[str, Any]:
    """Bring dropped jobs back, by their whole ids."""
    return await run_call(
        ctx, lambda call: {"restored": [job.job for job in call.client.restore_jobs(*jobs)]}
    )


async def annotate_job(
    ctx: Context,
    job: JobId,
    rating: Annotated[int | None, Field(ge=0, le=5, description="Stars; 0 removes them.")] = None,
    note: Annotated[str | None, Field(max_length=4096)] = None,
    kept: Annotated[bool | None, Field(description="Whether nothing may remove the job.")] = None,
) -> dict[str, Any]:
    """Rate a job, write a note to it, or keep it from being removed."""
    given = {"rating": rating, "note": note, "kept": kept}
    said = {name: value for name, value in given.items() if value is not None}
    return await run_call(ctx, lambda call: job_line(call.client.annotate(call.client.job(job).job, **said)))


async def pull_model(
    ctx: Context,
    model: Annotated[str, Field(description="list_tasks names the models that engines need.")],
    consent: Annotated[Consent, Resolve(ask_pull)],
    max_gb: Annotated[float, Field(gt=0, le=10_000, description="Download no more than this, in GB.")] = 20.0,
) -> dict[str, Any]:
    """Download a model to the server's disk. Asks the user first, with licence and size."""
    check_agreed(consent, f"`bandmate pull {model}` does the same.")

    def work(call: ToolCall) -> dict[str, Any]:
        offer = ask_offer(call.client, model, call.progress)
        return {"lines": list(fetch_model(call.client, model, offer, max_gb, call.progress))}

    return await run_call(ctx, work)


async def run_task(
    ctx: Context,
    task: Annotated[str, Field(description="A task of list_tasks, such as one of a plugin.")],
    file: SourceFile = None,
    bars: Annotated[float | None, Field(gt=0, description="Length in bars, without a file.")] = None,
    engine: Engine = None,
    seed: Seed = None,
    params: Params = None,
) -> dict[str, Any]:
    """Run any task on a file, or over a length. The audio stays with the job; save_job writes it."""

    def work(call: ToolCall) -> dict[str, Any]:
        catalogue = call.session.describe()
        if find_server_task(catalogue, task).hidden:
            raise RequestError(
                ErrorCode.NOT_CONFIRMED,
                say("The task {task} is for programs of Bandmate, and not offered to assistants.", task=task),
                "Call pull_model for a download; ask the user to run `bandmate models` for anything else.",
            )
        given = checked_params(catalogue, task, params, ())
        job = call.session.run(
            task, file, bars=bars, engine=engine, seed=seed, progress=call.listener, **given
        )
        result = job.wait()
        return file_answer(result, None) | {"report": result.report}

    return await run_call(ctx, work)


def add_job_tools(server: MCPServer) -> None:
    """Adds the tools."""
    for tool, hints in (
        (list_jobs, READS),
        (get_job, READS),
        (wait_for_job, TAKES_UP),
        (run_task, RUNS_ANYTHING),
        (cancel_job, SETS),
        (redo_job, ADDS),
        (save_job, REPLACES),
        (annotate_job, SETS),
        (drop_jobs, SETS),
        (restore_jobs, TAKES_UP),
        (pull_model, DOWNLOADS),
    ):
        server.add_tool(tool, annotations=hints)


def _run_answer(result: RunResult) -> dict[str, Any]:
    accepted = result.accepted[-1]
    return {
        "job": accepted.job,
        "engine": accepted.engine,
        "seed": accepted.seed,
        "lines": result.lines,
        "remarks": [*result.decided, *result.remarks],
        "files": [str(file) for file in result.files],
    }
