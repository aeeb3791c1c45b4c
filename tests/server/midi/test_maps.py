"""Maps as files: what is read, what is refused, and the ready ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from mido import Message

from bandmate_plugins._host.loading import read_catalogue
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Slot
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.map_library import BUNDLED_FOLDER, MapLibrary
from bandmate_server.surfaces.midi.maps import MapEntry, read_map
from bandmate_server.surfaces.midi.names import feedback_port
from bandmate_server.surfaces.midi.strips import StripPages
from bandmate_server.surfaces.midi.translate import MidiTranslator
from tests.server.midi.gestures import MAP


@pytest.mark.parametrize(
    ("added", "line", "said"),
    [
        ('mode = "sideways"\n', 9, "sideways"),
        ("number 5\n", 9, "Expected '='"),
        ('[[control]]\nid = "cover/nothing"\nkind = "cc"\n', 10, "no control cover/nothing"),
        ('[[control]]\nid = "cover/prompt"\nkind = "cc"\nnumber = 1\n', 10, "is text"),
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
    assert found.entries == (MapEntry("cover/strength", "cc", 1, 16, line=4),)
    assert found.match_score("A box:MIDI 1 20:0")
    assert not found.match_score("Another")


@pytest.mark.parametrize("path", sorted(BUNDLED_FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_the_ready_maps_fit_the_tasks_that_come_along(path: Path) -> None:
    found = read_map(path, ControlModel.from_plugins(read_catalogue()))
    assert len({(each.kind, each.channel, each.number) for each in found.entries}) == len(found.entries)


def test_a_ready_map_goes_without_the_tasks_that_are_not_here(model: ControlModel) -> None:
    said = list[str]()
    shelf = MapLibrary(model, [BUNDLED_FOLDER], said.append)
    shelf.reload_changed()
    assert said == []
    found = shelf.map_for_port("Launchpad Mini")
    assert found is not None
    tasks = [entry.id for entry in found.entries if entry.id.startswith("task/")]
    assert tasks == ["task/cover"]


def sent(entry: MapEntry) -> Message:
    """What a controller sends when that control is used."""
    channel, number = entry.channel - 1, entry.number or 0
    if entry.kind == "note":
        return Message("note_on", channel=channel, note=number, velocity=100)
    if entry.kind == "pitch":
        return Message("pitchwheel", channel=channel, pitch=8191)
    value = 1 if entry.mode in ("twos", "sign") else 127
    return Message("control_change", channel=channel, control=number, value=value)


@pytest.mark.parametrize("path", sorted(BUNDLED_FOLDER.glob("*.toml")), ids=lambda path: path.stem)
def test_every_control_of_a_ready_map_does_what_it_stands_for(path: Path) -> None:
    model = ControlModel.from_plugins(read_catalogue())
    model.update_slots([Slot(number=number, task="cover") for number in range(1, 17)])
    strips = StripPages(model)
    entries = read_map(path, model).entries
    for entry in entries:
        if entry.id in model.displays:
            assert MidiTranslator(model, entries, strips).apply_message(sent(entry)) == ("", None)
            continue
        if entry.id.startswith("strips/page") or entry.id in ("strips/next", "strips/previous"):
            continue
        meant = strips.control_for(entry.id)
        parameter = model.parameters.get(meant or "")
        if parameter is not None:
            # Near enough for a knob that picks its parameter up.
            model.set_normal(parameter.id, 0.99 if entry.mode == "pickup" else 0.0)
        before = model.value_of(parameter.id) if parameter is not None else None
        touched, action = MidiTranslator(model, entries, strips).apply_message(sent(entry))
        assert touched == (meant or ""), entry
        if meant is None:
            assert action is None
        elif parameter is None:
            assert action is not None, entry
        elif not entry.id.endswith("/push"):
            assert model.value_of(parameter.id) != before or before == parameter.from_normal(1), entry


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
    shelf = MapLibrary(ControlModel.from_plugins(read_catalogue()), [BUNDLED_FOLDER], pytest.fail)
    shelf.reload_changed()
    found = shelf.map_for_port(port)
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
    assert feedback_port(one, "", ["Elsewhere", other]) == other
    assert feedback_port(one, "", ["Elsewhere"]) is None


def test_a_map_of_ones_own_comes_before_the_ready_one(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('name = "Mine"\nport = "*"\n', encoding="utf-8")
    shelf = MapLibrary(ControlModel.from_plugins(read_catalogue()), [tmp_path, BUNDLED_FOLDER], pytest.fail)
    shelf.reload_changed()
    found = shelf.map_for_port("X-TOUCH MINI 1")
    assert found is not None
    assert found.name == "Mine"


def test_entries_in_braces_have_lines_too(tmp_path: Path, model: ControlModel) -> None:
    path = tmp_path / "box.toml"
    good = '    { id = "strip/1", kind = "pitch", channel = 2, touch = 104 },\n'
    path.write_text(f'port = ["*Box*", "*Crate*"]\ncontrol = [\n{good}{good}]\n', encoding="utf-8")
    found = read_map(path, model)
    assert [entry.line for entry in found.entries] == [3, 4]
    assert (found.match_score("my box"), found.match_score("a crate"), found.match_score("a bag")) == (
        5,
        7,
        0,
    )
    path.write_text(f'port = "*"\ncontrol = [\n{good}{good.replace("pitch", "note")}]\n', encoding="utf-8")
    with pytest.raises(RequestError, match="line 4: A note needs its number"):
        read_map(path, model)


def test_messages_for_the_mode_are_checked(tmp_path: Path, model: ControlModel) -> None:
    path = tmp_path / "box.toml"
    path.write_text('port = "*"\non_open = ["F0 00 20 F7", "B0 7F 01"]\n', encoding="utf-8")
    assert read_map(path, model).on_open == (b"\xf0\x00\x20\xf7", b"\xb0\x7f\x01")
    path.write_text('port = "*"\non_close = ["B0 7F"]\n', encoding="utf-8")
    with pytest.raises(RequestError, match="line 2: B0 7F is not a MIDI message"):
        read_map(path, model)


def test_without_a_port_a_map_is_refused(tmp_path: Path, model: ControlModel) -> None:
    path = tmp_path / "box.toml"
    path.write_text("name = 'x'\n", encoding="utf-8")
    with pytest.raises(RequestError, match="port"):
        read_map(path, model)


def test_files_are_read_again_and_a_mistake_keeps_the_old_map(tmp_path: Path, model: ControlModel) -> None:
    path, said = tmp_path / "box.toml", list[str]()
    shelf = MapLibrary(model, [tmp_path], said.append)
    assert not shelf.reload_changed()
    path.write_text(MAP, encoding="utf-8")
    assert shelf.reload_changed()
    first = shelf.map_for_port("Box")
    assert first is not None
    assert not shelf.reload_changed()
    path.write_text(MAP + "nonsense", encoding="utf-8")
    assert shelf.reload_changed()
    assert shelf.map_for_port("Box") is first
    assert "line 9" in said[0]
    path.write_text(MAP.replace("16", "17"), encoding="utf-8")
    shelf.reload_changed()
    changed = shelf.map_for_port("Box")
    assert changed is not None
    assert changed.entries[0].number == 17
    path.unlink()
    shelf.reload_changed()
    assert shelf.all_maps() == []
