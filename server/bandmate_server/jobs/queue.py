"""The desk: takes jobs in, runs them in order on their lanes, and knows what became of each."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections import deque
from pathlib import Path
from typing import Any

import msgspec

from bandmate_plugins.outputs import RECIPE
from bandmate_protocol.codec import encode_message
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import (
    Cancelled,
    Done,
    Failed,
    JobSummary,
    Progress,
    Stem,
    StemEnd,
    Submit,
)
from bandmate_protocol.texts import fault_fields, say
from bandmate_protocol.version import __version__
from bandmate_server.faults import DISK_FAULTS, as_sendable_error, disk_error
from bandmate_server.jobs.attempts import prepare_retry
from bandmate_server.jobs.events import JobEvents
from bandmate_server.jobs.executor import LANES, PROMPT_LANE, Executor
from bandmate_server.jobs.job import Job, new_id, now_ms
from bandmate_server.jobs.questions import QuestionQueue
from bandmate_server.jobs.records import JobRecords
from bandmate_server.jobs.store import JobStore
from bandmate_server.logs import job_log_context
from bandmate_server.metrics import Metrics
from bandmate_server.spool import JobSpool
from bandmate_server.workers import AttemptEnded

_log = logging.getLogger(__name__)


class JobQueue:
    """Every job passes here. One task a lane runs the jobs of that lane, oldest first."""

    def __init__(self, store: JobStore, executor: Executor, folder: Path, metrics: Metrics) -> None:
        self._store = store
        self._executor = executor
        self._folder = folder
        self._metrics = metrics
        self._records = JobRecords(store)
        self._waiting: dict[str, deque[JobEvents]] = {lane: deque() for lane in LANES}
        self._arrived = {lane: asyncio.Event() for lane in LANES}
        self._questions = QuestionQueue(executor, self._arrived)
        self._cancelled: set[str] = set()
        self._running: dict[str, JobEvents] = {}
        self._lanes: list[asyncio.Task[None]] = []
        self._warming: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Takes up what an earlier server left: queued jobs wait again, running ones were interrupted."""
        for job in self._store.jobs_in_state("running"):
            self._interrupt_job(job)
        for job in self._store.jobs_in_state("queued"):
            if job.placement in self._waiting:
                self._enqueue(JobEvents(job))
            else:
                sentence = (
                    f"This version of Bandmate does not have the worker {job.placement}, which the job needs."
                )
                self._fail_job(JobEvents(job), ErrorCode.ENGINE_UNAVAILABLE, sentence, "Run the job again.")
        self._lanes = [asyncio.create_task(self._run_lane(lane), name=f"lane {lane}") for lane in LANES]

    async def stop(self) -> None:
        """Ends the lanes; jobs that run are noted as interrupted, so that attaching starts them again."""
        tasks = [*self._lanes, *filter(None, [self._warming])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            await self._executor.close()
        finally:
            for feed in self._running.values():
                self._interrupt_job(feed.job)
                feed.notify()

    @property
    def is_busy(self) -> bool:
        """Whether any job waits or runs."""
        return bool(self._running) or any(self._waiting.values()) or self._questions.is_busy

    @property
    def running_count(self) -> int:
        """How many jobs run."""
        return len(self._running)

    def submit(
        self,
        owner: str,
        submit: Submit,
        engine: str,
        placement: str,
        reason: str,
        job_id: str | None = None,
    ) -> tuple[JobEvents, int]:
        """Takes in a job and says how many come first on its lane. Its id is drawn unless a free one is given.

        Raises RequestError (`disk_full`, `file_unusable`) when it cannot be written down.
        """
        job = _new_job(owner, submit, engine, placement, reason)
        job.id = job_id or job.id
        try:
            self._store.add(job)
        except DISK_FAULTS as error:
            raise disk_error(error) from error
        feed = JobEvents(job)
        ahead = len(self._waiting[placement]) + any(
            other.job.placement == placement for other in self._running.values()
        )
        self._enqueue(feed)
        return feed, ahead

    async def ask(
        self, submit: Submit, engine: str, placement: str, *, anywhere: bool = False
    ) -> dict[str, Any]:
        """What a task reports, run ahead of the waiting jobs. Neither the job table nor the disk has it.

        `anywhere`: any worker can answer, so that it need not wait for a running job either. It ends when its
        caller is cancelled. Raises BandmateError as the job would fail.
        """
        if anywhere and getattr(self._executor, "has_prompt_lane", False):
            placement = PROMPT_LANE if self._is_working("cpu") else "cpu"
        return await self._questions.ask(_new_job("", submit, engine, placement, ""))

    def _is_working(self, lane: str) -> bool:
        """Whether jobs wait or run on a lane."""
        running = any(feed.job.placement == lane for feed in self._running.values())
        return running or bool(self._waiting[lane])

    def events_of(self, job_id: str) -> JobEvents:
        """The news of a job, whatever its state. Raises RequestError (`no_such_job`)."""
        known = self._records.events_of(job_id)
        if known is not None:
            return known
        job = self._store.get(job_id)
        if job is None:
            raise RequestError(
                ErrorCode.NO_SUCH_JOB,
                say("There is no job {job_id}.", job_id=job_id),
                "`bandmate jobs` lists the jobs.",
            )
        return JobEvents(job)

    def revision_of(self, job_id: str) -> tuple[int, int]:
        """Another value whenever anything that is known of a job may have changed."""
        feed = self._records.events_of(job_id)
        return self._store.revision, feed.revision if feed else 0

    def is_known(self, job_id: str) -> bool:
        """Whether there is a job with that id, whatever its state."""
        return self._records.events_of(job_id) is not None or self._store.has(job_id)

    def resume(self, feed: JobEvents) -> JobEvents:
        """Puts an interrupted job back in the queue, as a new attempt."""
        job = feed.job
        if job.state != "interrupted":
            return feed
        self.spool_of(job).drop_audio()
        job.state, job.sentence = "queued", ""
        job.attempt += 1
        self._records.save_job(job)
        self._enqueue(feed)
        return feed

    def cancel(self, job_id: str) -> None:
        """Ends a job that waits, asks a running one to end; one that has ended is left as it is."""
        feed = self.events_of(job_id)
        job = feed.job
        if job.state == "running":
            self._cancelled.add(job.id)
            self._executor.cancel(job)
        elif job.state in ("queued", "interrupted"):
            with contextlib.suppress(ValueError):
                self._waiting[job.placement].remove(feed)
            self._end_job(feed, Cancelled(job=job.id, attempt=job.attempt))

    def warm_executor(self) -> None:
        """A client has come: lets the executor get ready, once."""
        if self._warming is None:
            self._warming = asyncio.create_task(self._executor.warm(), name="warm")

    def flush_backlog(self) -> None:
        """Writes what the job table could not take before, if it can now."""
        self._records.flush_backlog()

    def spool_of(self, job: Job) -> JobSpool:
        """Where a job's output lies."""
        return JobSpool(self._folder / job.id)

    def summary_of(self, job: Job) -> JobSummary:
        """A job as clients see it; the table may not have its latest state yet."""
        feed = self._records.events_of(job.id)
        job = feed.job if feed else job
        return JobSummary(
            job=job.id,
            state=job.state,
            task=job.submit.task,
            engine=job.engine or "none",
            created_ms=job.created_ms,
            finished_ms=job.finished_ms,
            seed=job.seed,
            attempt=job.attempt,
            params=job.submit.params,
            options=job.submit.options,
            timeline=job.submit.timeline,
            inputs=job.submit.inputs,
            origin=job.submit.origin,
            stems=self._store.stems_of(job.id),
            sentence=job.sentence,
        )

    def _enqueue(self, feed: JobEvents) -> None:
        self._records.open_job(feed)
        self._waiting[feed.job.placement].append(feed)
        self._arrived[feed.job.placement].set()
        feed.notify()

    async def _run_lane(self, lane: str) -> None:
        """Never ends before `stop`, whatever a job meets."""
        while True:
            while not (self._waiting[lane] or self._questions.is_waiting(lane)):
                self._arrived[lane].clear()
                await self._arrived[lane].wait()
            await self._questions.answer_waiting(lane)
            if not self._waiting[lane]:
                continue
            feed = self._waiting[lane].popleft()
            self._running[feed.job.id] = feed
            with job_log_context(feed.job.id):
                try:
                    await self._run_job(feed)
                except Exception as error:  # noqa: BLE001 - a lane goes on whatever one job met
                    _log.exception("the job could not be run")
                    reason = as_sendable_error(error)
                    self._fail_job(feed, reason.code, *reason.texts)
            del self._running[feed.job.id]
            # After the end was told: nobody waits for the disk.
            await self._records.sync_job(self.spool_of(feed.job), feed.job.attempt)

    async def _run_job(self, feed: JobEvents) -> None:
        job = feed.job
        first = job.attempt
        while True:
            ended = await self._run_attempt(feed)
            message = ended.message
            if job.id in self._cancelled and not isinstance(message, Done):
                self._end_job(feed, Cancelled(job=job.id, attempt=job.attempt))
                return
            if not prepare_retry(job, ended, first):
                break
            self.spool_of(job).drop_audio()
            job.attempt += 1
        if ended.code is not None:
            self._fail_job(feed, ended.code, ended.sentence)
        else:
            assert message is not None, "an attempt ends with a message or a code"
            self._end_job(feed, message)

    async def _run_attempt(self, feed: JobEvents) -> AttemptEnded:
        job = feed.job
        job.state = "running"
        feed.progress = None
        feed.stems.clear()
        self._records.save_job(job)
        feed.notify()
        _log.info("%s starts on %s, attempt %s", job.submit.task, job.engine or "no engine", job.attempt)
        stems: dict[tuple[int, int], Stem] = {}
        async for news in self._executor.run(job, self.spool_of(job)):
            if isinstance(news, AttemptEnded):
                return news
            if news.message:
                self._note_message(feed, stems, news.message)
            feed.notify()
        return AttemptEnded(
            None, ErrorCode.INTERNAL, "The executor ended without reporting the job's result."
        )

    def _note_message(
        self, feed: JobEvents, stems: dict[tuple[int, int], Stem], message: Progress | Stem | StemEnd
    ) -> None:
        if isinstance(message, Progress):
            feed.progress = message
        elif isinstance(message, Stem):
            stems[message.stem, message.revision] = message
            if message.revision == 0:
                feed.stems.append(message)
        elif isinstance(message, StemEnd):
            stem = stems[message.stem, message.revision]
            self._records.add_stem(feed, stem, message)
            self._metrics.rendered_seconds += message.frames / stem.sample_rate

    def _fail_job(self, feed: JobEvents, code: ErrorCode, sentence: str, remedy: str = "") -> None:
        job = feed.job
        failed = Failed(
            job=job.id,
            attempt=job.attempt,
            code=code.value,
            **fault_fields(sentence, remedy),
        )
        self._end_job(feed, failed)

    def _end_job(self, feed: JobEvents, message: Done | Failed | Cancelled) -> None:
        """Tells the end to all who follow, whether or not the disk takes it. Raises nothing."""
        job = feed.job
        job.state = {Done: "done", Failed: "failed", Cancelled: "cancelled"}[type(message)]  # type: ignore[assignment]
        job.finished_ms = now_ms()
        job.end = encode_message(message)
        if isinstance(message, Done):
            job.submit = _with_recipe(job, message.report.get(RECIPE))
        job.sentence = message.sentence if isinstance(message, Failed) else ""
        # Finished stems have their name by hash; what is left here is of no more use, and its room may be
        # what the table needs.
        self.spool_of(job).drop_audio()
        self._records.end_job(feed)
        self._cancelled.discard(job.id)
        self._metrics.jobs[job.submit.task, job.state] += 1
        _log.info("job %s: %s %s", job.id, job.state, job.sentence)
        feed.notify()

    def _interrupt_job(self, job: Job) -> None:
        job.state = "interrupted"
        job.sentence = f"The server stopped while the job ran; `bandmate fetch {job.id}` starts it again."
        # The next attempt starts from the beginning, and nothing else would count this or clear it away.
        self.spool_of(job).drop_audio()
        self._records.save_job(job)


def _new_job(owner: str, submit: Submit, engine: str, placement: str, reason: str) -> Job:
    """A job with its seed drawn, unless the request has one."""
    seed = secrets.randbits(31) if submit.seed is None else submit.seed
    return Job(
        id=new_id(),
        owner=owner,
        submit=msgspec.structs.replace(submit, seed=seed),
        engine=engine,
        reason=reason,
        placement=placement,
        seed=seed,
        version=__version__,
        created_ms=now_ms(),
    )


def _with_recipe(job: Job, filled_in: object) -> Submit:
    """The request with what the job reports that it was made with: the options of its engine, if it has one.

    A redo sorts these values by name, as it does those of any request.
    """
    submit = job.submit
    if not isinstance(filled_in, dict):
        return submit
    if job.engine:
        return msgspec.structs.replace(submit, options={**submit.options, **filled_in})
    return msgspec.structs.replace(submit, params={**submit.params, **filled_in})
