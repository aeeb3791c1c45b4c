"""What a controller is told: values, rings, LEDs."""

from __future__ import annotations

import pytest
from mido import Message

from bandmate_protocol.messages import Slot
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.feedback import TOUCH_SECONDS, FeedbackQueue, feedback_messages
from bandmate_server.surfaces.midi.maps import MapEntry
from tests.server.midi.gestures import Clock, cc, note


@pytest.mark.parametrize(
    ("entry", "sent"),
    [
        (MapEntry("cover/strength", "cc", 1, 16, "twos", "ring"), [cc(48, 0x20 | 6)]),
        (MapEntry("cover/strength", "cc", 2, 16, feedback="value"), [cc(16, 64, 1)]),
        (MapEntry("cover/strength", "cc", 1, 16, feedback="value", feedback_number=9), [cc(9, 64)]),
        (MapEntry("cover/strength", "cc14", 1, 2, feedback="value"), [cc(2, 64), cc(34, 0)]),
        (MapEntry("cover/strength", "pitch", 1, feedback="value"), [Message("pitchwheel", pitch=0)]),
        (MapEntry("cover/mix", "note", 1, 7, feedback="led"), [note(7, 0)]),
        (MapEntry("cover/strength", "note", 1, 7, feedback="led", lit=3), [note(7, 3)]),
        (MapEntry("cover/mix", "cc", 1, 7, feedback="led"), [cc(7, 0)]),
        (MapEntry("cover/strength", "cc", 1, 16), []),
        (MapEntry("job/redo", "note", 1, 7, feedback="led"), [note(7, 0)]),
        (MapEntry("job/redo", "cc", 1, 7, feedback="ring", shows="job/progress"), [cc(39, 0x21)]),
        (MapEntry("job/redo", "cc", 1, 7, feedback="value", shows="job/state"), []),
    ],
)
def test_feedback(model: ControlModel, entry: MapEntry, sent: list[Message]) -> None:
    model.set_value("cover/strength", 1.0)
    assert list(feedback_messages(model, entry)) == sent


def test_a_tasks_led_burns_while_it_runs(model: ControlModel) -> None:
    entries = (
        MapEntry("task/cover", "note", 1, 1, feedback="led"),
        MapEntry("job/cancel", "note", 1, 2, feedback="led"),
        MapEntry("slot/1/arm", "note", 1, 3, feedback="led"),
        MapEntry("slot/2/fire", "note", 1, 4, feedback="led"),
    )
    pending = FeedbackQueue(model, entries, Clock())
    model.add_listener(lambda control, _who: pending.mark_changed(control))
    assert pending.due_messages() == [note(number, 0) for number in (1, 2, 3, 4)]
    model.set_display("job/task", "cover")
    model.set_display("job/state", "running")
    assert pending.due_messages() == [note(1, 127), note(2, 127)]
    model.set_display("job/task", "repaint")
    assert pending.due_messages() == [note(1, 0)]
    model.set_display("job/state", "done")
    assert pending.due_messages() == [note(2, 0)]
    model.update_slots([Slot(number=each, task="cover") for each in (1, 2)])
    model.press_trigger("slot/1/arm")
    assert sorted(pending.due_messages(), key=lambda each: each.note) == [note(3, 127), note(4, 127)]
    assert not pending.has_pending


def test_a_ring_fills_while_a_job_runs_and_then_shows_its_parameter_again(model: ControlModel) -> None:
    entries = (
        MapEntry("cover/strength", "cc", 1, 16, "sign", "ring", running="job/progress"),
        MapEntry("job/progress", "pitch", 9, feedback="value"),
        MapEntry("strip/8", "cc", 1, 23, "sign", "ring", running="job/progress"),
    )
    pending = FeedbackQueue(model, entries, Clock())
    model.add_listener(lambda control, _who: pending.mark_changed(control))
    motor = [Message("pitchwheel", channel=8, pitch=pitch) for pitch in (-8192, 0, 8191)]
    assert pending.due_messages() == [cc(48, 0x20 | 3), motor[0], cc(55, 0)]
    model.set_display("job/state", "running")
    assert pending.due_messages() == [cc(48, 0x20 | 1), cc(55, 0x20 | 1)]
    model.set_display("job/progress", 0.5)
    assert sorted(map(str, pending.due_messages())) == sorted(
        map(str, [cc(48, 0x20 | 6), motor[1], cc(55, 0x20 | 6)])
    )
    model.set_display("job/progress", 1.0)
    model.set_display("job/state", "done")
    assert sorted(map(str, pending.due_messages())) == sorted(
        map(str, [cc(48, 0x20 | 3), motor[2], cc(55, 0)])
    )


def test_a_hand_on_a_fader_is_not_told_until_it_rests_and_a_ring_at_once(model: ControlModel) -> None:
    clock = Clock()
    entries = (
        MapEntry("cover/strength", "cc", 1, 1, feedback="value"),
        MapEntry("cover/level", "cc", 1, 16, "twos", "ring"),
    )
    pending = FeedbackQueue(model, entries, clock)
    model.add_listener(lambda control, _who: pending.mark_changed(control))
    assert len(pending.due_messages()) == 2
    for control in ("cover/strength", "cover/level"):
        model.set_normal(control, 1.0)
        pending.note_touch(control)
    assert pending.due_messages() == [cc(48, 0x20 | 11)]
    clock.now = TOUCH_SECONDS
    model.set_normal("cover/strength", 0.0)
    assert pending.due_messages() == [cc(1, 0)]
