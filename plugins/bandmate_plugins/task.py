"""The contract of a task: what a musician asks for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any, ClassVar, Literal

import msgspec

from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_protocol.messages import Ability, InputNeed

Lane = Literal["cpu", "network"]


class NoParams(msgspec.Struct, frozen=True):
    """The parameters of a task that has none."""


class Task(ABC):
    """One thing to ask for. The class's docstring is the summary that people read."""

    name: ClassVar[str]
    """One lower-case word, such as `generate`."""
    title: ClassVar[str]
    Params: ClassVar[type[msgspec.Struct]] = NoParams
    """Its parameters. Titles, units, bounds and defaults make the form that bridges draw."""
    ability: ClassVar[Ability | None] = None
    """What its engine must be able to do; None when it needs no engine."""
    source: ClassVar[InputNeed] = "none"
    """Whether it works on audio of the project."""
    fills_range: ClassVar[bool] = True
    """Whether its stems go over exactly the range that was asked for, given audio that does; else they have
    places and lengths of their own."""
    lane: ClassVar[Lane] = "cpu"
    """Where it runs if it needs no engine: `network` for what waits for a line and shall hold up nobody.

    Surfaces, which anyone on the line may be, are not given such tasks.
    """

    @abstractmethod
    def run(
        self, request: TaskRequest[Any], engine: LoadedEngine | None, context: TaskContext
    ) -> Iterator[Output]:
        """Does the work, yielding stems, audio, progress and notes as they come.

        Cancelling closes the generator at a `yield` or raises from `context.check()`. Raise RequestError for
        what the musician can mend; anything else is reported as the engine's fault.
        """
