"""Messages to actions: encodings, knobs, faders, presses."""

from __future__ import annotations

import pytest
from mido import Message

from bandmate_protocol.messages import Slot
from bandmate_server.surfaces.control.actions import CancelJob, RunTask
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.maps import MapEntry
from bandmate_server.surfaces.midi.translate import MidiTranslator, relative_ticks
from tests.server.midi.gestures import cc, note


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
    assert {value: relative_ticks(mode, value) for value in values} == values


def test_a_relative_knob_moves_by_steps_and_stops_at_the_ends(model: ControlModel) -> None:
    entries = (
        MapEntry("cover/strength", "cc", 1, 16, "twos", step=0.1),
        MapEntry("cover/mode", "cc", 1, 17, "offset"),
        MapEntry("cover/shifts", "cc", 1, 18, "sign"),
    )
    translator = MidiTranslator(model, entries)
    assert translator.apply_message(cc(16, 2)) == ("cover/strength", None)
    assert model.value_of("cover/strength") == pytest.approx(0.9)
    translator.apply_message(cc(16, 64))
    assert model.value_of("cover/strength") == 0.0
    translator.apply_message(cc(17, 65))
    assert model.value_of("cover/mode") == "two"
    translator.apply_message(cc(18, 3))
    translator.apply_message(cc(18, 65))
    assert model.value_of("cover/shifts") == 2
    assert model.value_of("error") == ""


def test_pickup_waits_until_the_knob_reaches_the_value(model: ControlModel) -> None:
    translator = MidiTranslator(model, (MapEntry("cover/strength", "cc", 1, 1, "pickup"),))
    model.set_value("cover/strength", 1.0)
    assert translator.apply_message(cc(1, 10)) == ("", None)
    assert translator.apply_message(cc(1, 40)) == ("", None)
    assert model.value_of("cover/strength") == 1.0
    # A fast hand passes the value without touching it.
    assert translator.apply_message(cc(1, 80)) == ("cover/strength", None)
    translator.apply_message(cc(1, 127))
    assert model.value_of("cover/strength") == 2.0
    model.set_value("cover/strength", 0.2)
    translator.apply_message(cc(1, 120))
    assert model.value_of("cover/strength") == 0.2


def test_positions_in_seven_and_fourteen_bits(model: ControlModel) -> None:
    entries = (
        MapEntry("cover/strength", "cc14", 1, 2),
        MapEntry("cover/level", "pitch", 3),
        MapEntry("cover/shifts", "cc", 1, 5),
    )
    translator = MidiTranslator(model, entries)
    translator.apply_message(cc(2, 64))
    translator.apply_message(cc(34, 1))
    assert model.value_of("cover/strength") == pytest.approx(2 * (64 * 128 + 1) / 16383)
    translator.apply_message(cc(2, 127))
    assert model.value_of("cover/strength") == 2.0
    translator.apply_message(Message("pitchwheel", channel=2, pitch=8191))
    assert model.value_of("cover/level") == 0
    translator.apply_message(Message("pitchwheel", channel=2, pitch=-8192))
    assert model.value_of("cover/level") == -60
    translator.apply_message(cc(5, 64))
    assert model.value_of("cover/shifts") == 5


def test_notes_and_programs_press(model: ControlModel) -> None:
    entries = (
        MapEntry("task/cover", "note", 1, 36),
        MapEntry("cover/mix", "note", 1, 37),
        MapEntry("cover/mode", "note", 1, 38),
        MapEntry("job/cancel", "cc", 1, 20),
        MapEntry("slot/*/fire", "program", 1),
    )
    translator = MidiTranslator(model, entries)
    assert translator.apply_message(note(36)) == ("task/cover", RunTask("cover"))
    assert translator.apply_message(note(36, 0)) == ("", None)
    assert translator.apply_message(Message("note_off", note=36)) == ("", None)
    seen = []
    for _ in range(3):
        translator.apply_message(note(37))
        translator.apply_message(note(38))
        seen.append((model.value_of("cover/mix"), model.value_of("cover/mode")))
    assert seen == [(True, "two"), (False, "drums"), (True, "four")]
    presses = [translator.apply_message(cc(20, value))[1] for value in (127, 127, 0, 127)]
    assert presses == [CancelJob(), None, None, CancelJob()]
    model.update_slots([Slot(number=3, task="cover", params={"strength": 1.0})])
    fired = translator.apply_message(Message("program_change", program=2))
    assert fired == ("slot/3/fire", RunTask("cover", {"strength": 1.0}))
    assert translator.apply_message(Message("program_change", program=64)) == ("", None)


def test_what_is_in_no_map_does_nothing(model: ControlModel) -> None:
    translator = MidiTranslator(model, (MapEntry("task/cover", "note", 1, 36),))
    strange = [note(35), cc(36, 1), Message("pitchwheel"), Message("clock"), Message("sysex", data=[1, 2])]
    strange += [Message("note_on", channel=1, note=36), Message("program_change", program=1)]
    assert [translator.apply_message(each) for each in strange] == [("", None)] * len(strange)
