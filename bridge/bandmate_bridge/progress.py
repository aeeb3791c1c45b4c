"""What work says of itself while it runs: stages, progress of jobs, files on their way, notices.

Whoever starts work gives a `ProgressCallback`; the command line shows the events on the terminal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bandmate_protocol.messages import Progress


@dataclass(frozen=True, slots=True)
class SubjectChanged:
    """The stages that follow are about something else."""

    title: str
    """What they are about; empty when that goes without saying."""


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage without steps to count."""

    title: str


@dataclass(frozen=True, slots=True)
class FileTransfer:
    """A file on its way to the server."""

    name: str
    done_bytes: int
    total_bytes: int

    @property
    def title(self) -> str:
        """For people."""
        return f"Sending {self.name}"


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence that the user should read."""

    sentence: str


ProgressEvent = SubjectChanged | StageStarted | FileTransfer | Notice | Progress
"""`Progress` is the server's own message about a job."""

ProgressCallback = Callable[[ProgressEvent], None]


def ignore_progress(event: ProgressEvent) -> None:
    """For work that nobody watches."""
