"""A guide: what it plays, and what is kept of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from bandmate_plugins._platform.arrays import FloatArray32
from bandmate_plugins._tasks.follow import FollowKind
from bandmate_plugins.request import AudioInput

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples


@dataclass(frozen=True)
class Guide:
    """Music over a range of the project, for a model to follow."""

    kind: FollowKind
    samples: FloatArray32
    """Shape (frames, 2), at the project's rate, exactly as long as the range."""
    start_frame: int
    """Where in the project it starts."""
    report: dict[str, Any] = field(default_factory=dict)
    """What it follows, for programs: `what`, `from`, and `chords` bar by bar or the number of `notes`."""
    key: str | None = None
    """The key that it is in; None for drums."""
    recipe: dict[str, str] = field(default_factory=dict)
    """Options by which the band plays it again: its version, its SoundFont, and what listened."""
    remarks: tuple[str, ...] = ()
    """What a musician should know of how it was made."""

    @cached_property
    def sha256(self) -> str:
        """Of its samples as little-endian floats: what names it in a recipe."""
        return hashlib.sha256(np.ascontiguousarray(self.samples, "<f4").tobytes()).hexdigest()

    def audio(self, frames: int) -> GuideAudio:
        """The guide as an input so many frames long; where that is longer, it begins again."""
        return GuideAudio(self, frames)


class GuideAudio(AudioInput):
    """A guide as an engine reads a source."""

    role = "source"
    channels = 2

    def __init__(self, guide: Guide, frames: int) -> None:
        self._samples = guide.samples
        self.start_frame, self.frames = guide.start_frame, frames

    def read(self, offset: int = 0, frames: int | None = None) -> Samples:
        """Audio from `offset` frames on, float32 of shape (frames, 2)."""
        end = self.frames if frames is None else min(offset + frames, self.frames)
        if end <= len(self._samples):
            return self._samples[offset:end].copy()
        return self._samples[np.arange(offset, max(end, offset)) % len(self._samples)]
