"""What a controller is told of a control: fader positions, rings and LEDs. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from mido import Message

from bandmate_server.control.model import ControlModel
from bandmate_server.midi.maps import Entry

TOUCH_SECONDS = 0.3
"""So long after a hand moved a control that has a position, it is not told where it is."""
_RING = 32
"""A Mackie Control's ring is on the number this much above its knob's."""
_RING_FILLED = 0x20
_BUSY = ("asked", "queued", "running")


def messages(model: ControlModel, entry: Entry) -> Iterator[Message]:
    """What tells a controller how things are with one of its controls."""
    channel, number = entry.channel - 1, entry.feedback_number
    if entry.feedback == "led":
        note = number if number is not None else entry.number
        if note is not None:
            yield _led(entry, channel, note, entry.lit if is_lit(model, entry) else 0)
        return
    normal = _normal(model, entry)
    if entry.feedback == "none" or normal is None:
        return
    if entry.feedback == "ring":
        ring = number if number is not None else ((entry.number or 0) + _RING) % 128
        value = _RING_FILLED | (1 + round(normal * 10))
        yield Message("control_change", channel=channel, control=ring, value=value)
    elif entry.kind == "pitch":
        yield Message("pitchwheel", channel=channel, pitch=round(normal * 16383) - 8192)
    else:
        yield from _values(entry, channel, number if number is not None else entry.number or 0, normal)


def _led(entry: Entry, channel: int, number: int, value: int) -> Message:
    if entry.kind == "cc":
        return Message("control_change", channel=channel, control=number, value=value)
    return Message("note_on", channel=channel, note=number, velocity=value)


def _values(entry: Entry, channel: int, number: int, normal: float) -> Iterator[Message]:
    if entry.kind == "note":
        yield Message("note_on", channel=channel, note=number, velocity=round(normal * 127))
    elif entry.kind == "cc":
        yield Message("control_change", channel=channel, control=number, value=round(normal * 127))
    elif entry.kind == "cc14":
        value = round(normal * 16383)
        yield Message("control_change", channel=channel, control=number, value=value >> 7)
        yield Message("control_change", channel=channel, control=(number + 32) % 128, value=value & 127)


def shown_by(entry: Entry) -> tuple[str, ...]:
    """The controls on whose changes a control's feedback depends."""
    if entry.shows:
        return (entry.shows,)
    kind, _, rest = entry.id.partition("/")
    if kind == "task":
        return ("job/state", "job/task")
    if entry.id == "job/cancel":
        return ("job/state",)
    number, _, what = rest.partition("/")
    if kind == "slot" and number.isdigit():
        return (f"slot/{number}/armed",) if what == "arm" else (f"slot/{number}/name",)
    return (entry.id,)


def is_lit(model: ControlModel, entry: Entry) -> bool:
    """A task's LED burns while it is asked for or runs, a slot's while it is filled or armed."""
    controls = shown_by(entry)
    if any(each not in model.parameters and each not in model.displays for each in controls):
        return False
    value = model.value(controls[0])
    if controls[0] == "job/state":
        of_this = len(controls) == 1 or model.value("job/task") == entry.id.removeprefix("task/")
        return value in _BUSY and of_this
    parameter = model.parameters.get(controls[0])
    return parameter.normal(value) > 0 if parameter is not None else bool(value)


def _normal(model: ControlModel, entry: Entry) -> float | None:
    control = shown_by(entry)[0]
    if control in model.parameters:
        return model.parameters[control].normal(model.value(control))
    display = model.displays.get(control)
    value = model.value(control) if display is not None else None
    if display is None or display.shown not in ("normal", "switch") or isinstance(value, str | None):
        return None
    return min(max(float(value), 0.0), 1.0)


class Pending:
    """What one controller is still to be told: of every control only how it is at last."""

    def __init__(self, model: ControlModel, entries: tuple[Entry, ...], clock: Callable[[], float]) -> None:
        self._model = model
        self._clock = clock
        self._by_control: dict[str, list[Entry]] = {}
        for entry in entries:
            for control in shown_by(entry) if entry.feedback != "none" else ():
                self._by_control.setdefault(control, []).append(entry)
        self._dirty: dict[Entry, None] = {entry: None for each in self._by_control.values() for entry in each}
        self._touched: dict[str, float] = {}
        self._sent: dict[Entry, tuple[Message, ...]] = {}

    def changed(self, control: str) -> None:
        """A control has a new value."""
        self._dirty |= dict.fromkeys(self._by_control.get(control, ()))

    def touch(self, control: str) -> None:
        """A hand moves it on this controller."""
        self._touched[control] = self._clock()

    @property
    def waiting(self) -> bool:
        """Whether anything is still to be told."""
        return bool(self._dirty)

    def due(self) -> list[Message]:
        """What is to be sent now; nothing that the controller knows already."""
        now = self._clock()
        found: list[Message] = []
        self._touched = {each: at for each, at in self._touched.items() if now - at < TOUCH_SECONDS}
        for entry in list(self._dirty):
            has_position = entry.feedback == "value" and entry.mode in ("absolute", "pickup")
            if has_position and entry.id in self._touched:
                continue
            del self._dirty[entry]
            said = tuple(messages(self._model, entry))
            # A fader that was moved by hand is where nobody told it to be.
            if has_position or self._sent.get(entry) != said:
                self._sent[entry] = said
                found += said
        return found
