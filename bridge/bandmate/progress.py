"""How far work is, for callers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from bandmate_bridge.progress import (
    FileTransfer,
    Notice,
    ProgressCallback,
    ProgressEvent,
    StageStarted,
)
from bandmate_protocol.messages import Progress as JobProgressMessage

_LOG = logging.getLogger("bandmate")


@dataclass(frozen=True, slots=True)
class Progress:
    """One report of progress."""

    stage: str
    """What is being done, for people."""
    fraction: float | None = None
    """How much of the stage is done, 0 to 1; None where that is not known."""
    seconds_left: float | None = None
    """The server's estimate; None where it has none."""


ProgressListener = Callable[[Progress], None]


def listen_to_progress(listener: ProgressListener | None) -> ProgressCallback:
    """The bridge's events as `Progress`; notices go to the log `bandmate`."""

    def take_event(event: ProgressEvent) -> None:
        if isinstance(event, Notice):
            _LOG.warning("%s", event.sentence)
            return
        report = _progress_of(event)
        if report is not None and listener is not None:
            listener(report)

    return take_event


def _progress_of(event: ProgressEvent) -> Progress | None:
    match event:
        case StageStarted():
            return Progress(event.title)
        case FileTransfer():
            return Progress(event.title, event.done_bytes / max(event.total_bytes, 1))
        case JobProgressMessage():
            return Progress(
                event.stage, event.step / event.steps if event.steps else None, event.seconds_left
            )
        case _:
            return None
