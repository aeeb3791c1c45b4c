"""How much may go on over REST at one time: HTTP has no connections that stand for a client."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

OWNER = "rest"
"""Whose quota of jobs every client of REST shares."""

MOST = {"questions": 4, "event streams": 512, "audio streams": 128, "exports": 4, "large requests": 4}


class RestLimits:
    """Counts what goes on."""

    def __init__(self) -> None:
        self._open: Counter[str] = Counter()

    @contextlib.contextmanager
    def place(self, what: str) -> Iterator[None]:
        """One of the places for something. Raises RequestError (`quota_exceeded`) when all are taken."""
        self.take(what)
        try:
            yield
        finally:
            self.release(what)

    def take(self, what: str) -> None:
        """As `place`, until `release`."""
        if self._open[what] >= MOST[what]:
            raise RequestError(
                ErrorCode.QUOTA_EXCEEDED,
                say("The server already has {most} open {what}.", most=MOST[what], what=what),
                "Wait for one to end, or close one.",
            )
        self._open[what] += 1

    def release(self, what: str) -> None:
        """Gives a place back."""
        self._open[what] -= 1
