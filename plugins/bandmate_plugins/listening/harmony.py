"""Pitch classes, chords and the key.

Pitch classes come from the spectrum's peaks after the tuning is taken out, without what does not last (drums)
and with each note's overtones taken off. Chords are the best path through the fits of chord shapes to treble
and bass, beat by beat (after Sheh and Ellis 2003; Mauch and Dixon 2010); the key is the one whose profile
(Albrecht and Shanahan 2013) correlates best.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bandmate_plugins.listening.features import HIGHEST_NOTE, LOWEST_NOTE, STEPS, Features, Vector

Matrix = NDArray[np.float64]
NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
_BASS_HIGH, _TREBLE_LOW = 52, 48
_LASTING_ROWS = 7
"""Over which notes must last to count: a third of a second."""
_OVERTONES = ((12, 0.35), (19, 0.25), (24, 0.2), (28, 0.15))
"""Semitones above a note, and how much of it is taken for its overtone there."""
_MAJOR = (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081)
_MINOR = (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052)


@dataclass(frozen=True)
class Shape:
    """A kind of chord: the end of its symbol, its tones with weights, and what it must be better by."""

    ending: str
    tones: tuple[tuple[int, float], ...]
    doubt: float


SHAPES = (
    Shape("", ((0, 1.0), (4, 0.9), (7, 0.8)), 0.0),
    Shape("m", ((0, 1.0), (3, 0.9), (7, 0.8)), 0.0),
    Shape("7", ((0, 1.0), (4, 0.85), (7, 0.7), (10, 0.7)), 0.045),
    Shape("maj7", ((0, 1.0), (4, 0.85), (7, 0.75), (11, 0.65)), 0.045),
    Shape("m7", ((0, 1.0), (3, 0.85), (7, 0.75), (10, 0.65)), 0.045),
    Shape("dim", ((0, 1.0), (3, 0.9), (6, 0.9)), 0.09),
    Shape("m7b5", ((0, 1.0), (3, 0.85), (6, 0.8), (10, 0.7)), 0.08),
    Shape("sus4", ((0, 1.0), (5, 0.85), (7, 0.8)), 0.08),
    Shape("sus2", ((0, 1.0), (2, 0.85), (7, 0.8)), 0.10),
)
NONE = len(SHAPES) * 12
"""The state of no chord."""
_ROOT_IN_BASS, _TONE_IN_BASS = 0.28, 0.08
_LEAST_FIT = 0.42
_SHARP = 9.0
"""How much better a better fit is believed to be, in natural logarithms for a correlation of one."""
_CHANGE, _CHANGE_AT_BAR = 2.2, 0.8
"""What a new chord costs on a beat, and on a bar's first one."""


def notes_of(features: Features) -> NDArray[np.float32]:
    """How much each semitone from LOWEST_NOTE on sounds, in rows of NOTES_PER_SECOND."""
    rows = features.notes
    count = HIGHEST_NOTE - LOWEST_NOTE
    if not len(rows):
        return np.zeros((0, count), np.float32)
    shift = round(features.tuning * STEPS)
    rows = np.roll(rows, -shift, axis=1) if shift else rows
    grid = rows.reshape(len(rows), count, STEPS)
    weight = np.array([0.4, 1.0, 1.0, 1.0, 0.4], np.float32)
    semitones = grid @ weight
    # Peaks by their square root: a loud note is no more a tone of the chord than a soft one.
    lasting = ndimage.median_filter(semitones, size=(_LASTING_ROWS, 1), mode="nearest")
    rooted = np.sqrt(lasting)
    for low in range(count):
        for above, share in _OVERTONES:
            if low + above < count:
                rooted[:, low + above] = np.maximum(rooted[:, low + above] - share * rooted[:, low], 0.0)
    return np.asarray(rooted, dtype=np.float32)


def pitch_classes(notes: NDArray[np.float32], low: int = LOWEST_NOTE, high: int = HIGHEST_NOTE) -> Matrix:
    """Rows by pitch class, from MIDI note `low` up to `high`; shape (rows, 12)."""
    out = np.zeros((len(notes), 12))
    for pitch in range(low, high):
        out[:, pitch % 12] += notes[:, pitch - LOWEST_NOTE]
    return out


def treble_of(notes: NDArray[np.float32]) -> Matrix:
    """Pitch classes from C3 up."""
    return pitch_classes(notes, _TREBLE_LOW, 90)


def bass_of(notes: NDArray[np.float32]) -> Matrix:
    """Pitch classes up to E3."""
    return pitch_classes(notes, LOWEST_NOTE, _BASS_HIGH)


@dataclass(frozen=True)
class HeardKey:
    """A key with how sure it is, 0 to 1."""

    tonic: int
    minor: bool
    confidence: float

    @property
    def name(self) -> str:
        """Such as `A minor`."""
        names = (
            ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "G#", "A", "Bb", "B")
            if self.minor
            else ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
        )
        return f"{names[self.tonic]} {'minor' if self.minor else 'major'}"


def key_of(treble: Matrix, bass: Matrix) -> HeardKey | None:
    """The key of pitch classes by beat; None where all of them sound alike, as in noise, or nothing does."""
    chroma = treble + 0.6 * bass
    loud = chroma.sum(axis=1)
    if not len(loud) or loud.max() <= 0:
        return None
    used = chroma[loud > 0.1 * loud.max()]
    mean = (used / used.sum(axis=1, keepdims=True)).mean(axis=0)
    if np.std(mean) < 0.2 * np.mean(mean):
        return None
    fits = np.array(
        [
            np.corrcoef(np.roll(profile, tonic), mean)[0, 1]
            for profile in (_MAJOR, _MINOR)
            for tonic in range(12)
        ]
    )
    best = int(fits.argmax())
    second = float(np.sort(fits)[-2])
    sure = np.clip((fits[best] - 0.45) / 0.45, 0, 1) * np.clip(0.4 + (fits[best] - second) * 4, 0, 1)
    return HeardKey(best % 12, best >= 12, round(float(sure), 3))


def chords_of(treble: Matrix, bass: Matrix, downbeats: NDArray[np.int64], key: HeardKey | None) -> list[str]:
    """A chord's symbol for each beat, `N` for none."""
    if not len(treble):
        return []
    fits = _fits(treble, bass) + _preferred(key)
    prices = np.full(len(fits), _CHANGE)
    prices[downbeats[downbeats < len(prices)]] = _CHANGE_AT_BAR
    return [symbol(state) for state in _path(fits * _SHARP, prices)]


def symbol(state: int) -> str:
    """The name of a state."""
    return "N" if state == NONE else NAMES[state % 12] + SHAPES[state // 12].ending


def _fits(treble: Matrix, bass: Matrix) -> Matrix:
    """How well each chord fits each beat, shape (beats, states)."""
    templates = np.zeros((NONE, 12))
    doubts = np.zeros(NONE)
    tones = np.zeros((NONE, 12))
    for number, shape in enumerate(SHAPES):
        for root in range(12):
            state = 12 * number + root
            for tone, weight in shape.tones:
                templates[state, (root + tone) % 12] = weight
                tones[state, (root + tone) % 12] = _TONE_IN_BASS
            tones[state, root] = _ROOT_IN_BASS
            doubts[state] = shape.doubt
    both = treble + 0.5 * bass
    low = bass / np.maximum(bass.sum(axis=1, keepdims=True), 1e-9)
    fits = np.empty((len(treble), NONE + 1))
    fits[:, :NONE] = _correlated(both, templates) + low @ tones.T - doubts
    fits[:, NONE] = _LEAST_FIT
    loud = both.sum(axis=1)
    silent = loud < 0.03 * np.percentile(loud, 95) if len(loud) else loud > 0
    fits[silent, NONE] = 2.0
    return fits


def _correlated(rows: Matrix, templates: Matrix) -> Matrix:
    def standard(values: Matrix) -> Matrix:
        centred = values - values.mean(axis=1, keepdims=True)
        return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9))

    return np.asarray(standard(rows) @ standard(templates).T)


def _preferred(key: HeardKey | None) -> Vector:
    """A little more for chords whose tones lie in the key."""
    liked = np.zeros(NONE + 1)
    if key is None:
        return liked
    steps = {0, 2, 3, 5, 7, 8, 10} if key.minor else {0, 2, 4, 5, 7, 9, 11}
    scale = {(key.tonic + step) % 12 for step in steps}
    for number, shape in enumerate(SHAPES):
        for root in range(12):
            inside = all((root + tone) % 12 in scale for tone, _ in shape.tones)
            liked[12 * number + root] = 0.1 * key.confidence if inside else 0.0
    if key.minor:
        liked[(key.tonic + 7) % 12] = 0.1 * key.confidence
    return liked


def _path(scores: Matrix, prices: Vector) -> list[int]:
    total = scores[0].copy()
    back = np.zeros(scores.shape, np.int64)
    own = np.arange(scores.shape[1])
    for at in range(1, len(scores)):
        best = int(total.argmax())
        change = total[best] - prices[at] > total
        back[at] = np.where(change, best, own)
        total = np.where(change, total[best] - prices[at], total) + scores[at]
    state = int(total.argmax())
    path = [state]
    for at in range(len(scores) - 1, 0, -1):
        state = int(back[at, state])
        path.append(state)
    return path[::-1]
