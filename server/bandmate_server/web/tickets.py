"""Addresses for downloads: a browser fetches a file by its address alone, without the headers that a page can send."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Generic, TypeVar

TICKET_SECONDS = 300.0
"""Long enough to drag a file out of the page after it was prepared."""
_MAX_TICKETS = 256
_SECRET_BYTES = 24

What = TypeVar("What")


class Tickets(Generic[What]):
    """What each address stands for, for a while."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._given: dict[str, tuple[float, What]] = {}

    def give(self, what: What) -> str:
        """A ticket for something; the oldest of too many is dropped."""
        now = self._clock()
        self._given = {ticket: kept for ticket, kept in self._given.items() if kept[0] > now}
        while len(self._given) >= _MAX_TICKETS:
            del self._given[next(iter(self._given))]
        ticket = secrets.token_urlsafe(_SECRET_BYTES)
        self._given[ticket] = (now + TICKET_SECONDS, what)
        return ticket

    def redeem(self, ticket: str) -> What | None:
        """What a ticket stands for; None for one that is unknown or too old. A drag may ask twice."""
        until, what = self._given.get(ticket, (0.0, None))
        return what if until > self._clock() else None
