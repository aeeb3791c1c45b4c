"""Kick, snare, and hats with cymbals: which drum a stroke came from."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bandmate_plugins._engines.dsp.blend import CueBlend
from bandmate_plugins._engines.dsp.masks import Masks, MixMasker, SpectralMasker, total_magnitude
from bandmate_plugins._engines.dsp.stft import Floats, Spectra, StftGrid

KIT_CUES = ("always", "low", "body", "middle", "high")
"""What the masks of a kit are decided by, in the order of `blend.toml`."""

_RANGES = ((20, 110), (150, 400), (700, 4_000), (6_000, 20_000))
"""The ranges, in hertz, whose loudness are the cues but the first."""


class KitMasker(SpectralMasker):
    """Kick, snare and hats of a drum track, or of the drums in a mix."""

    def __init__(self, grid: StftGrid, channels: int, from_mix: bool) -> None:
        self._blend = CueBlend(grid, "kit")
        self._mix = MixMasker(grid, channels) if from_mix else None
        self.margin = self._mix.margin if self._mix else 0
        self.ahead = self._mix.ahead if self._mix else 0
        edges = np.searchsorted(grid.frequencies, np.array(_RANGES).reshape(-1)).reshape(-1, 2)
        self._ranges = [(min(low, grid.bins - 1), high) for low, high in edges.tolist()]

    def add_ahead(self, spectra: Spectra) -> None:
        """Lets the mask of the drums look ahead."""
        assert self._mix is not None, "a drum track needs no look ahead"
        self._mix.add_ahead(spectra)

    def block_masks(self, spectra: Spectra, first: int, check: Callable[[], None]) -> Masks:
        """Shares of the three drums, times that of all drums where they come from a mix."""
        inner = slice(self.margin, spectra.shape[1] - self.margin)
        loudness = total_magnitude(spectra[:, inner])
        if self._mix is None:
            return self._blend.part_shares(self.kit_cues(loudness))
        drums = self._mix.block_masks(spectra, first, check)["drums"]
        shares = self._blend.part_shares(self.kit_cues(loudness * drums))
        return {part: share * drums for part, share in shares.items()}

    def kit_cues(self, loudness: Floats) -> list[Floats | None]:
        """The KIT_CUES of frames: how loud each range is beside the loudest, in steps of ten times."""
        power = loudness * loudness
        levels = [np.sum(power[:, low : max(high, low + 1)], axis=1) for low, high in self._ranges]
        top = np.maximum.reduce(levels) + np.float32(1e-20)
        floor = np.float32(1e-4)
        return [None, *(np.log10(level / top + floor)[:, np.newaxis] / 2 for level in levels)]
