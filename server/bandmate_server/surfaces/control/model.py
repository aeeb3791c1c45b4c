"""The one model of all surfaces: parameters, triggers and displays. OSC and MIDI are faces of it. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from bandmate_plugins._host.loading import PluginCatalogue
from bandmate_protocol.messages import SLOT_COUNT, EngineInfo, Slot, TaskInfo
from bandmate_server.surfaces.control.actions import (
    CancelJob,
    RedoJob,
    RunTask,
    StoreLastAction,
    SurfaceAction,
)
from bandmate_server.surfaces.control.parameters import (
    ControlValue,
    SurfaceParameter,
    is_finite,
    parameters_of,
)

DisplayFormat = Literal["normal", "number", "switch", "text"]
ChangeListener = Callable[[str, object], None]
"""Called with the id of what changed, and with who changed it (None: the server itself)."""

SHOWN_STEMS = 16
"""As many stems have a name and a colour on a surface."""


@dataclass(frozen=True)
class SurfaceDisplay:
    """Something that a surface shows and cannot set."""

    id: str
    title: str
    shown: DisplayFormat
    first: ControlValue


@dataclass(frozen=True)
class SurfaceTrigger:
    """Something to press."""

    id: str
    title: str


def _all_displays() -> list[SurfaceDisplay]:
    found = [
        SurfaceDisplay("job/state", "State", "text", "idle"),
        SurfaceDisplay("job/task", "Task", "text", ""),
        SurfaceDisplay("job/stage", "Stage", "text", ""),
        SurfaceDisplay("job/progress", "Progress", "normal", 0.0),
        SurfaceDisplay("job/seconds_left", "Seconds left", "number", 0.0),
        SurfaceDisplay("job/id", "Job", "text", ""),
        SurfaceDisplay("error", "Error", "text", ""),
        SurfaceDisplay("target/name", "Project", "text", ""),
        SurfaceDisplay("transport/playing", "Playing", "switch", False),
        SurfaceDisplay("transport/recording", "Recording", "switch", False),
        SurfaceDisplay("transport/seconds", "Position in seconds", "number", 0.0),
        SurfaceDisplay("transport/bpm", "Tempo", "number", 0.0),
        SurfaceDisplay("selection/track", "Track", "text", ""),
        SurfaceDisplay("selection/items", "Items", "number", 0.0),
        SurfaceDisplay("selection/start", "Start in seconds", "number", 0.0),
        SurfaceDisplay("selection/seconds", "Length in seconds", "number", 0.0),
    ]
    for number in range(1, SHOWN_STEMS + 1):
        found.append(SurfaceDisplay(f"stem/{number}/name", f"Stem {number}", "text", ""))
        found.append(SurfaceDisplay(f"stem/{number}/colour", f"Colour of stem {number}", "text", ""))
    for number in range(1, SLOT_COUNT + 1):
        found.append(SurfaceDisplay(f"slot/{number}/name", f"Slot {number}", "text", ""))
        found.append(SurfaceDisplay(f"slot/{number}/armed", f"Slot {number} is armed", "switch", False))
    return found


def _all_triggers(tasks: Sequence[TaskInfo]) -> list[SurfaceTrigger]:
    found = [SurfaceTrigger(f"task/{task.name}", task.title) for task in tasks]
    found += [SurfaceTrigger("job/cancel", "Cancel"), SurfaceTrigger("job/redo", "Redo")]
    found.append(SurfaceTrigger("slot/fire", "Fire the armed slot"))
    for number in range(1, SLOT_COUNT + 1):
        found.append(SurfaceTrigger(f"slot/{number}/fire", f"Fire slot {number}"))
        found.append(SurfaceTrigger(f"slot/{number}/arm", f"Arm slot {number}"))
        found.append(SurfaceTrigger(f"slot/{number}/store", f"Store into slot {number}"))
    return found


class ControlModel:
    """The state that every surface shares. What is set stays until it is set again, run or not."""

    def __init__(self, tasks: Sequence[TaskInfo], engines: Sequence[EngineInfo] = ()) -> None:
        tasks = [task for task in tasks if not task.hidden]
        self.parameters: dict[str, SurfaceParameter] = {
            each.id: each for each in parameters_of(tasks, engines)
        }
        self.triggers: dict[str, SurfaceTrigger] = {each.id: each for each in _all_triggers(tasks)}
        self.displays: dict[str, SurfaceDisplay] = {each.id: each for each in _all_displays()}
        self._values: dict[str, ControlValue] = {each.id: each.default for each in self.parameters.values()}
        self._values |= {each.id: each.first for each in self.displays.values()}
        self._listeners: list[ChangeListener] = []
        self._slots: dict[int, Slot] = {}
        self._armed: int | None = None
        self._clamped: set[str] = set()

    @classmethod
    def from_plugins(cls, plugins: PluginCatalogue) -> ControlModel:
        """Of what is installed; without tasks that use the line, for a surface does not say whose it is."""
        return cls(
            [task for task in plugins.tasks if task.name not in plugins.lanes],
            [engine.info for engine in plugins.engines],
        )

    def add_listener(self, listener: ChangeListener) -> None:
        """Tells a face of every change from now on."""
        self._listeners.append(listener)

    def value_of(self, control: str) -> ControlValue:
        """Of a parameter or a display."""
        return self._values[control]

    def set_value(self, control: str, value: ControlValue, who: object = None) -> None:
        """Sets a parameter in its unit. What lies beyond its bounds is taken for the bound, and said once.

        Raises KeyError for no parameter, ValueError for what is none of its values.
        """
        parameter = self.parameters[control]
        if parameter.kind == "text" or isinstance(value, str):
            self._store_value(control, _checked_text(parameter, value), who)
            return
        if not is_finite(value):
            raise ValueError(f"{control} needs a finite number.")
        if not parameter.low <= value <= parameter.high:
            self._warn_clamped(parameter)
        self._store_value(control, parameter.nearest_value(float(value)), who)

    def set_normal(self, control: str, normal: float, who: object = None) -> None:
        """Sets a parameter by its place between the bounds, 0 to 1. Raises KeyError, ValueError."""
        parameter = self.parameters[control]
        if parameter.kind == "text" or not is_finite(normal):
            raise ValueError(f"{control} cannot be set by this number.")
        if not 0 <= normal <= 1:
            self._warn_clamped(parameter)
        self._store_value(control, parameter.from_normal(normal), who)

    def press_trigger(self, control: str) -> SurfaceAction | None:
        """What a trigger does; None when it only arms, or an empty slot was fired. Raises KeyError."""
        self.triggers[control]
        kind, _, rest = control.partition("/")
        if kind == "task":
            return RunTask(rest, self.params_of(rest))
        if kind == "job":
            return CancelJob() if rest == "cancel" else RedoJob()
        if rest == "fire":
            return self._fire_slot(self._armed)
        number = int(rest.split("/")[0])
        if rest.endswith("/store"):
            return StoreLastAction(number)
        if rest.endswith("/fire"):
            return self._fire_slot(number)
        self._arm_slot(number)
        return None

    def params_of(self, task: str) -> dict[str, ControlValue]:
        """What was set of a task and differs from the defaults; the server sorts options from parameters."""
        return {
            each.name: self._values[each.id]
            for each in self.parameters.values()
            if each.task == task and self._values[each.id] != each.default
        }

    def set_display(self, control: str, value: ControlValue) -> None:
        """Sets a display. Raises KeyError."""
        self.displays[control]
        self._store_value(control, value, None)

    def update_slots(self, slots: Sequence[Slot]) -> None:
        """Takes over the slots as they are now."""
        self._slots = {slot.number: slot for slot in slots}
        for number in range(1, SLOT_COUNT + 1):
            self.set_display(f"slot/{number}/name", _slot_name(self._slots.get(number)))
        if self._armed is not None and self._armed not in self._slots:
            self._arm_slot(None)

    def _fire_slot(self, number: int | None) -> SurfaceAction | None:
        slot = self._slots.get(number) if number is not None else None
        if slot is None:
            which = "No slot is armed." if number is None else f"Slot {number} is empty."
            self.set_display("error", f"{which} `bandmate slots store` fills one.")
            return None
        return RunTask(slot.task, {**slot.options, **slot.params}, slot.engine)

    def _arm_slot(self, number: int | None) -> None:
        for old in filter(None, (self._armed,)):
            self.set_display(f"slot/{old}/armed", False)
        self._armed = number
        if number is not None:
            self.set_display(f"slot/{number}/armed", True)

    def _warn_clamped(self, parameter: SurfaceParameter) -> None:
        if parameter.id not in self._clamped:
            self._clamped.add(parameter.id)
            low, high = (
                parameter.value_text(parameter.from_normal(0)),
                parameter.value_text(parameter.from_normal(1)),
            )
            self.set_display(
                "error", f"{parameter.title} ranges from {low} to {high}; the nearest limit was used."
            )

    def _store_value(self, control: str, value: ControlValue, who: object) -> None:
        if self._values[control] != value:
            self._values[control] = value
            for listener in self._listeners:
                listener(control, who)


def _checked_text(parameter: SurfaceParameter, value: ControlValue) -> str:
    text = str(value)
    fits = text in parameter.choices if parameter.kind == "choice" else len(text) <= parameter.longest
    if not fits or parameter.kind not in ("choice", "text"):
        raise ValueError(f"{parameter.id} does not have this value.")
    return text


def _slot_name(slot: Slot | None) -> str:
    if slot is None:
        return ""
    words = " ".join(str(slot.params.get("prompt", "")).split()[:4])
    return slot.name or words or slot.task
