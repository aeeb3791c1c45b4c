"""How the agent puts things to the scripts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bandmate_bridge.progress import FileTransfer, ProgressCallback, ProgressEvent
from bandmate_bridge.reaper.agent.mailbox import AgentMessage
from bandmate_protocol.errors import BandmateError
from bandmate_protocol.messages import Accepted, Invoke

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
            sizes = {"done": event.done_bytes, "total": event.total_bytes}
            send({"type": "sending", "re": ask, "text": event.title} | sizes)

    return progress


def accepted_message(accepted: Accepted, asked: str) -> AgentMessage:
    """The answer to what was asked for under an id."""
    return {
        "type": "accepted",
        "re": asked,
        "job": accepted.job,
        "task": accepted.task,
        "engine": accepted.engine,
        "reason": accepted.reason,
        "seed": accepted.seed,
        "ahead": accepted.ahead,
    }


def invoke_message(invoke: Invoke) -> AgentMessage:
    """What a surface, or the command line, wishes for."""
    return {
        "type": "invoke",
        "request": invoke.request,
        "task": invoke.task,
        "params": invoke.params,
        "engine": invoke.engine,
        "seed": invoke.seed,
        "where": invoke.where or None,
    }


def failure_message(error: BandmateError, **about: Any) -> AgentMessage:
    """Why something was not done; ``about``: what it was."""
    return {
        "type": "failed",
        "code": error.code.value,
        "sentence": error.sentence,
        "remedy": error.remedy or "",
        "models": list(error.models),
        **about,
    }
