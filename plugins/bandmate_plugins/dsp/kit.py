"""Kick, snare, and hats with cymbals: which drum a stroke came from.

Source: non-negative matrix factorisation with the Kullback-Leibler divergence (D. Lee, H. Seung, NIPS 2000)
over templates of the three that are given, as in C. Dittmar, D. Gärtner, "Real-time transcription and
separation of drum recordings based on NMF decomposition", DAFx 2014.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bandmate_plugins.dsp.masks import TUNING, Masker, Masks, Strokes, Tuning, magnitude
from bandmate_plugins.dsp.percussion import TINY
from bandmate_plugins.dsp.stft import Floats, Grid, Spectra

DRUMS = ("kick", "snare", "hats")

_ROUNDS = 20
_HERTZ = (0, 60, 90, 130, 180, 260, 380, 550, 800, 1_200, 1_800, 2_700, 4_000, 6_000, 9_000, 13_000)
"""Edges of the bands; the last one is open."""
_TEMPLATES = (
    (9, 10, 8, 4, 1.5, 0.8, 0.5, 0.3, 0.25, 0.2, 0.15, 0.15, 0.1, 0.05, 0.02, 0.01),
    (0.3, 0.5, 1.5, 4, 6, 4, 2.5, 2.2, 2, 2, 2, 2, 2, 1.6, 1.2, 0.8),
    (0.02, 0.02, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1, 1.8, 3, 4, 3),
)
"""How loud each drum is in each band, in the order of DRUMS."""


class KitMasker(Masker):
    """Kick, snare and hats of a drum track, or of the drums in a mix."""

    def __init__(self, grid: Grid, from_mix: bool, tuning: Tuning = TUNING) -> None:
        self._strokes = Strokes(grid, tuning) if from_mix else None
        self.margin = self._strokes.over_time // 2 if self._strokes else 0
        edges = np.searchsorted(grid.frequencies, _HERTZ)
        self._kept = np.flatnonzero(np.diff(edges, append=grid.bins) > 0)
        self._edges = edges[self._kept]
        self._templates = np.array(_TEMPLATES, np.float32)[:, self._kept]
        middles = np.append(self._edges, grid.bins)
        self._middles = ((middles[:-1] + middles[1:]) / 2).astype(np.float32)
        self._bins = np.arange(grid.bins)

    def masks(self, spectra: Spectra, first: int, check: Callable[[], None]) -> Masks:  # noqa: ARG002 - strokes stand alone
        """Shares of the three drums, times that of all drums where they come from a mix."""
        loudness = magnitude(spectra)
        count = spectra.shape[1] - 2 * self.margin
        inner = slice(self.margin, self.margin + count)
        drums = self._strokes.share(loudness)[inner] if self._strokes else None
        loudness = loudness[inner] if drums is None else loudness[inner] * drums
        check()
        shares = self._shares(self._strengths(loudness))
        if drums is not None:
            shares = [share * drums for share in shares]
        return dict(zip(DRUMS, shares, strict=True))

    def _strengths(self, loudness: Floats) -> Floats:
        """How strong each drum is in each frame, shape (3, frames)."""
        bands = np.add.reduceat(loudness, self._edges, axis=1).T
        templates = self._templates
        weights = templates.sum(axis=1)[:, np.newaxis]
        strengths = np.repeat(bands.mean(axis=0, keepdims=True), len(DRUMS), axis=0)
        for _ in range(_ROUNDS):
            guess = np.einsum("db,dt->bt", templates, strengths)
            strengths *= np.einsum("db,bt->dt", templates, bands / (guess + TINY)) / weights
        return strengths

    def _shares(self, strengths: Floats) -> list[Floats]:
        """Shares of shape (frames, bins), which sum to one."""
        curves = np.array([np.interp(self._bins, self._middles, row) for row in self._templates], np.float32)
        powers = [(strengths[drum][:, np.newaxis] * curves[drum]) ** 2 for drum in range(len(DRUMS))]
        total = powers[0] + powers[1] + powers[2] + TINY
        kick, snare = powers[0] / total, powers[1] / total
        return [kick, snare, 1 - kick - snare]
