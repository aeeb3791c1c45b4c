"""A control layout for Open Stage Control, drawn from the model: what is installed here is on it.

Open Stage Control (openstagecontrol.ammd.net) is free, runs beside the server and shows the layout in any
browser, so that a tablet needs no app. Its session files are JSON; the properties are those of its reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.control.parameters import SurfaceParameter
from bandmate_server.surfaces.osc.addresses import ADDRESS_PREFIX, display_path, parameter_path

Widget = dict[str, Any]

_FORMAT_VERSION = "1.30.0"
"""Of the program whose format it is."""
_LAYOUT_WIDTH = 1000
_ROW_HEIGHT = 60
_GAP = 10
_COLUMNS = 8
_STEMS = 8


def layout_session(model: ControlModel, target: str) -> dict[str, Any]:
    """A session file's content; `target` is the host and port that the server listens on."""
    tabs = [_tab_widget("play", "Play", _place_rows(_play_rows(model)))]
    for task, group in groupby(model.parameters.values(), lambda each: each.task):
        title = model.triggers[f"task/{task}"].title
        tabs.append(
            _tab_widget(f"tab_{task}", title, _place_rows([_run_row(task, title), *_parameter_rows(group)]))
        )
    root = {"type": "root", "id": "root", "tabs": tabs}
    for widget in _walk_widgets(root):
        if widget.get("address"):
            widget["target"] = target
    return {
        "createdWith": "Open Stage Control",
        "version": _FORMAT_VERSION,
        "type": "session",
        "content": root,
    }


def _walk_widgets(widget: Widget) -> Iterator[Widget]:
    yield widget
    for child in [*widget.get("tabs", ()), *widget.get("widgets", ())]:
        yield from _walk_widgets(child)


def _tab_widget(name: str, label: str, widgets: list[Widget]) -> Widget:
    return {"type": "tab", "id": name, "label": label, "widgets": widgets}


WidgetRow = list[tuple[float, Widget]]
"""Widgets from left to right, each with its share of the width."""


def _place_rows(rows: Iterable[WidgetRow]) -> list[Widget]:
    """Puts rows below each other."""
    found = []
    for number, row in enumerate(rows):
        whole = sum(share for share, _ in row)
        left = 0.0
        for share, widget in row:
            width = share / whole * _LAYOUT_WIDTH
            found.append(
                widget
                | {
                    "left": round(left),
                    "top": number * (_ROW_HEIGHT + _GAP),
                    "width": round(width) - _GAP,
                    "height": _ROW_HEIGHT,
                }
            )
            left += width
    return found


def _play_rows(model: ControlModel) -> Iterator[WidgetRow]:
    """What is at hand while one plays: tasks, slots, the job, its stems."""
    yield [
        (3, _display_widget("target/name", "left")),
        (3, _display_widget("selection/track")),
        (1, _display_widget("selection/seconds/str")),
        (1, _button_widget("refresh", "Refresh")),
    ]
    yield [
        (1, _button_widget(each, model.triggers[each].title))
        for each in model.triggers
        if each.startswith("task/")
    ]
    yield [(1, _display_widget(f"slot/{number}/name")) for number in range(1, _COLUMNS + 1)]
    yield [(1, _button_widget(f"slot/{number}/fire", f"Slot {number}")) for number in range(1, _COLUMNS + 1)]
    yield [
        (1, _button_widget("job/cancel", "Cancel")),
        (1, _button_widget("job/redo", "Redo")),
        (
            4,
            _fader_widget("job/progress", display_path("job/progress"))
            | {"interaction": False, "bypass": True},
        ),
        (1, _display_widget("job/state")),
        (1, _display_widget("job/seconds_left/str")),
    ]
    yield [(1, _display_widget("job/stage", "left"))]
    yield [(1, _display_widget("error", "left") | {"wrap": True})]
    yield [(1, _display_widget(f"stem/{number}/name")) for number in range(1, _STEMS + 1)]


def _run_row(task: str, title: str) -> WidgetRow:
    return [
        (3, _button_widget(f"task/{task}", title, "run_")),
        (1, _button_widget("job/cancel", "Cancel", f"{task}_")),
    ]


def _parameter_rows(parameters: Iterable[SurfaceParameter]) -> Iterator[WidgetRow]:
    """A row for each parameter: its name, what sets it, and how it stands."""
    for each in parameters:
        name = {"type": "text", "id": f"{_widget_id(each.id)}_name", "default": each.title, "align": "left"}
        path = parameter_path(each.id)
        if each.kind == "text":
            typed = {
                "type": "input",
                "id": _widget_id(each.id),
                "address": path,
                "typeTags": "s",
                "align": "left",
            }
            yield [(2, name), (6, typed | {"maxLength": each.longest})]
        elif each.kind == "choice":
            values = {"labels": list(each.choices), "values": list(each.choices)}
            chosen = {"type": "dropdown", "id": _widget_id(each.id), "values": values, "typeTags": "s"}
            yield [(2, name), (6, chosen | {"address": f"{path}/str"})]
        elif each.kind == "switch":
            switch = {"type": "button", "id": _widget_id(each.id), "label": each.title, "mode": "toggle"}
            yield [(2, name), (6, switch | {"on": 1, "off": 0, "typeTags": "i", "address": path})]
        else:
            yield [
                (2, name),
                (5, _fader_widget(each.id, path)),
                (1, _text_widget(f"{each.id}/str", f"{path}/str")),
            ]


def _button_widget(trigger: str, label: str, prefix: str = "") -> Widget:
    """Sends its address without an argument when it is pressed, as a trigger wants it."""
    name = f"{prefix}{_widget_id(trigger)}"
    return {
        "type": "button",
        "id": name,
        "label": label,
        "mode": "momentary",
        "address": f"{ADDRESS_PREFIX}/{trigger}",
    }


def _fader_widget(control: str, path: str) -> Widget:
    """From 0 to 1. Four decimals, as two would be a hundred places."""
    whole = {
        "type": "fader",
        "id": _widget_id(control),
        "horizontal": True,
        "design": "compact",
        "address": path,
    }
    return whole | {"range": {"min": 0, "max": 1}, "decimals": 4, "typeTags": "f"}


def _display_widget(display: str, align: str = "center") -> Widget:
    return _text_widget(display, display_path(display)) | {"align": align}


def _text_widget(control: str, path: str) -> Widget:
    return {"type": "text", "id": _widget_id(control), "address": path, "bypass": True}


def _widget_id(control: str) -> str:
    return control.replace("/", "_")
