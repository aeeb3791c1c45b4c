"""Runs one job to its end: receives, shows how far it is, and tidies up when it is broken off."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bandmate_bridge.client import Client
from bandmate_bridge.client.connection import known_error_code
from bandmate_bridge.display import ProgressDisplay
from bandmate_bridge.jobs.receive import StemReceiver
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.messages import Accepted, Cancelled, Done, Failed
from bandmate_protocol.session import JobEnded, JobProgress, StemPiece
from bandmate_protocol.texts import say

_CANCEL_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class FinishedJob:
    """How a job went."""

    job: str
    done: Done
    seconds: float
    """From the request to the end, as seen here."""
    first_audio_seconds: float | None
    """From the request to the first piece of audio; None when there was none."""


def run_job(
    client: Client,
    accepted: Accepted,
    receiver: StemReceiver | None,
    display: ProgressDisplay,
    *,
    begun: float | None = None,
    cancels: bool = True,
) -> FinishedJob:
    """Follows a job to its end. ``begun``: when it was asked for, as `time.monotonic` has it.

    Raises RequestError as the job failed. The receiver is then abandoned, and what runs on the server for
    nobody is cancelled, unless ``cancels`` is False: somebody else asked for the job.
    """
    begun = time.monotonic() if begun is None else begun
    first: float | None = None
    with _clean_up_after(client, accepted.job, receiver, cancels=cancels) as run:
        for event in client.follow(accepted.job):
            if receiver is not None:
                receiver.take(event)
            if isinstance(event, JobProgress):
                display.progress(event.message)
            elif isinstance(event, StemPiece) and first is None:
                first = time.monotonic() - begun
            elif isinstance(event, JobEnded):
                run.ended = True
                done = _done_message(event.message)
                return FinishedJob(accepted.job, done, time.monotonic() - begun, first)
    raise AssertionError("a job's events stop at its end")


def _done_message(message: Done | Failed | Cancelled) -> Done:
    if isinstance(message, Done):
        return message
    if isinstance(message, Cancelled):
        raise RequestError(
            ErrorCode.INTERRUPTED,
            say("Job {job} was cancelled.", job=message.job),
            say("`bandmate redo {job}` runs it again.", job=message.job),
        )
    kind = BandmateError if message.code == ErrorCode.INTERNAL else RequestError
    raise kind(known_error_code(message.code), message.sentence, message.remedy, models=message.models)


@dataclass
class _RunState:
    ended: bool = False
    """The server said how it ended: there is nothing left to cancel."""


@contextmanager
def _clean_up_after(
    client: Client, job: str, receiver: StemReceiver | None, *, cancels: bool
) -> Iterator[_RunState]:
    run = _RunState()
    try:
        yield run
    except BaseException as error:
        if receiver is not None:
            receiver.abandon()
        if isinstance(error, KeyboardInterrupt):
            client.hurry(_CANCEL_SECONDS)
        if cancels and not run.ended and _is_local_error(error):
            _cancel_job(client, job)
        if isinstance(error, BandmateError):
            error.job = job
            if error.code == ErrorCode.NO_SERVER and receiver is not None:
                error.remedy = (
                    f"The job is kept: `bandmate fetch {job}` brings its result once a server runs again."
                )
        raise


def _is_local_error(error: BaseException) -> bool:
    """Whether the error arose on this side, so that the server still works on the job for nobody."""
    return not isinstance(error, BandmateError) or error.code in (
        ErrorCode.DISK_FULL,
        ErrorCode.FILE_UNUSABLE,
        ErrorCode.FILE_EXISTS,
    )


def _cancel_job(client: Client, job: str) -> None:
    """Asks the server to stop, and gives it a moment to say that it did."""
    deadline = time.monotonic() + _CANCEL_SECONDS
    try:
        client.cancel(job)
        while time.monotonic() < deadline:
            event = client.poll(deadline - time.monotonic())
            if isinstance(event, JobEnded) and event.job == job:
                return
    except BandmateError:
        # There is no server any more; then there is nothing to stop either.
        return
