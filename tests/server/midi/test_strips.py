"""Strips that stand for one task's parameters at a time, and the rows of text above them."""

from __future__ import annotations

import pytest
from mido import Message

from bandmate_server.surfaces.control.actions import RunTask
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.display import NOTICE_SECONDS, ROW_WIDTH, MackieDisplay, cell
from bandmate_server.surfaces.midi.feedback import FeedbackQueue
from bandmate_server.surfaces.midi.maps import Entry
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
        Entry(f"strip/{number}", "cc", 1, 16, "sign", "ring", step=0.1),
        Entry("strips/next", "note", 1, 47),
        Entry("strips/run", "note", 1, 95),
        Entry("strip/8", "cc", 1, 23, "sign", "ring"),
    )
    translator = MidiTranslator(model, entries, strips)
    assert translator.read(cc(16, 1)) == ("cover/strength", None)
    assert model.value("cover/strength") == pytest.approx(0.7)
    translator.read(note(47))
    assert translator.read(cc(16, 65)) == ("repaint/strength", None)
    assert (model.value("cover/strength"), model.value("repaint/strength")) == pytest.approx((0.7, 0.3))
    pressed = translator.read(note(95))
    assert pressed == ("task/repaint", RunTask("repaint", {"strength": pytest.approx(0.3)}))
    assert translator.read(cc(23, 1)) == ("", None)
    translator.read(note(47))
    assert strips.page.task == "repaint"


def test_a_pushed_strip_goes_on_or_back_to_its_beginning(strips: StripPages, model: ControlModel) -> None:
    strength, mode, mix = (place(strips, f"cover/{name}") for name in ("strength", "mode", "mix"))
    entries = tuple(Entry(f"strip/{n}/push", "note", 1, 31 + n) for n in (strength, mode, mix))
    translator = MidiTranslator(model, entries, strips)
    model.turn("cover/strength", 1.5)
    seen = []
    for _ in range(3):
        for number in (strength, mode, mix):
            translator.read(note(31 + number))
        seen.append(tuple(model.value(f"cover/{name}") for name in ("strength", "mode", "mix")))
    assert seen == [(0.5, "two", True), (0.5, "drums", False), (0.5, "four", True)]


def test_a_turned_page_is_told_whole(strips: StripPages, model: ControlModel) -> None:
    number = place(strips, "cover/strength")
    entries = (
        Entry(f"strip/{number}", "cc", 1, 16, "sign", "ring"),
        Entry("strip/8", "cc", 1, 23, "sign", "ring"),
        Entry(f"strip/{number}", "pitch", 1, None, feedback="value"),
        Entry("strip/8", "pitch", 8, None, feedback="value"),
        Entry("strips/page/1", "note", 1, 24, feedback="led"),
        Entry("strips/page/2", "note", 1, 25, feedback="led"),
    )
    model.turn("repaint/strength", 2.0)
    pending = FeedbackQueue(model, entries, Clock(), strips)
    assert pending.due() == [
        cc(48, 0x20 | 3),
        cc(55, 0),
        Message("pitchwheel", pitch=round(0.25 * 16383) - 8192),
        Message("pitchwheel", channel=7, pitch=-8192),
        note(24, 127),
        note(25, 0),
    ]
    strips.push("strips/page/2", None)
    assert pending.due() == [
        cc(48, 0x20 | 11),
        Message("pitchwheel", pitch=8191),
        Message("pitchwheel", channel=7, pitch=-8192),
        note(24, 0),
        note(25, 127),
    ]
    assert pending.clear() == [cc(48, 0), cc(55, 0), note(24, 0), note(25, 0)]


def test_a_fader_under_a_finger_is_let_be_until_it_is_let_go(strips: StripPages, model: ControlModel) -> None:
    clock = Clock()
    fader = Entry("cover/strength", "pitch", 1, None, feedback="value", touch=104)
    translator, pending = (
        MidiTranslator(model, (fader,), strips),
        FeedbackQueue(model, (fader,), clock, strips),
    )
    model.listen(lambda control, _who: pending.changed(control))
    pending.due()
    held = translator.held(note(104, 127))
    assert held == (fader, True)
    pending.hold(*held)
    translator.read(Message("pitchwheel", pitch=8191))
    pending.touch("cover/strength")
    clock.now = 10.0
    model.turn("cover/strength", 1.0)
    assert pending.due() == []
    assert pending.waiting
    let_go = translator.held(note(104, 0))
    assert let_go == (fader, False)
    pending.hold(*let_go)
    assert pending.due() == [Message("pitchwheel", pitch=0)]
    assert translator.held(note(105)) is None
    assert translator.held(cc(104, 1)) is None


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
    assert cell(text) == shown


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
    model.listen(lambda control, _who: lcd.changed(control))
    screen.show(lcd.due())
    titles, values = screen.rows
    number = place(strips, "cover/strength") - 1
    assert titles[7 * number :].startswith("Strngt")
    assert values[7 * number :].startswith("0.50")
    screen.written = 0
    model.turn("cover/strength", 0.7)
    screen.show(lcd.due())
    assert screen.rows[1][7 * number :].startswith("0.70")
    assert screen.written == 1
    model.show("job/task", "cover")
    model.show("job/state", "running")
    model.show("job/stage", "Playing")
    model.show("job/progress", 0.5)
    model.show("job/seconds_left", 3.0)
    screen.show(lcd.due())
    assert screen.rows[1] == "Cover: Playing 50 %, 3 s left"
    model.show("job/state", "failed")
    model.show("error", "Nothing is selected.")
    screen.show(lcd.due())
    assert screen.rows[1] == "Nothing is selected."
    lcd.touch()
    screen.show(lcd.due())
    assert screen.rows[1][7 * number :].startswith("0.70")
    assert not lcd.waiting
    strips.push("strips/next", None)
    screen.show(lcd.due())
    assert screen.rows[1] == "Repaint"
    assert lcd.waiting
    clock.now = NOTICE_SECONDS
    screen.show(lcd.due())
    assert screen.rows[1][7 * number :].startswith("0.50")
    screen.show(lcd.clear())
    assert screen.rows == ("", "")
