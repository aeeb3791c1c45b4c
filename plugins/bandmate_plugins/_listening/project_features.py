"""What is measured of a recording: bands for its strokes and peaks for its notes, row by row.

Strokes are looked for in about forty bands of short spectra, notes in the peaks of long ones. Both are
compressed by a logarithm or a root, as loud partials would else hide soft notes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from bandmate_plugins._listening.decimated import DecimatedReader, Mono
from bandmate_plugins._listening.tuning import TuningMeter, other_tuning
from bandmate_plugins._platform.arrays import FloatArray64

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
_MAX_PEAK_HERTZ = 4_300.0
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
    found: list[tuple[Rows, Rows]] = []
    reach = plan.long // 2
    for row in range(0, rows, _BLOCK):
        check()
        count = min(_BLOCK, rows - row)
        samples = ear.read_samples(first + row * plan.hop - reach, count * plan.hop + 2 * reach)
        inner = samples[reach - plan.short // 2 :]
        spectra = _window_magnitudes(inner, plan.short, plan.hop, count)
        bands[row : row + count] = spectra @ matrix
        loud[row : row + count] = np.square(spectra, dtype=np.float64).sum(axis=1)
        found.append(
            _find_peaks(
                _window_magnitudes(samples, plan.long, plan.hop * _LONG_HOPS, count // _LONG_HOPS), plan
            )
        )
    cents, centre = _detect_tuning(found, plan), _mean_detuning(found)
    peaks = _tuned_note_rows(found, cents, centre)
    if profile is not None and (other := other_tuning(cents, _sum_chroma(peaks), profile)) != cents:
        cents, peaks = other, _tuned_note_rows(found, other, centre)
    return SpectralFeatures(
        plan.hop * ear.step, ear.frame_at(first), hertz, bands, loud, peaks, cents, rate, ear.rate
    )


def short_spectra(samples: Mono, rate: float) -> tuple[Rows, Rows]:
    """A sound's short spectra, shape (rows, bins), and the bands that `SpectralFeatures.bands` has of them."""
    plan = _plan_windows(rate)
    _, matrix = _band_matrix(plan)
    count = 2 + len(samples) // plan.hop
    padded = np.concatenate((np.zeros(plan.short, np.float32), samples, np.zeros(2 * plan.short, np.float32)))
    spectra = _window_magnitudes(padded, plan.short, plan.hop, count)
    return spectra, spectra @ matrix


def resample_spectrum(magnitudes: FloatArray64, rate: float) -> FloatArray64:
    """The bands at a rate of a short spectrum that was measured at MIDDLE_RATE; shape (bands,)."""
    plan, stored = _plan_windows(rate), _plan_windows(MIDDLE_RATE)
    hertz = np.arange(plan.short // 2 + 1) * plan.rate / plan.short
    known = np.arange(len(magnitudes)) * stored.rate / stored.short
    _, matrix = _band_matrix(plan)
    return np.asarray(np.interp(hertz, known, magnitudes, right=0.0) @ matrix, dtype=np.float64)


def _window_magnitudes(samples: Mono, size: int, hop: int, count: int) -> Rows:
    windows = np.lib.stride_tricks.sliding_window_view(samples, size)[::hop][:count]
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    spectra: Any = scipy.fft.rfft(windows * window, axis=1)
    return np.asarray(np.abs(spectra) * np.float32(2 / window.sum()), dtype=np.float32)


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


def _find_peaks(spectra: Rows, plan: _WindowPlan) -> tuple[Rows, Rows]:
    """Notes (fractional; zero where there is no peak) and magnitudes of the peaks of each spectrum."""
    bins = min(spectra.shape[1] - 1, int(_MAX_PEAK_HERTZ * plan.long / plan.rate))
    inner, left, right = spectra[:, 1:bins], spectra[:, : bins - 1], spectra[:, 2 : bins + 1]
    top = (inner > left) & (inner >= right)
    floor = np.median(inner, axis=1, keepdims=True) * np.float32(3)
    top &= inner > floor
    a, b, c = (np.log(np.maximum(part, 1e-12)) for part in (left, inner, right))
    shift = np.clip(0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-9), -0.5, 0.5)
    hertz = (np.arange(1, bins) + shift) * plan.rate / plan.long
    pitch = np.where(top, 69 + 12 * np.log2(np.maximum(hertz, 1.0) / 440), 0.0)
    level = np.where(top, inner - floor, 0.0)
    return pitch.astype(np.float32), level.astype(np.float32)


def _detect_tuning(found: list[tuple[Rows, Rows]], plan: _WindowPlan) -> int:
    """How many cents the peaks lie above concert pitch; 0 where that cannot be told."""
    meter = TuningMeter(max(1, plan.long // (2 * _LONG_HOPS * plan.hop)))
    first = 0
    for pitch, level in found:
        row, column = np.nonzero(level > _MIN_PEAK_SHARE * max(float(level.max(initial=0)), 1e-12))
        meter.add(first + row, pitch[row, column], level[row, column])
        first += len(pitch)
    return meter.cents() or 0


def _mean_detuning(found: list[tuple[Rows, Rows]]) -> float:
    """How far the peaks, overtones included, lie from tempered notes on the average: -0.5 to 0.5 semitones.

    Zero where they lie anywhere: a voice with vibrato has no average that means anything.
    """
    total, weight = 0j, 0.0
    for pitch, level in found:
        strong = (
            (level > _MIN_PEAK_SHARE * max(float(level.max(initial=0)), 1e-12)) & (pitch > 45) & (pitch < 90)
        )
        turn = np.exp(2j * np.pi * pitch[strong].astype(np.float64))
        total += complex((turn * np.sqrt(level[strong])).sum())
        weight += float(np.sqrt(level[strong]).sum())
    return float(np.angle(total) / (2 * np.pi)) if abs(total) > _MIN_AGREEMENT * weight else 0.0


def _tuned_note_rows(found: list[tuple[Rows, Rows]], cents: int, centre: float) -> Rows:
    """The peaks by note: columns are centred on their mean, and counted from the tuning."""
    if cents:
        away = centre - cents / 100
        centre = cents / 100 + away - round(away)
    return np.concatenate([_note_rows(pitch, level, centre) for pitch, level in found])


def _sum_chroma(peaks: Rows) -> FloatArray64:
    """How much each pitch class sounds in all."""
    sums = np.sqrt(peaks, dtype=np.float64).sum(axis=0)
    classes = np.bincount((np.arange(len(sums)) + MIN_NOTE) % 12, weights=sums, minlength=12)
    return np.asarray(classes, dtype=np.float64)


def _note_rows(pitch: Rows, level: Rows, tuning: float) -> Rows:
    """The peaks put into columns by note."""
    note = np.round(pitch - np.float32(tuning)).astype(np.int64) - MIN_NOTE
    width = MAX_NOTE - MIN_NOTE
    rows = np.arange(len(pitch))[:, None]
    inside = (note >= 0) & (note < width) & (level > 0)
    places = (rows * width + note)[inside]
    flat = np.bincount(places, weights=level[inside], minlength=len(pitch) * width)
    return flat.reshape(len(pitch), width).astype(np.float32)
