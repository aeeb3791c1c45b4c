"""The project in focus: which one it is, and a task in it, through the bridge that has it open."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any

from bandmate_bridge.jobs.job_run import FinishedJob, JobRun, ReportSink
from bandmate_bridge.progress import StageStarted
from bandmate_mcp.calls import ToolCall
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import ConnectedProject, Error, Invoke, Invoked, JobTarget
from bandmate_protocol.texts import say

_START_SECONDS = 120.0
"""How long the DAW may take to start the job: it reads and sends the audio first."""
_PLACED_SECONDS = 30.0
"""How long it may take to place the result."""
_REMEDY = (
    "Open the project in REAPER and run a Bandmate action there, load the plugin, or run `bandmate watch song.rpp`; "
    "or give `project` or `file`."
)


def focus_facts(projects: tuple[ConnectedProject, ...]) -> dict[str, Any]:
    """The connected projects, the one that a call without a project reaches first."""
    return {
        "in_focus": projects[0].project_name or projects[0].project if projects else None,
        "projects": [
            {
                "name": each.project_name,
                "selected_tracks": list(each.tracks),
                "range_seconds": None if each.timeline is None else _range_seconds(each),
            }
            for each in projects
        ],
        "remedy": "" if projects else _REMEDY,
    }


def run_in_focus(
    call: ToolCall,
    task: str,
    params: Mapping[str, Any],
    target: JobTarget,
    engine: str | None,
    seed: int | None,
) -> dict[str, Any]:
    """Runs a task in the project in focus and waits until the result is in there.

    Raises RequestError: `no_target` when no project is open or its bridge refuses, or as the job fails.
    """
    projects = call.client.projects()
    if not projects:
        raise RequestError(ErrorCode.NO_TARGET, "No project is in focus.", _REMEDY)
    project = projects[0]
    request = f"mcp-{secrets.token_hex(8)}"
    call.client.send(
        Invoke(
            request=request,
            task=task,
            params=dict(params),
            engine=engine,
            seed=seed,
            project=project.project,
            where=target,
            wants_outcome=True,
        )
    )
    started = _wait_for_answer(call, request, _START_SECONDS)
    if started is None or started.job is None:
        raise RequestError(
            ErrorCode.NO_TARGET,
            say("{name} did not start the task.", name=project.project_name or "The DAW")
            if started is None
            else started.sentence,
            "Check the DAW for an open dialog or a render.",
        )
    known = call.client.job(started.job)
    call.client.attach(started.job)
    finished = JobRun(call.client, started.job, ReportSink(), call.progress).finish()
    placed = _wait_for_answer(call, request, _PLACED_SECONDS)
    return {
        "project": project.project_name,
        "job": known.job,
        "engine": known.engine,
        "seed": known.seed,
        "in_the_project": placed is not None and placed.placed,
        "lines": _outcome_lines(placed, finished),
        "report": finished.done.report,
    }


def _outcome_lines(placed: Invoked | None, finished: FinishedJob) -> list[str]:
    if placed is None:
        said = "The job is done. The DAW has not said whether the result is in the project."
    else:
        said = placed.sentence or "The result is in the project, as one undo step."
    return [said, *finished.done.remarks]


def _wait_for_answer(call: ToolCall, request: str, seconds: float) -> Invoked | None:
    """The next answer to an `invoke`. Raises RequestError as the server refuses it."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        answer = call.client.poll(min(1.0, left))
        if answer is None:
            call.progress(StageStarted("Waiting for the DAW"))
        elif getattr(answer, "request", None) != request:
            continue
        elif isinstance(answer, Invoked):
            return answer
        elif isinstance(answer, Error):
            raise RequestError(ErrorCode.NO_TARGET, answer.sentence, answer.remedy or _REMEDY)
    return None


def _range_seconds(project: ConnectedProject) -> list[float]:
    timeline = project.timeline
    assert timeline is not None, "checked by the caller"
    start, end = timeline.start_frame, timeline.end_frame
    return [round(frame / timeline.sample_rate, 3) for frame in (start, end)]
