"""What a controller is told of a control: fader positions, rings and LEDs. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec
from mido import Message

from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.maps import MapEntry
from bandmate_server.surfaces.midi.strips import StripPages

TOUCH_SECONDS = 0.3
"""So long after a hand moved a control that has a position, it is not told where it is."""
_RING_OFFSET = 32
"""A Mackie Control's ring is on the number this much above its knob's."""
_RING_FILLED = 0x20
_BUSY_STATES = ("asked", "queued", "running")


def blank_control(entry: MapEntry) -> Iterator[Message]:
    """What tells a controller that one of its controls stands for nothing now."""
    if entry.feedback == "ring":
        yield Message("control_change", channel=entry.channel - 1, control=_ring_number(entry), value=0)
    elif entry.feedback == "value" and entry.kind == "pitch":
        yield Message("pitchwheel", channel=entry.channel - 1, pitch=-8192)
    elif entry.feedback == "value":
        yield from _value_messages(entry, entry.channel - 1, _feedback_number(entry), 0.0)
    elif entry.feedback == "led" and _has_number(entry):
        yield _led_message(entry, entry.channel - 1, _feedback_number(entry), 0)


def feedback_messages(model: ControlModel, entry: MapEntry) -> Iterator[Message]:
    """What tells a controller how things are with one of its controls."""
    channel = entry.channel - 1
    if entry.feedback == "led":
        if _has_number(entry):
            yield _led_message(
                entry, channel, _feedback_number(entry), entry.lit if is_lit(model, entry) else 0
            )
        return
    normal = _normal_value(model, entry)
    if entry.feedback == "none" or normal is None:
        return
    if entry.feedback == "ring":
        value = _RING_FILLED | (1 + round(normal * 10))
        yield Message("control_change", channel=channel, control=_ring_number(entry), value=value)
    elif entry.kind == "pitch":
        yield Message("pitchwheel", channel=channel, pitch=round(normal * 16383) - 8192)
    else:
        yield from _value_messages(entry, channel, _feedback_number(entry), normal)


def _has_number(entry: MapEntry) -> bool:
    return entry.number is not None or entry.feedback_number is not None


def _feedback_number(entry: MapEntry) -> int:
    return entry.number or 0 if entry.feedback_number is None else entry.feedback_number


def _ring_number(entry: MapEntry) -> int:
    return (
        ((entry.number or 0) + _RING_OFFSET) % 128 if entry.feedback_number is None else entry.feedback_number
    )


def _led_message(entry: MapEntry, channel: int, number: int, value: int) -> Message:
    if entry.kind == "cc":
        return Message("control_change", channel=channel, control=number, value=value)
    return Message("note_on", channel=channel, note=number, velocity=value)


def _value_messages(entry: MapEntry, channel: int, number: int, normal: float) -> Iterator[Message]:
    if entry.kind == "note":
        yield Message("note_on", channel=channel, note=number, velocity=round(normal * 127))
    elif entry.kind == "cc":
        yield Message("control_change", channel=channel, control=number, value=round(normal * 127))
    elif entry.kind == "cc14":
        value = round(normal * 16383)
        yield Message("control_change", channel=channel, control=number, value=value >> 7)
        yield Message("control_change", channel=channel, control=(number + 32) % 128, value=value & 127)


def shown_controls(entry: MapEntry) -> tuple[str, ...]:
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
        return (f"slot/{number}/armed",) if what in ("arm", "armed") else (f"slot/{number}/name",)
    return (entry.id,)


def is_lit(model: ControlModel, entry: MapEntry) -> bool:
    """A task's LED burns while it is asked for or runs, a slot's while it is filled or armed."""
    controls = shown_controls(entry)
    if any(each not in model.parameters and each not in model.displays for each in controls):
        return False
    value = model.value_of(controls[0])
    if controls[0] == "job/state":
        of_this = len(controls) == 1 or model.value_of("job/task") == entry.id.removeprefix("task/")
        return value in _BUSY_STATES and of_this
    parameter = model.parameters.get(controls[0])
    return parameter.to_normal(value) > 0 if parameter is not None else bool(value)


def _normal_value(model: ControlModel, entry: MapEntry) -> float | None:
    control = shown_controls(entry)[0]
    if control in model.parameters:
        return model.parameters[control].to_normal(model.value_of(control))
    display = model.displays.get(control)
    value = model.value_of(control) if display is not None else None
    if display is None or display.shown not in ("normal", "switch") or isinstance(value, str | None):
        return None
    return min(max(float(value), 0.0), 1.0)


class FeedbackQueue:
    """What one controller is still to be told: of every control only how it is at last."""

    def __init__(
        self,
        model: ControlModel,
        entries: tuple[MapEntry, ...],
        clock: Callable[[], float],
        strips: StripPages | None = None,
    ) -> None:
        self._model = model
        self._clock = clock
        self._strips = strips or StripPages(model)
        self._entries = [entry for entry in entries if entry.feedback != "none"]
        self._by_control: dict[str, list[MapEntry]] = {}
        self._dirty: dict[MapEntry, None] = {}
        self._touched: dict[str, float] = {}
        self._held: set[MapEntry] = set()
        self._sent: dict[MapEntry, tuple[Message, ...]] = {}
        self._strips.add_listener(self._mark_all_dirty)
        self._mark_all_dirty()

    def _mark_all_dirty(self) -> None:
        """The strips stand for something else."""
        self._by_control = {}
        for entry in self._entries:
            meant = self._target_entry(entry)
            controls = shown_controls(meant) if meant is not None else ()
            if entry.running:
                controls = (*controls, entry.running, "job/state")
            for control in controls:
                self._by_control.setdefault(control, []).append(entry)
        self._dirty = dict.fromkeys(self._entries)

    def _target_entry(self, entry: MapEntry) -> MapEntry | None:
        """An entry with the control that it stands for now; None for a strip without one."""
        control = self._strips.control_for(entry.id)
        return None if control is None else msgspec.structs.replace(entry, id=control)

    def mark_changed(self, control: str) -> None:
        """A control has a new value."""
        self._dirty |= dict.fromkeys(self._by_control.get(control, ()))

    def note_touch(self, control: str) -> None:
        """A hand moves it on this controller."""
        self._touched[control] = self._clock()

    def hold_fader(self, entry: MapEntry, down: bool) -> None:
        """A finger is put on a fader, or taken off it: then the fader is told at once where it belongs."""
        if down:
            self._held.add(entry)
            return
        self._held.discard(entry)
        self._touched.pop(self._strips.control_for(entry.id) or "", None)
        if entry.feedback != "none":
            self._dirty[entry] = None

    @property
    def has_pending(self) -> bool:
        """Whether anything is still to be told."""
        return bool(self._dirty)

    def due_messages(self) -> list[Message]:
        """What is to be sent now; nothing that the controller knows already."""
        now = self._clock()
        found: list[Message] = []
        self._touched = {each: at for each, at in self._touched.items() if now - at < TOUCH_SECONDS}
        for entry in list(self._dirty):
            meant = self._target_entry(entry)
            has_position = entry.feedback == "value" and entry.mode in ("absolute", "pickup")
            moved = entry in self._held or (meant is not None and meant.id in self._touched)
            if has_position and moved:
                continue
            del self._dirty[entry]
            said = self._current_messages(entry, meant)
            # A fader that was moved by hand is where nobody told it to be.
            if has_position or self._sent.get(entry) != said:
                self._sent[entry] = said
                found += said
        return found

    def blank_messages(self) -> list[Message]:
        """What leaves rings and LEDs dark; faders stay where they are."""
        dark = [entry for entry in self._entries if entry.feedback in ("ring", "led")]
        return [message for entry in dark for message in blank_control(entry)]

    def _current_messages(self, entry: MapEntry, meant: MapEntry | None) -> tuple[Message, ...]:
        if entry.feedback == "led" and entry.id.startswith("strips/page/"):
            lit = entry.lit if self._strips.is_lit(entry.id) else 0
            return (_led_message(entry, entry.channel - 1, _feedback_number(entry), lit),)
        if entry.running and self._model.value_of("job/state") in _BUSY_STATES:
            return tuple(feedback_messages(self._model, msgspec.structs.replace(entry, shows=entry.running)))
        return tuple(blank_control(entry) if meant is None else feedback_messages(self._model, meant))
