"""Soft masks, one for each part, that sum to one in every bin: how a mix is cut up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
from scipy import ndimage

from bandmate_plugins._engines.dsp.blend import CueBlend
from bandmate_plugins._engines.dsp.medians import TINY, running_median
from bandmate_plugins._engines.dsp.repetition import SpectrumMemory
from bandmate_plugins._engines.dsp.stft import Floats, Spectra, StftGrid

Masks = dict[str, Floats]
"""A mask of shape (frames, bins) by the part's role."""


SHORT_SECONDS, LONG_SECONDS = 0.2, 0.8
"""Lengths of the medians over time: what outlasts them is held, not struck."""

STRUCK_HERTZ = 180.0
"""Length of the median over frequency."""

PAST_SECONDS, AHEAD_SECONDS = 20.0, 8.0
"""How far back and ahead repetition is looked for."""

_LIKE = 17
_APART_SECONDS = 0.5
_MEMORY_HERTZ = 10_000.0
_NO_CENTRE = 0.8
"""What stands in for the place in the middle where there are no two channels to tell it by."""

MIX_CUES = ("always", "struck", "sudden", "fleeting", "centred", "new", "centred and new")
"""What the masks of a mix are decided by, in the order of `blend.toml`."""


class SpectralMasker(ABC):
    """Makes masks for blocks of frames, in order."""

    margin: int
    """Frames before and after a block that it must see."""
    ahead: int = 0
    """Frames after a block that it must have heard."""

    def add_ahead(self, spectra: Spectra) -> None:
        """Takes in frames ahead of the block, in order and without gaps; only with `ahead`."""
        raise NotImplementedError

    @abstractmethod
    def block_masks(self, spectra: Spectra, first: int, check: Callable[[], None]) -> Masks:
        """Masks of a block whose own first frame is `first`; `spectra` has the margins on both sides."""


def total_magnitude(spectra: Spectra) -> Floats:
    """The loudness of each bin over all channels, shape (frames, bins)."""
    power = spectra.real * spectra.real
    power += spectra.imag * spectra.imag
    total: Floats = np.sqrt(np.mean(power, axis=0, dtype=np.float32))
    return total


def odd_at_least(count: int) -> int:
    """The odd number at or above a count, three at least."""
    return max(3, count | 1)


class MixMasker(SpectralMasker):
    """Drums, bass, vocals and other of a mix."""

    def __init__(self, grid: StftGrid, channels: int) -> None:
        self._blend = CueBlend(grid, "mix")
        self._stereo = channels == 2
        self._short = odd_at_least(grid.frames_in(SHORT_SECONDS))
        self._long = odd_at_least(grid.frames_in(LONG_SECONDS))
        self._wide = odd_at_least(round(STRUCK_HERTZ * grid.size / grid.rate))
        self.margin = self._long // 2
        self.ahead = grid.frames_in(AHEAD_SECONDS)
        self._heard = max(8, int(np.searchsorted(grid.frequencies, _MEMORY_HERTZ)))
        apart = max(1, grid.frames_in(_APART_SECONDS) // 2)
        self._memory = SpectrumMemory(min(self._heard, grid.bins), grid.frames_in(PAST_SECONDS), _LIKE, apart)

    def add_ahead(self, spectra: Spectra) -> None:
        """Remembers the frames, to look for repetition in them."""
        self._memory.add(total_magnitude(spectra[:, :, : self._heard]))

    def block_masks(self, spectra: Spectra, first: int, check: Callable[[], None]) -> Masks:
        """Shares of the four parts, and of all but the vocals."""
        masks = self._blend.part_shares(self.mix_cues(spectra, first, check))
        masks["instrumental"] = 1 - masks["vocals"]
        return masks

    def mix_cues(self, spectra: Spectra, first: int, check: Callable[[], None]) -> list[Floats | None]:
        """The MIX_CUES of a block, each of shape (frames, bins); None where a cue is 1 throughout."""
        count = spectra.shape[1] - 2 * self.margin
        inner = slice(self.margin, self.margin + count)
        loudness = total_magnitude(spectra)
        floor = np.float32(1e-4 * np.mean(loudness)) + TINY
        held = running_median(loudness, self._short, 0)[inner] + floor
        check()
        long_held = running_median(loudness, self._long, 0)[inner] + floor
        check()
        loudness = loudness[inner]
        struck = running_median(loudness, self._wide, 1) + floor
        loudness = loudness + floor
        check()
        new: Floats = np.zeros_like(loudness)
        self._memory.discard_before(first)
        new[:, : self._heard] = 1 - self._memory.repeating_share(first, first + count)
        check()
        centred = centre_share(spectra[:, inner]) if self._stereo else np.full_like(new, _NO_CENTRE)
        ratios: list[Floats] = [
            _log_ratio(struck, held),
            _log_ratio(loudness, held),
            _log_ratio(loudness, long_held),
        ]
        both: Floats = centred * new
        return [None, *ratios, centred, new, both]


def _log_ratio(above: Floats, below: Floats) -> Floats:
    """How much louder one is than the other, in steps of ten times, -2 to 2."""
    return np.asarray(np.clip(np.log10(above / below), -2, 2), np.float32)


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
    return np.asarray(np.clip(across / (total + TINY), 0, 1), np.float32)
