"""Questions: tasks of which only the report counts. They wait for a worker as jobs do, but nothing keeps them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_protocol.messages import Done, Failed
from bandmate_server.jobs.attempts import prepare_retry
from bandmate_server.jobs.executor import Executor
from bandmate_server.jobs.job import Job
from bandmate_server.workers import AttemptEnded

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Question:
    """A job that is in no table, and how it ends."""

    job: Job
    ended: asyncio.Future[AttemptEnded]


class QuestionQueue:
    """Who asks waits in `ask`; each lane answers what waits for it between two jobs."""

    def __init__(self, executor: Executor, arrived: Mapping[str, asyncio.Event]) -> None:
        """``arrived`` has an event for each lane, which is set when a question comes in."""
        self._executor = executor
        self._arrived = arrived
        self._waiting: dict[str, deque[_Question]] = {lane: deque() for lane in arrived}
        self._running: set[_Question] = set()

    @property
    def is_busy(self) -> bool:
        """Whether any question waits or runs."""
        return bool(self._running) or any(self._waiting.values())

    def is_waiting(self, lane: str) -> bool:
        """Whether a question waits for a lane."""
        return bool(self._waiting[lane])

    async def ask(self, job: Job) -> dict[str, Any]:
        """The report of a job. Cancelled, it withdraws the question. Raises BandmateError as the job failed."""
        question = _Question(job, asyncio.get_running_loop().create_future())
        self._waiting[job.placement].append(question)
        self._arrived[job.placement].set()
        try:
            return _report_of(await question.ended)
        except asyncio.CancelledError:
            self._withdraw(question)
            raise

    async def answer_waiting(self, lane: str) -> None:
        """Answers the questions that wait for a lane now; those that come meanwhile wait for its next job."""
        waiting = self._waiting[lane]
        for _ in range(len(waiting)):
            if waiting:  # Some may have been withdrawn.
                await self._answer(waiting.popleft())

    async def _answer(self, question: _Question) -> None:
        """Runs a question to its end. Raises nothing but a cancel of the lane."""
        self._running.add(question)
        try:
            ended = await self._run_attempts(question)
        except asyncio.CancelledError:
            question.ended.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - a lane goes on whatever one question met
            _log.exception("a question could not be answered")
            if not question.ended.done():
                question.ended.set_exception(error)
        else:
            if not question.ended.done():
                question.ended.set_result(ended)
        finally:
            self._running.discard(question)

    async def _run_attempts(self, question: _Question) -> AttemptEnded:
        job = question.job
        first = job.attempt
        while True:
            ended = await self._run_attempt(job)
            if question.ended.done() or not prepare_retry(job, ended, first):
                return ended
            job.attempt += 1

    async def _run_attempt(self, job: Job) -> AttemptEnded:
        async for news in self._executor.run(job, None):
            if isinstance(news, AttemptEnded):
                return news
        return AttemptEnded(None, ErrorCode.INTERNAL, "The executor ended without answering the question.")

    def _withdraw(self, question: _Question) -> None:
        """Whoever asked is gone."""
        if question in self._running:
            self._executor.cancel(question.job)
        elif question in self._waiting[question.job.placement]:
            self._waiting[question.job.placement].remove(question)


def _report_of(ended: AttemptEnded) -> dict[str, Any]:
    message = ended.message
    if isinstance(message, Done):
        return message.report
    if isinstance(message, Failed):
        raise BandmateError(ErrorCode(message.code), message.sentence, message.remedy, models=message.models)
    if ended.code is not None:
        raise BandmateError(ended.code, ended.sentence)
    raise BandmateError(ErrorCode.INTERRUPTED, "The question was cancelled.", "Ask again.")
