"""What is kept of audio while it passes by: loudness by band for rhythm and timbre, and which notes sound.

Everything is made from a mono mix at one rate (22,050 Hz), whatever the source's, so that all that follows is
the same at every rate. An hour takes about 100 MB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening.mono_stream import RATE as RATE
from bandmate_plugins._listening.mono_stream import MonoStream
from bandmate_plugins._listening.notes import NoteRows, NoteStream
from bandmate_plugins._listening.spectra import WindowStream
from bandmate_plugins._platform.arrays import FloatArray32, FloatArray64

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples


BAND_HOP = 256
BANDS_PER_SECOND = RATE / BAND_HOP
"""Rows of bands in a second: 86.1."""
_BAND_SIZE = 1_024
BANDS = 32
_LOWEST_HERTZ, _HIGHEST_HERTZ = 30.0, 10_500.0

ATTACK_HOP = 16
"""Samples in a row of attacks: 0.7 ms."""

_MIN_ENERGY = 1e-12
_SILENT = 1e-3
"""What is silence beside the louder moments of a piece: -60 dB."""


@dataclass(frozen=True)
class AudioFeatures:
    """What was kept; row `t` of each array belongs to the time `t / ..._PER_SECOND` seconds."""

    bands: FloatArray32
    """Magnitude by band, shape (rows, BANDS), from low to high."""
    notes: NoteRows
    attacks: NDArray[np.float16]
    """Natural logarithms of the energy of ATTACK_HOP samples, and of their differences: shape (rows, 2)."""
    seconds: float

    @property
    def tuning_cents(self) -> int | None:
        """How far the music is above 440 Hz, -50 to 50; None where that cannot be told."""
        return self.notes.tuning_cents

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing above -100 dBFS or so in it."""
        return not self.bands.size or float(self.bands.max()) < 1e-5

    @property
    def sounding_span(self) -> tuple[float, float]:
        """From where to where anything sounds, in seconds: nothing before and after is above -60 dB."""
        loud = self.bands.max(axis=1) if self.bands.size else np.zeros(0, np.float32)
        rows = np.flatnonzero(loud > _SILENT * np.percentile(loud, 95)) if len(loud) else loud
        if not len(rows):
            return 0.0, 0.0
        # A window that ends in the first sound is half a window early.
        first = int(rows[0]) + _BAND_SIZE // BAND_HOP // 2 - 1 if rows[0] else 0
        return first / BANDS_PER_SECOND, min((int(rows[-1]) + 1) / BANDS_PER_SECOND, self.seconds)


def means_between(rows: NDArray[np.floating], per_second: float, edges: FloatArray64) -> FloatArray64:
    """The means of rows from each edge (in seconds, rising) to the next, and from the last one to the end.

    Shape (edges, columns); zero where there are no rows.
    """
    if not len(rows):
        return np.zeros((len(edges), rows.shape[1]))
    places = np.clip(np.round(edges * per_second), 0, len(rows) - 1).astype(np.int64)
    # A stretch shorter than a row gets the row it lies in.
    sums = np.add.reduceat(rows, places, axis=0, dtype=np.float64)
    lengths = np.maximum(np.diff(places, append=len(rows)), 1)
    return np.asarray(sums / lengths[:, np.newaxis], dtype=np.float64)


class FeatureExtractor:
    """Takes audio in, in pieces of any size, and keeps its features."""

    def __init__(self, rate: int, channels: int) -> None:
        self._mono = MonoStream(rate, channels)
        self._rate = rate
        self._frames = 0
        self._bands = _BandRows()
        self._notes = NoteStream()
        self._attacks = _AttackRows()

    def add(self, samples: Samples) -> None:
        """Takes in samples of shape (frames, channels)."""
        self._frames += len(samples)
        self._push_block(self._mono.add(samples))

    def finish(self) -> AudioFeatures:
        """The features of all that came in."""
        self._push_block(self._mono.finish())
        return AudioFeatures(
            self._bands.finish(), self._notes.finish(), self._attacks.finish(), self._frames / self._rate
        )

    def _push_block(self, mono: FloatArray32) -> None:
        for rows in (self._bands, self._notes, self._attacks):
            rows.add(mono)


class _AttackRows:
    """The energy of short pieces of the wave, without any filter that would delay it."""

    def __init__(self) -> None:
        self._open: FloatArray32 = np.zeros(0, np.float32)
        self._last = np.zeros(1, np.float32)
        self._made: list[NDArray[np.float16]] = []

    def add(self, mono: FloatArray32) -> None:
        """Takes in samples, and makes a row of each ATTACK_HOP of them."""
        self._open = np.concatenate((self._open, mono))
        used = len(self._open) // ATTACK_HOP * ATTACK_HOP
        if not used:
            return
        part, self._open = self._open[:used], self._open[used:].copy()
        waves = (part, np.diff(part, prepend=self._last))
        self._last = part[-1:].copy()
        energy = [np.square(wave).reshape(-1, ATTACK_HOP).sum(axis=1) for wave in waves]
        self._made.append(np.log(np.stack(energy, axis=1) + _MIN_ENERGY).astype(np.float16))

    def finish(self) -> NDArray[np.float16]:
        """All rows; what does not fill one at the end is left out."""
        made, self._made = self._made, []
        return np.concatenate(made) if made else np.zeros((0, 2), np.float16)


class _BandRows:
    """Loudness by band, in windows of BAND_HOP."""

    def __init__(self) -> None:
        self._windows = WindowStream(_BAND_SIZE, BAND_HOP)
        self._filters = _band_filters()
        self._made: list[FloatArray32] = []

    def add(self, mono: FloatArray32) -> None:
        """Takes in samples, and makes a row of each window that they fill."""
        self._made.append(self._windows.add(mono) @ self._filters)

    def finish(self) -> FloatArray32:
        """All rows, the end filled up with silence."""
        self._made.append(self._windows.finish() @ self._filters)
        made, self._made = self._made, []
        return np.concatenate(made)


def _band_filters() -> FloatArray32:
    """Triangles evenly spaced on the mel scale, shape (bins, BANDS), each adding to 1."""
    edges = 700 * (
        10 ** (np.linspace(_hertz_to_mel(_LOWEST_HERTZ), _hertz_to_mel(_HIGHEST_HERTZ), BANDS + 2) / 2595) - 1
    )
    hertz = np.arange(_BAND_SIZE // 2 + 1) * (RATE / _BAND_SIZE)
    rise = (hertz[:, np.newaxis] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - hertz[:, np.newaxis]) / (edges[2:] - edges[1:-1])
    filters = np.maximum(np.minimum(rise, fall), 0.0)
    # The lowest bands are narrower than a bin.
    for band in np.flatnonzero(filters.sum(axis=0) <= 0.5):
        filters[round(edges[band + 1] * _BAND_SIZE / RATE), band] = 1.0
    return np.asarray(filters / filters.sum(axis=0), dtype=np.float32)


def _hertz_to_mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))
