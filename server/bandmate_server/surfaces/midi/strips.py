"""Strips: eight knobs or faders that stand for one task's parameters at a time, by pages. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from bandmate_server.surfaces.control.actions import SurfaceAction
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.control.parameters import SurfaceParameter

STRIP_COUNT = 8
"""On one page."""
PAGE_COUNT = 8
"""As many have a button of their own."""
_PUSH = "/push"


@dataclass(frozen=True)
class ParameterPage:
    """Parameters of one task, eight at most."""

    task: str
    number: int
    """From 1, of the pages of its task."""
    of: int
    parameters: tuple[str, ...]


def pages_of(parameters: Iterable[SurfaceParameter]) -> tuple[ParameterPage, ...]:
    """Every parameter that a hand can turn, by tasks; texts are none."""
    found = []
    turned = [each for each in parameters if each.kind != "text"]
    for task, group in groupby(turned, lambda each: each.task):
        ids = [each.id for each in group]
        chunks = [tuple(ids[start : start + STRIP_COUNT]) for start in range(0, len(ids), STRIP_COUNT)]
        found += [ParameterPage(task, number, len(chunks), chunk) for number, chunk in enumerate(chunks, 1)]
    return tuple(found)


def strip_ids() -> frozenset[str]:
    """What maps may name beside the model's own controls."""
    strips = [f"strip/{number}" for number in range(1, STRIP_COUNT + 1)]
    pushes = [f"{strip}{_PUSH}" for strip in strips]
    pages = [f"strips/page/{number}" for number in range(1, PAGE_COUNT + 1)]
    return frozenset([*strips, *pushes, *pages, "strips/next", "strips/previous", "strips/run"])


def is_strip(control: str) -> bool:
    """Whether an id is that of a strip itself, which stands for a parameter."""
    return control.startswith("strip/") and not control.endswith(_PUSH)


def step_parameter(model: ControlModel, parameter: SurfaceParameter, step: float, who: object) -> None:
    """Moves a parameter by a step of the whole way, from its end back to its beginning."""
    following = parameter.to_normal(model.value_of(parameter.id)) + step
    model.set_normal(parameter.id, following if following <= 1 + 1e-9 else 0.0, who)


class StripPages:
    """Which page one controller is on. Ids that are no strip's mean themselves."""

    def __init__(self, model: ControlModel) -> None:
        self._model = model
        self.pages = pages_of(model.parameters.values())
        self._at = 0
        self._watchers: list[Callable[[], None]] = []

    def add_listener(self, turned: Callable[[], None]) -> None:
        """Calls `turned` when another page was turned to."""
        self._watchers.append(turned)

    @property
    def page(self) -> ParameterPage:
        """The one that the strips stand for."""
        return self.pages[self._at] if self.pages else ParameterPage("", 1, 1, ())

    def control_for(self, control: str) -> str | None:
        """The control that an id of a map means now; None for a strip without a parameter on this page."""
        kind, _, rest = control.partition("/")
        if kind == "strips":
            return f"task/{self.page.task}" if rest == "run" else control
        if kind != "strip":
            return control
        number = int(rest.removesuffix(_PUSH))
        return self.page.parameters[number - 1] if number <= len(self.page.parameters) else None

    def is_lit(self, control: str) -> bool:
        """Of the button of a page, whether it is the page."""
        return control == f"strips/page/{self._at + 1}"

    def press_control(self, control: str, who: object) -> SurfaceAction | None:
        """Turns the page, runs the page's task, or pushes a strip: what is on a knob under the finger.

        A pushed choice or switch goes to its next value, a number back to where it began.
        """
        kind, _, rest = control.partition("/")
        if kind == "strip":
            self._press_strip(self.control_for(control), who)
        elif rest == "run":
            return self._model.press_trigger(f"task/{self.page.task}") if self.pages else None
        elif rest == "next":
            self._turn_page(self._at + 1)
        elif rest == "previous":
            self._turn_page(self._at - 1)
        else:
            self._turn_page(int(rest.removeprefix("page/")) - 1)
        return None

    def _press_strip(self, control: str | None, who: object) -> None:
        parameter = self._model.parameters.get(control or "")
        if parameter is None:
            return
        if parameter.kind in ("number", "integer"):
            self._model.set_value(parameter.id, parameter.default, who)
            return
        # A choice's bounds count its values, and a switch has two.
        step_parameter(self._model, parameter, 1 / (parameter.high - parameter.low), who)

    def _turn_page(self, page: int) -> None:
        if self.pages and 0 <= page < len(self.pages) and page != self._at:
            self._at = page
            for turned in self._watchers:
                turned()
