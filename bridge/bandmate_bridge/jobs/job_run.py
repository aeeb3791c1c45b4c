"""One job from its request to its end: its events go into a sink, and its progress to a callback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from bandmate_bridge.client import Client, Event
from bandmate_bridge.client.connection import known_error_code
from bandmate_bridge.jobs.job_origin import JobOrigin
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.progress import ProgressCallback, ignore_progress
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.messages import Accepted, Cancelled, Done, Failed
from bandmate_protocol.session import JobEnded, JobProgress, StemPiece
from bandmate_protocol.texts import say

_CANCEL_SECONDS = 3.0

JobEnd = Done | Failed | Cancelled


class EventSink(Protocol):
    """Where the events of one job go: files, REAPER, memory."""

    def take(self, event: Event) -> None:
        """Takes one event; ignores those that do not concern it. Raises BandmateError."""
        ...

    def abandon(self) -> None:
        """Lets go of everything: the job failed, or nobody wants its result."""
        ...


class ReportSink:
    """For a job that only reports: its audio stays with the server."""

    def take(self, event: Event) -> None:
        """Nothing."""

    def abandon(self) -> None:
        """Nothing."""


Sink = TypeVar("Sink", bound=EventSink)


@dataclass(frozen=True, slots=True)
class FinishedJob:
    """How a job went."""

    job: str
    done: Done
    seconds: float
    """From the request to the end, as seen here."""
    first_audio_seconds: float | None
    """From the request to the first piece of audio; None when there was none."""


class JobRun(Generic[Sink]):
    """A job that runs. `finish` follows it to its end; a loop over several jobs gives each its events by `take`.

    A run that breaks off on this side is cancelled on the server, unless ``cancels`` is False: then somebody
    else asked for the job.
    """

    def __init__(
        self,
        client: Client,
        job: str,
        sink: Sink,
        progress: ProgressCallback = ignore_progress,
        *,
        begun: float | None = None,
        cancels: bool = True,
    ) -> None:
        """``begun``: when the job was asked for, by `time.monotonic`; now when left out."""
        self._client = client
        self.job = job
        self.sink = sink
        self._progress = progress
        self._cancels = cancels
        self._begun = time.monotonic() if begun is None else begun
        self._first_audio_seconds: float | None = None
        self._seconds = 0.0
        self._stopped = False
        self.end: JobEnd | None = None
        """How the server says that it ended."""

    def attach(self, client: Client) -> None:
        """Goes on over another client, whose server has the job."""
        self._client = client
        client.attach(self.job)

    def take(self, event: Event) -> None:
        """Takes one of the job's events.

        Raises whatever the sink raises; the sink is then abandoned, and the server is asked to stop.
        """
        try:
            self._take_event(event)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Abandons the sink, and asks the server to end the job if it still runs.

        Of what is still on its way, `take` then heeds only the job's end.
        """
        self._stopped = True
        self.sink.abandon()
        if self.end is None and self._cancels:
            self._client.cancel(self.job)

    def finish(self) -> FinishedJob:
        """Follows the job to its end.

        Raises RequestError as the job failed or was cancelled. The sink is then abandoned, and what the
        server does for nobody is cancelled.
        """
        with self._clean_up():
            for event in self._client.follow(self.job):
                self._take_event(event)
            return self.result()

    def result(self) -> FinishedJob:
        """How it went, once it has ended. Raises RequestError as it failed or was cancelled."""
        assert self.end is not None, "asked once the job has ended"
        return FinishedJob(self.job, _done_message(self.end), self._seconds, self._first_audio_seconds)

    def _take_event(self, event: Event) -> None:
        if not self._stopped:
            self.sink.take(event)
        if isinstance(event, JobProgress):
            self._progress(event.message)
        elif isinstance(event, StemPiece) and self._first_audio_seconds is None:
            self._first_audio_seconds = time.monotonic() - self._begun
        elif isinstance(event, JobEnded):
            self._seconds = time.monotonic() - self._begun
            self.end = event.message

    @contextmanager
    def _clean_up(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self.sink.abandon()
            if isinstance(error, KeyboardInterrupt):
                self._client.hurry(_CANCEL_SECONDS)
            if self._cancels and self.end is None and _is_local_error(error):
                _cancel_job(self._client, self.job)
            if isinstance(error, BandmateError):
                error.job = self.job
                if error.code == ErrorCode.NO_SERVER and not isinstance(self.sink, ReportSink):
                    error.remedy = (
                        f"The job is kept: `bandmate fetch {self.job}` brings its result once a server runs "
                        "again."
                    )
            raise


def run_job(
    client: Client,
    request: JobRequest,
    sink: EventSink,
    progress: ProgressCallback = ignore_progress,
    *,
    origin: JobOrigin | None = None,
) -> tuple[Accepted, FinishedJob]:
    """Asks for a job and follows it to its end. Raises as `JobRequest.submit` and `JobRun.finish` do."""
    begun = time.monotonic()
    accepted = request.submit(client, origin)
    return accepted, JobRun(client, accepted.job, sink, progress, begun=begun).finish()


def _done_message(message: JobEnd) -> Done:
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
