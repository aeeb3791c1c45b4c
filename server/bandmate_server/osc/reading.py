"""What an incoming message means for the model: arguments by REAPER's rules, mistakes with a sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from bandmate_server.control.actions import Action
from bandmate_server.control.model import ControlModel
from bandmate_server.osc.addresses import PREFIX

_PARAMETER = "param/"
DEBOUNCE_SECONDS = 0.03
"""Buttons of some surfaces bounce: a second press so soon is none."""


class UnreadableError(Exception):
    """Raised for a message that cannot be meant; its text is a sentence."""


class Reader:
    """Applies messages to a model. `clock` counts seconds."""

    def __init__(self, model: ControlModel, clock: Callable[[], float]) -> None:
        self._model = model
        self._clock = clock
        self._down: dict[tuple[object, str], bool] = {}
        self._pressed: dict[str, float] = {}

    def read(self, address: str, arguments: Sequence[object], who: object) -> tuple[str, Action | None]:
        """The control that was meant, and what was pressed. Raises UnreadableError."""
        path = address.removeprefix(f"{PREFIX}/")
        if path.startswith(_PARAMETER):
            return self._turn(path.removeprefix(_PARAMETER), arguments, who), None
        if path not in self._model.triggers:
            raise UnreadableError(f"There is no address {address} to send to.")
        return path, self._model.press(path) if self._is_press(path, arguments, who) else None

    def _turn(self, path: str, arguments: Sequence[object], who: object) -> str:
        control, _, form = path, "", ""
        for ending in ("/raw", "/str"):
            if path.endswith(ending):
                control, form = path.removesuffix(ending), ending
        parameter = self._model.parameters.get(control)
        if parameter is None:
            raise UnreadableError(f"There is no parameter {control}.")
        if len(arguments) != 1:
            raise UnreadableError(f"{control} takes one argument, not {len(arguments)}.")
        value = arguments[0]
        try:
            if isinstance(value, str):
                self._model.turn(control, value, who)
            elif form == "/raw" or parameter.kind == "switch":
                self._model.turn(control, _number(value), who)
            else:
                self._model.turn_normal(control, _number(value), who)
        except ValueError as error:
            raise UnreadableError(str(error)) from error
        return control

    def _is_press(self, path: str, arguments: Sequence[object], who: object) -> bool:
        """Whether a trigger goes down now: without an argument always, else from 0 to 1 only."""
        down = not arguments or _number(arguments[0]) >= 0.5
        was_down = self._down.get((who, path), False) and bool(arguments)
        if arguments:
            self._down[who, path] = down
        now = self._clock()
        if not down or was_down or now - self._pressed.get(path, -math.inf) < DEBOUNCE_SECONDS:
            return False
        self._pressed[path] = now
        return True

    def forget(self, who: object) -> None:
        """Drops what is known of a sender's buttons."""
        self._down = {key: down for key, down in self._down.items() if key[0] != who}


def _number(value: object) -> float:
    if isinstance(value, bool | int | float) and math.isfinite(value):
        return float(value)
    raise UnreadableError(f"A number was meant to come, not {type(value).__name__}.")
