"""Soft masks, one for each part, that sum to one in every bin: how a mix is cut up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from bandmate_plugins.dsp.percussion import TINY, percussive_share
from bandmate_plugins.dsp.repetition import Memory
from bandmate_plugins.dsp.stft import Floats, Grid, Spectra

Masks = dict[str, Floats]
"""A mask of shape (frames, bins) by the part's role."""


@dataclass(frozen=True)
class Tuning:
    """The numbers that the masks hang on; docs/separation.md has the scores they were chosen by."""

    held_seconds: float = 0.4
    """Length of the median over time."""
    struck_hertz: float = 180.0
    """Length of the median over frequency."""
    strictness: float = 1.0
    """How much more a stroke must be than what sounds on."""
    bass_hertz: float = 220.0
    """Where the bass has fallen to one half."""
    bass_slope: float = 4.0
    voice_low_hertz: float = 180.0
    voice_high_hertz: float = 9_000.0
    voice_amount: float = 0.9
    centre_power: float = 3.0
    one_channel_centre: float = 0.5
    """What stands in for the place in the middle where there are no two channels to tell it by."""


TUNING = Tuning()

PAST_SECONDS, AHEAD_SECONDS = 20.0, 8.0
"""How far back and ahead repetition is looked for."""

_LIKE = 17
_APART_SECONDS = 0.5
_MEMORY_HERTZ = 10_000.0


class Masker(ABC):
    """Makes masks for blocks of frames, in order."""

    margin: int
    """Frames before and after a block that it must see."""
    ahead: int = 0
    """Frames after a block that it must have heard."""

    def hear(self, spectra: Spectra) -> None:
        """Takes in frames ahead of the block, in order and without gaps; only with `ahead`."""
        raise NotImplementedError

    @abstractmethod
    def masks(self, spectra: Spectra, first: int, check: Callable[[], None]) -> Masks:
        """Masks of a block whose own first frame is `first`; `spectra` has the margins on both sides."""


def magnitude(spectra: Spectra) -> Floats:
    """The loudness of each bin over all channels, shape (frames, bins)."""
    power = spectra.real * spectra.real
    power += spectra.imag * spectra.imag
    total: Floats = np.sqrt(np.mean(power, axis=0, dtype=np.float32))
    return total


def odd(count: int) -> int:
    """The odd number at or above a count, three at least."""
    return max(3, count | 1)


class Strokes:
    """The median filters at the lengths that a grid asks for."""

    def __init__(self, grid: Grid, tuning: Tuning) -> None:
        self.over_time = odd(grid.frames(tuning.held_seconds))
        self._over_bins = odd(round(tuning.struck_hertz * grid.size / grid.rate))
        self._strictness = tuning.strictness

    def share(self, loudness: Floats) -> Floats:
        """How much of each bin is struck."""
        return percussive_share(loudness, self.over_time, self._over_bins, self._strictness)


class MixMasker(Masker):
    """Drums, bass, vocals and other of a mix."""

    def __init__(self, grid: Grid, channels: int, tuning: Tuning = TUNING) -> None:
        self._strokes = Strokes(grid, tuning)
        self._tuning = tuning
        self._channels = channels
        self.margin = self._strokes.over_time // 2
        self.ahead = grid.frames(AHEAD_SECONDS)
        frequencies = grid.frequencies
        self._low = _falling(frequencies, tuning.bass_hertz, tuning.bass_slope)
        self._heard = max(8, int(np.searchsorted(frequencies, _MEMORY_HERTZ)))
        rising = 1 - _falling(frequencies, tuning.voice_low_hertz, 8.0)
        voice = rising * _falling(frequencies, tuning.voice_high_hertz, 8.0) * np.float32(tuning.voice_amount)
        self._voice = voice[: self._heard]
        self._memory = Memory(
            len(self._voice), grid.frames(PAST_SECONDS), _LIKE, max(1, grid.frames(_APART_SECONDS) // 2)
        )

    def hear(self, spectra: Spectra) -> None:
        """Remembers the frames, to look for repetition in them."""
        self._memory.add(magnitude(spectra[:, :, : self._heard]))

    def masks(self, spectra: Spectra, first: int, check: Callable[[], None]) -> Masks:
        """What is struck, what is low, what stands out in the middle, and the rest."""
        count = spectra.shape[1] - 2 * self.margin
        inner = slice(self.margin, self.margin + count)
        drums = self._strokes.share(magnitude(spectra))[inner]
        check()
        held = 1 - drums
        bass = held * self._low
        held -= bass
        vocals = np.zeros_like(drums)
        vocals[:, : self._heard] = self._voices(spectra, inner, first, check)
        vocals *= held
        masks = {"drums": drums, "bass": bass, "vocals": vocals, "other": held - vocals}
        masks["instrumental"] = 1 - vocals
        return masks

    def _voices(self, spectra: Spectra, inner: slice, first: int, check: Callable[[], None]) -> Floats:
        self._memory.forget(first)
        new = 1 - self._memory.repeating_share(first, first + inner.stop - inner.start)
        check()
        new *= self._voice
        if self._channels == 2:
            new *= centre_share(spectra[:, inner, : self._heard]) ** np.float32(self._tuning.centre_power)
        else:
            new *= np.float32(self._tuning.one_channel_centre)
        return new


def centre_share(spectra: Spectra) -> Floats:
    """How alike two channels are in each bin: 1 for the middle, 0 for a side or for the opposite phase.

    The normalised cross-spectrum of C. Avendano, "Frequency-domain source identification and manipulation in
    stereo mixes", WASPAA 2003, smoothed over the bins around.
    """
    left, right = spectra
    across = (left.real * right.real + left.imag * right.imag) * np.float32(2)
    total = left.real**2 + left.imag**2 + right.real**2 + right.imag**2
    across = ndimage.uniform_filter(across, 3, mode="nearest")
    total = ndimage.uniform_filter(total, 3, mode="nearest")
    share: Floats = np.clip(across / (total + TINY), 0, 1)
    return share


def _falling(frequencies: Floats, half: float, slope: float) -> Floats:
    """1 for low frequencies, one half at `half`, 0 for high ones."""
    curve: Floats = (1 / (1 + (frequencies / np.float32(half)) ** np.float32(slope))).astype(np.float32)
    return curve
