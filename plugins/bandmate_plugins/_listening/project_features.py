"""What is measured of a stretch of a project: bands for its strokes and peaks for its lines, row by row.

Strokes are looked for in about forty bands of short spectra, notes in the peaks of long ones. Both are
compressed by a logarithm or a root, as loud partials would else hide soft notes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening.decimated import DecimatedReader, Mono
from bandmate_plugins._listening.notes import pitch_classes
from bandmate_plugins._listening.spectra import find_peaks, window_magnitudes
from bandmate_plugins._listening.tuning import TuningMeter, other_tuning
from bandmate_plugins._platform.arrays import FloatArray64, IntArray64

Rows = NDArray[np.float32]
MIDDLE_RATE = 22_050
"""The rate at which most recordings are transformed, and at which spectra are stored."""
MIN_NOTE, MAX_NOTE = 24, 100
"""MIDI notes that rows of peaks have columns for; the last one is not among them."""
_SHORT_SECONDS, _HOP_SECONDS = 0.04, 0.01
_LONG_SECONDS = 0.16
_LONG_HOPS = 2
"""A long spectrum for so many short ones."""
_BLOCK = 1024
"""Short hops that are read and transformed at a time."""
_BANDS_PER_OCTAVE = 5
_MIN_BAND_HERTZ = 40.0
_MAX_PEAK_HERTZ, _ABOVE = 4_300.0, 3.0
"""Up to where peaks are looked for, and how much they must stand out."""
_LOWEST_FOR_MEAN, _HIGHEST_FOR_MEAN = 45, 90
_MIN_AGREEMENT = 0.2
"""How far the peaks must agree, 0 to 1, for a centre: voices alone are below 0.1, else it is 0.4 and more."""
_MIN_PEAK_SHARE = 0.02
"""Peaks under this part of the loudest one are not counted for the tuning."""


@dataclass(frozen=True)
class SpectralFeatures:
    """Measurements of a stretch."""

    hop: float
    """Project frames between two rows of `bands`."""
    start: float
    """Project frame of the first row."""
    hertz: FloatArray64
    """The middle of each band."""
    bands: Rows
    """Magnitudes, shape (rows, bands)."""
    loud: FloatArray64
    """Mean square of each row's surroundings."""
    peaks: Rows
    """Magnitudes of the peaks by note, shape (rows / 2, notes): every second row of `bands`."""
    tuning_cents: int
    """How far the recording lies above 440 Hz; 0 where that cannot be told."""
    rate: int
    """Project frames a second."""
    source_rate: float
    """Samples a second that were transformed."""

    def rows_to_seconds(self, rows: float) -> float:
        """The time that so many rows take."""
        return rows * self.hop / self.rate


@dataclass(frozen=True)
class _WindowPlan:
    rate: float
    short: int
    hop: int
    long: int


@lru_cache(maxsize=8)
def _plan_windows(rate: float) -> _WindowPlan:
    hop = max(1, round(rate * _HOP_SECONDS))
    short = 1 << round(np.log2(rate * _SHORT_SECONDS))
    return _WindowPlan(rate, short, hop, 1 << round(np.log2(rate * _LONG_SECONDS)))


def measure_features(
    ear: DecimatedReader,
    rate: int,
    start: float,
    stop: float,
    check: Callable[[], None],
    profile: FloatArray64 | None = None,
) -> SpectralFeatures:
    """Measures from one project frame up to another; `check` is called between blocks.

    `profile` is what a key which is known expects of the twelve pitch classes.
    """
    plan = _plan_windows(ear.rate)
    first = ear.sample_at(start)
    rows = max(2, -(-max(ear.sample_at(stop) - first, 1) // plan.hop))
    rows += rows % _LONG_HOPS
    hertz, matrix = _band_matrix(plan)
    bands, loud = np.zeros((rows, len(hertz)), dtype=np.float32), np.zeros(rows)
    found: list[_PeakBlock] = []
    reach = plan.long // 2
    for row in range(0, rows, _BLOCK):
        check()
        count = min(_BLOCK, rows - row)
        samples = ear.read_samples(first + row * plan.hop - reach, count * plan.hop + 2 * reach)
        inner = samples[reach - plan.short // 2 :]
        spectra = window_magnitudes(inner, plan.short, plan.hop, count)
        bands[row : row + count] = spectra @ matrix
        loud[row : row + count] = np.square(spectra, dtype=np.float64).sum(axis=1)
        spectra = window_magnitudes(samples, plan.long, plan.hop * _LONG_HOPS, count // _LONG_HOPS)
        found.append(_PeakBlock.from_spectra(spectra, row // _LONG_HOPS, plan.rate / plan.long))
    cents, centre = _detect_tuning(found, plan), _mean_detuning(found)
    peaks = _tuned_note_rows(found, rows // _LONG_HOPS, cents, centre)
    if profile is not None and (other := other_tuning(cents, _sum_chroma(peaks), profile)) != cents:
        cents, peaks = other, _tuned_note_rows(found, rows // _LONG_HOPS, other, centre)
    return SpectralFeatures(
        plan.hop * ear.step, ear.frame_at(first), hertz, bands, loud, peaks, cents, rate, ear.rate
    )


def short_spectra(samples: Mono, rate: float) -> tuple[Rows, Rows]:
    """A sound's short spectra, shape (rows, bins), and the bands that `SpectralFeatures.bands` has of them."""
    plan = _plan_windows(rate)
    _, matrix = _band_matrix(plan)
    count = 2 + len(samples) // plan.hop
    padded = np.concatenate((np.zeros(plan.short, np.float32), samples, np.zeros(2 * plan.short, np.float32)))
    spectra = window_magnitudes(padded, plan.short, plan.hop, count)
    return spectra, spectra @ matrix


def resample_spectrum(magnitudes: FloatArray64, rate: float) -> FloatArray64:
    """The bands at a rate of a short spectrum that was measured at MIDDLE_RATE; shape (bands,)."""
    plan, stored = _plan_windows(rate), _plan_windows(MIDDLE_RATE)
    hertz = np.arange(plan.short // 2 + 1) * plan.rate / plan.short
    known = np.arange(len(magnitudes)) * stored.rate / stored.short
    _, matrix = _band_matrix(plan)
    return np.asarray(np.interp(hertz, known, magnitudes, right=0.0) @ matrix, dtype=np.float64)


@lru_cache(maxsize=8)
def _band_matrix(plan: _WindowPlan) -> tuple[FloatArray64, Rows]:
    """Bands that overlap by half, from bins of the short spectrum; shape (bins, bands)."""
    bins = np.arange(plan.short // 2 + 1) * plan.rate / plan.short
    top = min(plan.rate / 2 * 0.96, 11_000.0)
    count = max(4, round(np.log2(top / _MIN_BAND_HERTZ) * _BANDS_PER_OCTAVE))
    borders = _MIN_BAND_HERTZ * (top / _MIN_BAND_HERTZ) ** (np.arange(count + 2) / (count + 1))
    matrix = np.zeros((len(bins), count))
    for band in range(count):
        low, middle, high = borders[band : band + 3]
        rising, falling = (bins - low) / (middle - low), (high - bins) / (high - middle)
        matrix[:, band] = np.clip(np.minimum(rising, falling), 0, None)
        if not matrix[:, band].any():
            matrix[int(np.abs(bins - middle).argmin()), band] = 1.0
    return borders[1:-1], matrix.astype(np.float32)


@dataclass(frozen=True)
class _PeakBlock:
    """The peaks of some long spectra; arrays of one length."""

    rows: IntArray64
    """Counted from the first spectrum of all."""
    pitches: FloatArray64
    levels: Rows
    strong: NDArray[np.bool_]
    """Which ones count for the tuning."""

    @classmethod
    def from_spectra(cls, spectra: Rows, first_row: int, bin_hertz: float) -> _PeakBlock:
        found = find_peaks(spectra, bin_hertz, bin_hertz, _MAX_PEAK_HERTZ, _ABOVE)
        strong = found.over_floor > _MIN_PEAK_SHARE * float(found.over_floor.max(initial=0))
        return cls(first_row + found.rows, found.pitches, found.over_floor, strong)


def _detect_tuning(found: Sequence[_PeakBlock], plan: _WindowPlan) -> int:
    """How many cents the peaks lie above concert pitch; 0 where that cannot be told."""
    meter = TuningMeter(max(1, plan.long // (2 * _LONG_HOPS * plan.hop)))
    for one in found:
        meter.add(one.rows[one.strong], one.pitches[one.strong], one.levels[one.strong])
    return meter.cents() or 0


def _mean_detuning(found: Sequence[_PeakBlock]) -> float:
    """How far the peaks, overtones included, lie from tempered notes on the average: -0.5 to 0.5 semitones.

    Zero where they lie anywhere: a voice with vibrato has no average that means anything.
    """
    total, weight = 0j, 0.0
    for one in found:
        used = one.strong & (one.pitches > _LOWEST_FOR_MEAN) & (one.pitches < _HIGHEST_FOR_MEAN)
        root = np.sqrt(one.levels[used], dtype=np.float64)
        total += complex((np.exp(2j * np.pi * one.pitches[used]) * root).sum())
        weight += float(root.sum())
    return float(np.angle(total) / (2 * np.pi)) if abs(total) > _MIN_AGREEMENT * weight else 0.0


def _tuned_note_rows(found: Sequence[_PeakBlock], count: int, cents: int, centre: float) -> Rows:
    """The peaks by note, shape (count, notes): columns are centred on their mean, and counted from the tuning."""
    if cents:
        away = centre - cents / 100
        centre = cents / 100 + away - round(away)
    width = MAX_NOTE - MIN_NOTE
    out = np.zeros(count * width)
    for one in found:
        note = np.round(one.pitches - centre).astype(np.int64) - MIN_NOTE
        inside = (note >= 0) & (note < width)
        places = one.rows[inside] * width + note[inside]
        np.add.at(out, places, one.levels[inside])
    return np.asarray(out.reshape(count, width), dtype=np.float32)


def _sum_chroma(peaks: Rows) -> FloatArray64:
    """How much each pitch class sounds in all."""
    sums = np.sqrt(peaks, dtype=np.float64).sum(axis=0, keepdims=True)
    return np.asarray(pitch_classes(sums, MIN_NOTE, MAX_NOTE, MIN_NOTE)[0])
