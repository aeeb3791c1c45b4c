"""Pitch classes, chords and the key.

Pitch classes come from the spectrum's peaks after the tuning is taken out, without what does not last (drums)
and with each note's overtones taken off. Chords are the best path through the fits of chord shapes to treble
and bass, beat by beat (after Sheh and Ellis 2003; Mauch and Dixon 2010); the key is the one whose profile
(Albrecht and Shanahan 2013) correlates best.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bandmate_plugins._listening.features import HIGHEST_NOTE, LOWEST_NOTE, STEPS, AudioFeatures
from bandmate_plugins._listening.fitted import fitted_numbers
from bandmate_plugins._platform.arrays import FloatArray64
from bandmate_plugins._theory.key_profiles import MAJOR_PROFILE, MINOR_PROFILE, key_name
from bandmate_plugins._theory.pitch_names import PITCH_NAMES

_BASS_HIGH, _TREBLE_LOW = 52, 48
_ROWS_AT_ONCE = 4_096
_LASTING_ROWS = 7
"""Over which notes must last to count: a third of a second."""
_OVERTONES = ((12, 0.35), (19, 0.25), (24, 0.2), (28, 0.15))
"""Semitones above a note, and how much of it is taken for its overtone there."""
_MAJOR_SCALE, _MINOR_SCALE = frozenset({0, 2, 4, 5, 7, 9, 11}), frozenset({0, 2, 3, 5, 7, 8, 10})


CHORD_SHAPES = (
    ("", (0, 4, 7)),
    ("m", (0, 3, 7)),
    ("7", (0, 4, 7, 10)),
    ("maj7", (0, 4, 7, 11)),
    ("m7", (0, 3, 7, 10)),
    ("m7b5", (0, 3, 6, 10)),
    ("sus4", (0, 5, 7)),
)
"""The kinds of chords that are told apart: the ends of their symbols, and their tones."""
NO_CHORD = len(CHORD_SHAPES) * 12
"""The state of no chord; the others are 12 times the kind, plus the root."""
_MIN_BASS = 0.1
"""Less than this part of the treble is no bass: strokes leave a little of any note there."""
_MIN_FIT = 0.35
"""How well the shape of a triad must correlate with what sounds for it to be a chord at all."""
_WEIGHT = 0.7
"""How much a beat counts, as the beats of one chord are much alike."""
_CHANGE, _CHANGE_AT_BAR = 2.2, 0.8
"""What a new chord costs on a beat, and on a bar's first one."""


def note_strengths(features: AudioFeatures) -> NDArray[np.float32]:
    """How much each semitone from LOWEST_NOTE on sounds, in rows of NOTES_PER_SECOND."""
    rows = features.notes
    count = HIGHEST_NOTE - LOWEST_NOTE
    if not len(rows):
        return np.zeros((0, count), np.float32)
    shift = round((features.tuning_cents or 0) / 100 * STEPS)
    weight = np.array([0.4, 1.0, 1.0, 1.0, 0.4], np.float32)
    semitones = np.empty((len(rows), count), np.float32)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = np.roll(np.square(rows[start : start + _ROWS_AT_ONCE], dtype=np.float32), -shift, axis=1)
        semitones[start : start + len(part)] = part.reshape(len(part), count, STEPS) @ weight
    # Peaks by their square root: a loud note is no more a tone of the chord than a soft one.
    lasting = ndimage.median_filter(semitones, size=(_LASTING_ROWS, 1), mode="nearest")
    rooted = np.sqrt(lasting)
    for low in range(count):
        for above, share in _OVERTONES:
            if low + above < count:
                rooted[:, low + above] = np.maximum(rooted[:, low + above] - share * rooted[:, low], 0.0)
    return np.asarray(rooted, dtype=np.float32)


def pitch_classes(
    notes: NDArray[np.float32], low: int = LOWEST_NOTE, high: int = HIGHEST_NOTE
) -> FloatArray64:
    """Rows by pitch class, from MIDI note `low` up to `high`; shape (rows, 12)."""
    out = np.zeros((len(notes), 12))
    for pitch in range(low, high):
        out[:, pitch % 12] += notes[:, pitch - LOWEST_NOTE]
    return out


def treble_classes(notes: NDArray[np.float32]) -> FloatArray64:
    """Pitch classes from C3 up."""
    return pitch_classes(notes, _TREBLE_LOW, 90)


def bass_classes(notes: NDArray[np.float32]) -> FloatArray64:
    """Pitch classes up to E3."""
    return pitch_classes(notes, LOWEST_NOTE, _BASS_HIGH)


@dataclass(frozen=True)
class DetectedKey:
    """A key with how sure it is, 0 to 1."""

    tonic: int
    minor: bool
    confidence: float

    @property
    def name(self) -> str:
        """Such as `A minor`."""
        return key_name(self.tonic, minor=self.minor)


def detect_key(treble: FloatArray64, bass: FloatArray64, chords: list[int]) -> DetectedKey | None:
    """The key of pitch classes and chords by beat; None where all sound alike, as in noise."""
    loud = (treble + bass).sum(axis=1)
    if not len(loud) or loud.max() <= 0:
        return None
    used = loud > 0.1 * loud.max()
    if _is_even(treble[used] + bass[used]):
        return None
    scores = key_cues(treble[used], bass[used], chords) @ fitted_numbers("key")
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    best = int(chances.argmax())
    return DetectedKey(best % 12, best >= 12, round(float(chances[best]), 3))


def _is_even(rows: FloatArray64) -> bool:
    mean = _normalize_rows(rows).mean(axis=0)
    return bool(np.std(mean) < 0.2 * np.mean(mean))


def key_cues(treble: FloatArray64, bass: FloatArray64, chords: list[int]) -> FloatArray64:
    """What speaks for each of the 24 keys, the major ones first; shape (24, cues).

    How well a profile of the key correlates with all that sounds; how much of the time its tonic, dominant,
    subdominant and other chords sound, and whether its tonic chord begins or ends the piece; and how much of
    the bass lies on its tonic, in all and at both ends.
    """
    basses = _normalize_rows(bass, treble)
    high, low = _normalize_rows(treble).mean(axis=0), basses.mean(axis=0)
    ends = max(1, min(8, len(bass) // 4))
    first, last = basses[:ends].mean(axis=0), basses[-ends:].mean(axis=0)
    sounding = [(state % 12, CHORD_SHAPES[state // 12][1]) for state in chords if state != NO_CHORD]
    shares = np.zeros((2, 12))
    for root, tones in sounding:
        shares[int(3 in tones), root] += 1 / len(sounding)
    out = np.zeros((24, 12))
    for mode, (profile, scale) in enumerate(((MAJOR_PROFILE, _MAJOR_SCALE), (MINOR_PROFILE, _MINOR_SCALE))):
        for tonic in range(12):
            inside = [root for root, tones in sounding if _fits_scale(root - tonic, tones, scale)]
            out[12 * mode + tonic] = (
                3 * _template_fit(np.roll(profile, tonic), high + 0.5 * low),
                3 * shares[mode, tonic],
                3 * shares[0, (tonic + 7) % 12],
                3 * shares[1, (tonic + 7) % 12],
                3 * shares[mode, (tonic + 5) % 12],
                3 * len(inside) / max(len(sounding), 1),
                _opening_share(sounding[:1], tonic, mode),
                _opening_share(sounding[-1:], tonic, mode),
                low[tonic],
                first[tonic],
                last[tonic],
                mode,
            )
    return out


def _fits_scale(above: int, tones: tuple[int, ...], scale: frozenset[int]) -> bool:
    return all((above + tone) % 12 in scale for tone in tones)


def _opening_share(chords: Sequence[tuple[int, tuple[int, ...]]], tonic: int, mode: int) -> float:
    return float(any(root == tonic and int(3 in tones) == mode for root, tones in chords))


def _template_fit(template: FloatArray64, chroma: FloatArray64) -> float:
    return float(np.corrcoef(template, chroma)[0, 1]) if np.std(chroma) > 0 else 0.0


def chord_cues(treble: FloatArray64, bass: FloatArray64) -> FloatArray64:
    """What chords are told by, by beat: shares of the pitch classes in treble and bass, shape (beats, 24)."""
    return np.hstack((_normalize_rows(treble), _normalize_rows(bass, treble)))


def _normalize_rows(rows: FloatArray64, beside: FloatArray64 | None = None) -> FloatArray64:
    """Rows that sum to 3, as three notes would; to less where there is next to nothing `beside` others."""
    least = 1e-9 if beside is None else _MIN_BASS * beside.sum(axis=1, keepdims=True) + 1e-9
    return np.asarray(3 * rows / np.maximum(rows.sum(axis=1, keepdims=True), least))


def detect_chords(treble: FloatArray64, bass: FloatArray64, downbeats: NDArray[np.int64]) -> list[int]:
    """The state of each beat: a chord, or NONE; `symbol` names it."""
    if not len(treble):
        return []
    if _is_even(treble + bass):
        return [NO_CHORD] * len(treble)
    prices = np.full(len(treble), _CHANGE)
    prices[downbeats[downbeats < len(prices)]] = _CHANGE_AT_BAR
    return _best_path(_chord_likelihood(treble, bass), prices)


def chord_symbol(state: int) -> str:
    """The name of a state."""
    return "N" if state == NO_CHORD else PITCH_NAMES[state % 12] + CHORD_SHAPES[state // 12][0]


def _chord_likelihood(treble: FloatArray64, bass: FloatArray64) -> FloatArray64:
    """How likely each chord is on each beat, in natural logarithms, shape (beats, states)."""
    cues = chord_cues(treble, bass)
    numbers = fitted_numbers("chord").reshape(len(CHORD_SHAPES), 25)
    scores = np.zeros((len(cues), NO_CHORD + 1))
    for root in range(12):
        seen = np.hstack((np.roll(cues[:, :12], -root, axis=1), np.roll(cues[:, 12:], -root, axis=1)))
        scores[:, root:NO_CHORD:12] = seen @ numbers[:, :24].T + numbers[:, 24]
    top = scores[:, :NO_CHORD].max(axis=1, keepdims=True)
    scores[:, :NO_CHORD] -= top + np.log(np.exp(scores[:, :NO_CHORD] - top).sum(axis=1, keepdims=True))
    scores *= _WEIGHT
    scores[:, NO_CHORD] = np.where(_lacks_chord(treble, bass), 0.0, -12.0)
    return scores


def _lacks_chord(treble: FloatArray64, bass: FloatArray64) -> NDArray[np.bool_]:
    """Where no triad fits what sounds, or next to nothing does."""
    both = treble + 0.5 * bass
    templates = np.zeros((24, 12))
    for kind in range(2):
        for root in range(12):
            templates[12 * kind + root, [(root + tone) % 12 for tone in CHORD_SHAPES[kind][1]]] = 1.0
    loud = both.sum(axis=1)
    fits = _template_correlation(both, templates).max(axis=1)
    return np.asarray((fits < _MIN_FIT) | (loud <= 0.03 * np.percentile(loud, 95)))


def _template_correlation(rows: FloatArray64, templates: FloatArray64) -> FloatArray64:
    def standard(values: FloatArray64) -> FloatArray64:
        centred = values - values.mean(axis=1, keepdims=True)
        return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9))

    return np.asarray(standard(rows) @ standard(templates).T)


def _best_path(scores: FloatArray64, prices: FloatArray64) -> list[int]:
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
