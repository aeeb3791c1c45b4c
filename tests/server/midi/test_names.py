"""Controllers of one name: kept apart in both directions, on every system, as they come and go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mido import Message

from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.learning import save_entry
from bandmate_server.surfaces.midi.map_library import MapLibrary
from bandmate_server.surfaces.midi.maps import MapEntry, read_map
from bandmate_server.surfaces.midi.names import distinct_names, feedback_port, system_name
from bandmate_server.surfaces.midi.ports import SystemPorts

ALSA = [
    "Midi Through:Midi Through Port-0 14:0",
    "Launchpad Mini:Launchpad Mini MIDI 1 20:0",
    "Launchpad Mini:Launchpad Mini MIDI 1 24:0",
]
WINDOWS_IN = ["Launchpad Mini 0", "X-TOUCH MINI 1", "Launchpad Mini 2"]
WINDOWS_OUT = ["Microsoft GS Wavetable Synth 0", "Launchpad Mini 1", "X-TOUCH MINI 2", "Launchpad Mini 3"]
MACOS = ["Launchpad Mini", "X-TOUCH MINI", "Launchpad Mini"]


def pairs(inputs: list[str], outputs: list[str], output: str = "") -> list[str | None]:
    """The output of each Launchpad."""
    known, sinks = distinct_names(inputs), distinct_names(outputs)
    ours = [each for each in known if "Launchpad" in each]
    return [feedback_port(each, output, sinks, ours) for each in ours]


def test_equal_names_get_their_place_and_others_stay() -> None:
    assert distinct_names(ALSA) == ALSA
    assert distinct_names(MACOS) == ["Launchpad Mini (1 of 2)", "X-TOUCH MINI", "Launchpad Mini (2 of 2)"]
    assert distinct_names(WINDOWS_IN) == [
        "Launchpad Mini 0 (1 of 2)",
        "X-TOUCH MINI 1",
        "Launchpad Mini 2 (2 of 2)",
    ]
    for names in (ALSA, MACOS, WINDOWS_IN, WINDOWS_OUT):
        assert [system_name(each) for each in distinct_names(names)] == names
        assert len(set(distinct_names(names))) == len(names)


def test_each_of_two_gets_its_own_output() -> None:
    assert pairs(ALSA, ALSA) == ALSA[1:]
    assert pairs(ALSA, ALSA[::-1]) == ALSA[1:]
    assert pairs(MACOS, MACOS) == ["Launchpad Mini (1 of 2)", "Launchpad Mini (2 of 2)"]
    assert pairs(WINDOWS_IN, WINDOWS_OUT) == ["Launchpad Mini 1 (1 of 2)", "Launchpad Mini 3 (2 of 2)"]
    assert pairs(WINDOWS_IN, ["Synth 0", "Launchpad Mini 1", "Launchpad Mini 2"]) == [
        "Launchpad Mini 1 (1 of 2)",
        "Launchpad Mini 2 (2 of 2)",
    ]


def test_an_output_is_nobody_elses() -> None:
    """The first one has none, as an address says; where nothing says so, the second has none."""
    assert pairs(ALSA, ALSA[2:]) == [None, ALSA[2]]
    assert pairs(MACOS, ["Launchpad Mini"]) == ["Launchpad Mini", None]


def test_a_pattern_for_the_output_takes_them_in_order_too() -> None:
    outputs = ["Pad Lights 20:1", "Elsewhere 28:0", "Pad Lights 24:1"]
    assert pairs(ALSA, outputs, "pad lights*") == ["Pad Lights 20:1", "Pad Lights 24:1"]
    assert pairs(ALSA, outputs[::-1], "pad lights*") == ["Pad Lights 20:1", "Pad Lights 24:1"]
    assert pairs(["Launchpad A", "Launchpad B"], ["Light", "Light"], "light*") == [
        "Light (1 of 2)",
        "Light (2 of 2)",
    ]


def learned(tmp_path: Path, model: ControlModel, port: str, number: int, ports: list[str]) -> Path:
    return save_entry(tmp_path, port, MapEntry("task/cover", "note", 1, number), distinct_names(ports))


@pytest.mark.parametrize("ports", [ALSA, MACOS, WINDOWS_IN])
def test_a_learned_map_names_which_of_two_it_is_for(
    tmp_path: Path, model: ControlModel, ports: list[str]
) -> None:
    first, second = (each for each in distinct_names(ports) if "Launchpad" in each)
    paths = [learned(tmp_path, model, port, place, ports) for place, port in enumerate((first, second), 36)]
    assert paths[0] != paths[1]
    shelf = MapLibrary(model, [tmp_path], pytest.fail)
    shelf.reload_changed()
    for place, port in enumerate((first, second), 36):
        used = shelf.map_for_port(port)
        assert used is not None
        assert [each.number for each in used.entries] == [place]


def test_one_that_is_alone_keeps_its_map_for_any_place(tmp_path: Path, model: ControlModel) -> None:
    path = learned(tmp_path, model, ALSA[1], 36, ALSA[:2])
    assert path.name == "launchpad-mini.toml"
    found = read_map(path, model)
    assert found.match_score(ALSA[1])
    assert found.match_score(ALSA[2])


def test_what_was_learned_for_both_goes_along(tmp_path: Path, model: ControlModel) -> None:
    shared = learned(tmp_path, model, ALSA[1], 36, ALSA[:2])
    own = learned(tmp_path, model, ALSA[2], 40, ALSA)
    assert own != shared
    assert [each.number for each in read_map(own, model).entries] == [36, 40]
    assert [each.number for each in read_map(shared, model).entries] == [36]


def test_the_map_of_one_of_two_serves_when_it_is_the_only_one(tmp_path: Path, model: ControlModel) -> None:
    path = learned(tmp_path, model, "Launchpad Mini (2 of 2)", 36, MACOS)
    found = read_map(path, model)
    assert found.match_score("Launchpad Mini (2 of 2)")
    assert not found.match_score("Launchpad Mini (1 of 2)")
    assert found.match_score("Launchpad Mini") == 1


class TwinDriver:
    """A system like macOS: two controllers of the very same name, opened by their places."""

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.sent: list[tuple[int, Message]] = []

    def input_names(self) -> list[str]:
        return self.names

    def output_names(self) -> list[str]:
        return self.names

    def open_input(self, place: int) -> Any:
        return _In(place)

    def open_output(self, place: int) -> Any:
        return _Out(place, self.sent)


class _In:
    def __init__(self, place: int) -> None:
        self._messages = [Message("note_on", note=60 + place)]

    def iter_pending(self) -> Iterator[Message]:
        while self._messages:
            yield self._messages.pop()

    def close(self) -> None:
        """Nothing to let go."""


class _Out:
    def __init__(self, place: int, sent: list[tuple[int, Message]]) -> None:
        self._place, self._sent = place, sent

    def send(self, message: Message) -> None:
        self._sent.append((self._place, message))

    def close(self) -> None:
        """Nothing to let go."""


def test_ports_of_one_name_are_opened_each_by_its_place() -> None:
    import queue

    driver = TwinDriver(["Box", "Other", "Box"])
    ports = SystemPorts(lambda: driver)
    assert ports.port_names() == ["Box (1 of 2)", "Other", "Box (2 of 2)"]
    boxes = ["Box (1 of 2)", "Box (2 of 2)"]
    for place, name in ((0, boxes[0]), (2, boxes[1])):
        came: queue.Queue[Message] = queue.Queue()
        port = ports.open_port(name, came.put, "", boxes)
        assert came.get(timeout=30).note == 60 + place
        port.send(Message("note_on", note=1))
        assert driver.sent[-1][0] == place
        port.close()
    with pytest.raises(OSError, match="unknown port"):
        ports.open_port("Box", print)
