"""A stretch of audio with its place in the project."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening.downmix import mono_downmix
from bandmate_plugins._platform.arrays import AudioSamples

_SILENT_POWER = 1e-10
"""Mean square under which nothing sounds: -100 dBFS."""


@dataclass(frozen=True)
class PlacedAudio:
    """Audio from a frame of the project on."""

    start: int
    samples: AudioSamples
    """Shape (frames, channels), of two channels at most: what the new audio is compared with."""
    rate: int
    every: AudioSamples | None = None
    """All channels, where there are more than two."""

    @property
    def end(self) -> int:
        """The frame after its last."""
        return self.start + len(self.samples)

    @property
    def is_silent(self) -> bool:
        """Whether nothing sounds in it."""
        sound = self.samples if self.every is None else self.every
        return not len(sound) or float(np.square(sound, dtype=np.float64).mean()) < _SILENT_POWER

    @cached_property
    def mono(self) -> NDArray[np.float64]:
        """What an ear hears of it."""
        return mono_downmix(self.samples if self.every is None else self.every, self.rate)
