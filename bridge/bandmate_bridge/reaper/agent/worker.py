"""The agent's work with the server, in a thread of its own: the mailbox never waits for it."""

from __future__ import annotations

import contextlib
import queue
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import assert_never

import msgspec

from bandmate_bridge.client import Client, Event
from bandmate_bridge.jobs.job_origin import ReaperOrigin
from bandmate_bridge.jobs.job_run import JobRun
from bandmate_bridge.reaper.agent.facts import build_context
from bandmate_bridge.reaper.agent.forms import task_forms
from bandmate_bridge.reaper.agent.known_jobs import earlier_jobs, item_spot, open_known_sink, spot_fact
from bandmate_bridge.reaper.agent.models import keep_absent_models, model_list
from bandmate_bridge.reaper.agent.pulls import ModelPulls
from bandmate_bridge.reaper.agent.reaper_sink import ReaperSink
from bandmate_bridge.reaper.agent.requests import JobPlan, describe_plan, plan_jobs
from bandmate_bridge.reaper.agent.script_messages import (
    accepted_message,
    failure_message,
    invoke_message,
    send_transfers,
)
from bandmate_bridge.reaper.mailbox_messages import (
    AgentMessage,
    AskModel,
    AttachJob,
    CancelWork,
    ContextChanged,
    DescribeServer,
    FetchModel,
    FollowPull,
    JobsPlanned,
    PreviewLine,
    PreviewTask,
    RedoJob,
    RefuseInvoke,
    RequestDropped,
    RunTask,
    ScriptMessage,
    ScriptsBye,
    ScriptsHello,
    ServerCatalogue,
    ServerState,
    SpotFact,
)
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.messages import Accepted, Catalogue, Context, Error, Invoke, Invoked

BUSY_SECONDS = 0.005
IDLE_SECONDS = 0.02
MAX_AT_ONCE = 3
"""Jobs of several items that are asked for at a time; the others wait here."""
RETRY_SECONDS = 3.0


class AgentWorker:
    """Does what it is given by `put`, and says what comes of it."""

    def __init__(
        self, say: Callable[[AgentMessage], None], connect: Callable[[Callable[[str], None]], Client]
    ) -> None:
        self._tell = say
        self._connect = connect
        self._given: queue.SimpleQueue[ScriptMessage | None] = queue.SimpleQueue()
        self._client: Client | None = None
        self._catalogue: Catalogue | None = None
        self._context: Context | None = None
        self._told = 0
        self._waiting: deque[tuple[int, JobPlan, str]] = deque()
        """Number, plan, and the request of the `invoke` that it answers."""
        self._running: dict[str, JobRun[ReaperSink]] = {}
        self._counted: set[str] = set()
        """Jobs that fill a place of those at once."""
        self._retry_at = 0.0
        self.pulls = ModelPulls(self._send_message)

    @property
    def is_busy(self) -> bool:
        """Something runs or waits."""
        return bool(self._running or self._waiting) or self.pulls.is_busy or not self._given.empty()

    def put(self, message: ScriptMessage | None) -> None:
        """Gives it a message of the scripts; None ends the work."""
        self._given.put(message)

    def run(self) -> None:
        """Works until None is put."""
        try:
            while self._work_once():
                pass
        finally:
            for running in self._running.values():
                running.sink.abandon()
            if self._client is not None:
                self._client.close()

    def _work_once(self) -> bool:
        try:
            client = self._connected_client()
            for message in self._given_messages(client is None):
                if message is None:
                    return False
                self._handle_message(client, message)
            if client is not None:
                self._serve_client(client)
        except RequestError as error:
            if error.code not in (ErrorCode.NO_SERVER, ErrorCode.NOT_ALLOWED, ErrorCode.UNSUPPORTED_PROTOCOL):
                raise
            self._lose_server(error)
        return True

    def _given_messages(self, waits: bool) -> Iterator[ScriptMessage | None]:
        with contextlib.suppress(queue.Empty):
            while True:
                yield self._given.get(timeout=0.2) if waits else self._given.get_nowait()

    def _connected_client(self) -> Client | None:
        """The client; a new one takes up what was running. None while there is no server."""
        if self._client is None and time.monotonic() >= self._retry_at:
            self._client = self._connect(
                lambda text: self._send_message(ServerState(state="starting", sentence=f"{text}."))
            )
            self._told = 0
            self._send_message(ServerState(state="ready", address=str(self._client.address)))
            self._read_catalogue(self._client)
            for running in self._running.values():
                running.attach(self._client)
            self.pulls.resume(self._client)
        return self._client

    def _send_message(self, said: AgentMessage) -> None:
        self._tell(keep_absent_models(said, self._catalogue))

    def _lose_server(self, error: RequestError) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None
        self._retry_at = time.monotonic() + RETRY_SECONDS
        self._send_message(ServerState(state="gone", sentence=error.sentence, remedy=error.remedy or ""))

    def _serve_client(self, client: Client) -> None:
        """Asks for the next job, takes one event, and says what is due."""
        if self._waiting and len(self._counted) < MAX_AT_ONCE:
            self._submit_plan(client, *self._waiting.popleft())
        if self._context is not None and self._told != client.connections:
            client.send(self._context)
            self._told = client.connections
        event = client.poll(BUSY_SECONDS if self._running else IDLE_SECONDS)
        if isinstance(event, Invoke):
            self._send_message(invoke_message(event))
        elif event is not None and not isinstance(event, Error):
            self._take_event(client, event)
        for running in self._running.values():
            running.sink.send_due()

    def _take_event(self, client: Client, event: Event) -> None:
        if self.pulls.take_event(event, lambda: self._read_catalogue(client)):
            return
        job = getattr(event, "job", "")
        running = self._running.get(job)
        if running is None:
            return
        try:
            running.take(event)
        except BandmateError as error:
            self._send_message(failure_message(error, job=job))
            self._forget_job(job)
            return
        if running.end is not None:
            self._forget_job(job)

    def _forget_job(self, job: str) -> None:
        self._running.pop(job).sink.abandon()
        self._counted.discard(job)

    def _handle_message(self, client: Client | None, message: ScriptMessage) -> None:
        """One message of the scripts. What cannot be done is said, with the message's id."""
        asked = getattr(message, "id", "")
        try:
            if client is None:
                raise RequestError(
                    ErrorCode.NO_SERVER,
                    "There is no server yet.",
                    "Bandmate tries again every few seconds.",
                )
            self._dispatch_message(client, message)
        except BandmateError as error:
            if error.code == ErrorCode.NO_SERVER and client is not None:
                self._send_message(failure_message(error, re=asked))
                raise
            self._send_message(failure_message(error, re=asked))
            if isinstance(message, RunTask) and message.invoke:
                self._answer_invoke(client, message.invoke, sentence=str(error))

    def _dispatch_message(self, client: Client, message: ScriptMessage) -> None:
        match message:
            case DescribeServer():
                self._read_catalogue(client, message.id)
                self.pulls.adopt_running(client)
            case PreviewTask():
                self._preview_task(message)
            case RunTask() | AttachJob() | RedoJob() | CancelWork():
                self._handle_job_message(client, message)
            case ContextChanged():
                self._context = build_context(message.facts)
                self._told = 0
            case RefuseInvoke():
                self._answer_invoke(client, message.request, sentence=message.sentence)
            case AskModel() | FetchModel() | FollowPull():
                self.pulls.handle_message(client, message)
            case ScriptsHello() | ScriptsBye():
                raise AssertionError("the process answers these itself")
            case _:
                assert_never(message)

    def _handle_job_message(
        self, client: Client, message: RunTask | AttachJob | RedoJob | CancelWork
    ) -> None:
        match message:
            case RunTask():
                self._plan_task(client, message)
            case AttachJob():
                self._attach_job(client, message)
            case RedoJob():
                self._redo_job(client, message)
            case CancelWork():
                self._cancel_work(client, message)

    def _read_catalogue(self, client: Client, re: str | None = None) -> Catalogue:
        self._catalogue = client.describe()
        forms, models = task_forms(self._catalogue), model_list(self._catalogue)
        self._send_message(ServerCatalogue(re=re, tasks=forms, models=models))
        return self._catalogue

    def _preview_task(self, ask: PreviewTask) -> None:
        """Says where a task would work."""
        assert self._catalogue is not None, "a client that is connected was described"
        self._send_message(PreviewLine(re=ask.id, text=describe_plan(ask, self._catalogue.tasks)))

    def _plan_task(self, client: Client, ask: RunTask) -> None:
        """Plans the jobs of a request; they are asked for one after another."""
        assert self._catalogue is not None, "a client that is connected was described"
        plans = plan_jobs(ask, self._catalogue.tasks)
        self._send_message(JobsPlanned(re=ask.id, count=len(plans)))
        known = earlier_jobs(client, ask.id) if ask.again else {}
        for index, plan in enumerate(plans):
            if index in known:
                self._accept_job(client, index, plan, known[index], None)
                client.attach(known[index].job)
            else:
                self._waiting.append((index, plan, ask.invoke))

    def _submit_plan(self, client: Client, index: int, plan: JobPlan, invoke: str) -> None:
        try:
            order, spot = plan.prepare_job(client, send_transfers(self._send_message, plan.ask.id))
            origin = ReaperOrigin(ask=plan.ask.id, index=index, title=plan.title)
            accepted = order.submit(client, origin)
        except BandmateError as error:
            self._send_message(failure_message(error, re=plan.ask.id, index=index))
            if invoke:
                self._answer_invoke(client, invoke, sentence=str(error))
            if error.code == ErrorCode.NO_SERVER:
                raise
            return
        expected = len(order.params.get("ranges", ())) or 1
        fact = spot_fact(spot, plan.item_id) if spot else None
        self._accept_job(client, index, plan, accepted, fact, expected, order.remarks)
        if invoke and index == 0:
            self._answer_invoke(client, invoke, job=accepted.job)

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
            _, laid = plan.prepare_job(client, send_transfers(self._send_message, plan.ask.id))
            spot = spot_fact(laid, plan.item_id) if laid else None
        folder = Path(plan.ask.facts.project.media)
        sink = ReaperSink(
            accepted.job,
            folder,
            plan.title,
            self._send_message,
            spot=item_spot(spot, plan.title) if spot else None,
            rate=plan.project.sample_rate,
            notes=plan.ask.midi,
            expected=expected,
            remarks=remarks,
        )
        self._running[accepted.job] = JobRun(client, accepted.job, sink)
        self._counted.add(accepted.job)
        self._send_message(
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
        sink = open_known_sink(known, known.job, self._send_message)
        self._running[known.job] = JobRun(client, known.job, sink)
        client.attach(known.job)

    def _redo_job(self, client: Client, known: RedoJob) -> None:
        """Makes a job once more with another seed."""
        accepted = client.redo(known.job, known.seed)
        sink = open_known_sink(known, accepted.job, self._send_message)
        self._running[accepted.job] = JobRun(client, accepted.job, sink)
        message = accepted_message(accepted, known.id)
        self._send_message(msgspec.structs.replace(message, title=known.title, spot=known.spot))

    def _cancel_work(self, client: Client, message: CancelWork) -> None:
        """Cancels a job, or forgets what of a request still waits."""
        if message.job is not None:
            client.cancel(message.job)
            return
        self._waiting = deque(entry for entry in self._waiting if entry[1].ask.id != message.ask)
        self._send_message(RequestDropped(re=message.ask or ""))

    def _answer_invoke(
        self, client: Client | None, request: str, *, job: str | None = None, sentence: str = ""
    ) -> None:
        if client is not None:
            client.send(Invoked(request=request, job=job, sentence=sentence))
