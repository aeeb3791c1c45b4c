"""What a task receives: the request, its audio, and the host's context."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, cast

import msgspec

from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import TempoMap

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from typing_extensions import TypeVar

    Samples = NDArray[np.float32]
    """float32, shape (frames, channels)."""

    P = TypeVar("P", bound=msgspec.Struct, covariant=True)
    OptionsT = TypeVar("OptionsT", bound=msgspec.Struct, covariant=True, default=Any)
else:  # Python's own takes a default from 3.13 on
    from typing import TypeVar

    P, OptionsT = TypeVar("P"), TypeVar("OptionsT")


class NoParams(msgspec.Struct, frozen=True):
    """Empty parameters, for a task that has none."""


class NoOptions(msgspec.Struct, frozen=True):
    """The options of an engine that has none."""


class AudioInput(ABC):
    """Audio of the project, decoded and resampled by the host and aligned to the project's frames."""

    role: str
    """Its role: `source`, `context`, `reference`."""
    start_frame: int
    """Where in the project it starts."""
    frames: int
    """Its length at the project's rate."""
    channels: int

    @abstractmethod
    def read(self, offset: int = 0, frames: int | None = None) -> Samples:
        """Audio from `offset` frames on, at most `frames` of them, float32 of shape (frames, channels).

        What is missing in the file is silent, and the host says so in a remark. Raises RequestError
        (`input_unusable`) for values that are not finite.
        """


@dataclass(frozen=True)
class TaskRequest(Generic[P, OptionsT]):
    """One job as a task and its engine see it: `TaskRequest[Params, Options]`, or `TaskRequest[Params]`."""

    params: P
    timeline: Timeline
    seed: int
    inputs: tuple[AudioInput, ...] = ()
    options: OptionsT = field(default_factory=cast("Any", NoOptions))
    """The engine's; `NoOptions` for a task without one."""

    if not TYPE_CHECKING:

        def __class_getitem__(cls, kinds: Any) -> Any:
            """Lets `TaskRequest[Params]` be written without options, as type checkers do."""
            return super().__class_getitem__(kinds if isinstance(kinds, tuple) else (kinds, Any))

    @cached_property
    def tempo(self) -> TempoMap:
        """The tempo map of the timeline, made once."""
        return TempoMap.from_timeline(self.timeline)

    @property
    def source(self) -> AudioInput:
        """The input `source`. A task whose `source` is `required` always has it: the host checks that.

        Raises LookupError where there is none.
        """
        source = self.input("source")
        if source is None:
            raise LookupError("the request has no source; only a task that requires one can rely on it")
        return source

    def input(self, role: str) -> AudioInput | None:
        """The first input with a role, or None."""
        return next((audio for audio in self.inputs if audio.role == role), None)


@dataclass(frozen=True)
class WatchedRequest(TaskRequest[P, OptionsT]):
    """A request that knows whether its seed was read: if it was not, another one gives the same result."""

    reads: list[str] = field(default_factory=list, compare=False)

    def __getattribute__(self, name: str) -> Any:
        if name == "seed":
            object.__getattribute__(self, "reads").append(name)
        return object.__getattribute__(self, name)


class JobCancelled(BaseException):
    """Raised by `Context.check` when the job was cancelled. Let it pass.

    It does not derive from Exception, so that it passes through `except Exception`.
    """


class TaskContext(ABC):
    """The host, as a task sees it."""

    @abstractmethod
    def check(self) -> None:
        """Raises JobCancelled when the job was cancelled.

        Call it at every step, token and tile, so that a cancel takes well under a second.
        """
