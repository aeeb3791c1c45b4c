"""Models are checked and removed through a whole server, which knows at once what is left."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate_protocol.messages import Describe, Done, Failed
from tests.plugins.models.hub import COMMIT, Hub
from tests.running import RunningServer
from tests.server.wire import Wire

NAME = "adefossez/HTDemucs"
WEIGHTS = random.Random(1).randbytes(600_000)


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with Hub() as running:
        running.repositories = {
            NAME: {"htdemucs.yaml": b"models: ['955717e8']", "955717e8.safetensors": WEIGHTS}
        }
        running.licences = {NAME: "mit"}
        yield running


@pytest.fixture(scope="module")
def server(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with hub.server(tmp_path_factory.mktemp("home")) as running:
        yield running


def run(wire: Wire, task: str, **params: object) -> Done:
    done = wire.run(task, {"model": "htdemucs", **params})
    assert isinstance(done, Done), done
    return done


def is_present(wire: Wire) -> bool:
    catalogue = wire.ask(Describe(request=wire.session.new_request_id()))
    demucs = next(each for each in catalogue.engines if each.name == "demucs")
    return demucs.models[0].present


def weights_file(server: RunningServer) -> Path:
    snapshot = server.home / "hf" / "hub" / "models--adefossez--HTDemucs" / "snapshots" / COMMIT
    return (snapshot / "955717e8.safetensors").resolve()


def test_what_is_whole_damaged_and_gone_is_told(server: RunningServer, wire: Wire) -> None:
    missing = run(wire, "verify_model")
    assert missing.report["models"] == [{"name": "htdemucs", "state": "missing", "damage": {}}]
    assert run(wire, "remove_model", only_ask=True).report == {"freed_bytes": 0, "kept": []}

    run(wire, "pull", licence="mit")
    assert is_present(wire)
    assert run(wire, "verify_model").report["models"][0]["state"] == "whole"
    with weights_file(server).open("r+b") as file:
        file.write(b"x")
    damaged = run(wire, "verify_model")
    assert damaged.report["models"][0]["state"] == "damaged"
    assert damaged.report["models"][0]["damage"] == {"955717e8.safetensors": "its bytes have changed"}

    asked = run(wire, "remove_model", only_ask=True)
    size = len(WEIGHTS) + 20
    assert size <= asked.report["freed_bytes"] < size + 1_000, "what the hub's library notes beside it"
    assert is_present(wire), "to ask deletes nothing"
    removed = run(wire, "remove_model")
    assert removed.report == asked.report
    assert removed.remarks == ("htdemucs: removed, 0.6 MB freed.",)
    assert not is_present(wire)
    assert not weights_file(server).exists()


def test_an_unknown_model_is_refused(wire: Wire) -> None:
    for task in ("verify_model", "remove_model"):
        failed = wire.run(task, {"model": "htdmucs"})
        assert isinstance(failed, Failed)
        assert failed.code == "no_such_engine"
