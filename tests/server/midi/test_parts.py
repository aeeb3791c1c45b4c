"""MIDI's parts without a port: maps, translation, feedback and learning."""

from __future__ import annotations

from pathlib import Path

import pytest
from mido import Message

from bandmate_plugins.loading import read_catalogue
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Slot
from bandmate_server.control.actions import CancelJob, RunTask
from bandmate_server.control.model import ControlModel
from bandmate_server.midi.feedback import TOUCH_SECONDS, Pending, messages
from bandmate_server.midi.learning import described, learned, relative_mode, write_down
from bandmate_server.midi.maps import Entry, read_map
from bandmate_server.midi.ports import twin
from bandmate_server.midi.shelf import READY, Shelf
from bandmate_server.midi.strips import Strips
from bandmate_server.midi.translate import Translator, relative
from tests.server.control.test_model import info


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def model() -> ControlModel:
    return ControlModel([info("cover")])


def cc(number: int, value: int, channel: int = 0) -> Message:
    return Message("control_change", channel=channel, control=number, value=value)


def note(number: int, velocity: int = 100) -> Message:
    return Message("note_on", note=number, velocity=velocity)


MAP = """name = "Box"
port = "*Box*"

[[control]]
id = "cover/strength"
kind = "cc"
channel = 1
number = 16
"""


@pytest.mark.parametrize(
    ("added", "line", "said"),
    [
        ('mode = "sideways"\n', 9, "sideways"),
        ("number 5\n", 9, "Expected '='"),
        ('[[control]]\nid = "cover/nothing"\nkind = "cc"\n', 10, "no control cover/nothing"),
        ('[[control]]\nid = "cover/prompt"\nkind = "cc"\nnumber = 1\n', 10, "a text"),
        ('[[control]]\nid = "task/cover"\nkind = "note"\n', 11, "needs its number"),
        ('[[control]]\nid = "task/cover"\nkind = "note"\nnumber = 1\nchannel = 17\n', 13, "<= 16"),
        ('[[control]]\nid = "cover/mix"\nkind = "cc14"\nnumber = 40\n', 12, "0 to 31"),
        ('[[control]]\nid = "cover/mix"\nkind = "note"\nnumber = 4\nmode = "twos"\n', 13, "relative"),
        ('[[control]]\nid = "slot/*/fire"\nkind = "note"\nnumber = 4\n', 10, "without a number"),
        ('[[control]]\nid = "task/cover"\nkind = "note"\nnumber = 4\nshows = "x"\n', 13, "show under x"),
        ('[[control]]\nid = "task/cover"\nkind = "note"\nnumber = 4\nrunning = "x"\n', 13, "show under x"),
        ('[[control]]\nid = "job/progress"\nkind = "pitch"\n', 10, "only be shown"),
        ("colour = 4\n", 9, "colour"),
        ("[[control]]\nid = 4\nkind = 'cc'\n", 10, "str"),
    ],
)
def test_a_mistake_is_named_by_file_and_line(
    tmp_path: Path, model: ControlModel, added: str, line: int, said: str
) -> None:
    path = tmp_path / "box.toml"
    path.write_text(MAP + added, encoding="utf-8")
    with pytest.raises(RequestError) as caught:
        read_map(path, model)
    assert str(path) in caught.value.sentence
    assert f"line {line}" in caught.value.sentence
    assert said in caught.value.sentence


def test_a_map_is_read(tmp_path: Path, model: ControlModel) -> None:
    path = tmp_path / "box.toml"
    path.write_text(MAP, encoding="utf-8")
    found = read_map(path, model)
    assert found.entries == (Entry("cover/strength", "cc", 1, 16, line=4),)
    assert found.fits("A box:MIDI 1 20:0")
    assert not found.fits("Another")


@pytest.mark.parametrize("path", sorted(READY.glob("*.toml")), ids=lambda path: path.stem)
def test_the_ready_maps_fit_the_tasks_that_come_along(path: Path) -> None:
    found = read_map(path, ControlModel.of(read_catalogue()))
    assert len({(each.kind, each.channel, each.number) for each in found.entries}) == len(found.entries)


def test_a_ready_map_goes_without_the_tasks_that_are_not_here(model: ControlModel) -> None:
    said = list[str]()
    shelf = Shelf(model, [READY], said.append)
    shelf.look()
    assert said == []
    found = shelf.for_port("Launchpad Mini")
    assert found is not None
    tasks = [entry.id for entry in found.entries if entry.id.startswith("task/")]
    assert tasks == ["task/cover"]


def sent(entry: Entry) -> Message:
    """What a controller sends when that control is used."""
    channel, number = entry.channel - 1, entry.number or 0
    if entry.kind == "note":
        return Message("note_on", channel=channel, note=number, velocity=100)
    if entry.kind == "pitch":
        return Message("pitchwheel", channel=channel, pitch=8191)
    value = 1 if entry.mode in ("twos", "sign") else 127
    return Message("control_change", channel=channel, control=number, value=value)


@pytest.mark.parametrize("path", sorted(READY.glob("*.toml")), ids=lambda path: path.stem)
def test_every_control_of_a_ready_map_does_what_it_stands_for(path: Path) -> None:
    model = ControlModel.of(read_catalogue())
    model.fill_slots([Slot(number=number, task="cover") for number in range(1, 17)])
    strips = Strips(model)
    entries = read_map(path, model).entries
    for entry in entries:
        if entry.id in model.displays:
            assert Translator(model, entries, strips).read(sent(entry)) == ("", None)
            continue
        if entry.id.startswith("strips/page") or entry.id in ("strips/next", "strips/previous"):
            continue
        meant = strips.control(entry.id)
        parameter = model.parameters.get(meant or "")
        if parameter is not None:
            # Near enough for a knob that picks its parameter up.
            model.turn_normal(parameter.id, 0.99 if entry.mode == "pickup" else 0.0)
        before = model.value(parameter.id) if parameter is not None else None
        touched, action = Translator(model, entries, strips).read(sent(entry))
        assert touched == (meant or ""), entry
        if meant is None:
            assert action is None
        elif parameter is None:
            assert action is not None, entry
        elif not entry.id.endswith("/push"):
            assert model.value(parameter.id) != before or before == parameter.at(1), entry


@pytest.mark.parametrize(
    ("port", "name"),
    [
        ("X-TOUCH MINI:X-TOUCH MINI MIDI 1 20:0", "X-Touch Mini"),
        ("X-TOUCH MINI 1", "X-Touch Mini"),
        ("X-Touch:X-Touch X-TOUCH_INT 24:0", "Mackie Control"),
        ("X-Touch INT", "Mackie Control"),
        ("Launchpad Mini:Launchpad Mini MIDI 1 20:0", "Launchpad Mini"),
        ("Launchpad Mini 2", "Launchpad Mini"),
        ("Launchpad Mini MK3:Launchpad Mini MK3 LPMiniMK3 MI 28:1", "Launchpad Mini MK3"),
        ("Launchpad Mini MK3:Launchpad Mini MK3 LPMiniMK3 DA 28:0", None),
        ("Launchpad Mini MK3 LPMiniMK3 MIDI Out", "Launchpad Mini MK3"),
        ("MIDIIN2 (LPMiniMK3 MIDI) 1", "Launchpad Mini MK3"),
        ("LPMiniMK3 MIDI 0", None),
        ("nanoKONTROL2:nanoKONTROL2 _ CTRL 20:0", "nanoKONTROL2"),
        ("APC Key 25:APC Key 25 MIDI 1 20:0", "APC Key 25"),
        ("Another keyboard", None),
    ],
)
def test_a_controller_finds_its_map_by_the_name_of_its_port(port: str, name: str | None) -> None:
    shelf = Shelf(ControlModel.of(read_catalogue()), [READY], pytest.fail)
    shelf.look()
    found = shelf.for_port(port)
    assert (found.name if found is not None else None) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Box:Box MIDI 1 20:0", "Box:Box MIDI 1 24:0"),
        ("MIDIIN2 (LPMiniMK3 MIDI) 1", "MIDIOUT2 (LPMiniMK3 MIDI) 2"),
        ("LPMiniMK3 MIDI Out", "LPMiniMK3 MIDI In"),
    ],
)
def test_the_two_directions_of_a_controller_belong_together(one: str, other: str) -> None:
    assert twin(one, "", ["Elsewhere", other]) == other
    assert twin(one, "", ["Elsewhere"]) is None


def test_a_map_of_ones_own_comes_before_the_ready_one(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "Mine"\nport = "*"\n', encoding="utf-8")
    shelf = Shelf(ControlModel.of(read_catalogue()), [tmp_path, READY], pytest.fail)
    shelf.look()
    found = shelf.for_port("X-TOUCH MINI 1")
    assert found is not None
    assert found.name == "Mine"


def test_entries_in_braces_have_lines_too(tmp_path: Path, model: ControlModel) -> None:
    path = tmp_path / "box.toml"
    good = '    { id = "strip/1", kind = "pitch", channel = 2, touch = 104 },\n'
    path.write_text(f'port = ["*Box*", "*Crate*"]\ncontrol = [\n{good}{good}]\n', encoding="utf-8")
    found = read_map(path, model)
    assert [entry.line for entry in found.entries] == [3, 4]
    assert (found.fits("my box"), found.fits("a crate"), found.fits("a bag")) == (5, 7, 0)
    path.write_text(f'port = "*"\ncontrol = [\n{good}{good.replace("pitch", "note")}]\n', encoding="utf-8")
    with pytest.raises(RequestError, match="line 4: A note needs its number"):
        read_map(path, model)


def test_messages_for_the_mode_are_checked(tmp_path: Path, model: ControlModel) -> None:
    path = tmp_path / "box.toml"
    path.write_text('port = "*"\non_open = ["F0 00 20 F7", "B0 7F 01"]\n', encoding="utf-8")
    assert read_map(path, model).on_open == (b"\xf0\x00\x20\xf7", b"\xb0\x7f\x01")
    path.write_text('port = "*"\non_close = ["B0 7F"]\n', encoding="utf-8")
    with pytest.raises(RequestError, match="line 2: B0 7F is no MIDI message"):
        read_map(path, model)


def test_without_a_port_a_map_is_refused(tmp_path: Path, model: ControlModel) -> None:
    path = tmp_path / "box.toml"
    path.write_text("name = 'x'\n", encoding="utf-8")
    with pytest.raises(RequestError, match="port"):
        read_map(path, model)


def test_files_are_read_again_and_a_mistake_keeps_the_old_map(tmp_path: Path, model: ControlModel) -> None:
    path, said = tmp_path / "box.toml", list[str]()
    shelf = Shelf(model, [tmp_path], said.append)
    assert not shelf.look()
    path.write_text(MAP, encoding="utf-8")
    assert shelf.look()
    first = shelf.for_port("Box")
    assert first is not None
    assert not shelf.look()
    path.write_text(MAP + "nonsense", encoding="utf-8")
    assert shelf.look()
    assert shelf.for_port("Box") is first
    assert "line 9" in said[0]
    path.write_text(MAP.replace("16", "17"), encoding="utf-8")
    shelf.look()
    changed = shelf.for_port("Box")
    assert changed is not None
    assert changed.entries[0].number == 17
    path.unlink()
    shelf.look()
    assert shelf.all() == []


@pytest.mark.parametrize(
    ("mode", "values"),
    [
        ("twos", {1: 1, 5: 5, 63: 63, 127: -1, 123: -5, 64: -64}),
        ("offset", {65: 1, 69: 5, 63: -1, 59: -5, 64: 0}),
        ("sign", {1: 1, 5: 5, 65: -1, 69: -5, 64: 0}),
        ("absolute", {3: None}),
    ],
)
def test_the_three_encodings(mode: str, values: dict[int, int | None]) -> None:
    assert {value: relative(mode, value) for value in values} == values


def test_a_relative_knob_moves_by_steps_and_stops_at_the_ends(model: ControlModel) -> None:
    entries = (
        Entry("cover/strength", "cc", 1, 16, "twos", step=0.1),
        Entry("cover/mode", "cc", 1, 17, "offset"),
        Entry("cover/shifts", "cc", 1, 18, "sign"),
    )
    translator = Translator(model, entries)
    assert translator.read(cc(16, 2)) == ("cover/strength", None)
    assert model.value("cover/strength") == pytest.approx(0.9)
    translator.read(cc(16, 64))
    assert model.value("cover/strength") == 0.0
    translator.read(cc(17, 65))
    assert model.value("cover/mode") == "two"
    translator.read(cc(18, 3))
    translator.read(cc(18, 65))
    assert model.value("cover/shifts") == 2
    assert model.value("error") == ""


def test_pickup_waits_until_the_knob_reaches_the_value(model: ControlModel) -> None:
    translator = Translator(model, (Entry("cover/strength", "cc", 1, 1, "pickup"),))
    model.turn("cover/strength", 1.0)
    assert translator.read(cc(1, 10)) == ("", None)
    assert translator.read(cc(1, 40)) == ("", None)
    assert model.value("cover/strength") == 1.0
    # A fast hand passes the value without touching it.
    assert translator.read(cc(1, 80)) == ("cover/strength", None)
    translator.read(cc(1, 127))
    assert model.value("cover/strength") == 2.0
    model.turn("cover/strength", 0.2)
    translator.read(cc(1, 120))
    assert model.value("cover/strength") == 0.2


def test_positions_in_seven_and_fourteen_bits(model: ControlModel) -> None:
    entries = (
        Entry("cover/strength", "cc14", 1, 2),
        Entry("cover/level", "pitch", 3),
        Entry("cover/shifts", "cc", 1, 5),
    )
    translator = Translator(model, entries)
    translator.read(cc(2, 64))
    translator.read(cc(34, 1))
    assert model.value("cover/strength") == pytest.approx(2 * (64 * 128 + 1) / 16383)
    translator.read(cc(2, 127))
    assert model.value("cover/strength") == 2.0
    translator.read(Message("pitchwheel", channel=2, pitch=8191))
    assert model.value("cover/level") == 0
    translator.read(Message("pitchwheel", channel=2, pitch=-8192))
    assert model.value("cover/level") == -60
    translator.read(cc(5, 64))
    assert model.value("cover/shifts") == 5


def test_notes_and_programs_press(model: ControlModel) -> None:
    entries = (
        Entry("task/cover", "note", 1, 36),
        Entry("cover/mix", "note", 1, 37),
        Entry("cover/mode", "note", 1, 38),
        Entry("job/cancel", "cc", 1, 20),
        Entry("slot/*/fire", "program", 1),
    )
    translator = Translator(model, entries)
    assert translator.read(note(36)) == ("task/cover", RunTask("cover"))
    assert translator.read(note(36, 0)) == ("", None)
    assert translator.read(Message("note_off", note=36)) == ("", None)
    seen = []
    for _ in range(3):
        translator.read(note(37))
        translator.read(note(38))
        seen.append((model.value("cover/mix"), model.value("cover/mode")))
    assert seen == [(True, "two"), (False, "drums"), (True, "four")]
    presses = [translator.read(cc(20, value))[1] for value in (127, 127, 0, 127)]
    assert presses == [CancelJob(), None, None, CancelJob()]
    model.fill_slots([Slot(number=3, task="cover", params={"strength": 1.0})])
    fired = translator.read(Message("program_change", program=2))
    assert fired == ("slot/3/fire", RunTask("cover", {"strength": 1.0}))
    assert translator.read(Message("program_change", program=64)) == ("", None)


def test_what_is_in_no_map_does_nothing(model: ControlModel) -> None:
    translator = Translator(model, (Entry("task/cover", "note", 1, 36),))
    strange = [note(35), cc(36, 1), Message("pitchwheel"), Message("clock"), Message("sysex", data=[1, 2])]
    strange += [Message("note_on", channel=1, note=36), Message("program_change", program=1)]
    assert [translator.read(each) for each in strange] == [("", None)] * len(strange)


@pytest.mark.parametrize(
    ("entry", "sent"),
    [
        (Entry("cover/strength", "cc", 1, 16, "twos", "ring"), [cc(48, 0x20 | 6)]),
        (Entry("cover/strength", "cc", 2, 16, feedback="value"), [cc(16, 64, 1)]),
        (Entry("cover/strength", "cc", 1, 16, feedback="value", feedback_number=9), [cc(9, 64)]),
        (Entry("cover/strength", "cc14", 1, 2, feedback="value"), [cc(2, 64), cc(34, 0)]),
        (Entry("cover/strength", "pitch", 1, feedback="value"), [Message("pitchwheel", pitch=0)]),
        (Entry("cover/mix", "note", 1, 7, feedback="led"), [note(7, 0)]),
        (Entry("cover/strength", "note", 1, 7, feedback="led", lit=3), [note(7, 3)]),
        (Entry("cover/mix", "cc", 1, 7, feedback="led"), [cc(7, 0)]),
        (Entry("cover/strength", "cc", 1, 16), []),
        (Entry("job/redo", "note", 1, 7, feedback="led"), [note(7, 0)]),
        (Entry("job/redo", "cc", 1, 7, feedback="ring", shows="job/progress"), [cc(39, 0x21)]),
        (Entry("job/redo", "cc", 1, 7, feedback="value", shows="job/state"), []),
    ],
)
def test_feedback(model: ControlModel, entry: Entry, sent: list[Message]) -> None:
    model.turn("cover/strength", 1.0)
    assert list(messages(model, entry)) == sent


def test_a_tasks_led_burns_while_it_runs(model: ControlModel) -> None:
    entries = (
        Entry("task/cover", "note", 1, 1, feedback="led"),
        Entry("job/cancel", "note", 1, 2, feedback="led"),
        Entry("slot/1/arm", "note", 1, 3, feedback="led"),
        Entry("slot/2/fire", "note", 1, 4, feedback="led"),
    )
    pending = Pending(model, entries, Clock())
    model.listen(lambda control, _who: pending.changed(control))
    assert pending.due() == [note(number, 0) for number in (1, 2, 3, 4)]
    model.show("job/task", "cover")
    model.show("job/state", "running")
    assert pending.due() == [note(1, 127), note(2, 127)]
    model.show("job/task", "repaint")
    assert pending.due() == [note(1, 0)]
    model.show("job/state", "done")
    assert pending.due() == [note(2, 0)]
    model.fill_slots([Slot(number=each, task="cover") for each in (1, 2)])
    model.press("slot/1/arm")
    assert sorted(pending.due(), key=lambda each: each.note) == [note(3, 127), note(4, 127)]
    assert not pending.waiting


def test_a_ring_fills_while_a_job_runs_and_then_shows_its_parameter_again(model: ControlModel) -> None:
    entries = (
        Entry("cover/strength", "cc", 1, 16, "sign", "ring", running="job/progress"),
        Entry("job/progress", "pitch", 9, feedback="value"),
        Entry("strip/8", "cc", 1, 23, "sign", "ring", running="job/progress"),
    )
    pending = Pending(model, entries, Clock())
    model.listen(lambda control, _who: pending.changed(control))
    motor = [Message("pitchwheel", channel=8, pitch=pitch) for pitch in (-8192, 0, 8191)]
    assert pending.due() == [cc(48, 0x20 | 3), motor[0], cc(55, 0)]
    model.show("job/state", "running")
    assert pending.due() == [cc(48, 0x20 | 1), cc(55, 0x20 | 1)]
    model.show("job/progress", 0.5)
    assert sorted(map(str, pending.due())) == sorted(map(str, [cc(48, 0x20 | 6), motor[1], cc(55, 0x20 | 6)]))
    model.show("job/progress", 1.0)
    model.show("job/state", "done")
    assert sorted(map(str, pending.due())) == sorted(map(str, [cc(48, 0x20 | 3), motor[2], cc(55, 0)]))


def test_a_hand_on_a_fader_is_not_told_until_it_rests_and_a_ring_at_once(model: ControlModel) -> None:
    clock = Clock()
    entries = (
        Entry("cover/strength", "cc", 1, 1, feedback="value"),
        Entry("cover/level", "cc", 1, 16, "twos", "ring"),
    )
    pending = Pending(model, entries, clock)
    model.listen(lambda control, _who: pending.changed(control))
    assert len(pending.due()) == 2
    for control in ("cover/strength", "cover/level"):
        model.turn_normal(control, 1.0)
        pending.touch(control)
    assert pending.due() == [cc(48, 0x20 | 11)]
    clock.now = TOUCH_SECONDS
    model.turn_normal("cover/strength", 0.0)
    assert pending.due() == [cc(1, 0)]


@pytest.mark.parametrize(
    ("moved", "is_parameter", "entry"),
    [
        ([cc(7, 10), cc(7, 11), cc(7, 13)], True, Entry("x", "cc", 1, 7, "pickup")),
        ([cc(7, 1, 4), cc(7, 1, 4), cc(7, 127, 4)], True, Entry("x", "cc", 5, 7, "twos")),
        ([cc(7, 127), cc(7, 0)], False, Entry("x", "cc", 1, 7)),
        ([cc(2, 5), cc(34, 1), cc(2, 6), cc(34, 7)], True, Entry("x", "cc14", 1, 2, "pickup")),
        ([Message("note_off", note=3), note(3)], False, Entry("x", "note", 1, 3)),
        ([Message("program_change", program=4)], False, Entry("x", "program", 1, 4)),
        ([Message("pitchwheel", channel=8, pitch=4)], True, Entry("x", "pitch", 9, None, "pickup")),
        ([Message("clock"), note(3, 0)], False, None),
    ],
)
def test_what_was_moved_is_learned(moved: list[Message], is_parameter: bool, entry: Entry | None) -> None:
    assert learned("x", moved, is_parameter) == entry


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (cc(16, 65), "cc, number 16, channel 1, value 65 -> cover/strength"),
        (cc(34, 1, 4), "cc, number 34, channel 5, value 1 -> cover/level"),
        (cc(16, 65, 4), "cc, number 16, channel 5, value 65"),
        (note(36, 100), "note, number 36, channel 1, velocity 100 -> task/cover"),
        (Message("note_off", note=36, velocity=64), "note, number 36, channel 1, velocity 0 -> task/cover"),
        (note(104), "note, number 104, channel 1, velocity 100 -> cover/shifts"),
        (Message("pitchwheel", channel=1, pitch=-8192), "pitch, channel 2, pitch -8192 -> cover/shifts"),
        (Message("program_change", program=3), "program, number 3, channel 1 -> slot/*/fire"),
        (Message("sysex", data=[0, 1]), "F0 00 01 F7"),
    ],
)
def test_what_comes_is_described_in_the_words_of_a_map(message: Message, words: str) -> None:
    entries = (
        Entry("cover/strength", "cc", 1, 16),
        Entry("cover/level", "cc14", 5, 2),
        Entry("task/cover", "note", 1, 36),
        Entry("cover/shifts", "pitch", 2, None, touch=104),
        Entry("slot/*/fire", "program", 1),
    )
    assert described(message, entries) == words


def test_encodings_are_told_apart() -> None:
    assert relative_mode([65, 65, 63, 66]) == "offset"
    assert relative_mode([1, 1, 65, 65]) == "sign"
    assert relative_mode([1, 2, 127, 127]) == "twos"
    assert relative_mode([60, 61, 62, 63]) == "pickup"
    assert relative_mode([0, 0, 50]) == "pickup"


def test_what_is_learned_is_read_again(tmp_path: Path, model: ControlModel) -> None:
    port = 'My "Box" [2]:My "Box" [2] MIDI 1 20:0'
    written = (
        Entry("cover/strength", "cc", 2, 0, "twos", "ring"),
        Entry("task/cover", "note", 1, 36, feedback="led"),
    )
    for entry in written:
        path = write_down(tmp_path / "midi", port, entry)
    found = read_map(path, model)
    assert [(each.id, each.channel, each.number, each.mode, each.feedback) for each in found.entries] == [
        (each.id, each.channel, each.number, each.mode, each.feedback) for each in written
    ]
    assert found.fits(port)
    assert not found.fits("My Box 2")
