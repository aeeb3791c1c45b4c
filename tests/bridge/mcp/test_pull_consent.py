"""A model comes over MCP once the user has agreed to its licence and size; here from a stand-in of the hub."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bridge.mcp.assistant import assistant, good, refused
from tests.bridge.mcp.test_mcp_calls import Person
from tests.plugins.models.hub import Hub
from tests.running import RunningServer

WEIGHTS = bytes(range(250)) * 8_000


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        name = "adefossez/HTDemucs"
        hub.repositories[name] = {"htdemucs.yaml": b"models: ['955717e8']", "955717e8.safetensors": WEIGHTS}
        hub.licences[name] = "mit"
        yield hub


@pytest.fixture
def server_of_hub(tmp_path: Path, hub: Hub) -> Iterator[RunningServer]:
    home = tmp_path / "home"
    running = RunningServer(home, environ=hub.environ(home) | {"PYTHONPATH": ""}).start()
    yield running
    assert running.stop() == 0, running.log


def test_a_download_shows_licence_and_size_and_waits_for_a_yes(
    server_of_hub: RunningServer, hub: Hub
) -> None:
    no, yes = Person(agrees=False), Person(agrees=True)

    async def work() -> None:
        async with assistant(server_of_hub.home, elicitation_callback=no.answer) as client:
            assert "did not agree" in await refused(client, "pull_model", model="htdemucs")
        assert not hub.sent
        async with assistant(server_of_hub.home, elicitation_callback=yes.answer) as client:
            pulled = await good(client, "pull_model", model="htdemucs", max_gb=1)
            assert "htdemucs: fetched." in " ".join(pulled["lines"])
            again = await good(client, "pull_model", model="htdemucs")
            assert "already complete" in " ".join(again["lines"])

    asyncio.run(work())
    for question in (no.questions[0], yes.questions[0]):
        assert "2.0 MB" in question
        assert "licence: mit" in question
    assert "at most 20 GB" in no.questions[0]
    assert "at most 1 GB" in yes.questions[0]
    (weights,) = (server_of_hub.home / "hf" / "hub").rglob("955717e8.safetensors")
    assert Path(weights).read_bytes() == WEIGHTS
