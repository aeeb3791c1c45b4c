"""Strips that stand for one task's parameters at a time, and the rows of text above them."""

from __future__ import annotations

import pytest
from mido import Message

from bandmate_server.surfaces.control.actions import RunTask
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.display import NOTICE_SECONDS, ROW_WIDTH, MackieDisplay, fit_cell
from bandmate_server.surfaces.midi.feedback import FeedbackQueue
from bandmate_server.surfaces.midi.maps import MapEntry
from bandmate_server.surfaces.midi.strips import StripPages
from bandmate_server.surfaces.midi.translate import MidiTranslator
from tests.server.control.test_model import info
from tests.server.midi.gestures import Clock, cc, note


@pytest.fixture
def model() -> ControlModel:
    return ControlModel([info("cover"), info("repaint")])


@pytest.fixture
def strips(model: ControlModel) -> StripPages:
    return StripPages(model)


def place(strips: StripPages, parameter: str) -> int:
    """The number of the strip on which a parameter of the first page is."""
    return strips.page.parameters.index(parameter) + 1


def test_pages_hold_what_can_be_turned(strips: StripPages, model: ControlModel) -> None:
    assert [page.task for page in strips.pages] == ["cover", "repaint"]
    turned = {each.id for each in model.parameters.values() if each.kind != "text"}
    assert {each for page in strips.pages for each in page.parameters} == turned


def test_a_knob_stands_for_another_parameter_on_another_page(strips: StripPages, model: ControlModel) -> None:
    number = place(strips, "cover/strength")
    entries = (
        MapEntry(f"strip/{number}", "cc", 1, 16, "sign", "ring", step=0.1),
        MapEntry("strips/next", "note", 1, 47),
        MapEntry("strips/run", "note", 1, 95),
        MapEntry("strip/8", "cc", 1, 23, "sign", "ring"),
    )
    translator = MidiTranslator(model, entries, strips)
    assert translator.apply_message(cc(16, 1)) == ("cover/strength", None)
    assert model.value_of("cover/strength") == pytest.approx(0.7)
    translator.apply_message(note(47))
    assert translator.apply_message(cc(16, 65)) == ("repaint/strength", None)
    assert (model.value_of("cover/strength"), model.value_of("repaint/strength")) == pytest.approx((0.7, 0.3))
    pressed = translator.apply_message(note(95))
    assert pressed == ("task/repaint", RunTask("repaint", {"strength": pytest.approx(0.3)}))
    assert translator.apply_message(cc(23, 1)) == ("", None)
    translator.apply_message(note(47))
    assert strips.page.task == "repaint"


def test_a_pushed_strip_goes_on_or_back_to_its_beginning(strips: StripPages, model: ControlModel) -> None:
    strength, mode, mix = (place(strips, f"cover/{name}") for name in ("strength", "mode", "mix"))
    entries = tuple(MapEntry(f"strip/{n}/push", "note", 1, 31 + n) for n in (strength, mode, mix))
    translator = MidiTranslator(model, entries, strips)
    model.set_value("cover/strength", 1.5)
    seen = []
    for _ in range(3):
        for number in (strength, mode, mix):
            translator.apply_message(note(31 + number))
        seen.append(tuple(model.value_of(f"cover/{name}") for name in ("strength", "mode", "mix")))
    assert seen == [(0.5, "two", True), (0.5, "drums", False), (0.5, "four", True)]


def test_a_turned_page_is_told_whole(strips: StripPages, model: ControlModel) -> None:
    number = place(strips, "cover/strength")
    entries = (
        MapEntry(f"strip/{number}", "cc", 1, 16, "sign", "ring"),
        MapEntry("strip/8", "cc", 1, 23, "sign", "ring"),
        MapEntry(f"strip/{number}", "pitch", 1, None, feedback="value"),
        MapEntry("strip/8", "pitch", 8, None, feedback="value"),
        MapEntry("strips/page/1", "note", 1, 24, feedback="led"),
        MapEntry("strips/page/2", "note", 1, 25, feedback="led"),
    )
    model.set_value("repaint/strength", 2.0)
    pending = FeedbackQueue(model, entries, Clock(), strips)
    assert pending.due_messages() == [
        cc(48, 0x20 | 3),
        cc(55, 0),
        Message("pitchwheel", pitch=round(0.25 * 16383) - 8192),
        Message("pitchwheel", channel=7, pitch=-8192),
        note(24, 127),
        note(25, 0),
    ]
    strips.press_control("strips/page/2", None)
    assert pending.due_messages() == [
        cc(48, 0x20 | 11),
        Message("pitchwheel", pitch=8191),
        Message("pitchwheel", channel=7, pitch=-8192),
        note(24, 0),
        note(25, 127),
    ]
    assert pending.blank_messages() == [cc(48, 0), cc(55, 0), note(24, 0), note(25, 0)]


def test_a_fader_under_a_finger_is_let_be_until_it_is_let_go(strips: StripPages, model: ControlModel) -> None:
    clock = Clock()
    fader = MapEntry("cover/strength", "pitch", 1, None, feedback="value", touch=104)
    translator, pending = (
        MidiTranslator(model, (fader,), strips),
        FeedbackQueue(model, (fader,), clock, strips),
    )
    model.add_listener(lambda control, _who: pending.mark_changed(control))
    pending.due_messages()
    held = translator.touched_fader(note(104, 127))
    assert held == (fader, True)
    pending.hold_fader(*held)
    translator.apply_message(Message("pitchwheel", pitch=8191))
    pending.note_touch("cover/strength")
    clock.now = 10.0
    model.set_value("cover/strength", 1.0)
    assert pending.due_messages() == []
    assert pending.has_pending
    let_go = translator.touched_fader(note(104, 0))
    assert let_go == (fader, False)
    pending.hold_fader(*let_go)
    assert pending.due_messages() == [Message("pitchwheel", pitch=0)]
    assert translator.touched_fader(note(105)) is None
    assert translator.touched_fader(cc(104, 1)) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Steps", "Steps  "),
        ("Strength", "Strngt "),
        ("Match loudness", "Mtchld "),
        ("Mixed", "Mixed  "),
        ("0.60", "0.60   "),
        ("Gitarre für Übung", "Gtrrfr "),
        ("日本", "       "),
        ("", "       "),
    ],
)
def test_a_text_fits_its_strip(text: str, shown: str) -> None:
    assert fit_cell(text) == shown


class Screen:
    """A display as the hardware has it: 112 places that text is written at."""

    def __init__(self) -> None:
        self.places = ["?"] * (2 * ROW_WIDTH)
        self.written = 0

    def show(self, messages: list[Message]) -> None:
        for message in messages:
            assert message.data[:5] == (0, 0, 0x66, 0x14, 0x12)
            offset, text = message.data[5], message.data[6:]
            for place, code in enumerate(text, offset):
                self.places[place] = chr(code)
            self.written += len(text)

    @property
    def rows(self) -> tuple[str, str]:
        return "".join(self.places[:ROW_WIDTH]).rstrip(), "".join(self.places[ROW_WIDTH:]).rstrip()


def test_the_display_shows_values_the_job_and_errors(strips: StripPages, model: ControlModel) -> None:
    clock, screen = Clock(), Screen()
    lcd = MackieDisplay(model, strips, clock)
    model.add_listener(lambda control, _who: lcd.mark_changed(control))
    screen.show(lcd.due_messages())
    titles, values = screen.rows
    number = place(strips, "cover/strength") - 1
    assert titles[7 * number :].startswith("Strngt")
    assert values[7 * number :].startswith("0.50")
    screen.written = 0
    model.set_value("cover/strength", 0.7)
    screen.show(lcd.due_messages())
    assert screen.rows[1][7 * number :].startswith("0.70")
    assert screen.written == 1
    model.set_display("job/task", "cover")
    model.set_display("job/state", "running")
    model.set_display("job/stage", "Playing")
    model.set_display("job/progress", 0.5)
    model.set_display("job/seconds_left", 3.0)
    screen.show(lcd.due_messages())
    assert screen.rows[1] == "Cover: Playing 50 %, 3 s left"
    model.set_display("job/state", "failed")
    model.set_display("error", "Nothing is selected.")
    screen.show(lcd.due_messages())
    assert screen.rows[1] == "Nothing is selected."
    lcd.note_touch()
    screen.show(lcd.due_messages())
    assert screen.rows[1][7 * number :].startswith("0.70")
    assert not lcd.has_pending
    strips.press_control("strips/next", None)
    screen.show(lcd.due_messages())
    assert screen.rows[1] == "Repaint"
    assert lcd.has_pending
    clock.now = NOTICE_SECONDS
    screen.show(lcd.due_messages())
    assert screen.rows[1][7 * number :].startswith("0.50")
    screen.show(lcd.blank_messages())
    assert screen.rows == ("", "")
