"""What a task is given: the request, the audio that came with it, and the host's side of the work."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from bandmate_protocol.messages import Timeline

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Samples = NDArray[np.float32]
    """float32, shape (frames, channels)."""

P = TypeVar("P", bound=msgspec.Struct, covariant=True)


class AudioInput(ABC):
    """Audio of the project, decoded and resampled by the host: it lies on the project's own frames."""

    role: str
    """What it is to the task: `source`, `context`, `reference`."""
    start_frame: int
    """Where in the project it begins."""
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
class TaskRequest(Generic[P]):
    """One job as a task and its engine see it."""

    params: P
    timeline: Timeline
    seed: int
    inputs: tuple[AudioInput, ...] = ()

    def input(self, role: str) -> AudioInput | None:
        """The first input with a role, or None."""
        return next((audio for audio in self.inputs if audio.role == role), None)


@dataclass(frozen=True)
class WatchedRequest(TaskRequest[P]):
    """A request that knows whether its seed was read: if it was not, another one gives the same result."""

    reads: list[str] = field(default_factory=list, compare=False)

    def __getattribute__(self, name: str) -> Any:
        if name == "seed":
            object.__getattribute__(self, "reads").append(name)
        return object.__getattribute__(self, name)


class JobCancelled(BaseException):
    """Raised by `Context.check` when the job was cancelled. Let it pass.

    It is no Exception, so that it passes through `except Exception`.
    """


class TaskContext(ABC):
    """The host, as a task sees it."""

    @abstractmethod
    def check(self) -> None:
        """Raises JobCancelled when the job was cancelled.

        Call it at every step, token and tile, so that a cancel takes well under a second.
        """
