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

from bandmate_server.surfaces.control.model import ControlModel, SurfaceDisplay
from bandmate_server.surfaces.control.parameters import SurfaceParameter

ADDRESS_PREFIX = "/bandmate/v1"
ValuePattern = Literal["n", "f", "i", "b", "s", "t", "r"]
Direction = Literal["in", "out", "both"]

_DISPLAY_PATTERNS: dict[str, ValuePattern] = {"normal": "n", "number": "f", "switch": "b", "text": "s"}


@dataclass(frozen=True)
class OscAddress:
    """One address, for a table or a layout."""

    path: str
    pattern: ValuePattern
    direction: Direction
    control: str
    title: str


def parameter_path(control: str) -> str:
    """Of a parameter's place between its bounds; of a text itself."""
    return f"{ADDRESS_PREFIX}/param/{control}"


def display_path(control: str) -> str:
    """Of a display."""
    return f"{ADDRESS_PREFIX}/{control}"


def address_table(model: ControlModel) -> Iterator[OscAddress]:
    """Every address, parameters first."""
    for parameter in model.parameters.values():
        yield from _parameter_addresses(parameter)
    for trigger in model.triggers.values():
        yield OscAddress(display_path(trigger.id), "t", "in", trigger.id, trigger.title)
    for display in model.displays.values():
        yield from _display_addresses(display)
    yield OscAddress(
        f"{ADDRESS_PREFIX}/target", "s", "in", "", "The project to act on; the one in focus if empty"
    )
    yield OscAddress(
        f"{ADDRESS_PREFIX}/subscribe", "i", "in", "", "Answers go to this port of the sender for a minute"
    )
    yield OscAddress(f"{ADDRESS_PREFIX}/ping", "t", "in", "", "Extends a subscription by another minute")
    yield OscAddress(f"{ADDRESS_PREFIX}/refresh", "t", "in", "", "Sends every value again")
    yield OscAddress(f"{ADDRESS_PREFIX}/unsubscribe", "t", "in", "", "Ends the subscription")


def _parameter_addresses(parameter: SurfaceParameter) -> Iterator[OscAddress]:
    path = parameter_path(parameter.id)
    title = f"{parameter.task}: {parameter.title}"
    if parameter.kind == "text":
        yield OscAddress(path, "s", "both", parameter.id, title)
        return
    yield OscAddress(path, "b" if parameter.kind == "switch" else "n", "both", parameter.id, title)
    yield OscAddress(f"{path}/str", "s", "both" if parameter.kind == "choice" else "out", parameter.id, title)
    yield OscAddress(f"{path}/rotary", "r", "in", parameter.id, f"{title}, in steps")
    if parameter.kind in ("number", "integer"):
        raw: ValuePattern = "i" if parameter.kind == "integer" else "f"
        unit = f", in {parameter.unit}" if parameter.unit else ""
        yield OscAddress(f"{path}/raw", raw, "both", parameter.id, f"{title}{unit}")


def _display_addresses(display: SurfaceDisplay) -> Iterator[OscAddress]:
    pattern = _DISPLAY_PATTERNS[display.shown]
    path = display_path(display.id)
    yield OscAddress(path, pattern, "out", display.id, display.title)
    if pattern != "s":
        yield OscAddress(f"{path}/str", "s", "out", display.id, display.title)
