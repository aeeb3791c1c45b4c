"""The layout for Open Stage Control: the program knows its properties, the server what it sends and shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from bandmate_plugins._host.loading import read_catalogue
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.osc.addresses import address_table
from bandmate_server.surfaces.osc.layout import layout_session
from bandmate_server.surfaces.osc.reading import OscTranslator
from bandmate_server.surfaces.osc.writing import control_messages
from tests.server.midi.gestures import Clock

COMMON = {"type", "id", "left", "top", "width", "height", "default", "address", "typeTags", "decimals"}
COMMON |= {"target", "bypass", "interaction"}
KNOWN = {
    "root": COMMON | {"tabs"},
    "tab": COMMON | {"label", "widgets"},
    "button": COMMON | {"label", "mode", "on", "off"},
    "dropdown": COMMON | {"values"},
    "fader": COMMON | {"horizontal", "design", "range"},
    "input": COMMON | {"align", "maxLength"},
    # Of a text the program takes neither tags of types nor a pointer.
    "text": COMMON - {"typeTags", "interaction"} | {"align", "wrap"},
}
TARGET = "127.0.0.1:7894"


@pytest.fixture(scope="module")
def model() -> ControlModel:
    return ControlModel.from_plugins(read_catalogue())


@pytest.fixture(scope="module")
def widgets(model: ControlModel) -> list[dict[str, Any]]:
    content = layout_session(model, TARGET)
    assert (content["createdWith"], content["type"]) == ("Open Stage Control", "session")
    return list(walk(content["content"]))


def walk(widget: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield widget
    for child in [*widget.get("tabs", []), *widget.get("widgets", [])]:
        yield from walk(child)


def test_widgets_have_what_the_program_knows_and_names_of_their_own(widgets: list[dict[str, Any]]) -> None:
    for widget in widgets:
        assert set(widget) <= KNOWN[widget["type"]], widget
    assert not [name for name, count in Counter(each["id"] for each in widgets).items() if count > 1]
    assert all(each["target"] == TARGET for each in widgets if "address" in each)


def test_widgets_do_not_lie_on_each_other(widgets: list[dict[str, Any]]) -> None:
    for tab in (each for each in widgets if each["type"] == "tab"):
        rows: dict[int, list[dict[str, Any]]] = {}
        for widget in tab["widgets"]:
            rows.setdefault(widget["top"], []).append(widget)
        tops = sorted(rows)
        for top, following in pairwise(tops):
            assert all(top + each["height"] <= following for each in rows[top])
        for row in rows.values():
            for one, next_one in pairwise(row):
                assert one["left"] + one["width"] <= next_one["left"]
            assert row[-1]["left"] + row[-1]["width"] <= 1000


def sent_by(widget: dict[str, Any]) -> Iterator[list[Any]]:
    """The arguments that a widget sends, at both ends of what it can."""
    match widget["type"]:
        case "button" if widget["mode"] == "momentary":
            yield []
        case "button":
            yield [widget["on"]]
            yield [widget["off"]]
        case "fader":
            yield [0.0]
            yield [1.0]
        case "dropdown":
            yield from ([value] for value in widget["values"]["values"])
        case "input":
            yield ["x" * widget["maxLength"]]


def test_what_it_sends_is_taken(model: ControlModel, widgets: list[dict[str, Any]]) -> None:
    clock = Clock()
    reader = OscTranslator(model, clock)
    touched = set()
    for widget in widgets:
        if "address" not in widget or widget.get("bypass") or widget["address"].endswith("/refresh"):
            continue
        for arguments in sent_by(widget):
            clock.now += 1
            touched.add(reader.apply_message(widget["address"], arguments, "tablet")[0])
    assert model.value_of("error") == "" or "Slot" in str(model.value_of("error"))
    assert set(model.parameters) <= touched, "every parameter can be set"
    assert {each for each in model.triggers if each.startswith("task/")} <= touched


def test_what_it_shows_is_told(model: ControlModel, widgets: list[dict[str, Any]]) -> None:
    told = {
        path
        for control in [*model.parameters, *model.displays]
        for path, _ in control_messages(model, control)
    }
    shown = {each["address"] for each in widgets if each["type"] != "button" and "address" in each}
    assert shown <= told
    assert {each["address"] for each in widgets if "address" in each} <= {
        each.path for each in address_table(model)
    }
