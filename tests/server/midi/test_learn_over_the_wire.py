"""Learning a knob by the protocol, on a real virtual port: it is mapped, it controls, and is forgotten again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bandmate_protocol.messages import (
    ChangeSetting,
    Controls,
    Error,
    ForgetControl,
    LearnControl,
    Learned,
    ListControls,
    ListSurfaces,
    MidiController,
    StopLearning,
    Surfaces,
)
from bandmate_server.surfaces.midi.map_library import BUNDLED_FOLDER
from tests.running import RunningServer
from tests.server.midi.box import Box
from tests.server.wire import Wire


@pytest.fixture
def server(jack: None, tmp_path: Path) -> Iterator[RunningServer]:
    running = RunningServer(tmp_path / "home").start()
    yield running
    assert running.stop() == 0, running.log


def controller(found: Surfaces) -> MidiController:
    return next(each for each in found.controllers if "bandmate-box" in each.port)


def learn(wire: Wire, box: Box, control: str, moved: list[int]) -> Learned | Error:
    """Moves the knob again and again until it is learned: until the port is open, nobody hears it."""
    ended = threading.Event()

    def move() -> None:
        while not ended.wait(0.2):
            box.send(moved)

    mover = threading.Thread(target=move)
    mover.start()
    try:
        return wire.ask(
            LearnControl(request=wire.session.new_request_id(), control=control, port="bandmate-box")
        )
    finally:
        ended.set()
        mover.join()


def test_a_pad_is_learned_used_and_forgotten(server: RunningServer, wire: Wire, box: Box) -> None:
    fresh = controller(wire.ask(ListSurfaces(request="fresh")))
    assert (fresh.state, fresh.controls) == ("no_map", ())
    learned = learn(wire, box, "slot/3/arm", [0x91, 40, 100])
    assert isinstance(learned, Learned), learned
    assert (learned.mapped.kind, learned.mapped.channel, learned.mapped.number) == ("note", 2, 40)
    # The file that the command writes.
    path = server.home / "config" / "midi" / "bandmate-box.toml"
    assert learned.map_file == str(path)
    assert 'id = "slot/3/arm"' in path.read_text(encoding="utf-8")
    assert controller(wire.ask(ListSurfaces(request="unused"))).state == "unused"
    wire.ask(ChangeSetting(request="on", name="midi", value=True))
    wire_state(wire, "used")

    knob = learn(wire, box, "cover/strength", [0xB0, 16, 64])
    assert isinstance(knob, Learned), knob
    # What is in use is not pressed by learning it again, and is mapped twice then.
    path.write_text("# My pads.\n" + path.read_text(encoding="utf-8"), encoding="utf-8")
    mapped = controller(wire.ask(ListSurfaces(request="two")))
    assert [each.control for each in mapped.controls] == ["slot/3/arm", "cover/strength"]
    assert mapped.is_own_map
    left = wire.ask(
        ForgetControl(
            request="forget", port=mapped.port, control="slot/3/arm", kind="note", channel=2, number=40
        )
    )
    assert [each.control for each in controller(left).controls] == ["cover/strength"]
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# My pads.\n")
    assert "slot/3/arm" not in text


def wire_state(wire: Wire, state: str) -> None:
    """Until the server says so of the controller; it looks for ports every second."""
    while controller(wire.ask(ListSurfaces(request=wire.session.new_request_id()))).state != state:
        pass


def test_a_learned_map_without_controls_goes(server: RunningServer, wire: Wire, box: Box) -> None:
    learned = learn(wire, box, "task/generate", [0x90, 41, 100])
    assert isinstance(learned, Learned)
    left = wire.ask(
        ForgetControl(request="f", port=learned.port, control="task/generate", kind="note", number=41)
    )
    assert controller(left).state == "no_map"
    assert not (server.home / "config" / "midi" / "bandmate-box.toml").exists()
    again = wire.ask(
        ForgetControl(request="g", port=learned.port, control="task/generate", kind="note", number=41)
    )
    assert isinstance(again, Error)
    assert again.code == "input_missing"


def test_learning_is_refused_stopped_and_given_up(server: RunningServer, wire: Wire, box: Box) -> None:
    unknown = wire.ask(LearnControl(request="u", control="cover/strenght"))
    assert isinstance(unknown, Error)
    assert (unknown.code, "bandmate midi controls" in unknown.remedy) == ("bad_params", True)
    absent = wire.ask(LearnControl(request="a", control="task/generate", port="no such box"))
    assert isinstance(absent, Error)
    assert absent.code == "input_missing"
    silent = wire.ask(LearnControl(request="s", control="task/generate", seconds=0.1))
    assert isinstance(silent, Error)
    assert silent.sentence == "Nothing was moved."
    # A second one ends the first, and `stop_learning` the second, once it has begun.
    wire.send(LearnControl(request="first", control="task/generate", seconds=600))
    wire.send(LearnControl(request="second", control="task/generate", seconds=600))
    replaced = wire.answer("first")
    assert isinstance(replaced, Error)
    assert replaced.sentence == "Learning was stopped."
    wire.ask(StopLearning(request="stop"))
    stopped = wire.answer("second")
    assert isinstance(stopped, Error)
    assert stopped.sentence == "Learning was stopped."


def test_bundled_maps_are_shown_and_stay(server: RunningServer, wire: Wire, jack: None) -> None:
    box = Box("X-TOUCH MINI")
    try:
        found = next(
            each
            for each in wire.ask(ListSurfaces(request="l")).controllers
            if each.port.startswith("X-TOUCH MINI")
        )
        assert (found.is_own_map, found.map_file) == (False, str(BUNDLED_FOLDER / "x-touch-mini.toml"))
        first = found.controls[0]
        refused = wire.ask(
            ForgetControl(
                request="f",
                port=found.port,
                control=first.control,
                kind=first.kind,
                channel=first.channel,
                number=first.number,
            )
        )
        assert isinstance(refused, Error)
        assert refused.code == "not_allowed"
    finally:
        box.close()


def test_what_can_be_controlled_is_listed(wire: Wire) -> None:
    found = wire.ask(ListControls(request="c"))
    assert isinstance(found, Controls)
    by_id = {each.control: each for each in found.controls}
    assert (by_id["cover/strength"].kind, by_id["cover/strength"].group) == ("number", "cover")
    assert (by_id["task/generate"].kind, by_id["slot/1/fire"].kind) == ("press", "press")
    assert {"strip/1", "strips/next"} <= set(by_id)
