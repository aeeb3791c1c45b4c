"""How the agent puts things to the scripts."""

from __future__ import annotations

import time
from collections.abc import Callable

from bandmate_bridge.client import Client
from bandmate_bridge.progress import FileTransfer, ProgressCallback, ProgressEvent
from bandmate_bridge.reaper.mailbox_messages import (
    AgentMessage,
    FileSending,
    JobAccepted,
    TaskInvoked,
    WorkFailed,
)
from bandmate_protocol.errors import BandmateError
from bandmate_protocol.messages import Accepted, Invoke, Invoked, JobTarget

_TRANSFER_SECONDS = 0.2
"""The least time between two messages about a file on its way."""


def send_transfers(send: Callable[[AgentMessage], None], ask: str) -> ProgressCallback:
    """Tells the scripts now and then how far a file is; stages come with the job."""
    said_at = 0.0

    def progress(event: ProgressEvent) -> None:
        nonlocal said_at
        if not isinstance(event, FileTransfer) or event.done_bytes >= event.total_bytes:
            return
        now = time.monotonic()
        if now - said_at > _TRANSFER_SECONDS:
            said_at = now
            send(
                FileSending(
                    re=ask, text=event.title, done_bytes=event.done_bytes, total_bytes=event.total_bytes
                )
            )

    return progress


def accepted_message(accepted: Accepted, asked: str) -> JobAccepted:
    """The answer to what was asked for under an id, without the place of the job."""
    return JobAccepted(
        re=asked,
        job=accepted.job,
        task=accepted.task,
        engine=accepted.engine,
        reason=accepted.reason,
        seed=accepted.seed,
        ahead=accepted.ahead,
    )


def invoke_message(invoke: Invoke) -> TaskInvoked:
    """What a surface, or the command line, asks for."""
    return TaskInvoked(
        request=invoke.request,
        task=invoke.task,
        params=invoke.params,
        engine=invoke.engine,
        seed=invoke.seed,
        # An older command line sends an empty one where it names nothing.
        where=None if invoke.where == JobTarget() else invoke.where,
    )


def answer_invoke(client: Client, request: str, *, job: str | None = None, sentence: str = "") -> None:
    """Tells who asked by an `invoke` which job it became, or why it became none."""
    client.send(Invoked(request=request, job=job, sentence=sentence))


def failure_message(
    error: BandmateError, *, job: str | None = None, re: str | None = None, index: int | None = None
) -> WorkFailed:
    """Why a job failed, or why what was asked for under the id ``re`` was not done."""
    return WorkFailed(
        code=error.code.value,
        sentence=error.sentence,
        remedy=error.remedy or "",
        models=tuple(error.models),
        job=job,
        re=re,
        index=index,
    )
