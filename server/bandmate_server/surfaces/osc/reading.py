"""What an incoming message means for the model: arguments by REAPER's rules, mistakes with a sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from bandmate_protocol.texts import say
from bandmate_server.surfaces.control.actions import SurfaceAction
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.control.parameters import SurfaceParameter
from bandmate_server.surfaces.osc.addresses import ADDRESS_PREFIX
from bandmate_server.surfaces.osc.packet import Impulse, OscArgument

_PARAMETER_PREFIX = "param/"
DEBOUNCE_SECONDS = 0.03
"""Buttons of some surfaces bounce: a second press so soon is none."""
ROTARY_STEP = 0.01
"""What one tick of a knob without an end moves, of the whole way."""
MAX_TICKS = 16
HELD_SECONDS = 0.25
"""A button that is held and sends all the time sends more often than that."""


class UnreadableMessageError(Exception):
    """Raised for a message that cannot be meant; its text is a sentence."""


class OscTranslator:
    """Applies messages to a model. `clock` counts seconds."""

    def __init__(self, model: ControlModel, clock: Callable[[], float], rotary_centre: float = 0.0) -> None:
        self._model = model
        self._centre = rotary_centre
        self._clock = clock
        self._down: dict[tuple[object, str], tuple[bool, float]] = {}
        """Of each sender's buttons whether it is down, and when it said so."""
        self._pressed: dict[str, float] = {}

    def apply_message(
        self, address: str, arguments: Sequence[OscArgument], who: object
    ) -> tuple[str, SurfaceAction | None]:
        """The control that was meant, and what was pressed. Raises UnreadableError."""
        path = address.removeprefix(f"{ADDRESS_PREFIX}/")
        if path.startswith(_PARAMETER_PREFIX):
            return self._set_parameter(path.removeprefix(_PARAMETER_PREFIX), arguments, who), None
        if path not in self._model.triggers:
            raise UnreadableMessageError(say("There is no address {address} to send to.", address=address))
        return path, self._model.press_trigger(path) if self._is_press(path, arguments, who) else None

    def _set_parameter(self, path: str, arguments: Sequence[OscArgument], who: object) -> str:
        control, _, form = path, "", ""
        for ending in ("/raw", "/str", "/rotary"):
            if path.endswith(ending):
                control, form = path.removesuffix(ending), ending
        parameter = self._model.parameters.get(control)
        if parameter is None:
            raise UnreadableMessageError(say("There is no parameter {control}.", control=control))
        if len(arguments) != 1:
            raise UnreadableMessageError(
                say("{control} takes one argument, not {count}.", control=control, count=len(arguments))
            )
        value = arguments[0]
        try:
            if form == "/rotary":
                self._rotate_parameter(parameter, _checked_number(value), who)
            elif isinstance(value, str):
                self._model.set_value(control, value, who)
            elif form == "/raw" or parameter.kind == "switch":
                self._model.set_value(control, _checked_number(value), who)
            else:
                self._model.set_normal(control, _checked_number(value), who)
        except ValueError as error:
            raise UnreadableMessageError(str(error)) from error
        return control

    def _rotate_parameter(self, parameter: SurfaceParameter, value: float, who: object) -> None:
        """Moves a parameter by ticks: what lies above the centre to the right, the farther the more."""
        if parameter.kind == "text":
            raise UnreadableMessageError(say("{id} is text and cannot be turned.", id=parameter.id))
        ticks = (value - self._centre) / (1 - self._centre)
        step = ROTARY_STEP
        if parameter.kind != "number":
            step, ticks = max(step, 1 / (parameter.high - parameter.low)), _whole_ticks(ticks)
        now = parameter.to_normal(self._model.value_of(parameter.id))
        moved = now + min(max(ticks, -MAX_TICKS), MAX_TICKS) * step
        self._model.set_normal(parameter.id, min(max(moved, 0.0), 1.0), who)

    def _is_press(self, path: str, arguments: Sequence[OscArgument], who: object) -> bool:
        """Whether a trigger goes down now: without an argument or with an impulse always, else from 0 to 1.

        Some buttons send only ones. So a 1 after a 1 counts too, if the button was silent in between, as one
        that is held is not; less than a 1 is a pad whose pressure changes.
        """
        if arguments and arguments[0] is Impulse.BANG:
            arguments = ()
        value, now = (_checked_number(arguments[0]) if arguments else 1.0), self._clock()
        down = value >= 0.5
        before, said = self._down.get((who, path), (False, -math.inf))
        was_down = before and bool(arguments) and (value < 1 or now - said < HELD_SECONDS)
        if arguments:
            self._down[who, path] = (down, now)
        if not down or was_down or now - self._pressed.get(path, -math.inf) < DEBOUNCE_SECONDS:
            return False
        self._pressed[path] = now
        return True


def _whole_ticks(ticks: float) -> float:
    """One at least, either way; values that are counted know no less."""
    return math.copysign(max(1, round(abs(ticks))), ticks) if ticks else 0.0


def _checked_number(value: OscArgument) -> float:
    if isinstance(value, bool | int | float) and math.isfinite(value):
        return float(value)
    raise UnreadableMessageError(
        say("Expected a number, not {describe_argument}.", describe_argument=describe_argument(value))
    )


def describe_argument(value: OscArgument) -> str:
    """What came instead of what was expected, for a sentence."""
    match value:
        case str():
            return f"the text {value[:40]!r}"
        case bytes():
            return "a blob"
        case list():
            return "an array"
        case None:
            return "nil"
        case Impulse():
            return "an impulse"
    return f"{value:g}"
