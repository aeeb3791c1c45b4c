"""A job that runs, or has run."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bandmate.progress import Progress, ProgressListener, listen_to_progress
from bandmate.result import FinishedAudio, Result, ResultFolder, SourceFile, Stem, Stems
from bandmate_bridge.client import Client, Event
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.jobs.job_run import JobRun
from bandmate_bridge.jobs.receive import StemReceiver
from bandmate_bridge.rpp.media_files import file_slug
from bandmate_protocol.errors import BandmateError
from bandmate_protocol.messages import Accepted
from bandmate_protocol.messages import Stem as StemMessage

if TYPE_CHECKING:
    from bandmate.session import Session

_MAX_REPORTS = 256
"""Progress reports that wait for somebody to read them; the oldest go first."""
_SLUG_CHARS = 60


class Job:
    """A job of a session. What needs the result waits for it: `save`, `stems`, `report`, iteration.

    Waiting raises BandmateError as the job failed; Ctrl-C while waiting cancels it.
    """

    def __init__(
        self,
        session: Session,
        client: Client,
        accepted: Accepted,
        request: JobRequest,
        *,
        listener: ProgressListener | None = None,
        source: SourceFile | None = None,
    ) -> None:
        self._session = session
        self._client = client
        self._accepted = accepted
        self._request = request
        self._source = source
        self._folder = ResultFolder()
        self._listener = listener
        self._reports: deque[Progress] = deque(maxlen=_MAX_REPORTS)
        self._watchers: list[Callable[[], None]] = []
        self._error: BaseException | None = None
        self._result: Result | None = None
        receiver = StemReceiver(self._folder.path)
        self._run = JobRun(client, accepted.job, receiver, listen_to_progress(self._note_progress))

    @property
    def id(self) -> str:
        """As `bandmate jobs` lists it."""
        return self._accepted.job

    @property
    def task(self) -> str:
        """What was asked for."""
        return self._accepted.task

    @property
    def engine(self) -> str:
        """What makes it."""
        return self._accepted.engine

    @property
    def seed(self) -> int:
        """The same seed gives the same result."""
        return self._accepted.seed

    @property
    def done(self) -> bool:
        """Whether it has ended, as far as events were read; `wait`, `progress` and `cancel` read them."""
        return self._run.end is not None or self._error is not None

    def progress(self) -> Iterator[Progress]:
        """Reports until the job ends. Raises no error when the job failed: `wait` does."""
        while True:
            while self._reports:
                yield self._reports.popleft()
            if self.done:
                return
            self._session.pump()

    def wait(self) -> Result:
        """Waits for the end. Raises BandmateError as the job failed or was cancelled."""
        if self._result is not None:
            return self._result
        try:
            while not self.done:
                self._session.pump()
        except KeyboardInterrupt:
            self._run.stop()
            raise
        if self._error is not None:
            raise self._error
        self._result = self._make_result()
        return self._result

    def cancel(self) -> None:
        """Asks the server to end the job. `wait` then raises BandmateError (`interrupted`)."""
        if not self.done:
            self._client.cancel(self.id)

    @property
    def stems(self) -> Stems:
        """Waits for the result; then its parts."""
        return self.wait().stems

    @property
    def report(self) -> dict[str, Any]:
        """Waits for the result; then what the task reports."""
        return self.wait().report

    @property
    def remarks(self) -> list[str]:
        """Waits for the result; then what there is to say about it."""
        return self.wait().remarks

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        replace: bool = False,
        midi: bool = False,
        bits: int | None = None,
        format: str | None = None,  # noqa: A002 - what the option is called
    ) -> list[Path]:
        """Waits for the result and saves it; see `Result.save`."""
        return self.wait().save(path, replace=replace, midi=midi, bits=bits, format=format)

    def __iter__(self) -> Iterator[Stem]:
        return iter(self.stems)

    def __repr__(self) -> str:
        state = "ended" if self.done else "running"
        return f"<Job {self.id}: {self.task} by {self.engine}, seed {self.seed}, {state}>"

    def take(self, event: Event) -> None:
        """For the session: takes one of the job's events. What goes wrong is kept for `wait`."""
        try:
            self._run.take(event)
        except BandmateError as error:
            self._error = error
        self._wake_watchers()

    def fail(self, error: BaseException) -> None:
        """For the session: the job's end will not come."""
        if not self.done:
            self._run.sink.abandon()
            self._error = error
        self._wake_watchers()

    def stop(self) -> None:
        """For the session: nobody waits for it any more."""
        if not self.done:
            self._run.stop()

    def watch(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Has ``watcher`` called after each event; returns what ends that."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def take_report(self) -> Progress | None:
        """The oldest progress report that nobody has read yet."""
        return self._reports.popleft() if self._reports else None

    def _wake_watchers(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()

    def _note_progress(self, report: Progress) -> None:
        self._reports.append(report)
        if self._listener is not None:
            self._listener(report)

    def _make_result(self) -> Result:
        try:
            finished = self._run.result()
        except BandmateError as error:
            error.job = self.id
            self._error = error
            self._run.sink.abandon()
            raise

        def place(stem: StemMessage) -> Path:
            return self._folder.path / f"{stem.stem + 1} {file_slug(stem.name, _SLUG_CHARS)}.wav"

        received = self._run.sink.keep(place)
        audio = FinishedAudio(self._accepted, self._request.timeline, received, self._folder, self._source)
        return Result(audio, finished)
