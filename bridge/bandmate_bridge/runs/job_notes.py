"""The notes of a finished job, without its audio in any file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bandmate_bridge.client import Client, Event
from bandmate_bridge.jobs.job_run import JobRun
from bandmate_bridge.progress import ProgressCallback
from bandmate_protocol.messages import Note
from bandmate_protocol.session import AttemptStarted, NotesReceived, StemStarted


class NotesSink:
    """Keeps the notes of each stem."""

    def __init__(self) -> None:
        self.notes: dict[str, list[Note]] = {}
        """By the name of the stem."""

    def take(self, event: Event) -> None:
        """Takes in notes; a stem that starts over has none yet."""
        if isinstance(event, AttemptStarted):
            self.notes.clear()
        elif isinstance(event, StemStarted):
            self.notes[event.stem.name] = []
        elif isinstance(event, NotesReceived):
            self.notes.setdefault(event.stem.name, []).extend(event.notes)

    def abandon(self) -> None:
        """Forgets all of them."""
        self.notes.clear()


@dataclass(frozen=True)
class NotesOfJob:
    """What a job played."""

    stems: Mapping[str, Sequence[Note]]
    """By the name of the stem."""
    report: Mapping[str, Any]
    """What its engine told of it."""


def job_notes(client: Client, job: str, progress: ProgressCallback) -> NotesOfJob:
    """The notes of a job's stems, and its report. Raises RequestError as the job failed."""
    sink = NotesSink()
    client.attach(job)
    finished = JobRun(client, job, sink, progress, cancels=False).finish()
    return NotesOfJob(sink.notes, finished.done.report)
