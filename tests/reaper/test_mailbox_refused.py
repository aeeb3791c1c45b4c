"""Messages that one side cannot read: each is reported with what to do, and nothing else is lost."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import deque
from collections.abc import Iterator
from typing import Any

import pytest

from bandmate_bridge.client import Client
from bandmate_bridge.reaper.agent.mailbox import TO_AGENT, TO_REAPER, Mailbox
from bandmate_bridge.reaper.agent.process import ReaperAgent
from bandmate_protocol.messages import Error, Invoke, Invoked
from tests.patience import PATIENCE_SECONDS
from tests.reaper.mailbox_vectors import FOLDER


class AgentInThread:
    """The real agent on a real server; the test speaks in the place of the scripts."""

    def __init__(self, folder: Any, server: Any) -> None:
        self._agent = ReaperAgent(
            folder, connect=lambda _: Client.connect(server.address, token=server.token, role="reaper")
        )
        self.scripts = Mailbox(folder, incoming=TO_REAPER, outgoing=TO_AGENT)
        self._came: deque[dict[str, Any]] = deque()
        self._thread = threading.Thread(target=self._agent.run)
        self._thread.start()

    def wait_for(self, kind: str) -> dict[str, Any]:
        """The next message of a kind; those before it are gone."""
        pause = threading.Event()
        for _ in range(int(PATIENCE_SECONDS / 0.01)):
            self._came.extend(self.scripts.receive())
            while self._came:
                message = self._came.popleft()
                if message["type"] == kind:
                    return message
            pause.wait(0.01)
        raise AssertionError(f"no {kind} came")

    def end(self) -> None:
        self.scripts.send({"type": "bye"})
        self._thread.join()


@pytest.fixture
def agent(tmp_path, server) -> Iterator[AgentInThread]:
    made = AgentInThread(tmp_path / "boxes" / "one", server)
    made.scripts.send({"type": "hello", "version": "0.1.0", "mailbox_version": 2})
    made.wait_for("catalogue")
    yield made
    made.end()


def vector(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / "to-agent" / f"{name}.json").read_text(encoding="utf-8"))[-1]
    return found


def test_the_agent_says_what_was_wrong_and_goes_on(agent) -> None:
    agent.scripts.send({"type": "sing", "id": "1"})
    agent.scripts.send(vector("preview") | {"id": "2", "bars": "eight"})
    agent.scripts.send(vector("preview") | {"id": "3", "newer": True})
    unknown = agent.wait_for("failed")
    unreadable = agent.wait_for("failed")
    assert (unknown["re"], unknown["code"]) == ("1", "unknown_type")
    assert (unreadable["re"], unreadable["code"]) == ("2", "bad_message")
    assert "Expected `float`, got `str` - at `$.bars`" in unreadable["sentence"]
    assert "bandmate install reaper" in unreadable["remedy"]
    assert agent.wait_for("preview")["re"] == "3"


def test_a_surface_hears_why_its_wish_came_to_nothing(agent, server) -> None:
    agent.scripts.send(vector("context"))
    with Client.connect(server.address, token=server.token, role="surface") as surface:
        project = hashlib.sha256(vector("context")["facts"]["project"]["id"].encode()).hexdigest()
        surface.send(Invoke(request="press", task="separate", project=project))
        while isinstance(surface.poll(0.5), Error):
            # The server has not heard of the project yet.
            surface.send(Invoke(request="press", task="separate", project=project))
        invoke = agent.wait_for("invoke")
        agent.scripts.send(vector("run") | {"task": 7, "invoke": invoke["request"]})
        answer = next_answer(surface, "press")
    assert answer.job is None
    assert "sent a message `run` that Bandmate cannot read" in answer.sentence


def next_answer(client: Client, request: str) -> Invoked:
    """The answer to an invoke of that request."""
    while True:
        event = client.poll()
        if isinstance(event, Invoked) and event.request == request:
            return event


def test_the_scripts_report_each_kind_once_and_go_on(stage) -> None:
    stage.action("Panel")
    stage.reaper.run_until(lambda: "Generate" in stage.reaper.service.gfx.texts)
    (box,) = [one for one in stage.boxes.iterdir() if (one / "agent.lock").exists()]
    agent = Mailbox(box)
    for _ in range(2):
        agent.send({"type": "sing"})
        agent.send({"type": "planned", "re": "1", "count": "two"})
    stage.reaper.run_until(lambda: len(stage.reaper.console) >= 2)
    stage.project.selection = (0.0, 1.0)
    stage.make("generate", prompt="drums")
    assert len(stage.project.items()) == 1
    unknown, unreadable = stage.reaper.console
    assert "sent a message of the kind `sing`, which these scripts do not know" in unknown
    assert "sent a message `planned` that these scripts cannot read: `count` is a string" in unreadable
    assert "bandmate install reaper" in unknown
