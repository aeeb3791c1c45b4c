"""What a controller is told: values, rings, LEDs."""

from __future__ import annotations

import pytest
from mido import Message

from bandmate_protocol.messages import Slot
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.feedback import TOUCH_SECONDS, FeedbackQueue, messages
from bandmate_server.surfaces.midi.maps import Entry
from tests.server.midi.gestures import Clock, cc, note


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
    pending = FeedbackQueue(model, entries, Clock())
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
    pending = FeedbackQueue(model, entries, Clock())
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
    pending = FeedbackQueue(model, entries, clock)
    model.listen(lambda control, _who: pending.changed(control))
    assert len(pending.due()) == 2
    for control in ("cover/strength", "cover/level"):
        model.turn_normal(control, 1.0)
        pending.touch(control)
    assert pending.due() == [cc(48, 0x20 | 11)]
    clock.now = TOUCH_SECONDS
    model.turn_normal("cover/strength", 0.0)
    assert pending.due() == [cc(1, 0)]
