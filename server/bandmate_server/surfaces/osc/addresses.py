"""Which address stands for which control, and how its value is written.

Patterns are those of REAPER's own files: `n` a number from 0 to 1, `f` a number in the control's unit, `i` a
whole one, `b` on or off (1 or 0), `s` text, `t` a trigger, `r` a knob without an end. An address is the same
in both directions; `/str` after it has the same value as text for a display, `/raw` that of a parameter in
its unit, and `/rotary` moves it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bandmate_server.surfaces.control.model import ControlModel, Display
from bandmate_server.surfaces.control.parameters import Parameter

PREFIX = "/bandmate/v1"
Pattern = Literal["n", "f", "i", "b", "s", "t", "r"]
Direction = Literal["in", "out", "both"]

_DISPLAY_PATTERNS: dict[str, Pattern] = {"normal": "n", "number": "f", "switch": "b", "text": "s"}


@dataclass(frozen=True)
class Address:
    """One address, for a table or a layout."""

    path: str
    pattern: Pattern
    direction: Direction
    control: str
    title: str


def parameter_path(control: str) -> str:
    """Of a parameter's place between its bounds; of a text itself."""
    return f"{PREFIX}/param/{control}"


def display_path(control: str) -> str:
    """Of a display."""
    return f"{PREFIX}/{control}"


def table(model: ControlModel) -> Iterator[Address]:
    """Every address, parameters first."""
    for parameter in model.parameters.values():
        yield from _parameter_addresses(parameter)
    for trigger in model.triggers.values():
        yield Address(display_path(trigger.id), "t", "in", trigger.id, trigger.title)
    for display in model.displays.values():
        yield from _display_addresses(display)
    yield Address(f"{PREFIX}/target", "s", "in", "", "The project to act on; the one in focus when empty")
    yield Address(f"{PREFIX}/subscribe", "i", "in", "", "Answers go to that port of the sender for a minute")
    yield Address(f"{PREFIX}/ping", "t", "in", "", "Keeps a subscription for another minute")
    yield Address(f"{PREFIX}/refresh", "t", "in", "", "Everything is told again")
    yield Address(f"{PREFIX}/unsubscribe", "t", "in", "", "Ends it")


def _parameter_addresses(parameter: Parameter) -> Iterator[Address]:
    path = parameter_path(parameter.id)
    title = f"{parameter.task}: {parameter.title}"
    if parameter.kind == "text":
        yield Address(path, "s", "both", parameter.id, title)
        return
    yield Address(path, "b" if parameter.kind == "switch" else "n", "both", parameter.id, title)
    yield Address(f"{path}/str", "s", "both" if parameter.kind == "choice" else "out", parameter.id, title)
    yield Address(f"{path}/rotary", "r", "in", parameter.id, f"{title}, by ticks")
    if parameter.kind in ("number", "integer"):
        raw: Pattern = "i" if parameter.kind == "integer" else "f"
        unit = f", in {parameter.unit}" if parameter.unit else ""
        yield Address(f"{path}/raw", raw, "both", parameter.id, f"{title}{unit}")


def _display_addresses(display: Display) -> Iterator[Address]:
    pattern = _DISPLAY_PATTERNS[display.shown]
    path = display_path(display.id)
    yield Address(path, pattern, "out", display.id, display.title)
    if pattern != "s":
        yield Address(f"{path}/str", "s", "out", display.id, display.title)
