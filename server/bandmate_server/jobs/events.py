"""What sessions see of a job while it runs: that its spool has grown, its progress, its state."""

from __future__ import annotations

import asyncio
from itertools import count

from bandmate_protocol.messages import Progress, Stem
from bandmate_server.jobs.job import Job

_REVISIONS = count(1)
"""For all jobs together: one that was let go of and taken up again never has a number twice."""


class JobEvents:
    """One job's news. Followers hold an event each; it is set whenever there is something new to look at."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.progress: Progress | None = None
        self.stems: list[Stem] = []
        """Those of the attempt that runs, as they were first announced."""
        self.finished: dict[tuple[int, int, int], str] = {}
        """The hashes of finished stems, by attempt, stem and revision; the table may lack them yet."""
        self.revision = next(_REVISIONS)
        """Another number after every news."""
        self._followers: set[asyncio.Event] = set()

    def add_follower(self, event: asyncio.Event) -> None:
        """From now on, `event` is set at every news."""
        self._followers.add(event)
        event.set()

    def remove_follower(self, event: asyncio.Event) -> None:
        """Ends `follow`."""
        self._followers.discard(event)

    def notify(self) -> None:
        """Wakes every follower."""
        self.revision = next(_REVISIONS)
        for event in self._followers:
            event.set()
