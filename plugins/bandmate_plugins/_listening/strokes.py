"""Strokes: where something begins, and which drum it was.

Onsets are peaks of the spectral flux over bands, each compared with the loudest of its neighbours a moment
before, so that vibrato is none (after Böck and Widmer, "Maximum filter vibrato suppression for onset
detection", DAFx 2013). Drums are where the activation of their spectra rises in a factorisation of the
bands into these and some free ones (after Wu and Lerch, "Drum transcription using partially fixed
non-negative matrix factorization", EUSIPCO 2015); their spectra are stored, as means over kits.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bandmate_plugins._listening.project_features import (
    Rows,
    SpectralFeatures,
    resample_spectrum,
)
from bandmate_plugins._platform.arrays import FloatArray64

HitKind = Literal["kick", "snare", "hat"]
_MIN_LEVELS: dict[HitKind, float] = {"kick": 0.45, "snare": 0.62, "hat": 0.1}
"""The rise that counts as a stroke, next to that of the strong ones."""
_FREE, _ROUNDS, _POWER, _ADAPT = 10, 24, 1.3, 0.3
"""Free spectra, rounds, the exponent of the magnitudes, and how far the drums' spectra may adapt."""
_OUTER, _BROAD = 0.03, 0.25
"""The share that kick and hats have where there are drums, and that of the bands that a stroke rises in."""
_LAG = 2
_COMPRESSION = 60.0
_EARLY = 0.004
"""Seconds by which a rise shows before its stroke: half of the window sees it first."""


@dataclass(frozen=True, slots=True)
class DrumHit:
    """A drum that was struck, at a frame of the project."""

    frame: float
    kind: HitKind
    level: float
    """0 to 1."""


@dataclass(frozen=True)
class DetectedStrokes:
    """All that begins in a stretch."""

    onsets: FloatArray64
    """Frames of the project."""
    strengths: FloatArray64
    """0 to 1, as long as `onsets`."""
    hits: list[DrumHit]
    clear: float
    """How much of what sounds is drums, 0 to 1; less where what begins is not broad, as in noise."""


def detect_strokes(features: SpectralFeatures) -> DetectedStrokes:
    """Onsets and drums of a stretch."""
    rise = _band_rise(features)
    total = rise.sum(axis=1)
    rows = _peak_rows(total, features, 0.06)
    most = float(np.percentile(total[rows], 95)) if len(rows) else 1.0
    onsets = np.array([_peak_frame(total, row, features) for row in rows])
    strengths = np.minimum(total[rows] / max(most, 1e-12), 1.0)
    hits, share = _detect_hits(features)
    return DetectedStrokes(
        onsets, strengths, hits, share * min(_onset_breadth(rise, rows) / _BROAD, 1.0) ** 2
    )


def _band_rise(features: SpectralFeatures) -> FloatArray64:
    """How much each band has risen since a moment before, logarithmically; shape (rows, bands)."""
    bands = features.bands.astype(np.float64)
    scale = max(float(np.percentile(bands.max(axis=1), 90)), 1e-9)
    level = np.log1p(_COMPRESSION * bands / scale)
    before = ndimage.maximum_filter1d(level, 3, axis=1)
    rise = np.zeros_like(level)
    rise[_LAG:] = np.maximum(level[_LAG:] - before[:-_LAG], 0)
    return rise


def _peak_rows(curve: FloatArray64, features: SpectralFeatures, above: float) -> NDArray[np.int64]:
    """Rows where a curve has a peak that stands out from its surroundings."""
    if not curve.any():
        return np.zeros(0, dtype=np.int64)
    wide = max(3, round(0.1 * features.rate / features.hop)) | 1
    around = ndimage.uniform_filter1d(curve, 2 * wide + 1, mode="nearest")
    threshold = around * 1.15 + above * float(np.percentile(curve, 98))
    highest = ndimage.maximum_filter1d(curve, 5, mode="nearest")
    return np.flatnonzero((curve >= highest) & (curve > threshold))


def _peak_frame(curve: FloatArray64, row: int, features: SpectralFeatures) -> float:
    """The frame of the project of a peak, between the rows."""
    shift = 0.0
    if 0 < row < len(curve) - 1:
        a, b, c = curve[row - 1 : row + 2]
        shift = float(np.clip(0.5 * (a - c) / min(a - 2 * b + c, -1e-12), -0.5, 0.5))
    return features.start + (row + shift - _LAG / 2) * features.hop + _EARLY * features.rate


def _onset_breadth(rise: FloatArray64, rows: NDArray[np.int64]) -> float:
    """How many of the bands a stroke is heard in, 0 to 1."""
    return float((rise[rows] > 0.25).mean()) if len(rows) else 0.0


def _detect_hits(features: SpectralFeatures) -> tuple[list[DrumHit], float]:
    """The drums of a stretch, in order of time, and the share of its sound that they are."""
    activations, total = _drum_activations(features)
    hits: list[DrumHit] = []
    first = 0
    for kind, stored in _stored_spectra().items():
        count = len(stored)
        active = activations[:, first : first + count].sum(axis=1).astype(np.float64)
        first += count
        rise = np.zeros(len(active))
        rise[_LAG:] = np.maximum(active[_LAG:] - active[:-_LAG], 0)
        rows = _peak_rows(rise, features, 0.06)
        most = float(np.percentile(rise[rows], 90)) if len(rows) else 0.0
        for row in rows.tolist():
            level = float(rise[row]) / max(most, 1e-12)
            if level > _MIN_LEVELS[kind]:
                hits.append(DrumHit(_peak_frame(rise, row, features), kind, min(level ** (1 / _POWER), 1.0)))
    # The middle alone may be strummed or spoken.
    outer = np.delete(activations, range(2, 5), axis=1)
    share = float(activations.sum() / total) if float(outer.sum()) > _OUTER * total else 0.0
    return sorted(hits, key=lambda one: (one.frame, one.kind)), share


def _drum_activations(features: SpectralFeatures) -> tuple[Rows, float]:
    """How much of each drum's spectrum sounds in each row, shape (rows, drum spectra); and the sum of all."""
    power = np.float32(_POWER)
    wanted = np.power(features.bands, power) + np.float32(1e-12)
    wanted /= max(float(wanted.mean()), 1e-12)
    fixed = np.power(_drum_spectra(features.source_rate), power)
    fixed /= fixed.sum(axis=1, keepdims=True)
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(0)))
    free = rng.random((_FREE, wanted.shape[1]), dtype=np.float32) + np.float32(0.5)
    spectra = np.concatenate((fixed, free / free.sum(axis=1, keepdims=True)))
    active = np.ones((len(wanted), len(spectra)), dtype=np.float32)
    active[:, len(fixed) :] *= np.float32(0.5) + rng.random((len(wanted), _FREE), dtype=np.float32)
    tiny = np.float32(1e-9)
    for _ in range(_ROUNDS):
        active *= (wanted / (active @ spectra + tiny)) @ spectra.T / spectra.sum(axis=1)
        better = spectra * (active.T @ (wanted / (active @ spectra + tiny)))
        better /= active.sum(axis=0)[:, None] + tiny
        scale = better.sum(axis=1, keepdims=True) + tiny
        better /= scale
        spectra[: len(fixed)] = (1 - _ADAPT) * fixed + _ADAPT * better[: len(fixed)]
        spectra[len(fixed) :] = better[len(fixed) :]
        active[:, len(fixed) :] *= scale[len(fixed) :, 0]
    return active[:, : len(fixed)], max(float(active.sum()), 1e-9)


@lru_cache(maxsize=1)
def _stored_spectra() -> dict[HitKind, list[list[float]]]:
    """The spectra of each kind of drum, at MIDDLE_RATE; tests/material/drum_spectra.py makes them."""
    text = files("bandmate_plugins._listening").joinpath("drum_spectra.json").read_text(encoding="utf-8")
    found: dict[HitKind, list[list[float]]] = json.loads(text)
    return found


@lru_cache(maxsize=8)
def _drum_spectra(rate: float) -> Rows:
    """The stored spectra by band at another rate, shape (spectra, bands), each summing to one."""
    rows = [resample_spectrum(np.array(row), rate) for kind in _stored_spectra().values() for row in kind]
    bands = np.array(rows, dtype=np.float32)
    return np.asarray(bands / bands.sum(axis=1, keepdims=True), dtype=np.float32)
