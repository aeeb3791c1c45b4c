"""OSC's parts without a network: reading, the inbox, subscribers and what they are sent."""

from __future__ import annotations

import pytest
from pythonosc.osc_message_builder import build_msg

from bandmate_protocol.messages import Slot
from bandmate_server.surfaces.control.actions import RunTask
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.osc.addresses import ADDRESS_PREFIX, address_table
from bandmate_server.surfaces.osc.inbox import MAX_WAITING_DATAGRAMS, DatagramInbox
from bandmate_server.surfaces.osc.reading import OscTranslator, UnreadableMessageError
from bandmate_server.surfaces.osc.subscribers import (
    LEASE_SECONDS,
    MAX_SUBSCRIBERS,
    TOUCH_SECONDS,
    SubscriberList,
)
from bandmate_server.surfaces.osc.writing import control_messages
from tests.server.control.test_model import info


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def model() -> ControlModel:
    return ControlModel([info("cover")])


@pytest.fixture
def reader(model: ControlModel, clock: Clock) -> OscTranslator:
    return OscTranslator(model, clock)


def test_parameters_are_set_by_every_form(model: ControlModel, reader: OscTranslator) -> None:
    for path, argument, value in [
        ("strength", 0.5, 1.0),
        ("strength", 1, 2.0),
        ("strength/raw", 1.25, 1.25),
        ("shifts/raw", 7, 7),
        ("mix", 1, True),
        ("mix", False, False),
        ("mode", 1.0, "drums"),
        ("mode/str", "two", "two"),
        ("prompt", "東京", "東京"),
    ]:
        control, action = reader.apply_message(f"{ADDRESS_PREFIX}/param/cover/{path}", [argument], "me")
        assert action is None
        assert model.value_of(control) == value


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("param/cover/none", [1.0]),
        ("param/cover/strength", []),
        ("param/cover/strength", [1.0, 2.0]),
        ("param/cover/strength", [None]),
        ("param/cover/strength", [b"blob"]),
        ("param/cover/strength", ["loud"]),
        ("param/cover/strength", [float("inf")]),
        ("param/cover/prompt", [0.5]),
        ("param/cover/mode/str", ["nine"]),
        ("job/state", ["done"]),
        ("task/sing", []),
        ("task/cover", ["now"]),
        ("", []),
    ],
)
def test_what_cannot_be_meant_has_a_sentence(
    model: ControlModel, reader: OscTranslator, path: str, arguments: list[object]
) -> None:
    with pytest.raises(UnreadableMessageError, match=r"\."):
        reader.apply_message(f"{ADDRESS_PREFIX}/{path}", arguments, "me")
    assert model.press_trigger("task/cover") == RunTask("cover", {})


def test_only_going_down_is_a_press(reader: OscTranslator, clock: Clock) -> None:
    pressed = []
    for moment, arguments in enumerate([[1.0], [1.0], [0.0], [0.0], [1], [0], [True], [False], [], []]):
        clock.now = moment * 0.2
        pressed.append(reader.apply_message(f"{ADDRESS_PREFIX}/task/cover", arguments, "me")[1] is not None)
    assert pressed == [True, False, False, False, True, False, True, False, True, True]


@pytest.mark.parametrize(
    ("path", "value", "after"),
    [
        ("strength", 1.0, 0.52),
        ("strength", -1.0, 0.48),
        ("strength", 5, 0.6),
        ("strength", 0, 0.5),
        ("strength", 1000, 0.82),
        ("strength", -1000, 0.18),
        ("shifts", 0.2, 1),
        ("shifts", 3.0, 3),
        ("shifts", -1, 0),
        ("mode", 1, "two"),
        ("mix", 1, True),
    ],
)
def test_a_knob_without_an_end_moves_by_ticks(
    model: ControlModel, reader: OscTranslator, path: str, value: float, after: object
) -> None:
    reader.apply_message(f"{ADDRESS_PREFIX}/param/cover/{path}/rotary", [value], "me")
    assert model.value_of(f"cover/{path}") == (pytest.approx(after) if path == "strength" else after)
    assert model.value_of("error") == ""


def test_a_knob_may_rest_in_the_middle(model: ControlModel, clock: Clock) -> None:
    reader = OscTranslator(model, clock, rotary_centre=0.5)
    found = []
    for value in (1, 1, 0, 0.5):
        reader.apply_message(f"{ADDRESS_PREFIX}/param/cover/strength/rotary", [value], "me")
        found.append(model.value_of("cover/strength"))
    assert found == pytest.approx([0.52, 0.54, 0.52, 0.52])


def test_a_text_cannot_be_turned(reader: OscTranslator) -> None:
    with pytest.raises(UnreadableMessageError, match="text"):
        reader.apply_message(f"{ADDRESS_PREFIX}/param/cover/prompt/rotary", [1], "me")


def test_a_button_that_sends_only_ones_works_each_time(reader: OscTranslator, clock: Clock) -> None:
    pressed = []
    for moment, value in [(0, 1), (5, 1.0), (9, True), (9.1, 1), (9.2, 1), (9.3, 1), (20, 1)]:
        clock.now = moment
        pressed.append(reader.apply_message(f"{ADDRESS_PREFIX}/task/cover", [value], "me")[1] is not None)
    assert pressed == [True, True, True, False, False, False, True]


def test_a_pad_that_sends_its_pressure_is_pressed_once(reader: OscTranslator, clock: Clock) -> None:
    pressed = []
    for moment, value in enumerate([0.2, 0.7, 0.9, 0.6, 0.1, 0.8]):
        clock.now = float(moment)
        pressed.append(reader.apply_message(f"{ADDRESS_PREFIX}/task/cover", [value], "me")[1] is not None)
    assert pressed == [False, True, False, False, False, True]


def test_a_button_that_bounces_is_pressed_once(reader: OscTranslator, clock: Clock) -> None:
    found = []
    for moment, value in [(0.0, 1), (0.004, 0), (0.008, 1), (0.2, 0), (0.4, 1)]:
        clock.now = moment
        found.append(reader.apply_message(f"{ADDRESS_PREFIX}/task/cover", [value], "me")[1] is not None)
    assert found == [True, False, False, False, True]


ME = ("127.0.0.1", 9)
PRESS = f"{ADDRESS_PREFIX}/task/cover"


def strength(value: float) -> bytes:
    return build_msg(f"{ADDRESS_PREFIX}/param/cover/strength", [value]).dgram


def press() -> bytes:
    return build_msg(PRESS, [1.0]).dgram


def test_of_a_turned_control_the_newest_counts() -> None:
    inbox = DatagramInbox([PRESS])
    for value in range(10_000):
        inbox.put(strength(float(value)), ME)
    assert inbox.take_all() == [(strength(9999.0), ME)]
    assert inbox.take_all() == []
    assert inbox.dropped == 0


def test_what_was_set_before_a_press_comes_before_it() -> None:
    inbox = DatagramInbox([PRESS])
    for data in (strength(0.1), strength(0.2), press(), strength(0.3), strength(0.4), press()):
        inbox.put(data, ME)
    assert [data for data, _ in inbox.take_all()] == [strength(0.2), press(), strength(0.4), press()]


def test_a_flood_of_everything_is_bounded_and_keeps_the_newest() -> None:
    inbox = DatagramInbox([PRESS])
    for value in range(10_000):
        inbox.put(strength(float(value)), ME)
        inbox.put(press(), ME)
    taken = [data for data, _ in inbox.take_all()]
    assert len(taken) == MAX_WAITING_DATAGRAMS
    assert inbox.dropped == 20_000 - MAX_WAITING_DATAGRAMS
    assert taken[-1] == press()


def test_junk_pushes_no_press_out() -> None:
    inbox = DatagramInbox([PRESS])
    inbox.put(press(), ME)
    for value in range(10_000):
        inbox.put(build_msg(f"{ADDRESS_PREFIX}/nothing/{value}").dgram, ME)
        inbox.put(build_msg(f"{ADDRESS_PREFIX}/param/cover/{value}", [1.0]).dgram, ME)
    taken = [data for data, _ in inbox.take_all()]
    assert len(taken) == MAX_WAITING_DATAGRAMS
    assert taken[0] == press()


def test_two_apps_on_one_host_are_two(clock: Clock) -> None:
    subscribers = SubscriberList(clock)
    for port in (9000, 9001):
        subscribers.add(("10.0.0.1", port), str(port), [])
    clock.now = LEASE_SECONDS - 1
    subscribers.renew_leases("10.0.0.1", 9000)
    clock.now = LEASE_SECONDS + 1
    subscribers.mark_changed("a")
    assert [each.name for each, _ in subscribers.due_controls()] == ["9000"]
    subscribers.remove_host("10.0.0.1", 9001)
    assert len(subscribers) == 1
    subscribers.remove_host("10.0.0.1")
    assert len(subscribers) == 0


def test_feedback_is_the_latest_and_once(clock: Clock) -> None:
    subscribers = SubscriberList(clock)
    subscribers.add(("10.0.0.1", 9000), "", ["a", "b"])
    assert [ready for _, ready in subscribers.due_controls()] == [["a", "b"]]
    for _ in range(1000):
        subscribers.mark_changed("a")
    assert [ready for _, ready in subscribers.due_controls()] == [["a"]]
    assert list(subscribers.due_controls()) == []
    assert not subscribers.has_pending


def test_a_hand_is_not_told_where_it_is_until_it_lets_go(clock: Clock) -> None:
    subscribers = SubscriberList(clock)
    subscribers.add(("10.0.0.1", 9000), "hand", [])
    subscribers.add(("10.0.0.2", 9000), "other", [])
    subscribers.note_touch("10.0.0.1", "a")
    subscribers.mark_changed("a")
    assert [(each.name, ready) for each, ready in subscribers.due_controls()] == [("other", ["a"])]
    assert subscribers.has_pending
    clock.now = TOUCH_SECONDS + 0.01
    assert [(each.name, ready) for each, ready in subscribers.due_controls()] == [("hand", ["a"])]


def test_who_asks_for_everything_all_the_time_gets_it_once_a_second(clock: Clock) -> None:
    found = SubscriberList(clock)
    told = list[int]()
    for hundredth in range(250):
        clock.now = hundredth / 100
        found.add(("127.0.0.1", 9000), "", ["a", "b"])
        found.refresh_host("127.0.0.1", ["a", "b"])
        told += [hundredth for _, controls in found.due_controls() if controls == ["a", "b"]]
    assert told == [0, 100, 200]
    assert found.has_pending
    clock.now = 3.0
    assert [controls for _, controls in found.due_controls()] == [["a", "b"]]
    assert not found.has_pending


def test_leases_end_and_are_renewed(clock: Clock) -> None:
    subscribers = SubscriberList(clock)
    for number in range(MAX_SUBSCRIBERS):
        assert subscribers.add((f"10.0.0.{number}", 9000), "", [])
    assert not subscribers.add(("10.0.1.1", 9000), "", [])
    clock.now = LEASE_SECONDS - 1
    subscribers.renew_leases("10.0.0.3")
    clock.now = LEASE_SECONDS + 1
    assert subscribers.add(("10.0.1.1", 9000), "", [])
    assert len(subscribers) == 2
    subscribers.remove_host("10.0.0.3")
    assert len(subscribers) == 1


def test_what_is_sent_is_what_the_table_says(model: ControlModel) -> None:
    model.update_slots([Slot(number=1, task="cover")])
    patterns = {"n": float, "f": float, "i": int, "b": int, "s": str}
    known = {each.path: each for each in address_table(model)}
    assert len(known) == len(list(address_table(model)))
    sent = {
        path: value
        for control in [*model.parameters, *model.displays]
        for path, value in control_messages(model, control)
    }
    assert set(sent) == {each.path for each in known.values() if each.direction in ("out", "both")}
    for path, value in sent.items():
        assert type(value) is patterns[known[path].pattern], path
