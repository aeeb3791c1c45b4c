"""The MIDI face with a desk, a shelf and a rack of controllers that are plugged in and out by the test."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import pytest
from mido import Message

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_server.surfaces.midi import face
from bandmate_server.surfaces.midi.face import MidiFace
from bandmate_server.surfaces.midi.map_library import MapLibrary
from bandmate_server.surfaces.midi.ports import MessageHandler
from tests.server.control.stage import Stage
from tests.server.midi.gestures import MAP, cc, note

BOX = (
    MAP
    + """
[[control]]
id = "task/cover"
kind = "note"
number = 36
feedback = "led"

[[control]]
id = "cover/level"
kind = "cc"
number = 20
mode = "twos"
feedback = "ring"
"""
)


class Box:
    """A controller: what it was told, and a way to move something on it."""

    def __init__(self, took: MessageHandler, close: Callable[[], None]) -> None:
        self.took = took
        self.told: list[Message] = []
        self.gone = False
        self._close = close

    def send(self, message: Message) -> None:
        if self.gone:
            raise OSError("gone")
        self.told.append(message)

    def close(self) -> None:
        self._close()


class Rack:
    """Ports as a system has them."""

    def __init__(self) -> None:
        self.plugged: list[str] = []
        self.boxes: list[Box] = []
        self.closed = 0
        self.refuses = 0
        self.broken = False

    def port_names(self) -> list[str]:
        if self.broken:
            raise RequestError(ErrorCode.INPUT_MISSING, "No MIDI here.", "")
        return list(self.plugged)

    def open_port(
        self, name: str, took: MessageHandler, output: str = "", siblings: Sequence[str] = ()
    ) -> Box:
        if self.refuses:
            self.refuses -= 1
            raise OSError("busy")
        self.boxes.append(Box(took, self._count))
        return self.boxes[-1]

    def _count(self) -> None:
        self.closed += 1


class Room:
    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage, self.rack = stage, Rack()
        self.said: list[str] = []
        self.map = folder / "box.toml"
        self.map.write_text(BOX, encoding="utf-8")
        self.face = MidiFace(stage.desk, self.rack, MapLibrary(stage.model, [folder], self.said.append))

    @property
    def box(self) -> Box:
        return self.rack.boxes[-1]


@pytest.fixture
async def room(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Room]:
    monkeypatch.setattr(face, "LOOK_SECONDS", 0.01)
    (tmp_path / "midi").mkdir()
    made = Room(stage, tmp_path / "midi")
    await made.face.start()
    yield made
    await made.face.stop()


pytestmark = pytest.mark.anyio


async def test_what_comes_is_told_everything_and_what_moves_is_heard(room: Room) -> None:
    room.rack.plugged = ["Another", "My Box"]
    await room.stage.until(lambda: room.face.connected_ports == ["My Box"])
    await room.stage.until(lambda: note(36, 0) in room.box.told)
    room.box.took(cc(20, 10))
    await room.stage.until(lambda: room.stage.model.value_of("cover/level") == pytest.approx(-6))
    await room.stage.until(lambda: room.box.told[-1] == cc(52, 0x20 | 10))
    room.box.took(note(36))
    await room.stage.until(lambda: len(room.stage.invokes) == 1)
    assert room.stage.invokes[0].params == {"level": pytest.approx(-6)}


async def test_one_that_is_pulled_out_in_a_job_finds_it_as_it_is_when_it_comes_back(room: Room) -> None:
    room.rack.plugged = ["Box"]
    await room.stage.until(lambda: bool(room.rack.boxes))
    room.box.took(note(36))
    await room.stage.until(lambda: bool(room.stage.invokes))
    job = room.stage.accept(room.stage.invokes[0])
    await room.stage.until(lambda: note(36, 127) in room.box.told)
    room.box.gone = True
    room.rack.plugged = []
    await room.stage.until(lambda: room.face.connected_ports == [])
    assert room.rack.closed == 1
    assert job.is_active
    room.rack.plugged = ["Box"]
    await room.stage.until(lambda: len(room.rack.boxes) == 2 and bool(room.box.told))
    await room.stage.until(lambda: note(36, 127) in room.box.told)
    room.stage.jobs.cancel(job.id)
    await room.stage.until(lambda: room.box.told[-1] == note(36, 0))
    assert job.state == "cancelled"


async def test_one_that_vanishes_while_it_is_told_something_is_let_go(room: Room) -> None:
    room.rack.plugged = ["Box"]
    await room.stage.until(lambda: bool(room.rack.boxes and room.box.told))
    first = room.box
    first.gone = True
    room.stage.model.set_value("cover/level", -30.0)
    await room.stage.until(lambda: room.rack.closed == 1)
    # It is still listed, so it is opened again.
    await room.stage.until(lambda: room.box is not first and cc(52, 0x20 | 6) in room.box.told)


async def test_a_map_that_changes_counts_at_once_and_a_mistake_keeps_the_old_one(room: Room) -> None:
    room.rack.plugged = ["Box"]
    await room.stage.until(lambda: bool(room.rack.boxes and room.box.told))
    room.map.write_text(BOX.replace("number = 20", "number = twenty"), encoding="utf-8")
    await room.stage.until(lambda: bool(room.said))
    assert "line 19" in room.said[0]
    assert room.rack.closed == 0
    room.box.took(cc(20, 127))
    await room.stage.until(lambda: room.stage.model.value_of("cover/level") == pytest.approx(-12.6))
    room.map.write_text(BOX.replace("number = 20", "number = 21"), encoding="utf-8")
    await room.stage.until(lambda: room.rack.closed == 1 and len(room.rack.boxes) == 2)
    room.box.took(cc(21, 127))
    await room.stage.until(lambda: room.stage.model.value_of("cover/level") == pytest.approx(-13.2))
    room.map.unlink()
    await room.stage.until(lambda: room.face.connected_ports == [])


async def test_the_mode_is_switched_on_before_anything_is_told_and_off_at_the_end(room: Room) -> None:
    switched = 'on_open = ["B0 7F 01"]\non_close = ["B0 7F 00"]\n'
    room.map.write_text(BOX.replace("\n\n", f"\n{switched}\n", 1), encoding="utf-8")
    room.rack.plugged = ["Box"]
    await room.stage.until(lambda: bool(room.rack.boxes) and len(room.box.told) > 2)
    assert room.box.told[0] == cc(127, 1)
    await room.face.stop()
    assert room.box.told[-1] == cc(127, 0)
    assert note(36, 0) in room.box.told[-3:]


async def test_a_port_that_another_program_has_is_tried_again(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    room.rack.refuses = 5
    room.rack.plugged = ["Box"]
    await room.stage.until(lambda: room.face.connected_ports == ["Box"])
    assert caplog.text.count("cannot be opened: busy") == 1


async def test_a_system_without_midi_is_said_once_and_looked_at_again(
    room: Room, caplog: pytest.LogCaptureFixture
) -> None:
    room.rack.broken = True
    await room.stage.until(lambda: "No MIDI here." in caplog.text)
    room.rack.broken = False
    room.rack.plugged = ["Box"]
    await room.stage.until(lambda: room.face.connected_ports == ["Box"])
    assert caplog.text.count("No MIDI here.") == 1


async def test_in_a_flood_the_newest_value_wins_and_the_rings_keep_their_pace(room: Room) -> None:
    room.rack.plugged = ["Box"]
    await room.stage.until(lambda: bool(room.rack.boxes and room.box.told))

    def turn() -> None:
        for number in range(50_000):
            room.box.took(cc(16, number % 128))
        room.box.took(cc(16, 32))

    seen = list[object]()
    room.stage.model.add_listener(lambda control, _who: seen.append(control))
    before = len(room.box.told)
    hand = threading.Thread(target=turn)
    hand.start()
    await room.stage.until(lambda: not hand.is_alive())
    hand.join()
    await room.stage.until(lambda: room.stage.model.value_of("cover/strength") == pytest.approx(2 * 32 / 127))
    assert len(seen) > 100
    assert len(room.face._arrived) <= face._MAX_WAITING_MESSAGES
    assert len(room.box.told) == before
