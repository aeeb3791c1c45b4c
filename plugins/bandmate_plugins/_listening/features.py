"""What is kept of audio while it passes by: loudness by band for rhythm and timbre, and which notes sound.

Everything is made from a mono mix at one rate (22,050 Hz), whatever the source's, so that all that follows is
the same at every rate. An hour takes about 100 MB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.fft
import soxr
from numpy.typing import NDArray

from bandmate_plugins._listening.downmix import Mono, MonoDownmix
from bandmate_plugins._listening.tuning import TuningMeter
from bandmate_plugins._platform.arrays import FloatArray32, FloatArray64

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples


RATE = 22_050
BAND_HOP = 256
BANDS_PER_SECOND = RATE / BAND_HOP
"""Rows of bands in a second: 86.1."""
_BAND_SIZE = 1_024
BANDS = 32
_LOWEST_HERTZ, _HIGHEST_HERTZ = 30.0, 10_500.0

ATTACK_HOP = 16
"""Samples in a row of attacks: 0.7 ms."""

NOTE_HOP = 1_024
NOTES_PER_SECOND = RATE / NOTE_HOP
"""Rows of notes in a second: 21.5."""
_NOTE_SIZE = 8_192
LOWEST_NOTE, HIGHEST_NOTE = 28, 96
"""MIDI notes that are listened to: E1 to B6."""
STEPS = 5
"""Parts of a semitone that rows of notes tell apart, so that a tuning can be taken out later."""
_MIN_ENERGY = 1e-12
_SILENT = 1e-3
"""What is silence beside the louder moments of a piece: -60 dB."""
_NOTE_COLUMNS = (HIGHEST_NOTE - LOWEST_NOTE) * STEPS


@dataclass(frozen=True)
class AudioFeatures:
    """What was kept; row `t` of each array belongs to the time `t / ..._PER_SECOND` seconds."""

    bands: FloatArray32
    """Magnitude by band, shape (rows, BANDS), from low to high."""
    notes: NDArray[np.float16]
    """The square root of the magnitude of the spectrum's peaks by parts of semitones, (rows, 68 * STEPS)."""
    attacks: NDArray[np.float16]
    """Natural logarithms of the energy of ATTACK_HOP samples, and of their differences: shape (rows, 2)."""
    tuning_cents: int | None
    """How far the music is above 440 Hz, -50 to 50; None where that cannot be told."""
    seconds: float

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
        self._downmix = MonoDownmix(rate, channels)
        self._rate = rate
        self._frames = 0
        self._resampler = soxr.ResampleStream(rate, RATE, 1, dtype="float32") if rate != RATE else None
        self._bands = _BandRows()
        self._notes = _NoteRows()
        self._attacks = _AttackRows()

    def add(self, samples: Samples) -> None:
        """Takes in samples of shape (frames, channels)."""
        self._frames += len(samples)
        self._push_block(self._downmix.add(samples), last=False)

    def finish(self) -> AudioFeatures:
        """The features of all that came in."""
        self._push_block(self._downmix.finish(), last=True)
        notes, tuning = self._notes.finish()
        return AudioFeatures(
            self._bands.finish(), notes, self._attacks.finish(), tuning, self._frames / self._rate
        )

    def _push_block(self, downmix: Mono, *, last: bool) -> None:
        mono: FloatArray32 = downmix.astype(np.float32)
        if self._resampler is not None:
            mono = self._resampler.resample_chunk(mono, last=last)
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


class _WindowRows:
    """Windows of a stream, the middle of the first one on its first sample."""

    def __init__(self, size: int, hop: int, columns: int) -> None:
        self._size, self._hop = size, hop
        self._open: FloatArray32 = np.zeros(size // 2, np.float32)
        self._window = np.hanning(size + 1)[:-1].astype(np.float32)
        self._made: list[NDArray[np.floating]] = []
        self._columns = columns

    def add(self, mono: FloatArray32) -> None:
        """Takes in samples, and makes a row of each window that they fill."""
        self._open = np.concatenate((self._open, mono))
        count = (len(self._open) - self._size) // self._hop + 1
        if count <= 0:
            return
        windows = np.lib.stride_tricks.sliding_window_view(self._open, self._size)[:: self._hop][:count]
        for start in range(0, count, 256):
            spectra: Any = scipy.fft.rfft(windows[start : start + 256] * self._window, axis=-1)
            magnitude = np.abs(spectra) * np.float32(4 / self._size)
            self._made.append(self._make_row(magnitude.astype(np.float32)))
        self._open = self._open[count * self._hop :].copy()

    def all_rows(self) -> NDArray[np.floating]:
        """All rows, the end filled up with silence."""
        self.add(np.zeros(self._size // 2, np.float32))
        made, self._made = self._made, []
        return np.concatenate(made) if made else np.zeros((0, self._columns), np.float32)

    def _make_row(self, magnitude: FloatArray32) -> NDArray[np.floating]:
        raise NotImplementedError


class _BandRows(_WindowRows):
    def __init__(self) -> None:
        super().__init__(_BAND_SIZE, BAND_HOP, BANDS)
        self._filters = _band_filters()

    def finish(self) -> FloatArray32:
        return self.all_rows().astype(np.float32, copy=False)

    def _make_row(self, magnitude: FloatArray32) -> NDArray[np.floating]:
        return magnitude @ self._filters


class _NoteRows(_WindowRows):
    """Peaks of the spectrum, placed between the bins by a parabola through their logarithms."""

    def __init__(self) -> None:
        super().__init__(_NOTE_SIZE, NOTE_HOP, _NOTE_COLUMNS)
        low = 440 * 2 ** ((LOWEST_NOTE - 69.5) / 12)
        high = 440 * 2 ** ((HIGHEST_NOTE - 69.5) / 12)
        self._first = max(1, int(low / RATE * _NOTE_SIZE))
        self._last = int(high / RATE * _NOTE_SIZE) + 1
        self._tuning = TuningMeter(_NOTE_SIZE // NOTE_HOP // 2)
        self._count = 0

    def finish(self) -> tuple[NDArray[np.float16], int | None]:
        return self.all_rows().astype(np.float16, copy=False), self._tuning.cents()

    def _make_row(self, magnitude: FloatArray32) -> NDArray[np.floating]:
        part = magnitude[:, self._first - 1 : self._last + 1]
        inner, left, right = part[:, 1:-1], part[:, :-2], part[:, 2:]
        # What stands out of its surroundings: noise and drums have many small peaks.
        floor = np.maximum(2.0 * np.median(inner, axis=1, keepdims=True), 1e-7)
        row, column = np.nonzero((inner > left) & (inner >= right) & (inner > floor))
        top = inner[row, column]
        a, b, c = (np.log(one[row, column] + 1e-12) for one in (left, inner, right))
        shift = 0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-6)
        hertz = (self._first + column + np.clip(shift, -0.5, 0.5)) * (RATE / _NOTE_SIZE)
        pitch = 69 + 12 * np.log2(hertz / 440)
        self._tuning.add(self._count + row, pitch, top)
        self._count += len(magnitude)
        place = np.round((pitch - LOWEST_NOTE) * STEPS).astype(np.int64) + STEPS // 2
        good = (place >= 0) & (place < _NOTE_COLUMNS)
        flat = np.bincount(
            row[good] * _NOTE_COLUMNS + place[good],
            weights=top[good],
            minlength=len(magnitude) * _NOTE_COLUMNS,
        )
        return np.sqrt(flat.reshape(len(magnitude), _NOTE_COLUMNS)).astype(np.float16)


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
