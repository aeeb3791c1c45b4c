"""How the agent puts things to the scripts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bandmate_bridge.display import ProgressDisplay
from bandmate_bridge.reaper.agent.mailbox import AgentMessage
from bandmate_protocol.errors import BandmateError
from bandmate_protocol.messages import Accepted, Invoke, Progress


class UploadDisplay(ProgressDisplay):
    """Says how far a file is on its way."""

    def __init__(self, say: Callable[[AgentMessage], None], ask: str) -> None:
        super().__init__(terminal=False)
        self._tell = say
        self._for = ask
        self._said = 0.0

    def about(self, text: str) -> None:
        """Nothing: what is made is in the panel."""

    def stage(self, text: str) -> None:
        """Nothing: stages come with the job."""

    def progress(self, message: Progress) -> None:
        """Nothing: it comes with the job."""

    def transferred(self, text: str, done: int, total: int) -> None:
        """How much of a file went over, now and then."""
        now = time.monotonic()
        if now - self._said > 0.2 and done < total:
            self._said = now
            self._tell({"type": "sending", "re": self._for, "text": text, "done": done, "total": total})


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
