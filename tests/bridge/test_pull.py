"""`bandmate pull`: the server fetches a model, here from a stand-in of the hub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bridge.command_line import CommandLine
from tests.plugins.models.hub import Hub
from tests.running import RunningServer

NAME = "adefossez/HTDemucs"
WEIGHTS = bytes(range(250)) * 8_000


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with Hub() as hub:
        hub.repositories[NAME] = {"htdemucs.yaml": b"models: ['955717e8']", "955717e8.safetensors": WEIGHTS}
        hub.licences[NAME] = "mit"
        yield hub


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, hub: Hub) -> Iterator[RunningServer]:
    home = tmp_path_factory.mktemp("home")
    running = RunningServer(home, environ=hub.environ(home)).start()
    yield running
    assert running.stop() == 0, running.log


def test_a_model_comes_once_its_licence_was_shown_and_accepted(
    bandmate: CommandLine, server: RunningServer, hub: Hub
) -> None:
    said = bandmate.run("pull", "htdemucs")
    assert said.code != 0
    assert (
        "htdemucs (adefossez/HTDemucs at 01234567): 2.0 MB, 2.0 MB of it to download, licence: mit"
        in said.out
    )
    assert "research only" in said.out
    assert not hub.sent
    assert "more than `most_gb` allows" in bandmate.refused("pull", "htdemucs", "--yes", "--most", "0.001")
    done = bandmate.good("pull", "htdemucs", "--yes")
    assert "Downloading htdemucs ..." in done.err
    assert "htdemucs: fetched." in done.out
    (weights,) = (server.home / "hf" / "hub").rglob("955717e8.safetensors")
    assert Path(weights).read_bytes() == WEIGHTS
    assert "already complete" in bandmate.good("pull", "htdemucs", "--yes").out


def test_a_name_that_is_no_models_says_which_there_are(bandmate: CommandLine) -> None:
    assert "htdemucs, htdemucs_ft" in bandmate.refused("pull", "htdmucs", "--yes")
