"""The messages that the client asks with, and what it makes of the answers."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from bandmate_bridge.client.address import ServerAddress
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import (
    Accepted,
    Annotate,
    ClearSlot,
    Describe,
    DropJobs,
    Have,
    Input,
    JobSummary,
    ListJobs,
    ListSlots,
    Message,
    Pin,
    Probe,
    Redo,
    RestoreJobs,
    Slot,
    StoreSlot,
    Submit,
    Suggest,
    Timeline,
    WatchProjects,
)
from bandmate_protocol.texts import say

RequestFactory = Callable[[str], Message]
"""Makes a message under a request id, which is another one each time it is sent."""

NO_FILTERS: Mapping[str, Any] = MappingProxyType({})

ANSWER_SECONDS = 120.0
"""How long a server that lives may take to answer; the first reading of a catalogue takes it longest."""

QUESTION_SECONDS = 3600.0
"""How long an answer may take that waits for a job on the same worker."""


def describe_request(request: str) -> Message:
    """Asks for the catalogue."""
    return Describe(request=request)


def watch_projects_request(request: str) -> Message:
    """Asks for the connected projects."""
    return WatchProjects(request=request)


def list_jobs_request(most: int, prefix: str, filters: Mapping[str, Any] = NO_FILTERS) -> RequestFactory:
    """Asks for jobs; ``filters`` are other fields of `list_jobs`."""
    return lambda request: ListJobs(request=request, most=most, prefix=prefix, **filters)


def annotate_request(job: str, said: Mapping[str, Any]) -> RequestFactory:
    """Asks to change what is said about a job; ``said`` are fields of `annotate`."""
    return lambda request: Annotate(request=request, job=job, **said)


def drop_jobs_request(jobs: tuple[str, ...], *, preview: bool, now: bool) -> RequestFactory:
    """Asks to drop jobs, or what that would free."""
    return lambda request: DropJobs(request=request, jobs=jobs, preview=preview, now=now)


def restore_jobs_request(jobs: tuple[str, ...]) -> RequestFactory:
    """Asks for dropped jobs back."""
    return lambda request: RestoreJobs(request=request, jobs=jobs)


def list_slots_request(request: str) -> Message:
    """Asks for the slots."""
    return ListSlots(request=request)


def store_slot_request(slot: Slot) -> RequestFactory:
    """Asks to fill a slot."""
    return lambda request: StoreSlot(request=request, slot=slot)


def clear_slot_request(number: int) -> RequestFactory:
    """Asks to empty a slot."""
    return lambda request: ClearSlot(request=request, number=number)


def suggest_request(prompt: str, engine: str | None, seed: int) -> RequestFactory:
    """Asks what suits a prompt."""
    return lambda request: Suggest(request=request, prompt=prompt, engine=engine, seed=seed)


def redo_request(job: str, seed: int) -> RequestFactory:
    """Asks for a job once more."""
    return lambda request: Redo(request=request, job=job, seed=seed)


def pin_request(owner: str, hashes: tuple[str, ...]) -> RequestFactory:
    """Asks to keep audio."""
    return lambda request: Pin(request=request, owner=owner, sha256=hashes)


def have_request(sha256: str) -> RequestFactory:
    """Asks whether a file is there."""
    return lambda request: Have(request=request, sha256=(sha256,))


def probe_request(sha256: str) -> RequestFactory:
    """Asks what is in a file."""
    return lambda request: Probe(request=request, sha256=sha256)


def submit_request(
    task: str,
    timeline: Timeline,
    params: dict[str, Any],
    engine: str | None,
    seed: int | None,
    inputs: tuple[Input, ...],
    origin: dict[str, str],
    options: dict[str, Any],
) -> RequestFactory:
    """Submits a job."""
    return lambda request: Submit(
        request=request,
        task=task,
        timeline=timeline,
        params=params,
        options=options,
        engine=engine,
        seed=seed,
        inputs=inputs,
        origin=origin,
    )


def accepted_from_summary(job: JobSummary) -> Accepted:
    """The answer to a request that another connection made, from what the server knows of the job."""
    return Accepted(
        request=job.job,
        job=job.job,
        task=job.task,
        engine=job.engine,
        reason="It was accepted on an earlier connection.",
        seed=job.seed,
    )


def is_job_prefix(text: str) -> bool:
    """Whether a job's id can start so."""
    return 1 <= len(text) <= 8 and text.isascii() and text.isalnum() and text == text.lower()


def only_job(found: Sequence[JobSummary], prefix: str) -> JobSummary:
    """The one job that was meant. Raises RequestError (`no_such_job`, `ambiguous_job`)."""
    if not found:
        raise RequestError(
            ErrorCode.NO_SUCH_JOB,
            say("There is no job {prefix}.", prefix=prefix),
            "`bandmate jobs` lists the jobs.",
        )
    if len(found) > 1:
        names = ", ".join(job.job for job in found)
        raise RequestError(
            ErrorCode.AMBIGUOUS_JOB,
            say("Several jobs start with {prefix}: {names}.", prefix=prefix, names=names),
            "Give more characters of its id.",
        )
    return found[0]


class AnswerTimeout:
    """Ends the wait for one answer of a server that is alive and yet does not give it."""

    def __init__(self, address: ServerAddress, seconds: float = ANSWER_SECONDS) -> None:
        self._address = address
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    def check(self) -> None:
        """Raises RequestError (`no_server`) when it took too long."""
        if time.monotonic() > self._deadline:
            raise RequestError(
                ErrorCode.NO_SERVER,
                say(
                    "The server at {address} is running but did not answer for {seconds:.0f} s.",
                    address=self._address,
                    seconds=self._seconds,
                ),
                "Stop it and try again; its log shows what it was doing.",
            )
