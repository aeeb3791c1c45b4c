"""What subscribers are sent of a control: its address with its value, and its twin with the text."""

from __future__ import annotations

from collections.abc import Iterator

from pythonosc.osc_message_builder import build_msg

from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.osc.addresses import display_path, parameter_path

FeedbackValue = float | int | str

_MAX_TEXT_LENGTH = 1_000
"""Characters of a text: a datagram has to pass every network whole."""


def control_datagrams(model: ControlModel, control: str) -> Iterator[bytes]:
    """The messages that say how a control stands."""
    for path, value in control_messages(model, control):
        yield build_msg(path, [value]).dgram


def control_messages(model: ControlModel, control: str) -> Iterator[tuple[str, FeedbackValue]]:
    """Addresses with their values."""
    value = model.value_of(control)
    if control in model.displays:
        yield from _display_messages(model, control)
        return
    parameter, path = model.parameters[control], parameter_path(control)
    if parameter.kind == "text":
        yield path, str(value)[:_MAX_TEXT_LENGTH]
        return
    yield path, int(bool(value)) if parameter.kind == "switch" else float(parameter.to_normal(value))
    yield f"{path}/str", parameter.value_text(value)
    if parameter.kind in ("number", "integer") and not isinstance(value, str):
        yield f"{path}/raw", int(value) if parameter.kind == "integer" else float(value)


def _display_messages(model: ControlModel, control: str) -> Iterator[tuple[str, FeedbackValue]]:
    value, path = model.value_of(control), display_path(control)
    if isinstance(value, str):
        yield path, value[:_MAX_TEXT_LENGTH]
    elif isinstance(value, bool):
        yield path, int(value)
        yield f"{path}/str", "on" if value else "off"
    else:
        yield path, float(value)
        shown = f"{100 * value:.0f} %" if model.displays[control].shown == "normal" else f"{value:.1f}"
        yield f"{path}/str", shown
