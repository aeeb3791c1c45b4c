"""The true peak of new parts together with the audio that they play along with."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from bandmate_plugins._listening.loudness import TruePeakMeter
from bandmate_plugins._platform.arrays import AudioSamples
from bandmate_plugins.request import AudioInput
from bandmate_protocol.texts import say

CEILING_DBTP = -1.0


class SummedPeak:
    """Meters the sum of the parts and the audio beside them, window by window."""

    def __init__(self, beside: AudioInput, start_frame: int, rate: int) -> None:
        """`start_frame`: the frame of the project where the parts begin."""
        self._beside = beside
        self._at = start_frame - beside.start_frame
        self._meter = TruePeakMeter(rate, max(beside.channels, 2))

    def add(self, stems: Sequence[AudioSamples]) -> None:
        """Takes in the next audio of each part, all of shape (frames, 2) and one length."""
        frames = len(stems[0])
        if not frames:
            return
        total = self._read_beside(frames)
        for stem in stems:
            total[:, :2] += stem
        self._meter.add(total)
        self._at += frames

    @property
    def dbtp(self) -> float:
        """The highest true peak so far; minus infinity for silence."""
        return 20 * math.log10(self._meter.value) if self._meter.value > 0 else -math.inf

    def remarks(self) -> list[str]:
        """The figure, where the sum exceeds -1 dBTP."""
        if self.dbtp <= CEILING_DBTP:
            return []
        return [
            say(
                "Together with the audio there, the true peak is {peak:+.1f} dBTP. "
                "Lower the mix by {excess:.1f} dB to keep it at {ceiling:g} dBTP.",
                peak=self.dbtp,
                excess=self.dbtp - CEILING_DBTP,
                ceiling=CEILING_DBTP,
            )
        ]

    def _read_beside(self, frames: int) -> AudioSamples:
        """The audio beside the next frames; silent where there is none. A mono file sounds on both sides."""
        found = np.zeros((frames, max(self._beside.channels, 2)), dtype=np.float32)
        first, last = max(self._at, 0), min(self._at + frames, self._beside.frames)
        if last > first:
            found[first - self._at : last - self._at] = self._beside.read(first, last - first)
        return found
