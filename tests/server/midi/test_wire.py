"""MIDI over real ports: RtMidi's JACK backend, on JACK's dummy driver, which needs no sound hardware."""

from __future__ import annotations

import queue
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mido import Message

from bandmate_plugins._host.loading import read_catalogue
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.display import fit_cell
from bandmate_server.surfaces.midi.drivers import RtMidiDriver
from bandmate_server.surfaces.midi.map_library import BUNDLED_FOLDER
from bandmate_server.surfaces.midi.ports import SystemPorts
from bandmate_server.surfaces.midi.strips import pages_of
from tests.bridge.command_line import CommandLine
from tests.bridge.recordings import audio_song
from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer
from tests.server.midi.box import Box

MAP = """port = "*bandmate-box:*"
output = "*bandmate-box-in:*"

[[control]]
id = "task/generate"
kind = "note"
number = 36
feedback = "led"

[[control]]
id = "generate/steps"
kind = "cc"
number = 16
mode = "twos"
feedback = "ring"
"""

MACKIE_PORTS = 'port = "*bandmate-mackie:*"\noutput = "*bandmate-mackie-in:*"'


@pytest.fixture(scope="module")
def server(jack: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    home = tmp_path_factory.mktemp("home")
    folder = home / "config" / "midi"
    folder.mkdir(parents=True)
    (folder / "box.toml").write_text(MAP, encoding="utf-8")
    # JACK's two directions cannot be called the same, as those of a real controller are.
    ready = re.sub(
        "port = .*", MACKIE_PORTS, (BUNDLED_FOLDER / "mackie-control.toml").read_text(encoding="utf-8")
    )
    (folder / "mackie.toml").write_text(ready, encoding="utf-8")
    running = RunningServer(home, "--midi", "--osc", "--osc-port", "0").start()
    yield running
    assert running.stop() == 0, running.log


def test_a_pad_generates_a_ring_follows_and_a_controller_may_come_and_go(
    server: RunningServer, box: Box, tmp_path: Path
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    song = audio_song(folder)
    before = song.read_bytes()
    process = CommandLine(server.home, folder).start(
        "watch", song, "--at", "9.1", "--bars", 2, PYTHONUNBUFFERED="1"
    )
    assert process.stdout is not None
    assert "Watching" in process.stdout.readline()
    try:
        box.until(lambda: [0x90, 36, 0] in box.seen)
        ring = box.seen[-1]
        box.until(lambda: box.seen[-1][:2] == [0xB0, 48] and box.seen[-1] != ring, [0xB0, 16, 63])
        box.until(lambda: [0x90, 36, 127] in box.seen, [0x90, 36, 100])
        box.send([0x80, 36, 0])
        box.until(lambda: box.seen[-1] == [0x90, 36, 0])
        box.close()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "is released" not in server.log:
            assert time.monotonic() < deadline, server.log
            time.sleep(0.05)
        while song.read_bytes() == before:
            assert time.monotonic() < deadline, server.log
            time.sleep(0.05)
    finally:
        process.terminate()
        process.communicate(timeout=30)
    assert "Traceback" not in server.log


class Mackie(Box):
    """A Mackie Control of one's own: what its rings, faders, LEDs and display show."""

    def __init__(self) -> None:
        super().__init__("bandmate-mackie")

    @property
    def rows(self) -> tuple[str, str]:
        places = [" "] * 112
        for message in self.seen:
            if message[:6] == [0xF0, 0, 0, 0x66, 0x14, 0x12]:
                for place, code in enumerate(message[7:-1], message[6]):
                    places[place] = chr(code)
        return "".join(places[:56]), "".join(places[56:])

    def last(self, *head: int) -> list[int]:
        """The rest of the newest message that begins so."""
        found = (each[len(head) :] for each in reversed(self.seen) if each[: len(head)] == list(head))
        return next(found, [])


@pytest.fixture
def mackie(jack: None) -> Iterator[Mackie]:
    found = Mackie()
    yield found
    found.close()


def test_a_mackie_fader_moves_a_parameter_and_ring_and_text_follow(
    server: RunningServer, mackie: Mackie
) -> None:
    model = ControlModel.from_plugins(read_catalogue())
    titles = [
        "".join(fit_cell(model.parameters[each].title) for each in page.parameters).ljust(56)
        for page in pages_of(model.parameters.values())
    ]
    (covers,) = [number for number, page in enumerate(titles) if page.startswith("Strngt")]
    mackie.until(lambda: mackie.rows[0] == titles[0])
    # The SELECT of that number is the page of covers, whose first strip is the strength.
    select = 0x18
    mackie.until(lambda: mackie.rows[0] == titles[covers], [0x90, select + covers, 127])
    mackie.until(lambda: mackie.last(0x90, select + covers) == [127] and mackie.last(0x90, select) == [0])
    mackie.send([0x90, 0x68, 127])
    mackie.until(lambda: mackie.last(0xB0, 0x30) == [0x20 | 11], [0xE0, 0x7F, 0x7F])
    mackie.until(lambda: mackie.rows[1].startswith("1.00   "))
    mackie.until(lambda: mackie.last(0xE0) == [0x7F, 0x7F], [0x90, 0x68, 0])
    # The V-Pot turned to the left by two ticks, then pushed.
    mackie.until(lambda: mackie.rows[1].startswith("0.9"), [0xB0, 0x10, 0x42])
    strength = model.parameters["cover/strength"]
    mackie.until(
        lambda: mackie.rows[1].startswith(fit_cell(strength.value_text(strength.default))), [0x90, 0x20, 127]
    )
    # Without a project RECORD can run nothing, and the display says so.
    mackie.until(lambda: "project" in mackie.rows[1], [0x90, 0x5F, 127])


def test_a_map_that_is_saved_counts_in_the_server_that_runs(server: RunningServer, box: Box) -> None:
    path = server.home / "config" / "midi" / "box.toml"
    box.until(lambda: any(each[:2] == [0xB0, 48] for each in box.seen))
    path.write_text(MAP.replace("number = 16", "number = 17x"), encoding="utf-8")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while "box.toml, line 15" not in server.log:
        assert time.monotonic() < deadline, server.log
        time.sleep(0.05)
    ring = [each for each in box.seen if each[:2] == [0xB0, 48]][-1]
    box.until(lambda: box.seen[-1][:2] == [0xB0, 48] and box.seen[-1] != ring, [0xB0, 16, 20])
    path.write_text(MAP.replace("number = 16", "number = 17"), encoding="utf-8")
    box.until(lambda: any(each[:2] == [0xB0, 49] for each in box.seen))


def test_what_is_learned_works_in_a_server_that_starts_after(box: Box, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    bandmate = CommandLine(tmp_path / "home", tmp_path / "work")
    process = bandmate.start("midi", "learn", "slot/3/arm", "--feedback", "led", "--port", "bandmate-box")
    # Until the command has opened the port, nobody hears the pad.
    while process.poll() is None:
        box.send([0x91, 40, 100])
        time.sleep(0.2)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "note 40 on channel 2" in out
    path = tmp_path / "home" / "config" / "midi" / "bandmate-box.toml"
    # JACK's two directions cannot be called the same, as those of a real controller are.
    path.write_text('output = "*bandmate-box-in:*"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    server = RunningServer(tmp_path / "home", "--midi").start()
    try:
        box.until(lambda: [0x91, 40, 0] in box.seen)
        box.until(lambda: [0x91, 40, 127] in box.seen, [0x91, 40, 100])
    finally:
        assert server.stop() == 0, server.log


def test_two_controllers_of_one_name_are_two(jack: None) -> None:
    """JACK calls the second one otherwise; what each sends and is sent is its own."""
    boxes = [Box("bandmate-pair"), Box("bandmate-pair")]
    ports, heard = SystemPorts(lambda: RtMidiDriver("UNIX_JACK")), queue.Queue[tuple[str, int]]()
    opened = []
    try:
        names = [each for each in ports.port_names() if "bandmate-pair" in each]
        assert len(set(names)) == 2
        for place, name in enumerate(names):

            def took(message: Message, name: str = name) -> None:
                heard.put((name, message.note))

            opened.append(ports.open_port(name, took, "*bandmate-pair-in*", names))
            note = 60 + place
            boxes[place].until(lambda: not heard.empty(), [0x90, note, 100])
            assert heard.get() == (name, note)
            opened[place].send(Message("note_on", note=note, velocity=1))
            boxes[place].until(lambda place=place, note=note: [0x90, note, 1] in boxes[place].seen)
        assert [0x90, 61, 1] not in boxes[0].seen
        assert [0x90, 60, 1] not in boxes[1].seen
    finally:
        for each in (*opened, *boxes):
            each.close()
