"""The key of a piece: which of 24 its pitch classes, its chords and its bass speak for.

Two scores are added. One is fitted by tests/measure/analysis_fit.py to whole pieces of one band. The other is a plain
rule: how well the key's profile (Albrecht and Shanahan, 2013) correlates, and how many of the chords are those of
the key. Alone, the fitted one errs on short pieces and the rule on long ones; docs/measured/analysis.md has both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bandmate_plugins._listening.chords import (
    CHORD_SHAPES,
    NO_CHORD,
    chords_of_key,
    is_without_harmony,
    triad_number,
)
from bandmate_plugins._listening.fitted import fitted_numbers
from bandmate_plugins._listening.notes import class_shares
from bandmate_plugins._platform.arrays import FloatArray64
from bandmate_plugins._theory.key_profiles import MAJOR_PROFILE, MINOR_PROFILE, key_name
from bandmate_plugins._theory.keys import Key

_RULE_WEIGHT = 8.0
"""How much the rule counts against the fitted score, in natural logarithms for a correlation of 1."""
_INSIDE_KEY, _AT_HOME = 0.5, 0.1
"""What chords of the key are worth to the rule in all, and its tonic chord at either end."""
_BASS_SHARE, _FAINT = 0.5, 0.1
"""How much the bass counts beside the treble, and the part of the loudest moment under which one counts less."""
_MAJOR_SCALE, _MINOR_SCALE = frozenset({0, 2, 4, 5, 7, 9, 11}), frozenset({0, 2, 3, 5, 7, 8, 10})


@dataclass(frozen=True)
class DetectedKey:
    """A key with how sure it is, 0 to 1."""

    tonic: int
    minor: bool
    confidence: float

    @property
    def key(self) -> Key:
        """As a key in one of two modes."""
        return Key(self.tonic, "minor" if self.minor else "major")

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
    if is_without_harmony(treble[used], bass[used]):
        return None
    fitted = key_cues(treble[used], bass[used], chords) @ fitted_numbers("key")
    scores = fitted + _RULE_WEIGHT * _rule_scores(treble, bass, chords)
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    best = int(chances.argmax())
    return DetectedKey(best % 12, best >= 12, round(float(chances[best]), 3))


def key_profile(key: Key) -> FloatArray64:
    """What a key expects of the twelve pitch classes."""
    return np.roll(MINOR_PROFILE if key.is_minor else MAJOR_PROFILE, key.tonic)


def profile_key(weights: FloatArray64) -> tuple[Key, float]:
    """The key that suits the weights of twelve pitch classes best, and how well they correlate.

    For what has no chords and no bass to speak for a key, such as a melody; C major and -1 where all are alike.
    """
    if np.std(weights) <= 0:
        return Key(0), -1.0
    fits = {
        key: _template_fit(key_profile(key), weights)
        for key in (Key(tonic, mode) for mode in ("major", "minor") for tonic in range(12))
    }
    best = max(fits, key=fits.__getitem__)
    return best, fits[best]


def _rule_scores(treble: FloatArray64, bass: FloatArray64, states: list[int]) -> FloatArray64:
    """How well each of the 24 keys correlates, and how many of the chords, and of those at the ends, are its own."""
    both = treble + _BASS_SHARE * bass
    loud = both.sum(axis=1, keepdims=True)
    weights = (both / np.maximum(loud, max(_FAINT * float(loud.max()), 1e-12))).sum(axis=0)
    chords = np.array([state for state in states if state != NO_CHORD], dtype=np.int64)
    ends = [triad_number(state) for state in (*chords[:1].tolist(), *chords[-1:].tolist())]
    found = np.zeros(24)
    for number in range(24):
        key = Key(number % 12, "minor" if number >= 12 else "major")
        found[number] = _template_fit(key_profile(key), weights)
        if len(chords):
            found[number] += _INSIDE_KEY * float(chords_of_key(key)[chords].mean())
            found[number] += _AT_HOME * ends.count(number)
    return found


def key_cues(treble: FloatArray64, bass: FloatArray64, chords: list[int]) -> FloatArray64:
    """What speaks for each of the 24 keys, the major ones first; shape (24, cues).

    How well a profile of the key correlates with all that sounds; how much of the time its tonic, dominant,
    subdominant and other chords sound, and whether its tonic chord begins or ends the piece; and how much of
    the bass lies on its tonic, in all and at both ends.
    """
    basses = class_shares(bass, treble)
    high, low = class_shares(treble).mean(axis=0), basses.mean(axis=0)
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
