"""How far music lies from concert pitch (A4 = 440 Hz), told from the peaks of spectra.

Each peak says how far it is from the nearest tempered semitone. Only peaks that are still there half a
window later count, which leaves out strokes, noise and voices that glide. The tuning is where most of them
agree: the mode of their density, as a mean would be pulled by overtones such as the fifth partial, 14 cents
flat. It is unknown unless most of the sound and several pitch classes agree on it, and on nothing else nearly
as well.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._platform.arrays import FloatArray64

LOWEST_NOTE, HIGHEST_NOTE = 50, 88
"""MIDI notes of the peaks that count: lower ones are measured coarsely, higher ones are mostly overtones."""
_NOTES = HIGHEST_NOTE - LOWEST_NOTE
_ROW = 1_000.0
"""What a row adds to a pitch, so that one sorted array holds the peaks of many rows."""
_HELD_SEMITONES = 0.12
_KERNEL_CENTS = 6.0
_AROUND_CENTS = 15
"""Peaks so near to the mode are its own: their mean is the tuning."""
_MIN_SHARE, _MIN_CONTRAST = 0.5, 2.6
"""How much of what is held lies there, and how many times more than in a stretch beside it as wide."""
_MIN_CLASSES = 3.0
_IN_TUNE_CENTS = 5
"""So much or less is concert pitch: instruments are no nearer to it themselves."""
_AMBIGUOUS_CENTS = 35
"""From here on, half a semitone up may as well be half a semitone down from the next note."""


class TuningMeter:
    """Takes in peaks of one spectrum after another, and keeps a histogram of how far they are out of tune."""

    def __init__(self, apart: int) -> None:
        """`apart` rows later a peak must still be there: half a window, so that chance does not repeat."""
        self._histogram = np.zeros(_NOTES * 100)
        self._apart = apart
        self._last = np.zeros(0)

    def add(
        self, rows: NDArray[np.int64], pitches: NDArray[np.floating], magnitudes: NDArray[np.floating]
    ) -> None:
        """Takes in peaks, in order of rows, and from low to high in each.

        Of each the number of its row in the stream, its MIDI note with a fraction, and its magnitude.
        """
        used = (pitches >= LOWEST_NOTE) & (pitches < HIGHEST_NOTE) & (magnitudes > 0)
        if not used.any():
            return
        pitch, weight = pitches[used].astype(np.float64), np.sqrt(magnitudes[used], dtype=np.float64)
        places = _ROW * rows[used] + pitch
        known = np.concatenate((self._last, places))
        held = _nearest_distance(places - _ROW * self._apart, known) <= _HELD_SEMITONES
        cents = np.floor((pitch[held] - LOWEST_NOTE) * 100).astype(np.int64)
        self._histogram += np.bincount(cents, weights=weight[held], minlength=len(self._histogram))
        self._last = known[known >= _ROW * (int(rows[used][-1]) + 1 - self._apart)]

    def cents(self) -> int | None:
        """How many cents the music lies above concert pitch, -50 to 50; None where that cannot be told."""
        notes = self._histogram.reshape(_NOTES, 100)
        density = notes.sum(axis=0)
        total = float(density.sum())
        if total <= 0:
            return None
        mode = int(np.argmax(_smooth_histogram(density)))
        own = _histogram_around(density, mode)
        beside = max(
            float(_histogram_around(density, mode + way).sum()) for way in (-_APART_CENTS, _APART_CENTS)
        )
        if own.sum() < _MIN_SHARE * total or own.sum() < _MIN_CONTRAST * beside:
            return None
        if self._sounding_classes(mode) < _MIN_CLASSES:
            return None
        # A bin of the histogram begins at its own number of cents.
        found = round(mode + 0.5 + float(own @ _WAY / own.sum()))
        found = (found + 50) % 100 - 50
        return 0 if abs(found) <= _IN_TUNE_CENTS else found

    def _sounding_classes(self, mode: int) -> float:
        """How many pitch classes sound at a tuning, counted by how evenly the sound is spread over them."""
        centres = np.arange(_NOTES) * 100 + mode
        places = np.clip(centres[:, None] + _WAY, 0, len(self._histogram) - 1)
        sums = self._histogram[places].sum(axis=1)
        classes = np.bincount((np.arange(_NOTES) + LOWEST_NOTE) % 12, weights=sums, minlength=12)
        return float(classes.sum() ** 2 / max(float(np.square(classes).sum()), 1e-12))


_WAY = np.arange(-_AROUND_CENTS, _AROUND_CENTS + 1)
_APART_CENTS = len(_WAY)


def other_tuning(cents: int, chroma: FloatArray64, profile: FloatArray64) -> int:
    """The tuning that suits a key which is known: that of the same sound a semitone on, if it fits better.

    Near half a semitone, sharp of one note is flat of the next. `chroma` has the weights of the twelve pitch
    classes at `cents`, `profile` what a key expects of them. The result is between -65 and 65.
    """
    if abs(cents) < _AMBIGUOUS_CENTS or np.std(chroma) <= 0:
        return cents
    step = 1 if cents > 0 else -1
    here, there = (float(np.corrcoef(profile, np.roll(chroma, by))[0, 1]) for by in (0, step))
    return cents - 100 * step if there > here else cents


def _nearest_distance(places: FloatArray64, known: FloatArray64) -> FloatArray64:
    """How far each place is from the nearest of those that are known, which are sorted."""
    after = np.searchsorted(known, places)
    left, right = known[np.maximum(after - 1, 0)], known[np.minimum(after, len(known) - 1)]
    return np.minimum(np.abs(places - left), np.abs(places - right))


def _histogram_around(density: FloatArray64, cents: int) -> FloatArray64:
    """A circular histogram around a place."""
    return np.asarray(density[(cents + _WAY) % 100])


def _smooth_histogram(density: FloatArray64) -> FloatArray64:
    """A circular histogram of cents through a Gaussian."""
    way = (np.arange(100) + 50) % 100 - 50
    kernel = np.exp(-0.5 * np.square(way / _KERNEL_CENTS))
    return np.asarray(np.fft.irfft(np.fft.rfft(density) * np.fft.rfft(kernel), 100))
