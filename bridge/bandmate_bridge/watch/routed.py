"""Work on a project that REAPER has open: its agent is asked, and the result goes in there."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bandmate_bridge.client import Client, ServerAddress
from bandmate_bridge.client.requests import accepted_from_summary
from bandmate_bridge.client.settings_differences import server_differences, settings_remark
from bandmate_bridge.jobs.job_run import JobRun, ReportSink
from bandmate_bridge.progress import Notice, ProgressCallback, StageStarted
from bandmate_bridge.rpp import find_save_target, open_project_id
from bandmate_bridge.runs.run_result import RunResult
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Error, Invoke, Invoked, JobTarget
from bandmate_protocol.texts import say

_PATIENCE_SECONDS = 120.0
"""How long REAPER may take to answer: it reads and sends the audio first."""


@dataclass(frozen=True)
class ReaperRoute:
    """What is asked of the agent."""

    project: Path
    task: str
    params: Mapping[str, Any]
    target: JobTarget
    """What to work on, and how the result lies."""
    engine: str | None = None
    seed: int | None = None


def run_through_reaper(
    route: ReaperRoute,
    progress: ProgressCallback,
    *,
    address: ServerAddress | None = None,
    token: str | None = None,
) -> RunResult | None:
    """Has the result go into the project inside REAPER; None when no agent says that it is open there.

    Asks this user's server unless an ``address`` is given. Never starts one, as without a server there is no
    agent. Raises RequestError as the agent refuses it, or as the job fails.
    """
    try:
        client = Client.connect(
            address,
            role="cli",
            name="bandmate",
            token=token,
            start=False,
            warn=lambda sentence: progress(Notice(sentence)),
        )
    except RequestError:
        # Whatever is wrong with the server is said by what comes next, which needs one.
        return None
    with client:
        job = _ask_agent(client, route, progress)
        if job is None:
            return None
        known = client.job(job)
        client.attach(job)
        outcome = JobRun(client, job, ReportSink(), progress).finish()
    target = find_save_target(route.project, daw_running=True, agent_alive=True)
    other = server_differences()
    return RunResult(
        lines=[target.sentence],
        decided=[settings_remark(other)] if other else [],
        accepted=[accepted_from_summary(known)],
        outcomes=[outcome],
        received=[[]],
        project_file=route.project,
        again="the action `Bandmate - Redo with a new seed` in REAPER.",
    )


def _ask_agent(client: Client, route: ReaperRoute, progress: ProgressCallback) -> str | None:
    """The job that the agent started; None when no project of that id is open."""
    request = f"into-{secrets.token_hex(8)}"
    client.send(
        Invoke(
            request=request,
            task=route.task,
            params=dict(route.params),
            engine=route.engine,
            seed=route.seed,
            project=open_project_id(route.project),
            where=route.target,
        )
    )
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        answer = client.poll(min(1.0, _PATIENCE_SECONDS))
        if answer is None:
            # Where no agent is, the server says so at once, and there is nothing to show.
            progress(StageStarted("Asking REAPER"))
        if getattr(answer, "request", None) != request:
            continue
        if isinstance(answer, Invoked):
            if answer.job is None:
                raise RequestError(
                    ErrorCode.NO_TARGET, say("REAPER reports: {sentence}", sentence=answer.sentence)
                )
            return answer.job
        if isinstance(answer, Error):
            if answer.code == ErrorCode.NO_TARGET:
                return None
            raise RequestError(ErrorCode.NO_TARGET, answer.sentence, answer.remedy)
    raise RequestError(
        ErrorCode.NO_TARGET,
        say(
            "REAPER has {name} open and did not answer for {patience_seconds:.0f} s.",
            name=route.project.name,
            patience_seconds=_PATIENCE_SECONDS,
        ),
        "Check REAPER for an open dialog or a render. The result may still arrive.",
    )
