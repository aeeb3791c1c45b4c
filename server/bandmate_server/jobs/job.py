"""One job as the server knows it."""

from __future__ import annotations

import secrets
import time

import msgspec

from bandmate_protocol.messages import JobState, Submit

_ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Without letters that are mistaken for one another."""

ACTIVE: frozenset[JobState] = frozenset({"queued", "running"})
"""States of a job that a worker has to do with."""


def new_id() -> str:
    """A job's id: eight letters that a person can type."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(8))


def now_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


class Job(msgspec.Struct):
    """A job: the whole recipe (`submit` with the seed filled in, engine, version) and its state."""

    id: str
    owner: str
    """The resume key of the client that asked for it."""
    submit: Submit
    engine: str
    """The engine chosen; empty for a task that needs none."""
    reason: str
    """Why that engine."""
    placement: str
    """`cpu`, `device` or `network`: which worker runs it."""
    seed: int
    version: str
    """Bandmate's version, part of the recipe."""
    state: JobState = "queued"
    attempt: int = 0
    """Counted from zero; each one voids the one before."""
    tier: str = "full"
    created_ms: int = 0
    finished_ms: int | None = None
    end: bytes = b""
    """The encoded `done`, `failed` or `cancelled`, once there is one."""
    sentence: str = ""
    """Why it failed or was interrupted."""

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ACTIVE
