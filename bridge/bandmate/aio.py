"""The same for asyncio: every call is awaited, and jobs run while the event loop does other things.

One thread works with the server; what a call raises is raised where it is awaited.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from bandmate.arguments import PathLike
from bandmate.job import Job
from bandmate.progress import Progress, ProgressListener
from bandmate.project import Project, ProjectResult
from bandmate.result import Result
from bandmate.session import Session, connect
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Catalogue

_BUSY_POLL_SECONDS = 0.05
"""How long a call may wait for the thread while jobs run."""

P = ParamSpec("P")
T = TypeVar("T")


class _SessionThread:
    """Owns a session: does what it is given, in order, and reads the events of jobs in between."""

    def __init__(self, open_session: Callable[[], Session]) -> None:
        self._open_session = open_session
        self._calls: queue.SimpleQueue[Callable[[Session], None] | None] = queue.SimpleQueue()
        self._opened: Future[None] = Future()
        self._thread = threading.Thread(target=self._work, name="bandmate-session", daemon=True)

    def start(self) -> Future[None]:
        """Starts the thread; the future ends once the session is open."""
        self._thread.start()
        return self._opened

    def call(self, function: Callable[[Session], T]) -> Future[T]:
        """Has a function called with the session. Raises BandmateError (`no_server`) once that is closed."""
        if not self._thread.is_alive():
            raise RequestError(
                ErrorCode.NO_SERVER, "The session is closed.", "Open another one: bandmate.aconnect()."
            )
        future: Future[T] = Future()

        def answer(session: Session) -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(function(session))
            except BaseException as error:  # noqa: BLE001 - it is raised where the call is awaited
                future.set_exception(error)

        self._calls.put(answer)
        return future

    def end(self) -> None:
        """Closes the session after the calls before, and waits for that."""
        if self._thread.is_alive():
            self._calls.put(None)
            self._thread.join()

    def _work(self) -> None:
        self._opened.set_running_or_notify_cancel()
        try:
            session = self._open_session()
        except BaseException as error:  # noqa: BLE001 - it is raised where the session is awaited
            self._opened.set_exception(error)
            return
        self._opened.set_result(None)
        with session:
            while self._work_once(session):
                pass

    def _work_once(self, session: Session) -> bool:
        jobs = session.running_jobs
        try:
            call = self._calls.get_nowait() if jobs else self._calls.get()
        except queue.Empty:
            try:
                session.pump(_BUSY_POLL_SECONDS)
            except Exception as error:  # noqa: BLE001 - it is raised where the jobs are awaited
                session.fail_jobs(error)
            return True
        if call is not None:
            call(session)
        return call is not None


class AsyncJob:
    """A job. `await job` gives its `Result`, or raises BandmateError as it failed."""

    def __init__(self, thread: _SessionThread, job: Job) -> None:
        self._thread = thread
        self._job = job

    @property
    def id(self) -> str:
        """As `bandmate jobs` lists it."""
        return self._job.id

    @property
    def task(self) -> str:
        """What was asked for."""
        return self._job.task

    @property
    def engine(self) -> str:
        """What makes it."""
        return self._job.engine

    @property
    def seed(self) -> int:
        """The same seed gives the same result."""
        return self._job.seed

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._job.done

    async def wait(self) -> Result:
        """The result. Raises BandmateError as the job failed or was cancelled."""
        with self._watching() as changed:
            while not self._job.done:
                await changed.wait()
                changed.clear()
        return await _awaited(self._thread.call(lambda _: self._job.wait()))

    async def progress(self) -> AsyncIterator[Progress]:
        """Reports until the job ends. Raises no error when the job failed: `wait` does."""
        with self._watching() as changed:
            while True:
                ended = self._job.done
                while (report := self._job.take_report()) is not None:
                    yield report
                if ended:
                    return
                await changed.wait()
                changed.clear()

    async def cancel(self) -> None:
        """Asks the server to end the job. `wait` then raises BandmateError (`interrupted`)."""
        await _awaited(self._thread.call(lambda _: self._job.cancel()))

    def __await__(self) -> Generator[Any, None, Result]:
        return self.wait().__await__()

    @contextmanager
    def _watching(self) -> Iterator[asyncio.Event]:
        """An event that is set whenever something came of the job."""
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        unwatch = self._job.watch(lambda: _call_on_loop(loop, changed.set))
        try:
            yield changed
        finally:
            unwatch()


def _call_on_loop(loop: asyncio.AbstractEventLoop, function: Callable[[], object]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(function)


def _job_method(
    method: Callable[Concatenate[Session, P], Job],
) -> Callable[Concatenate[AsyncSession, P], Awaitable[AsyncJob]]:
    """A method of `Session` that asks for a job, to be awaited; progress is heard on the event loop."""

    @wraps(method)
    async def ask(self: AsyncSession, /, *args: P.args, **kwargs: P.kwargs) -> AsyncJob:
        kwargs.update(_on_loop(kwargs))
        return AsyncJob(self.thread, await self.call(lambda session: method(session, *args, **kwargs)))

    return ask


def _project_method(
    method: Callable[Concatenate[Project, P], ProjectResult],
) -> Callable[Concatenate[AsyncProject, P], Awaitable[ProjectResult]]:
    @wraps(method)
    async def work(self: AsyncProject, /, *args: P.args, **kwargs: P.kwargs) -> ProjectResult:
        kwargs.update(_on_loop(kwargs))
        return await self.session.call(lambda _: method(self.project, *args, **kwargs))

    return work


def _on_loop(kwargs: Any) -> dict[str, Any]:
    """The progress listener among the arguments, called on the event loop."""
    listener = kwargs.get("progress")
    return {} if listener is None else {"progress": _heard_on_loop(listener)}


def _heard_on_loop(listener: ProgressListener) -> ProgressListener:
    loop = asyncio.get_running_loop()
    return lambda report: _call_on_loop(loop, lambda: listener(report))


class AsyncProject:
    """A REAPER project file; see `Project`. Other jobs of the session go on once the result is in it."""

    def __init__(self, session: AsyncSession, project: Project) -> None:
        self.session = session
        self.project = project

    generate = _project_method(Project.generate)
    repaint = _project_method(Project.repaint)
    cover = _project_method(Project.cover)
    accompany = _project_method(Project.accompany)
    extend = _project_method(Project.extend)
    loop = _project_method(Project.loop)
    separate = _project_method(Project.separate)
    analyse = _project_method(Project.analyse)


class AsyncSession:
    """A connection to a server; see `Session`. Use it in one event loop, as `async with`."""

    def __init__(self, thread: _SessionThread) -> None:
        self.thread = thread

    generate = _job_method(Session.generate)
    cover = _job_method(Session.cover)
    accompany = _job_method(Session.accompany)
    repaint = _job_method(Session.repaint)
    extend = _job_method(Session.extend)
    loop = _job_method(Session.loop)
    separate = _job_method(Session.separate)
    analyse = _job_method(Session.analyse)
    write = _job_method(Session.write)
    run = _job_method(Session.run)

    async def open(self, path: PathLike) -> AsyncProject:
        """A REAPER project file to work in. Raises BandmateError (`not_a_project`, `file_unusable`)."""
        return AsyncProject(self, await self.call(lambda session: session.open(path)))

    async def describe(self) -> Catalogue:
        """The tasks, engines and plugins of the server."""
        return await self.call(lambda session: session.describe())

    async def close(self) -> None:
        """Cancels the jobs that have not ended, and leaves the server."""
        await asyncio.to_thread(self.thread.end)

    async def call(self, function: Callable[[Session], T]) -> T:
        """Calls a function with the session, in the session's thread."""
        return await _awaited(self.thread.call(function))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


class _Opening:
    """What `aconnect` gives: awaited, or entered by `async with`, it is an open session."""

    def __init__(self, thread: _SessionThread) -> None:
        self._thread = thread
        self._session = AsyncSession(thread)

    def __await__(self) -> Generator[Any, None, AsyncSession]:
        return self._open().__await__()

    async def __aenter__(self) -> AsyncSession:
        return await self._open()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def _open(self) -> AsyncSession:
        await _awaited(self._thread.start())
        return self._session


def aconnect(
    address: str | None = None,
    *,
    token: str | None = None,
    start: bool = True,
    progress: ProgressListener | None = None,
) -> _Opening:
    """`connect` for asyncio: `async with bandmate.aconnect() as band`, or `band = await bandmate.aconnect()`.

    Raises BandmateError as `connect`, where it is awaited or entered.
    """
    listener = None if progress is None else _heard_on_loop(progress)
    return _Opening(_SessionThread(lambda: connect(address, token=token, start=start, progress=listener)))


async def _awaited(future: Future[T]) -> T:
    return await asyncio.wrap_future(future)
