"""What a mix sounds like in figures: spectrum in thirds of an octave, crest, width, and how it is played and placed.

Nothing here uses the engine's own analysis. Mixes are float32 at `RATE`, shape (frames, 2).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

RATE = 48_000
THIRDS_HZ = tuple(round(1_000 * 2 ** (step / 3)) for step in range(-14, 12))
"""The middles of the bands, 39 Hz to 12.7 kHz."""
_WIDTH_BANDS_HZ = ((40, 250), (250, 2_500), (2_500, 12_000))
SCALARS = (
    "crest, dB",
    "sides below 250 Hz, dB", "sides 250 to 2500 Hz, dB", "sides above 2500 Hz, dB",
    "dip after onsets, dB", "onset spread, ms", "range of levels of 0.4 s, dB",
)  # fmt: skip
_HOP = 96
_WINDOW = 512
_BEAT_SECONDS = (0.29, 1.0)
_FIT_SECONDS = 5.0
Mix = NDArray[np.float32]


def third_levels(mix: Mix) -> NDArray[np.float64]:
    """The power in each band relative to the whole, in dB."""
    hertz, power = signal.welch(mix.astype(np.float64).T, RATE, nperseg=16_384)
    power = power.sum(axis=0)
    edges = [(middle * 2 ** (-1 / 6), middle * 2 ** (1 / 6)) for middle in THIRDS_HZ]
    bands = [power[(hertz >= low) & (hertz < high)].sum() for low, high in edges]
    return np.asarray(10 * np.log10(np.maximum(bands, 1e-12 * power.sum()) / power.sum()))


def scalars(mix: Mix) -> NDArray[np.float64]:
    """The figures of `SCALARS`."""
    onsets = onset_times(mix)
    return np.array(
        [
            crest_db(mix), *side_levels(mix), onset_dip_db(mix, onsets[0]), onset_spread_ms(*onsets),
            level_range_db(mix),
        ]
    )  # fmt: skip


def crest_db(mix: Mix) -> float:
    """Peak over root mean square, of both channels."""
    return float(20 * np.log10(np.abs(mix).max() / np.sqrt(np.mean(np.square(mix, dtype=np.float64)))))


def side_levels(mix: Mix) -> list[float]:
    """The power of the sides (left minus right) relative to the middle in three bands, in dB."""
    pair = np.stack((mix[:, 0] + mix[:, 1], mix[:, 0] - mix[:, 1])).astype(np.float64)
    hertz, power = signal.welch(pair, RATE, nperseg=8_192)
    found = []
    for low, high in _WIDTH_BANDS_HZ:
        middle, side = power[:, (hertz >= low) & (hertz < high)].sum(axis=1)
        found.append(float(10 * np.log10(max(side, 1e-9 * middle) / max(middle, 1e-12))))
    return found


def onset_times(mix: Mix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Seconds and strengths of onsets: peaks of the rise of the level, in eighths of the spectrum."""
    rise = _rises(mix)
    floor = ndimage.uniform_filter1d(rise, 201)
    # The place between two frames by a parabola through the peak and its neighbours.
    peaks, about = signal.find_peaks(
        rise, distance=22, prominence=0.06 * np.percentile(rise, 99.5), height=floor * 1.3
    )
    before, at, after = rise[peaks - 1], rise[peaks], rise[np.minimum(peaks + 1, len(rise) - 1)]
    shift = np.clip((before - after) / (2 * (before - 2 * at + after) - 1e-12), -0.5, 0.5)
    return (peaks + shift) * _HOP / RATE, about["prominences"]


def onset_spread_ms(times: NDArray[np.float64], weights: NDArray[np.float64]) -> float:
    """How far onsets lie from an even grid of sixteenths, fitted anew every five seconds: the median."""
    if len(times) < 12:
        return float("nan")
    step = _sixteenth_seconds(times, weights)
    errors = []
    for start in np.arange(0, times[-1] - _FIT_SECONDS / 2, _FIT_SECONDS):
        inside = (times >= start) & (times < start + _FIT_SECONDS)
        if inside.sum() >= 6:
            errors.append(_grid_errors(times[inside], weights[inside], step))
    return float(np.median(np.abs(np.concatenate(errors))) * 1e3) if errors else float("nan")


def onset_dip_db(mix: Mix, onsets: NDArray[np.float64]) -> float:
    """How far the level above 1 kHz falls within 150 ms of an onset: the median. A room fills it."""
    sos = signal.butter(2, [1_000, 8_000], "bandpass", fs=RATE, output="sos")
    power = np.square(signal.sosfilt(sos, mix.astype(np.float64), axis=0)).sum(axis=1)
    size = RATE // 100
    level = 10 * np.log10(power[: len(power) // size * size].reshape(-1, size).mean(axis=1) + 1e-12)
    dips = []
    for time in onsets:
        at = int(time * RATE / size)
        after = level[at : at + 15]
        if len(after) == 15:
            dips.append(after[:4].max() - after[3:].min())
    return float(np.median(dips)) if dips else float("nan")


def level_range_db(mix: Mix) -> float:
    """How far the levels of 0.4 s lie apart: from the 10th to the 95th percentile."""
    size = round(0.4 * RATE)
    blocks = np.square(mix[: len(mix) // size * size], dtype=np.float64).reshape(-1, size * 2).mean(axis=1)
    levels = 10 * np.log10(np.maximum(blocks, 1e-10))
    return float(np.percentile(levels, 95) - np.percentile(levels, 10))


def _rises(mix: Mix) -> NDArray[np.float64]:
    mono = mix.mean(axis=1)
    _, _, found = signal.stft(
        mono, RATE, nperseg=_WINDOW, noverlap=_WINDOW - _HOP, boundary="even", padded=False
    )
    level = np.log1p(1_000 * np.abs(found))
    lag = 4
    rise = np.maximum(level[:, lag:] - level[:, :-lag], 0).mean(axis=0)
    return np.asarray(ndimage.gaussian_filter1d(np.pad(rise, (lag, 0)), 1.5), dtype=np.float64)


def _sixteenth_seconds(times: Any, weights: Any) -> float:
    """The step of the grid that most of the onsets lie on, among those of usual tempos."""
    best, found = -1.0, 0.125
    for step in np.geomspace(_BEAT_SECONDS[0] / 4, _BEAT_SECONDS[1] / 4, 600):
        score = 0.0
        for start in np.arange(0, times.max() - 4, 4.0):
            inside = (times >= start) & (times < start + 8)
            turns = np.exp(2j * np.pi * times[inside] / step)
            score += float(np.abs((weights[inside] * turns).sum()))
        # A finer grid always fits better by chance: what counts is the error as a part of the step.
        score *= step**0.15
        if score > best:
            best, found = score, float(step)
    return found


def _grid_errors(times: Any, weights: Any, step: float) -> NDArray[np.float64]:
    turns = np.exp(2j * np.pi * times / step)
    phase = np.angle((weights * turns).sum())
    return np.asarray(np.angle(turns * np.exp(-1j * phase)) / (2 * np.pi) * step)
