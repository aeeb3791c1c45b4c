"""The doctor over the wire finds what the command finds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate_protocol.messages import Doctor, Findings, ListSlots
from tests.bridge.command_line import CommandLine
from tests.running import RunningServer
from tests.server.wire import Wire


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path / "home", environ={"BANDMATE_DISABLE": "cover"}).start()
    yield running
    assert running.stop() == 0, running.log


def test_it_finds_what_the_command_finds(server: RunningServer, wire: Wire, tmp_path: Path) -> None:
    wire.send(Doctor(request="d"))
    with Wire(server) as other:
        other.send(Doctor(request="same"))
        # Meanwhile others are answered.
        assert wire.ask(ListSlots(request="l")).slots
        found = wire.answer("d")
        assert other.answer("same").findings == found.findings
    assert isinstance(found, Findings)
    (tmp_path / "work").mkdir()
    shell = CommandLine(server.home, tmp_path / "work")
    printed = json.loads(shell.run("doctor", "--json", BANDMATE_DISABLE="cover").out)

    def steady(about: str) -> bool:
        return about not in ("data folder", "server")

    assert [
        (each.state, each.about, each.sentence, each.remedy) for each in found.findings if steady(each.about)
    ] == [
        (each["state"], each["about"], each["sentence"], each["remedy"])
        for each in printed
        if steady(each["about"])
    ]
    (disabled,) = [each for each in found.findings if each.about == "plugin cover"]
    assert disabled.state == "note"
    (running,) = [each for each in found.findings if each.about == "server"]
    assert f"process {server.process.pid}" in running.sentence
