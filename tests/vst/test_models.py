"""A model that is lacking: the status says so, and how far it is once somebody fetches it."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate_bridge.client import Client
from bandmate_bridge.runs.pull_model import fetch_params, pull_request
from bandmate_protocol.messages import Error, Invoke, Invoked
from tests.patience import PATIENCE_SECONDS
from tests.plugins.models.hub import Hub
from tests.running import RunningServer
from tests.vst.clap_host import ClapHost, Song

NAME = "ACE-Step/Ace-Step1.5"
FOLDERS = ("acestep-v15-turbo", "vae", "Qwen3-Embedding-0.6B")
WEIGHTS = random.Random(1).randbytes(3_000_000)


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        files = {f"{folder}/config.json": b"{}" for folder in FOLDERS}
        files |= {f"{folder}/model.safetensors": WEIGHTS + folder.encode() for folder in FOLDERS}
        hub.repositories[NAME] = files | {"acestep-v15-turbo/silence_latent.pt": b"0"}
        hub.licences[NAME] = "mit"
        yield hub


@pytest.fixture
def fetching_server(tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    home = tmp_path / "home"
    running = RunningServer(home, environ=hub.environ(home) | {"BANDMATE_MODELS": str(home / "none")}).start()
    monkeypatch.setenv("BANDMATE_HOME", str(home))
    yield running
    running.stop()


def answer(client: Client, project: str) -> str:
    """What the plugin answers to a surface, once it has said what it works on."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        client.send(Invoke(request="i", project=project, task="generate", engine="acestep"))
        event: object = None
        while not isinstance(event, Invoked | Error):
            assert time.monotonic() < deadline
            event = client.poll(1)
        if isinstance(event, Invoked):
            return event.sentence
        time.sleep(0.1)


def test_a_model_that_is_lacking_is_said_and_how_far_it_is(
    built: Path, fetching_server: RunningServer, hub: Hub
) -> None:
    """A surface asks for an engine without weights; fetched is what its sentence names, by whoever may."""
    host = ClapHost(built / "plugins" / "bandmate.clap", Song(120.0, 4, 4))

    def until(status: str) -> str:
        said: str = host.until(lambda state: state["status"] == status)["said"]
        return said

    try:
        until("Ready")
        with Client.connect(fetching_server.address, token=fetching_server.token, start=False) as client:
            assert "ace_step1.5" in answer(client, host.state["instance"])
            assert "`bandmate models pull ace_step1.5`" in until("Needs a model")
            hub.pause_seconds = 0.3
            pull_request(fetch_params("ace_step1.5", "mit", 1.0)).submit(client)
            until("Downloading a model")
            host.until(lambda _: 0 < host.get("progress") < 100)
            client.cancel(client.jobs(1)[0].job)
            assert "resumes it" in until("Needs a model")
            hub.pause_seconds = 0.0
            pull_request(fetch_params("ace_step1.5", "mit", 1.0)).submit(client)
            assert until("Ready") == "ace_step1.5 is installed."
    finally:
        host.close()
