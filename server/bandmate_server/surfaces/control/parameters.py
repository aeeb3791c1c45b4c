"""What a surface can turn: the parameters of every task, as its form in the catalogue describes them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from bandmate_protocol.forms import option_schemas, task_schemas
from bandmate_protocol.messages import EngineInfo, TaskInfo

ParameterKind = Literal["number", "integer", "switch", "choice", "text"]
ControlValue = float | int | bool | str


@dataclass(frozen=True)
class SurfaceParameter:
    """One parameter of one task. `low` and `high` are in its unit; of a choice they count its choices."""

    task: str
    name: str
    title: str
    kind: ParameterKind
    default: ControlValue
    low: float = 0.0
    high: float = 1.0
    unit: str = ""
    choices: tuple[str, ...] = ()
    longest: int = 0
    """Of a text, in characters."""

    @property
    def id(self) -> str:
        """Such as `cover/strength`."""
        return f"{self.task}/{self.name}"

    def to_normal(self, value: ControlValue) -> float:
        """Where a value lies between the bounds, 0 to 1."""
        if self.kind == "choice":
            return self.choices.index(str(value)) / max(len(self.choices) - 1, 1)
        return 0.0 if isinstance(value, str) else (float(value) - self.low) / (self.high - self.low)

    def from_normal(self, normal: float) -> ControlValue:
        """The value at a place between the bounds; places beyond them count as the nearer bound."""
        return self.nearest_value(self.low + min(max(normal, 0.0), 1.0) * (self.high - self.low))

    def nearest_value(self, value: float) -> ControlValue:
        """The possible value that is nearest to one in the parameter's unit."""
        inside = min(max(value, self.low), self.high)
        if self.kind == "choice":
            return self.choices[round(inside)]
        if self.kind == "switch":
            return inside >= 0.5
        return round(inside) if self.kind == "integer" else inside

    def value_text(self, value: ControlValue) -> str:
        """The value for a display, with its unit."""
        if isinstance(value, bool):
            return "on" if value else "off"
        shown = f"{value:.2f}" if isinstance(value, float) else str(value)
        return f"{shown} {self.unit}".rstrip()


def parameters_of(
    tasks: Sequence[TaskInfo], engines: Sequence[EngineInfo] = ()
) -> Iterator[SurfaceParameter]:
    """What a hand can set of each task: its parameters, and the options of all engines that can do it.

    An option keeps its address whichever engine is chosen; where several engines have one of the same name,
    the first one's bounds count. Left out are lists and maps, numbers without bounds, and what is `readOnly`,
    as the job fills it in. Rare ones (`advanced`) come last.
    """
    for task in tasks:
        forms = task_schemas(task)
        for engine in engines:
            forms |= {name: form for name, form in option_schemas(engine, task).items() if name not in forms}
        # A controller's first page is for what is used most.
        for name, form in sorted(forms.items(), key=lambda item: bool(item[1].get("advanced"))):
            found = None if form.get("readOnly") else _parse_parameter(task.name, name, form)
            if found is not None:
                yield found


def _parse_parameter(task: str, name: str, form: dict[str, Any]) -> SurfaceParameter | None:
    title, default = str(form.get("title") or name), form.get("default")
    if "enum" in form:
        choices = tuple(str(choice) for choice in form["enum"])
        first = default if default in choices else choices[0]
        return SurfaceParameter(
            task, name, title, "choice", first, 0, max(len(choices) - 1, 1), choices=choices
        )
    kind = form.get("type")
    if kind == "boolean":
        return SurfaceParameter(task, name, title, "switch", bool(default))
    if kind == "string":
        return SurfaceParameter(
            task, name, title, "text", str(default or ""), longest=form.get("maxLength", 10_000)
        )
    low, high = form.get("minimum"), form.get("maximum")
    if kind not in ("number", "integer") or low is None or high is None or not low < high:
        return None
    unit, first = str(form.get("unit") or ""), low if default is None else default
    if kind == "integer":
        return SurfaceParameter(task, name, title, "integer", int(first), low, high, unit)
    return SurfaceParameter(task, name, title, "number", float(first), low, high, unit)


def is_finite(value: object) -> bool:
    """Whether a number can be used."""
    return isinstance(value, int | float) and math.isfinite(value)
