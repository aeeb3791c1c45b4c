"""Maps learned from what is moved."""

from __future__ import annotations

from pathlib import Path

import pytest
from mido import Message

from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.learning import describe_message, learn_entry, relative_mode, save_entry
from bandmate_server.surfaces.midi.maps import MapEntry, read_map
from tests.server.midi.gestures import cc, note


@pytest.mark.parametrize(
    ("moved", "is_parameter", "entry"),
    [
        ([cc(7, 10), cc(7, 11), cc(7, 13)], True, MapEntry("x", "cc", 1, 7, "pickup")),
        ([cc(7, 1, 4), cc(7, 1, 4), cc(7, 127, 4)], True, MapEntry("x", "cc", 5, 7, "twos")),
        ([cc(7, 127), cc(7, 0)], False, MapEntry("x", "cc", 1, 7)),
        ([cc(2, 5), cc(34, 1), cc(2, 6), cc(34, 7)], True, MapEntry("x", "cc14", 1, 2, "pickup")),
        ([Message("note_off", note=3), note(3)], False, MapEntry("x", "note", 1, 3)),
        ([Message("program_change", program=4)], False, MapEntry("x", "program", 1, 4)),
        ([Message("pitchwheel", channel=8, pitch=4)], True, MapEntry("x", "pitch", 9, None, "pickup")),
        ([Message("clock"), note(3, 0)], False, None),
    ],
)
def test_what_was_moved_is_learned(moved: list[Message], is_parameter: bool, entry: MapEntry | None) -> None:
    assert learn_entry("x", moved, is_parameter) == entry


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
        MapEntry("cover/strength", "cc", 1, 16),
        MapEntry("cover/level", "cc14", 5, 2),
        MapEntry("task/cover", "note", 1, 36),
        MapEntry("cover/shifts", "pitch", 2, None, touch=104),
        MapEntry("slot/*/fire", "program", 1),
    )
    assert describe_message(message, entries) == words


def test_encodings_are_told_apart() -> None:
    assert relative_mode([65, 65, 63, 66]) == "offset"
    assert relative_mode([1, 1, 65, 65]) == "sign"
    assert relative_mode([1, 2, 127, 127]) == "twos"
    assert relative_mode([60, 61, 62, 63]) == "pickup"
    assert relative_mode([0, 0, 50]) == "pickup"


def test_what_is_learned_is_read_again(tmp_path: Path, model: ControlModel) -> None:
    port = 'My "Box" [2]:My "Box" [2] MIDI 1 20:0'
    written = (
        MapEntry("cover/strength", "cc", 2, 0, "twos", "ring"),
        MapEntry("task/cover", "note", 1, 36, feedback="led"),
    )
    for entry in written:
        path = save_entry(tmp_path / "midi", port, entry)
    found = read_map(path, model)
    assert [(each.id, each.channel, each.number, each.mode, each.feedback) for each in found.entries] == [
        (each.id, each.channel, each.number, each.mode, each.feedback) for each in written
    ]
    assert found.match_score(port)
    assert not found.match_score("My Box 2")
