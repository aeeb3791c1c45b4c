"""The key and the chords of a recording, from its peaks by pitch class.

Chords are the best path through major and minor triads (after Sheh and Ellis, "Chord segmentation and
recognition using EM-trained hidden Markov models", ISMIR 2003, with fixed templates), a choice for each cell
of the grid; the bass, the key and staying where one is weigh a little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bandmate_plugins._listening.cells import ChordCell
from bandmate_plugins._listening.context import best_triad_path
from bandmate_plugins._listening.project_features import MIN_NOTE, SpectralFeatures
from bandmate_plugins._platform.arrays import FloatArray64
from bandmate_plugins._theory.key_profiles import MAJOR_PROFILE, MINOR_PROFILE
from bandmate_plugins._theory.keys import MODES, Key
from bandmate_plugins._theory.pitch_names import PITCH_NAMES

_LOW, _HIGH, _BASS_HIGH = 33, 90, 53
_STAY_INSIDE, _STAY_AT_BAR = 0.22, 0.08
_INSIDE_KEY, _AT_HOME = 0.5, 0.1
_OF_KEY, _BASS_ROOT, _BASS_FIFTH = 0.1, 0.3, 0.05


@dataclass(frozen=True, slots=True)
class TranscribedChord:
    """A chord from a frame of the project on."""

    start: float
    root: int
    minor: bool

    @property
    def symbol(self) -> str:
        """Such as `F#m`."""
        return PITCH_NAMES[self.root] + ("m" if self.minor else "")


@dataclass(frozen=True)
class TranscribedHarmony:
    """What was heard of a stretch's harmony."""

    key: Key
    key_fit: float
    """How well the key's profile fits, -1 to 1."""
    chords: list[TranscribedChord]
    fit: float
    """How well the chords fit on the average, -1 to 1."""


def detect_harmony(
    features: SpectralFeatures, cells: Sequence[ChordCell], key: Key | None
) -> TranscribedHarmony:
    """Key and chords; a key that is given is taken as it is."""
    rows = np.sqrt(features.peaks, dtype=np.float64)
    chroma, bass = _chroma_rows(rows, _LOW, _HIGH), _chroma_rows(rows, _LOW, _BASS_HIGH)
    loud = chroma.sum(axis=1, keepdims=True)
    even = chroma / np.maximum(loud, max(0.1 * float(loud.max(initial=0)), 1e-12))
    times = features.start + np.arange(len(rows)) * 2 * features.hop
    fits, used = [], []
    for cell in cells:
        first, last = np.searchsorted(times, (cell.start, cell.end))
        part = chroma[first:last].sum(axis=0)
        if part.sum() <= 0:
            continue
        used.append(cell)
        fits.append(_triad_fits(part, bass[first:last].sum(axis=0)))
    if not fits:
        return TranscribedHarmony(key or Key(0), 0.0, [], 0.0)
    plain = np.array(fits)
    prices = [_STAY_AT_BAR if cell.opens else _STAY_INSIDE for cell in used]
    heard, key_fit = best_key(even.sum(axis=0), best_triad_path(plain, prices)[0])
    path, _ = best_triad_path(plain + _diatonic_bonus(key or heard), prices)
    chords: list[TranscribedChord] = []
    for cell, number in zip(used, path, strict=True):
        chord = TranscribedChord(cell.start, number % 12, number >= 12)
        if not chords or (chords[-1].root, chords[-1].minor) != (chord.root, chord.minor):
            chords.append(chord)
    return TranscribedHarmony(
        key or heard, key_fit, chords, float(np.mean(plain[np.arange(len(path)), path]))
    )


def best_key(weights: FloatArray64, path: Sequence[int] = ()) -> tuple[Key, float]:
    """The major or minor key that suits the weights of twelve pitch classes best, and how well they match.

    With the triads of a piece (numbers of 0 to 23, major ones first), those of the key speak for it too, and
    most of all its own at the beginning and at the end.
    """
    best, fit, most = Key(0), -1.0, -np.inf
    if np.std(weights) <= 0:
        return best, fit
    for mode in ("major", "minor"):
        for tonic in range(12):
            key = Key(tonic, mode)
            found = float(np.corrcoef(key_profile(key), weights)[0, 1])
            worth = found + (_triad_support(key, path) if len(path) else 0.0)
            if worth > most:
                best, fit, most = key, found, worth
    return best, fit


def key_profile(key: Key) -> FloatArray64:
    """What a key expects of the twelve pitch classes."""
    return np.roll(MINOR_PROFILE if key.is_minor else MAJOR_PROFILE, key.tonic)


def _triad_support(key: Key, path: Sequence[int]) -> float:
    """How much a piece's triads speak for a key."""
    own = np.flatnonzero(_diatonic_bonus(key))
    home = key.tonic + (12 if key.is_minor else 0)
    ends = (path[0] == home) + (path[-1] == home)
    return _INSIDE_KEY * float(np.isin(path, own).mean()) + _AT_HOME * ends


def _chroma_rows(rows: FloatArray64, low: int, high: int) -> FloatArray64:
    out = np.zeros((len(rows), 12))
    for pitch in range(low, high):
        out[:, pitch % 12] += rows[:, pitch - MIN_NOTE]
    return out


def _triad_fits(chroma: FloatArray64, bass: FloatArray64) -> FloatArray64:
    """How well each of the 24 triads fits, the twelve major ones first."""
    root = bass / max(float(bass.sum()), 1e-12)
    if np.std(chroma) <= 0:
        return np.zeros(24)
    found = []
    for third in (4, 3):
        for tonic in range(12):
            template = np.zeros(12)
            template[[tonic, (tonic + third) % 12, (tonic + 7) % 12]] = (1.0, 0.9, 0.85)
            below = _BASS_ROOT * float(root[tonic]) + _BASS_FIFTH * float(root[(tonic + 7) % 12])
            found.append(float(np.corrcoef(template, chroma)[0, 1]) + below)
    return np.array(found)


def _diatonic_bonus(key: Key) -> FloatArray64:
    """A little more for the triads of the key, and for the dominant of a minor one."""
    found = np.zeros(24)
    scale = {(key.tonic + step) % 12 for step in MODES[key.mode]}
    for root in scale:
        for number, third in ((root, 4), (root + 12, 3)):
            if {(root + third) % 12, (root + 7) % 12} <= scale:
                found[number] = _OF_KEY
    found[(key.tonic + 7) % 12] = _OF_KEY
    return found
