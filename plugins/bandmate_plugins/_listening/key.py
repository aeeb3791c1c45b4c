"""The key of a piece: which of 24 its pitch classes, its chords and its bass speak for.

The profile of each key is that of Albrecht and Shanahan (2013); what it counts against the chords and the bass is
fitted by tests/measure/analysis_fit.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bandmate_plugins._listening.chords import CHORD_SHAPES, NO_CHORD
from bandmate_plugins._listening.fitted import fitted_numbers
from bandmate_plugins._listening.notes import are_classes_even, class_shares
from bandmate_plugins._platform.arrays import FloatArray64
from bandmate_plugins._theory.key_profiles import MAJOR_PROFILE, MINOR_PROFILE, key_name

_MAJOR_SCALE, _MINOR_SCALE = frozenset({0, 2, 4, 5, 7, 9, 11}), frozenset({0, 2, 3, 5, 7, 8, 10})


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
    if are_classes_even(treble[used] + bass[used]):
        return None
    scores = key_cues(treble[used], bass[used], chords) @ fitted_numbers("key")
    chances = np.exp(scores - scores.max())
    chances /= chances.sum()
    best = int(chances.argmax())
    return DetectedKey(best % 12, best >= 12, round(float(chances[best]), 3))


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
