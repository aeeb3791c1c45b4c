"""Which followed jobs have said nothing for long, though the server lives."""

from __future__ import annotations

from collections.abc import Iterable

ASK_SECONDS = 15.0
"""After so long without an event of a job, the server is asked what became of it."""
MAX_ATTACHES = 3
"""So often a job that ended is taken up again, before its output counts as lost."""


class SilentJobs:
    """Counts the time that somebody waited for a job in vain; time spent elsewhere says nothing."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._attaches: dict[str, int] = {}

    def note_event(self, job: str) -> None:
        """An event of the job came."""
        self._seconds.pop(job, None)

    def note_waiting(self, jobs: Iterable[str], seconds: float) -> list[str]:
        """Somebody waited for these; returns those to ask about now."""
        due = []
        for job in jobs:
            quiet = self._seconds.get(job, 0.0) + seconds
            if quiet >= ASK_SECONDS:
                due.append(job)
                quiet = 0.0
            self._seconds[job] = quiet
        return due

    def can_attach(self, job: str) -> bool:
        """Whether taking up a job that ended may still help; counts the tries."""
        self._attaches[job] = self._attaches.get(job, 0) + 1
        return self._attaches[job] <= MAX_ATTACHES
