"""The agent's work with the server, in a thread of its own: the mailbox never waits for it."""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable, Iterator, Sequence
from typing import assert_never

from bandmate_bridge.client import Client, Event
from bandmate_bridge.reaper.agent.facts import build_context
from bandmate_bridge.reaper.agent.forms import task_forms
from bandmate_bridge.reaper.agent.models import keep_absent_models, model_list
from bandmate_bridge.reaper.agent.pulls import ModelPulls
from bandmate_bridge.reaper.agent.requests import describe_plan
from bandmate_bridge.reaper.agent.script_jobs import ScriptJobs
from bandmate_bridge.reaper.agent.script_messages import answer_invoke, failure_message, invoke_message
from bandmate_bridge.reaper.mailbox_messages import (
    AgentMessage,
    AskModel,
    AttachJob,
    CancelWork,
    ContextChanged,
    DescribeServer,
    FetchModel,
    FollowPull,
    PreviewLine,
    PreviewTask,
    RedoJob,
    RefuseInvoke,
    RunTask,
    ScriptMessage,
    ScriptsBye,
    ScriptsHello,
    ServerCatalogue,
    ServerState,
)
from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_protocol.messages import Catalogue, Context, Error, Invoke, TaskInfo

BUSY_SECONDS = 0.005
IDLE_SECONDS = 0.02
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
        self._retry_at = 0.0
        self._jobs = ScriptJobs(self._send_message)
        self.pulls = ModelPulls(self._send_message)

    @property
    def is_busy(self) -> bool:
        """Something runs or waits."""
        return self._jobs.is_busy or self.pulls.is_busy or not self._given.empty()

    def put(self, message: ScriptMessage | None) -> None:
        """Gives it a message of the scripts; None ends the work."""
        self._given.put(message)

    def run(self) -> None:
        """Works until None is put."""
        try:
            while self._work_once():
                pass
        finally:
            self._jobs.abandon()
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
            self._jobs.resume(self._client)
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
        self._jobs.submit_next(client)
        if self._context is not None and self._told != client.connections:
            client.send(self._context)
            self._told = client.connections
        event = client.poll(BUSY_SECONDS if self._jobs.is_running else IDLE_SECONDS)
        if isinstance(event, Invoke):
            self._send_message(invoke_message(event))
        elif event is not None and not isinstance(event, Error):
            self._take_event(client, event)
        self._jobs.send_due()

    def _take_event(self, client: Client, event: Event) -> None:
        if not self.pulls.take_event(event, lambda: self._read_catalogue(client)):
            self._jobs.take_event(event)

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
            if isinstance(message, RunTask) and message.invoke and client is not None:
                answer_invoke(client, message.invoke, sentence=str(error))

    def _dispatch_message(self, client: Client, message: ScriptMessage) -> None:
        match message:
            case DescribeServer():
                self._read_catalogue(client, message.id)
                self.pulls.adopt_running(client)
            case PreviewTask():
                self._preview_task(message)
            case RunTask() | AttachJob() | RedoJob() | CancelWork():
                self._jobs.handle_message(client, message, self._tasks)
            case ContextChanged():
                self._context = build_context(message.facts)
                self._told = 0
            case RefuseInvoke():
                answer_invoke(client, message.request, sentence=message.sentence)
            case AskModel() | FetchModel() | FollowPull():
                self.pulls.handle_message(client, message)
            case ScriptsHello() | ScriptsBye():
                raise AssertionError("the process answers these itself")
            case _:
                assert_never(message)

    def _read_catalogue(self, client: Client, re: str | None = None) -> Catalogue:
        self._catalogue = client.describe()
        forms, models = task_forms(self._catalogue), model_list(self._catalogue)
        self._send_message(ServerCatalogue(re=re, tasks=forms, models=models))
        return self._catalogue

    def _preview_task(self, ask: PreviewTask) -> None:
        """Says where a task would work."""
        self._send_message(PreviewLine(re=ask.id, text=describe_plan(ask, self._tasks)))

    @property
    def _tasks(self) -> Sequence[TaskInfo]:
        assert self._catalogue is not None, "a client that is connected was described"
        return self._catalogue.tasks
