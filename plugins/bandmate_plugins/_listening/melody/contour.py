"""The pitch of one voice, row by row, by YIN.

YIN is after de Cheveigné and Kawahara, "YIN, a fundamental frequency estimator for speech and music", JASA
2002: the lag at which a sound differs least from itself, next to what it differs at the lags below.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy.fft

from bandmate_plugins._listening.decimated import DecimatedReader, Mono
from bandmate_plugins._platform.arrays import FloatArray64

ROW_SECONDS = 0.016
MIN_HERTZ, MAX_HERTZ = 65.0, 1_600.0
_WINDOW_SECONDS, _LEVEL_SECONDS = 0.024, 0.016
_DIP, _NEAR_MINIMUM = 0.1, 0.03
"""The first lag counts whose difference is below the one, or less than the other above the least."""
_EVEN, _EVEN_SPREAD = 0.45, 0.045
"""At a dip of the one a row is as likely voiced as not, and at one or two of the other less it surely is."""
_SILENT = 1e-10
_VOICED = 0.5
_BLOCK = 1024
"""Rows at a time."""


@dataclass(frozen=True)
class PitchContour:
    """The pitch of a stretch, row by row."""

    start: float
    """Project frame of the first row."""
    hop: float
    """Project frames between two rows."""
    pitch: FloatArray64
    """MIDI notes with fractions."""
    sure: FloatArray64
    """How surely each row is one voice, 0 to 1: voiced from a half on."""
    level: FloatArray64
    """dB, of full scale."""


def merge_contours(contour: PitchContour, other: PitchContour, surely: float) -> PitchContour:
    """``contour``, with the rows of ``other`` where it has no pitch and ``other`` surely has one.

    Rows of ``other`` are taken at the nearest time. ``surely`` is the least sureness, 0 to 1, of a row that
    is taken.
    """
    times = contour.start + contour.hop * np.arange(len(contour.pitch))
    nearest = np.rint((times - other.start) / other.hop).astype(int).clip(0, len(other.pitch) - 1)
    taken = (contour.sure < _VOICED) & (other.sure[nearest] >= surely)
    return replace(
        contour,
        pitch=np.where(taken, other.pitch[nearest], contour.pitch),
        sure=np.where(taken, other.sure[nearest], contour.sure),
    )


def track_pitch_yin(
    ear: DecimatedReader, start: float, stop: float, check: Callable[[], None], every: int = 1
) -> PitchContour:
    """The contour between two frames of the project; `check` is called between blocks.

    `every` so many rows one is taken, for a first look.
    """
    hop = max(1, round(ear.rate * ROW_SECONDS)) * every
    window = round(ear.rate * _WINDOW_SECONDS)
    lags = round(ear.rate / MIN_HERTZ) + 2
    first = ear.sample_at(start)
    rows = max(1, (ear.sample_at(stop) - first) // hop)
    parts: list[tuple[FloatArray64, FloatArray64, FloatArray64]] = []
    before = (window + lags) // 2
    block = max(1, _BLOCK // every)
    for row in range(0, rows, block):
        check()
        count = min(block, rows - row)
        samples = ear.read_samples(first + row * hop - before, (count - 1) * hop + window + lags)
        parts.append(_yin_rows(samples, ear.rate, hop, window, lags))
    pitch, sure, level = (np.concatenate([part[which] for part in parts]) for which in range(3))
    return PitchContour(ear.frame_at(first), hop * ear.step, pitch, sure, level)


def _yin_rows(
    samples: Mono, rate: float, hop: int, window: int, lags: int
) -> tuple[FloatArray64, FloatArray64, FloatArray64]:
    """Pitch, sureness and level of each row."""
    rows = np.lib.stride_tricks.sliding_window_view(samples, window + lags)[::hop].astype(np.float64)
    apart = _squared_differences(rows, window, lags)
    mean = np.cumsum(apart[:, 1:], axis=1) / np.arange(1, lags)
    dips = np.ones_like(apart)
    np.divide(apart[:, 1:], mean, out=dips[:, 1:], where=mean > _SILENT)
    lowest = max(2, int(rate / MAX_HERTZ))
    inner = dips[:, lowest : lags - 1]
    valley = (inner <= dips[:, lowest - 1 : lags - 2]) & (inner < dips[:, lowest + 1 : lags])
    values = np.where(valley, inner, np.inf)
    least = values.min(axis=1, keepdims=True)
    at = (values <= np.maximum(least + _NEAR_MINIMUM, _DIP)).argmax(axis=1) + lowest
    left, low, right = (dips[np.arange(len(rows)), at + side] for side in (-1, 0, 1))
    bend = left - 2 * low + right
    shift = np.where(bend > 1e-9, 0.5 * (left - right) / np.maximum(bend, 1e-9), 0.0)
    pitch = 69 + 12 * np.log2(rate / (at + np.clip(shift, -0.5, 0.5)) / 440)
    sure = 1 / (1 + np.exp(np.clip((low - _EVEN) / _EVEN_SPREAD, -50.0, 50.0)))
    aside = (window + lags - round(rate * _LEVEL_SECONDS)) // 2
    power = np.square(rows[:, aside : window + lags - aside]).mean(axis=1)
    return pitch, sure, 10 * np.log10(np.maximum(power, 1e-14))


def _squared_differences(rows: FloatArray64, window: int, lags: int) -> FloatArray64:
    """Sums of squared differences between each row's window and itself so many samples later."""
    size = scipy.fft.next_fast_len(window + lags, real=True)
    spectra = scipy.fft.rfft(rows, size, axis=1)
    heads = scipy.fft.rfft(rows[:, :window], size, axis=1)
    alike = scipy.fft.irfft(np.conj(heads) * spectra, size, axis=1)[:, :lags]
    squares = np.pad(np.cumsum(np.square(rows), axis=1), ((0, 0), (1, 0)))
    energy = squares[:, window : window + lags] - squares[:, :lags]
    return np.asarray(np.maximum(energy + energy[:, :1] - 2 * alike, 0.0))
