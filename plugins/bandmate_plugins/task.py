"""The contract of a task: what a musician can ask for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, Generic, Literal, TypeVar

import msgspec

from bandmate_plugins.engine import AbilityMethod, LoadedEngine
from bandmate_plugins.outputs import Output
from bandmate_plugins.request import NoParams, TaskContext, TaskRequest
from bandmate_protocol.messages import FORM_ORDER, Ability, InputNeed, ResultKind

__all__ = ["EngineTask", "Lane", "NoParams", "Task"]

Lane = Literal["cpu", "network"]


P = TypeVar("P", bound=msgspec.Struct)


class Task(ABC, Generic[P]):
    """One thing that a musician can ask for. The class's docstring is the summary that people read.

    `Task[MyParams]` gives `run` a request of that type.
    """

    name: ClassVar[str]
    """One lower-case word, such as `generate`."""
    title: ClassVar[str]
    Params: ClassVar[type[msgspec.Struct]] = NoParams
    """Its parameters. Titles, units, bounds and defaults make the form that bridges draw."""
    ability: ClassVar[Ability | None] = None
    """What its engine must be able to do; None when it needs no engine."""
    source: ClassVar[InputNeed] = "none"
    """Whether it takes audio of the project."""
    fills_range: ClassVar[bool] = True
    """Whether its stems cover exactly the requested range, if its audio does; otherwise they have
    places and lengths of their own."""
    result: ClassVar[ResultKind | None] = None
    """Where bridges put what it makes: `tracks`, new ones; `take`, a take on the source item in place of the
    range; `stems`, tracks below the source that stand in for it; `report`, nowhere, since it makes no audio.
    None: `report` for the ability `analyse`, `take` for a task that takes ranges, else `tracks`."""
    can_be_take: ClassVar[bool] = False
    """Whether its result may also become a take on the source item, if the musician prefers that."""
    result_title: ClassVar[str] = ""
    """What its result is called after the name of the source's track, such as `repainted` in `Drums repainted`;
    the title in lower case when empty."""
    mixed: ClassVar[bool] = False
    """Whether, in a project, its parts come as one stem unless they are asked for. Its parameter `mix` decides."""
    listens: ClassVar[bool | None] = None
    """Whether it wants what other tracks play at the same time, as inputs with the role `context`. None: a task
    that takes ranges does."""
    follows_chords: ClassVar[bool] = False
    """Whether it keeps to the key and the chords that are written on other tracks; the timeline has them."""
    takes_ranges: ClassVar[bool | None] = None
    """Whether it works on one or more ranges inside the source, as its parameter `ranges` (a list of maps with
    `start_frame` and `end_frame`), and wants the audio around them. None: if it has that parameter."""
    whole_items: ClassVar[bool] = False
    """Whether it works on whole items, so that a time selection says which they are, and not which part of them."""
    named_options: ClassVar[bool] = False
    """Whether only those options of an engine apply to it whose schema names it in `tasks`: for a task that does little
    of what its ability is about."""
    hidden: ClassVar[bool] = False
    """Whether it is for programs only: neither forms nor surfaces offer it."""
    optional_for_engines: ClassVar[bool] = False
    """Whether an engine may have the task's ability and not this task; `check_engine` then leaves it out."""
    order: ClassVar[int] = FORM_ORDER
    """Its place in forms, the lowest first; those with the same number go by their titles."""
    lane: ClassVar[Lane] = "cpu"
    """Where it runs if it needs no engine: `network` for work that waits for the internet and must not block others.

    Surfaces cannot start such tasks, because anyone on the local network may be a surface.
    """

    @abstractmethod
    def run(
        self, request: TaskRequest[P], engine: LoadedEngine | None, context: TaskContext
    ) -> Iterator[Output]:
        """Does the work, yielding stems, audio, progress and notes as they come.

        Cancelling closes the generator at a `yield` or raises from `context.check()`. Raise RequestError for
        what the musician can mend; anything else is reported as the engine's fault.
        """


class EngineTask(Task[P]):
    """A task whose engine does the work: it passes the request on, unless `run_engine` does more."""

    ability: ClassVar[Ability | None]

    def run(
        self, request: TaskRequest[P], engine: LoadedEngine | None, context: TaskContext
    ) -> Iterator[Output]:
        """Runs with the engine. Raises TypeError where the host gave none."""
        if engine is None:
            raise TypeError(f"`{self.name}` needs an engine with the ability `{self.ability}`")
        yield from self.run_engine(request, engine, context)

    def run_engine(
        self, request: TaskRequest[P], engine: LoadedEngine, context: TaskContext
    ) -> Iterator[Output]:
        """Does the work with its engine: by default, the method that the ability names."""
        method: AbilityMethod = getattr(engine, str(self.ability))
        yield from method(request, context)
