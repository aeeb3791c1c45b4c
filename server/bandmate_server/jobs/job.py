"""One job as the server knows it."""

from __future__ import annotations

import hashlib
import secrets
import time
from typing import Annotated

import msgspec
from msgspec import Meta

from bandmate_protocol.messages import JobState, Submit
from bandmate_protocol.units import Index, JobId, Milliseconds, Seed, Sentence

EngineName = Annotated[str, Meta(pattern=r"^([a-z][a-z0-9_]{0,63})?$(?!\n)")]
"""What `submit` calls an engine, or nothing."""

_ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
"""Without letters that are mistaken for one another."""

ACTIVE_STATES: frozenset[JobState] = frozenset({"queued", "running"})
"""States of a job that a worker has to do with."""


def new_id() -> str:
    """A job's id: eight letters that a person can type."""
    return "".join(secrets.choice(_ID_LETTERS) for _ in range(8))


def id_of_key(key: str) -> str:
    """The id that a client's key for a submission stands for: the same whenever it is asked for, and like any other."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:5], "big")
    return "".join(_ID_LETTERS[number >> 5 * place & 31] for place in range(8))


def now_ms() -> int:
    """Milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


class Job(msgspec.Struct):
    """A job: the whole recipe (`submit` with the seed filled in, engine, version) and its state.

    The bounds are those of `JobSummary`, so that whatever the table holds can be listed.
    """

    id: JobId
    owner: str
    """The resume key of the client that asked for it."""
    submit: Submit
    engine: EngineName
    """The engine chosen; empty for a task that needs none."""
    reason: str
    """Why that engine."""
    placement: str
    """`cpu`, `device` or `network`: which worker runs it."""
    seed: Seed
    version: str
    """Bandmate's version, part of the recipe."""
    state: JobState = "queued"
    attempt: Index = 0
    """Counted from zero; each one voids the one before."""
    tier: str = "full"
    created_ms: Milliseconds = 0
    finished_ms: Milliseconds | None = None
    end: bytes = b""
    """The encoded `done`, `failed` or `cancelled`, once there is one."""
    sentence: Sentence = ""
    """Why it failed or was interrupted."""

    @property
    def is_active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ACTIVE_STATES
