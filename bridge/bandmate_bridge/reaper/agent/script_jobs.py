"""The jobs that the scripts ask for: planned, submitted a few at a time, followed, and cancelled."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from bandmate_bridge.client import Client, Event
from bandmate_bridge.jobs.job_origin import ReaperOrigin
from bandmate_bridge.jobs.job_run import JobRun
from bandmate_bridge.reaper.agent.known_jobs import earlier_jobs, item_spot, open_known_sink, spot_fact
from bandmate_bridge.reaper.agent.reaper_sink import ReaperSink
from bandmate_bridge.reaper.agent.requests import JobPlan, plan_jobs
from bandmate_bridge.reaper.agent.script_messages import (
    accepted_message,
    answer_invoke,
    failure_message,
    send_transfers,
)
from bandmate_bridge.reaper.mailbox_messages import (
    AgentMessage,
    AttachJob,
    CancelWork,
    JobsPlanned,
    RedoJob,
    RequestDropped,
    RunTask,
    SpotFact,
)
from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_protocol.messages import Accepted, TaskInfo

MAX_AT_ONCE = 3
"""Jobs of several items that are submitted at a time; the others wait here."""


class ScriptJobs:
    """Submits and follows the jobs of one REAPER, and tells the scripts what comes of them."""

    def __init__(self, send: Callable[[AgentMessage], None]) -> None:
        self._send = send
        self._waiting: deque[tuple[int, JobPlan, str]] = deque()
        """Number, plan, and the request of the `invoke` that it fulfils."""
        self._running: dict[str, JobRun[ReaperSink]] = {}
        self._counted: set[str] = set()
        """Jobs that fill a place of those at once."""

    @property
    def is_busy(self) -> bool:
        """A job runs or waits."""
        return self.is_running or bool(self._waiting)

    @property
    def is_running(self) -> bool:
        """A job runs."""
        return bool(self._running)

    def handle_message(
        self, client: Client, message: RunTask | AttachJob | RedoJob | CancelWork, tasks: Sequence[TaskInfo]
    ) -> None:
        """Does what the scripts ask for. Raises RequestError."""
        match message:
            case RunTask():
                self._plan_task(client, message, tasks)
            case AttachJob():
                self._attach_job(client, message)
            case RedoJob():
                self._redo_job(client, message)
            case CancelWork():
                self._cancel_work(client, message)

    def submit_next(self, client: Client) -> None:
        """Submits a job that waits, if there is room. Raises RequestError (`no_server`)."""
        if self._waiting and len(self._counted) < MAX_AT_ONCE:
            self._submit_plan(client, *self._waiting.popleft())

    def take_event(self, event: Event) -> None:
        """Takes an event of one of these jobs, and no others."""
        job = getattr(event, "job", "")
        running = self._running.get(job)
        if running is None:
            return
        try:
            running.take(event)
        except BandmateError as error:
            self._send(failure_message(error, job=job))
            self._forget_job(job)
            return
        if running.end is not None:
            self._forget_job(job)

    def send_due(self) -> None:
        """Sends what is due though no event came."""
        for running in self._running.values():
            running.sink.send_due()

    def resume(self, client: Client) -> None:
        """On a new connection: goes on with what runs."""
        for running in self._running.values():
            running.attach(client)

    def abandon(self) -> None:
        """Lets go of the files, which stay."""
        for running in self._running.values():
            running.sink.abandon()

    def _forget_job(self, job: str) -> None:
        self._running.pop(job).sink.abandon()
        self._counted.discard(job)

    def _plan_task(self, client: Client, ask: RunTask, tasks: Sequence[TaskInfo]) -> None:
        """Plans the jobs of a request; they are submitted one after another."""
        plans = plan_jobs(ask, tasks)
        self._send(JobsPlanned(re=ask.id, count=len(plans)))
        known = earlier_jobs(client, ask.id) if ask.again else {}
        for index, plan in enumerate(plans):
            if index in known:
                self._accept_job(client, index, plan, known[index], None)
                client.attach(known[index].job)
            else:
                self._waiting.append((index, plan, ask.invoke))

    def _submit_plan(self, client: Client, index: int, plan: JobPlan, invoke: str) -> None:
        try:
            order, spot = plan.prepare_job(client, send_transfers(self._send, plan.ask.id))
            origin = ReaperOrigin(ask=plan.ask.id, index=index, title=plan.title)
            accepted = order.submit(client, origin)
        except BandmateError as error:
            self._send(failure_message(error, re=plan.ask.id, index=index))
            if invoke:
                answer_invoke(client, invoke, sentence=str(error))
            if error.code == ErrorCode.NO_SERVER:
                raise
            return
        expected = len(order.params.get("ranges", ())) or 1
        fact = spot_fact(spot, plan.item_id) if spot else None
        self._accept_job(client, index, plan, accepted, fact, expected, order.remarks)
        if invoke and index == 0:
            answer_invoke(client, invoke, job=accepted.job)

    def _accept_job(
        self,
        client: Client,
        index: int,
        plan: JobPlan,
        accepted: Accepted,
        spot: SpotFact | None,
        expected: int = 1,
        remarks: Sequence[str] = (),
    ) -> None:
        if spot is None and plan.ask.takes:
            _, laid = plan.prepare_job(client, send_transfers(self._send, plan.ask.id))
            spot = spot_fact(laid, plan.item_id) if laid else None
        folder = Path(plan.ask.facts.project.media)
        sink = ReaperSink(
            accepted.job,
            folder,
            plan.title,
            self._send,
            spot=item_spot(spot, plan.title) if spot else None,
            rate=plan.project.sample_rate,
            notes=plan.ask.midi,
            expected=expected,
            remarks=remarks,
        )
        self._running[accepted.job] = JobRun(client, accepted.job, sink)
        self._counted.add(accepted.job)
        self._send(
            msgspec.structs.replace(
                accepted_message(accepted, plan.ask.id),
                index=index,
                item=plan.item_id,
                items=tuple(plan.item_ids),
                track=plan.track_id,
                title=plan.title,
                spot=spot,
            )
        )

    def _attach_job(self, client: Client, known: AttachJob) -> None:
        """Takes up a job that the scripts know."""
        sink = open_known_sink(known, known.job, self._send)
        self._running[known.job] = JobRun(client, known.job, sink)
        client.attach(known.job)

    def _redo_job(self, client: Client, known: RedoJob) -> None:
        """Makes a job once more with another seed."""
        accepted = client.redo(known.job, known.seed)
        sink = open_known_sink(known, accepted.job, self._send)
        self._running[accepted.job] = JobRun(client, accepted.job, sink)
        message = accepted_message(accepted, known.id)
        self._send(msgspec.structs.replace(message, title=known.title, spot=known.spot))

    def _cancel_work(self, client: Client, message: CancelWork) -> None:
        """Cancels a job, or forgets what of a request still waits."""
        if message.job is not None:
            client.cancel(message.job)
            return
        self._waiting = deque(entry for entry in self._waiting if entry[1].ask.id != message.ask)
        self._send(RequestDropped(re=message.ask or ""))
