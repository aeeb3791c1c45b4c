"""The contract of an engine, which does the work of tasks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import msgspec

from bandmate_plugins.model import Model
from bandmate_plugins.outputs import Output
from bandmate_plugins.request import NoOptions, TaskContext, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Ability

AbilityMethod = Callable[[TaskRequest[Any], TaskContext], Iterator[Output]]
"""What does the work of an ability."""


@dataclass(frozen=True)
class Readiness:
    """Whether an engine can run here; if not, the reason names the next step."""

    status: Literal["ready", "needs_weights", "unavailable"] = "ready"
    reason: str = ""
    lacks: Mapping[Ability, str] = field(default_factory=dict)
    """Abilities that it lacks although it is ready, each with the next step; other engines then serve those."""
    models: tuple[str, ...] = ()
    """Models that would make it ready, by their short names (`Model.short_name`): clients offer to fetch them."""
    lacking_models: Mapping[Ability, tuple[str, ...]] = field(default_factory=dict)
    """The same for each of the abilities that it lacks."""


class LoadedEngine:
    """An engine in memory. It has a method for each of its abilities, and lives as long as its worker.

    Each takes the task's request and the host's context, and yields outputs as a task does. An engine renders
    exactly `request.timeline.frames` frames at `request.timeline.sample_rate`, whatever its own rate and hop
    are. The same request with the same seed gives the same bytes on the CPU, and nearly the same on a device.
    """

    Options: ClassVar[type[msgspec.Struct]] = NoOptions
    """What `request.options` is: the same class as the `Options` of its `Engine`."""
    takes_ranges: ClassVar[bool] = False
    """Whether `inpaint` takes several ranges at once, so that each is made with the others in mind."""

    def text(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        """Makes music from a prompt (`GenerateParams`)."""
        raise NotImplementedError

    def suggest(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        """Yields a `TaskReport` of what a prompt asks for: `bpm`, `numerator`, `denominator`, `key`."""
        raise NotImplementedError

    def write(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:  # noqa: ARG002 - a default
        """Writes a song in words (`WriteParams`); yields a `TaskReport` with `prompt`, `lyrics`, `language`, `bpm`,
        `key`, `metre` and `seconds`. Raises RequestError (`bad_params`) where it cannot.
        """
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            "This engine makes music and writes no songs.",
            "`--engine sketch` suggests tempo, metre and key for an idea.",
        )

    def inpaint(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        """Renders one range again to fit the audio around it (`RepaintParams`, its `ranges` empty).

        `request.timeline` is the range. The input `source` is the recording with the old range in it and, as
        `context_before_frames` and `context_after_frames` say, what is around it; inputs with the role
        `context` are other tracks. Yield one stem of one, two or the source's channels, exactly as long as
        the range, and its pieces as they come; a revision may start it over. Render as if the music were
        under way: what was struck before the range rings on in it, and nothing is faded at either end, for
        the task makes the seams.

        Where `takes_ranges` is true, `ranges` may have several of them, over which `request.timeline` goes
        from the first one's start to the last one's end; yield one stem for each, in their order.
        """
        raise NotImplementedError

    def variation(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        """Renders the source in another style."""
        raise NotImplementedError

    def accompany(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        """Adds parts to the source."""
        raise NotImplementedError

    def separate(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        """Separates the source into stems."""
        raise NotImplementedError

    def analyse(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        """Analyses the source."""
        raise NotImplementedError


class Engine(ABC):
    """An engine as the catalogue lists it. Cheap to make: weights and heavy imports wait for `load`."""

    name: ClassVar[str]
    """One lower-case word, such as `sketch`."""
    title: ClassVar[str]
    abilities: ClassVar[frozenset[Ability]] = frozenset()
    """What it can be asked for. May be left out where `load` names the class that it returns: then these are
    the abilities whose methods that class has."""
    Options: ClassVar[type[msgspec.Struct]] = NoOptions
    """Its own settings, beside the task's parameters. Titles, units, bounds and defaults make the form that
    bridges draw where this engine is chosen; all need a default. `extra_json_schema` of a field may say
    `abilities`, the only ones that it applies to, and `advanced`, to fold it away."""
    placement: ClassVar[Literal["cpu", "device"]] = "cpu"
    """Whether it runs in the worker of the CPU engines or in that of the GPU (or its substitute)."""
    rank: ClassVar[int] = 0
    """The ready engine with the highest rank is chosen automatically; embedded engines have 0."""
    follows_chords: ClassVar[bool] = False
    """Whether what it plays keeps to the chords of `request.timeline`. Only such an engine gets a request with the
    parameter `chords`."""
    led_abilities: ClassVar[frozenset[Ability]] = frozenset()
    """Abilities in which a guide leads it, as the parameter `follow` says: it takes chords there, and notes as a melody
    to follow."""
    plays_notes: ClassVar[bool] = False
    """Whether it plays the notes of `request.timeline.parts`, as the parameter `notes` says. Only such an engine gets a
    request with notes."""
    reads_lyrics: ClassVar[bool] = False
    """Whether it sings the parameter `lyrics`; forms leave lyrics out where an engine does not."""
    by_name_only: ClassVar[frozenset[Ability]] = frozenset()
    """Abilities for which it is only used where it is named, and never chosen automatically."""
    models: ClassVar[tuple[Model, ...]] = ()

    def readiness(self) -> Readiness:
        """Whether `load` can work here. Reads the disk at most; imports nothing heavy."""
        return Readiness()

    def holds(self, model: Model) -> bool:
        """Whether the weights of one of its models are on the disk: by default, in the hub's cache."""
        from bandmate_plugins._models import find_model

        return find_model(model) is not None

    @abstractmethod
    def load(self, device: str, tier: str) -> LoadedEngine:
        """Loads the engine into memory, in a worker process.

        `device` is `cpu`, `cuda:0`, `mps`, ...; `tier` is `full` or, after running out of memory, `small`.
        Raises RequestError (`engine_unavailable`, `out_of_memory`) with the next step in its sentence.
        """

    def load_prompt_reader(self) -> LoadedEngine | None:
        """Loads what answers `suggest` alone, on any processor, without weights or heavy imports.

        An engine that has one is asked in whichever worker is free, so the question never waits for a running
        job. None (the default): only what `load` returns can answer, in the engine's own worker.
        """
        return None
