"""The jobs of one request, which end together once nobody waits for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.messages import Done, Submit
from bandmate_server.compat.api import CompatContext
from bandmate_server.compat.making import check_done, submit, wait_for_end
from bandmate_server.jobs.events import JobEvents

FinishJob = Callable[[Submit], Awaitable[Done]]
"""Has a job made that has to succeed, and waits for its end. Raises BandmateError."""


class ClientJobs:
    """Owns jobs for as long as its context lasts: whatever then still waits or runs is cancelled.

    Whoever makes the jobs may be cancelled at any point, also before it has begun or while one is taken in, so they
    belong to this and not to the one who makes them.
    """

    def __init__(self, context: CompatContext, owner: str) -> None:
        """`owner` is the API, whose quota its clients share."""
        self._context = context
        self._owner = owner
        self._ids: list[str] = []
        self._is_cancelled = False

    def __enter__(self) -> Self:
        """From here on they are owned."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Cancels those that are not let go of."""
        self.cancel()

    @property
    def ids(self) -> tuple[str, ...]:
        """In the order in which they were taken in."""
        return tuple(self._ids)

    async def submit(self, message: Submit) -> JobEvents:
        """Takes in a job. Raises BandmateError; RequestError (`interrupted`) after a cancel."""
        feed = await submit(self._context, self._owner, message)
        self._ids.append(feed.job.id)
        if self._is_cancelled:
            self.cancel()
            raise RequestError(ErrorCode.INTERRUPTED, "The request was cancelled.", "Send it again.")
        return feed

    async def finish(self, message: Submit) -> Done:
        """Takes in a job that has to succeed, and waits for its end. Raises BandmateError."""
        return check_done(await wait_for_end(await self.submit(message)))

    def cancel(self) -> None:
        """Ends what waits or runs, and every job that is taken in later."""
        self._is_cancelled = True
        for job in self.let_go():
            try:
                self._context.services.desk.cancel(job)
            except BandmateError as error:
                # Whoever drops a job from the library has ended it.
                if error.code != ErrorCode.NO_SUCH_JOB:
                    raise

    def let_go(self) -> tuple[str, ...]:
        """The jobs, which nobody owns from here on: they run to their ends by themselves."""
        jobs, self._ids = self.ids, []
        return jobs


async def finish_job(context: CompatContext, owner: str, message: Submit) -> Done:
    """How a job ends that has to succeed; whoever stops waiting cancels it. Raises BandmateError."""
    with ClientJobs(context, owner) as jobs:
        return await jobs.finish(message)
