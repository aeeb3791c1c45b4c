"""The model that all surfaces share."""

from __future__ import annotations

import msgspec
import pytest

from bandmate_protocol.messages import EngineInfo, Slot, TaskInfo
from bandmate_server.surfaces.control.actions import CancelJob, RedoJob, RunTask, StoreLastAction
from bandmate_server.surfaces.control.model import ControlModel

NAN = float("nan")
FORM = {
    "prompt": {"type": "string", "title": "Prompt", "default": "", "maxLength": 20},
    "strength": {"type": "number", "title": "Strength", "minimum": 0.0, "maximum": 2.0, "default": 0.5},
    "shifts": {"type": "integer", "title": "Shifts", "minimum": 0, "maximum": 10, "default": 0},
    "mix": {"type": "boolean", "title": "Mixed", "default": False},
    "mode": {"enum": ["four", "two", "drums"], "title": "Mode", "default": "four"},
    "level": {"type": "number", "title": "Level", "minimum": -60, "maximum": 0, "default": -12, "unit": "dB"},
    "free": {"type": "number", "title": "Without bounds", "default": 1.0},
    "ranges": {"type": "array", "title": "Ranges", "default": []},
    "played": {"type": "string", "title": "Filled in by the job", "default": "", "readOnly": True},
}


def info(name: str, *, hidden: bool = False) -> TaskInfo:
    return TaskInfo(
        name=name,
        title=name.title(),
        summary="",
        ability=None,
        source="none",
        params={"properties": FORM},
        hidden=hidden,
    )


@pytest.fixture
def model() -> ControlModel:
    return ControlModel([info("cover"), info("secret", hidden=True)])


def test_options_of_every_engine_have_the_addresses_of_parameters() -> None:
    steps = {"type": "integer", "title": "Steps", "minimum": 1, "maximum": 200, "nullable": True}
    layer = {"enum": ["auto", "bass"], "default": "auto", "abilities": ["accompany"]}
    shadowed = {"type": "integer", "title": "Other", "minimum": 0, "maximum": 99, "default": 9}
    schema = {"properties": {"steps": steps, "layer": layer, "shifts": shadowed}}
    engine = EngineInfo(
        name="model", title="", abilities=("variation", "accompany"), status="needs_weights", options=schema
    )
    cover = msgspec.structs.replace(info("cover"), ability="variation")
    model = ControlModel([cover, info("free")], [engine])
    assert model.parameters["cover/steps"].high == 200
    assert "cover/layer" not in model.parameters
    assert "free/steps" not in model.parameters
    assert model.parameters["cover/shifts"].title == "Shifts", "the task's own counts"
    model.set_value("cover/steps", 8)
    assert model.press_trigger("task/cover") == RunTask("cover", {"steps": 8})
    model.update_slots([Slot(number=1, task="cover", params={"mix": True}, options={"steps": 9})])
    assert model.press_trigger("slot/1/fire") == RunTask("cover", {"mix": True, "steps": 9})


def test_it_has_what_a_hand_can_set_and_press(model: ControlModel) -> None:
    names = ["prompt", "strength", "shifts", "mix", "mode", "level"]
    assert list(model.parameters) == [f"cover/{name}" for name in names]
    assert {"task/cover", "job/cancel", "job/redo", "slot/1/fire", "slot/64/store"} <= set(model.triggers)
    assert "task/secret" not in model.triggers


@pytest.mark.parametrize(
    ("name", "normal", "value", "text"),
    [
        ("strength", 0.25, 0.5, "0.50"),
        ("shifts", 0.55, 6, "6"),
        ("mix", 1.0, True, "on"),
        ("mode", 0.5, "two", "two"),
        ("mode", 1.0, "drums", "drums"),
        ("level", 0.5, -30.0, "-30.00 dB"),
    ],
)
def test_places_and_values(model: ControlModel, name: str, normal: float, value: object, text: str) -> None:
    control = f"cover/{name}"
    model.set_normal(control, normal)
    assert model.value_of(control) == value
    assert model.parameters[control].value_text(model.value_of(control)) == text
    again = model.parameters[control].to_normal(model.value_of(control))
    assert model.parameters[control].from_normal(again) == value


def test_what_was_set_goes_along_when_it_is_run(model: ControlModel) -> None:
    assert model.press_trigger("task/cover") == RunTask("cover", {})
    model.set_value("cover/prompt", "strings")
    model.set_value("cover/strength", 1.5)
    assert model.press_trigger("task/cover") == RunTask("cover", {"prompt": "strings", "strength": 1.5})
    model.set_value("cover/strength", 0.5)  # its default again
    assert model.press_trigger("task/cover") == RunTask("cover", {"prompt": "strings"})


def test_values_beyond_the_bounds_are_clamped_and_that_is_said_once(model: ControlModel) -> None:
    said = []
    model.add_listener(lambda control, who: said.append(control) if control == "error" else None)
    for value in (7.0, 8.0, -1.0):
        model.set_value("cover/strength", value)
    assert model.value_of("cover/strength") == 0.0
    assert said == ["error"]
    assert model.value_of("error") == "Strength ranges from 0.00 to 2.00; the nearest limit was used."


@pytest.mark.parametrize(
    ("control", "value"),
    [
        ("cover/mode", "nine"),
        ("cover/strength", "loud"),
        ("cover/prompt", "x" * 21),
        ("cover/level", float("nan")),
    ],
)
def test_what_is_none_of_its_values_is_refused(model: ControlModel, control: str, value: float | str) -> None:
    before = model.value_of(control)
    with pytest.raises(ValueError, match=control):
        model.set_value(control, value)
    assert model.value_of(control) == before


def test_listeners_hear_changes_and_who_made_them(model: ControlModel) -> None:
    heard = []
    model.add_listener(lambda control, who: heard.append((control, who)))
    model.set_value("cover/shifts", 3, "tablet")
    model.set_value("cover/shifts", 3, "tablet")
    model.set_display("job/state", "running")
    assert heard == [("cover/shifts", "tablet"), ("job/state", None)]


def test_slots_are_armed_fired_and_stored(model: ControlModel) -> None:
    model.update_slots([Slot(number=2, task="cover", params={"prompt": "a string quartet of old"})])
    assert model.value_of("slot/2/name") == "a string quartet of"
    assert model.press_trigger("slot/fire") is None
    assert "No slot is armed" in str(model.value_of("error"))
    assert model.press_trigger("slot/2/arm") is None
    assert model.value_of("slot/2/armed") is True
    fired = RunTask("cover", {"prompt": "a string quartet of old"})
    assert model.press_trigger("slot/fire") == fired
    assert model.press_trigger("slot/2/fire") == fired
    assert model.press_trigger("slot/3/fire") is None
    assert "Slot 3 is empty" in str(model.value_of("error"))
    assert model.press_trigger("slot/9/store") == StoreLastAction(9)
    model.update_slots([])
    assert model.value_of("slot/2/armed") is False
    assert model.value_of("slot/2/name") == ""


def test_jobs_are_cancelled_and_done_again(model: ControlModel) -> None:
    assert model.press_trigger("job/cancel") == CancelJob()
    assert model.press_trigger("job/redo") == RedoJob()
    with pytest.raises(KeyError):
        model.press_trigger("job/nothing")
