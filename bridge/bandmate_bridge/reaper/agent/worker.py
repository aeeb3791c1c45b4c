"""The agent's work with the server, in a thread of its own: the mailbox never waits for it."""

from __future__ import annotations

import queue
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from bandmate_bridge.client import Client, Event
from bandmate_bridge.jobs.job_run import JobRun
from bandmate_bridge.reaper.agent.facts import build_context
from bandmate_bridge.reaper.agent.forms import task_forms
from bandmate_bridge.reaper.agent.mailbox import AgentMessage
from bandmate_bridge.reaper.agent.models import keep_absent_models, model_list
from bandmate_bridge.reaper.agent.orders import KnownJob, ScriptCommand, SpotFact, earlier_jobs, read_message
from bandmate_bridge.reaper.agent.pulls import ModelPulls
from bandmate_bridge.reaper.agent.reaper_sink import ReaperSink
from bandmate_bridge.reaper.agent.requests import JobPlan, ScriptRequest, describe_plan, plan_jobs
from bandmate_bridge.reaper.agent.script_messages import (
    accepted_message,
    failure_message,
    invoke_message,
    send_transfers,
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
        self._given: queue.SimpleQueue[AgentMessage | None] = queue.SimpleQueue()
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

    def put(self, message: AgentMessage | None) -> None:
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
            while (message := self._next_message(client is None)) is not None:
                if message.get("type") == "end":
                    return False
                self._handle_message(client, message)
            if client is not None:
                self._serve_client(client)
        except RequestError as error:
            if error.code not in (ErrorCode.NO_SERVER, ErrorCode.NOT_ALLOWED, ErrorCode.UNSUPPORTED_PROTOCOL):
                raise
            self._lose_server(error)
        return True

    def _next_message(self, waits: bool) -> AgentMessage | None:
        try:
            message = self._given.get(timeout=0.2) if waits else self._given.get_nowait()
        except queue.Empty:
            return None
        return {"type": "end"} if message is None else message

    def _connected_client(self) -> Client | None:
        """The client; a new one takes up what was running. None while there is no server."""
        if self._client is None and time.monotonic() >= self._retry_at:
            self._client = self._connect(
                lambda text: self._send_message(
                    {"type": "server", "state": "starting", "sentence": f"{text}."}
                )
            )
            self._told = 0
            self._send_message({"type": "server", "state": "ready", "address": str(self._client.address)})
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
        self._send_message(
            {"type": "server", "state": "gone", "sentence": error.sentence, "remedy": error.remedy or ""}
        )

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

    def _handle_message(self, client: Client | None, message: AgentMessage) -> None:
        """One message of the scripts. What cannot be done is said, with the message's id."""
        kind, asked = message.get("type"), str(message.get("id", ""))
        try:
            if client is None:
                raise RequestError(
                    ErrorCode.NO_SERVER,
                    "There is no server yet.",
                    "Bandmate tries again every few seconds.",
                )
            _HANDLERS[str(kind)](self, client, message)
        except BandmateError as error:
            if error.code == ErrorCode.NO_SERVER and client is not None:
                self._send_message(failure_message(error, re=asked))
                raise
            self._send_message(failure_message(error, re=asked))
            if message.get("invoke"):
                self._answer_invoke(client, str(message["invoke"]), sentence=str(error))

    def handle_describe(self, client: Client, message: AgentMessage) -> None:
        """Reads the catalogue again, and which models are on their way."""
        self._read_catalogue(client, message.get("id"))
        self.pulls.adopt_running(client)

    def _read_catalogue(self, client: Client, re: object = None) -> Catalogue:
        self._catalogue = client.describe()
        forms, models = task_forms(self._catalogue), model_list(self._catalogue)
        self._send_message({"type": "catalogue", "tasks": forms, "models": models, "re": re})
        return self._catalogue

    def handle_preview(self, client: Client, message: AgentMessage) -> None:  # noqa: ARG002 - as all that it does
        """Says where an ask would work."""
        assert self._catalogue is not None, "a client that is connected was described"
        ask = read_message(message, ScriptRequest)
        self._send_message(
            {"type": "preview", "re": ask.id, "text": describe_plan(ask, self._catalogue.tasks)}
        )

    def handle_run(self, client: Client, message: AgentMessage) -> None:
        """Plans the jobs of an ask; they are asked for one after another."""
        assert self._catalogue is not None, "a client that is connected was described"
        ask = read_message(message, ScriptRequest)
        plans = plan_jobs(ask, self._catalogue.tasks)
        self._send_message({"type": "planned", "re": ask.id, "count": len(plans)})
        known = earlier_jobs(client, ask.id) if message.get("again") else {}
        for index, plan in enumerate(plans):
            if str(index) in known:
                self._accept_job(client, index, plan, known[str(index)], None)
                client.attach(known[str(index)].job)
            else:
                self._waiting.append((index, plan, str(message.get("invoke", ""))))

    def _submit_plan(self, client: Client, index: int, plan: JobPlan, invoke: str) -> None:
        try:
            order, spot = plan.prepare_job(client, send_transfers(self._send_message, plan.ask.id))
            origin = {"to": "reaper", "ask": plan.ask.id, "index": str(index), "title": plan.title}
            accepted = order.submit(client, origin)
        except BandmateError as error:
            self._send_message(failure_message(error, re=plan.ask.id, index=index))
            if invoke:
                self._answer_invoke(client, invoke, sentence=str(error))
            if error.code == ErrorCode.NO_SERVER:
                raise
            return
        expected = len(order.params.get("ranges", ())) or 1
        fact = SpotFact.from_spot(spot, plan.item_id) if spot else None
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
            spot = SpotFact.from_spot(laid, plan.item_id) if laid else None
        folder = Path(plan.ask.facts.project.media)
        sink = ReaperSink(
            accepted.job,
            folder,
            plan.title,
            self._send_message,
            spot=spot.to_spot(plan.title) if spot else None,
            rate=plan.project.sample_rate,
            notes=plan.ask.midi,
            expected=expected,
            remarks=remarks,
        )
        self._running[accepted.job] = JobRun(client, accepted.job, sink)
        self._counted.add(accepted.job)
        placed = {
            "index": index,
            "item": plan.item_id,
            "items": plan.item_ids,
            "track": plan.track_id,
            "title": plan.title,
        }
        self._send_message(accepted_message(accepted, plan.ask.id) | placed | {"spot": spot})

    def handle_attach(self, client: Client, message: AgentMessage) -> None:
        """Takes up a job that the scripts know."""
        take = read_message(message, KnownJob)
        sink = take.open_sink(take.job, self._send_message)
        self._running[take.job] = JobRun(client, take.job, sink)
        client.attach(take.job)

    def handle_redo(self, client: Client, message: AgentMessage) -> None:
        """Makes a job anew with another seed."""
        take = read_message(message, KnownJob)
        accepted = client.redo(take.job, take.seed)
        sink = take.without_files().open_sink(accepted.job, self._send_message)
        self._running[accepted.job] = JobRun(client, accepted.job, sink)
        self._send_message(
            accepted_message(accepted, take.id) | {"index": 0, "title": take.title, "spot": take.spot}
        )

    def handle_cancel(self, client: Client, message: AgentMessage) -> None:
        """Ends a job, or forgets what of an ask still waits."""
        told = read_message(message, ScriptCommand)
        if told.job:
            client.cancel(told.job)
        else:
            kept = [entry for entry in self._waiting if entry[1].ask.id != message.get("ask")]
            self._waiting = deque(kept)
            self._send_message({"type": "dropped", "re": message.get("ask")})

    def handle_context(self, client: Client, message: AgentMessage) -> None:  # noqa: ARG002 - as all that it does
        """What the musician has before them now."""
        told = read_message(message, ScriptCommand)
        if told.facts is not None:
            self._context = build_context(told.facts)
            self._told = 0

    def handle_refuse(self, client: Client, message: AgentMessage) -> None:
        """Says to a surface why its wish was not met."""
        told = read_message(message, ScriptCommand)
        self._answer_invoke(client, told.request, sentence=told.sentence)

    def _answer_invoke(
        self, client: Client | None, request: str, *, job: str | None = None, sentence: str = ""
    ) -> None:
        if client is not None:
            client.send(Invoked(request=request, job=job, sentence=sentence))


_HANDLERS: dict[str, Callable[[AgentWorker, Client, AgentMessage], None]] = {
    "describe": AgentWorker.handle_describe,
    "model": lambda work, client, message: work.pulls.ask_about_model(client, message),
    "fetch": lambda work, client, message: work.pulls.fetch_model(client, message),
    "follow": lambda work, client, message: work.pulls.follow_pull(client, message),
    "preview": AgentWorker.handle_preview,
    "run": AgentWorker.handle_run,
    "attach": AgentWorker.handle_attach,
    "redo": AgentWorker.handle_redo,
    "cancel": AgentWorker.handle_cancel,
    "context": AgentWorker.handle_context,
    "refuse": AgentWorker.handle_refuse,
}

HANDLED_TYPES = frozenset(_HANDLERS)
"""The messages that are given to it."""
