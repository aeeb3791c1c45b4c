"""What a MIDI message means for the model. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bandmate_protocol.messages import SLOT_COUNT
from bandmate_server.surfaces.control.actions import SurfaceAction
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.control.parameters import SurfaceParameter
from bandmate_server.surfaces.midi.maps import ANY_SLOT, EntryKind, MapEntry
from bandmate_server.surfaces.midi.strips import StripPages, step_parameter

_LOWER_HALF = 32
"""The lower seven bits of a 14-bit controller come on the number this much above."""
_NEAR = 1 / 64
"""So close, a control without a motor has picked its parameter up."""
ControlKey = tuple[EntryKind, int, int | None]


@dataclass
class _KnobState:
    """What is known of a control that has a position."""

    upper: int = 0
    position: float | None = None
    put: float | None = None
    """Where the parameter was after this control last set it."""


class MidiTranslator:
    """Applies a controller's messages to a model; of two entries for one knob the later counts.

    Messages are mido's, whose attributes depend on their type.
    """

    def __init__(
        self, model: ControlModel, entries: tuple[MapEntry, ...], strips: StripPages | None = None
    ) -> None:
        self._model = model
        self._strips = strips or StripPages(model)
        moved = [each for each in entries if each.id not in model.displays]
        self._entries: dict[ControlKey, MapEntry] = {
            (each.kind, each.channel, each.number): each for each in moved
        }
        self._touches = {each.touch: each for each in entries if each.touch is not None}
        self._held: dict[ControlKey, _KnobState] = {}

    def touched_fader(self, message: Any) -> tuple[MapEntry, bool] | None:
        """The fader that a finger was put on or taken off, for a message that says so."""
        if message.type not in ("note_on", "note_off"):
            return None
        # Faders touch on channel 1, whichever they move on.
        entry = self._touches.get(message.note) if message.channel == 0 else None
        return None if entry is None else (entry, message.type == "note_on" and message.velocity > 0)

    def apply_message(self, message: Any, who: object = None) -> tuple[str, SurfaceAction | None]:
        """The control that was touched, empty for none, and what was pressed."""
        kind = message.type
        if kind == "control_change":
            return self._apply_controller(message.channel + 1, message.control, message.value, who)
        if kind == "note_on" and message.velocity > 0:
            return self._apply_press(self._entries.get(("note", message.channel + 1, message.note)), who)
        if kind == "pitchwheel":
            key: ControlKey = ("pitch", message.channel + 1, None)
            return self._apply_position(key, (message.pitch + 8192) / 16383, who)
        if kind == "program_change":
            return self._apply_program(message.channel + 1, message.program, who)
        return "", None

    def _apply_controller(
        self, channel: int, number: int, value: int, who: object
    ) -> tuple[str, SurfaceAction | None]:
        key: ControlKey = ("cc", channel, number)
        entry = self._entries.get(key)
        if entry is not None:
            ticks = relative_ticks(entry.mode, value)
            if ticks is not None:
                return self._apply_ticks(entry, ticks, who)
            return self._apply_position(key, value / 127, who)
        key = ("cc14", channel, number)
        if key in self._entries:
            # A knob may send the upper half alone; the lower one then counts as nothing.
            self._held.setdefault(key, _KnobState()).upper = value
            return self._apply_position(key, (value << 7) / 16256, who)
        key = ("cc14", channel, number - _LOWER_HALF)
        if key not in self._entries:
            return "", None
        upper = self._held.setdefault(key, _KnobState()).upper
        return self._apply_position(key, (upper << 7 | value) / 16383, who)

    def _apply_program(self, channel: int, program: int, who: object) -> tuple[str, SurfaceAction | None]:
        entry = self._entries.get(("program", channel, program))
        if entry is not None:
            return self._apply_press(entry, who)
        if ("program", channel, None) in self._entries and program < SLOT_COUNT:
            control = ANY_SLOT.replace("*", str(program + 1))
            return control, self._model.press_trigger(control)
        return "", None

    def _apply_press(self, entry: MapEntry | None, who: object) -> tuple[str, SurfaceAction | None]:
        """A trigger is pressed; a parameter goes to its next value, a switch to the other one."""
        if entry is None:
            return "", None
        control = self._strips.control_for(entry.id)
        parameter = self._model.parameters.get(control or "")
        if parameter is None or entry.id.endswith("/push"):
            return self._press_control(entry, who)
        step_parameter(self._model, parameter, _tick_size(entry, parameter), who)
        return parameter.id, None

    def _press_control(self, entry: MapEntry, who: object) -> tuple[str, SurfaceAction | None]:
        if entry.id.startswith("strip"):
            return self._strips.control_for(entry.id) or "", self._strips.press_control(entry.id, who)
        return entry.id, self._model.press_trigger(entry.id)

    def _apply_position(
        self, key: ControlKey, normal: float, who: object
    ) -> tuple[str, SurfaceAction | None]:
        entry = self._entries.get(key)
        if entry is None:
            return "", None
        held = self._held.setdefault(key, _KnobState())
        before, held.position = held.position, normal
        control = self._strips.control_for(entry.id)
        parameter = self._model.parameters.get(control or "")
        if parameter is None or entry.id.endswith("/push"):
            down = normal >= 0.5 and (before is None or before < 0.5)
            return self._press_control(entry, who) if down else (control or "", None)
        now = parameter.to_normal(self._model.value_of(parameter.id))
        if entry.mode == "pickup" and held.put != now and not _has_reached(before, normal, now):
            return "", None
        self._model.set_normal(parameter.id, normal, who)
        held.put = parameter.to_normal(self._model.value_of(parameter.id))
        return parameter.id, None

    def _apply_ticks(self, entry: MapEntry, ticks: int, who: object) -> tuple[str, SurfaceAction | None]:
        control = self._strips.control_for(entry.id)
        parameter = self._model.parameters.get(control or "")
        if parameter is None:
            return self._press_control(entry, who) if ticks else (control or "", None)
        now = parameter.to_normal(self._model.value_of(parameter.id))
        following = now + ticks * _tick_size(entry, parameter)
        self._model.set_normal(parameter.id, min(max(following, 0.0), 1.0), who)
        return parameter.id, None


def _tick_size(entry: MapEntry, parameter: SurfaceParameter) -> float:
    """Of a tick or a press: one value at least, where values can be counted."""
    if parameter.kind == "number":
        return entry.step
    return max(entry.step, 1 / (parameter.high - parameter.low))


def relative_ticks(mode: str, value: int) -> int | None:
    """Ticks of a relative knob, to the right above 0; None for a control that has a position."""
    match mode:
        case "twos":
            return value if value < 64 else value - 128
        case "offset":
            return value - 64
        case "sign":
            return value if value < 64 else 64 - value
        case _:
            return None


def _has_reached(before: float | None, after: float, aim: float) -> bool:
    """Whether a control on its way has come to a place or passed it."""
    if abs(after - aim) <= _NEAR:
        return True
    return before is not None and (before - aim) * (after - aim) <= 0
