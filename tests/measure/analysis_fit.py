"""Fits the numbers of `listening/fitted.json`: the pace, the bars, the chords and the key.

python -m tests.measure.analysis_fit --songs /usr/share/games/fretsonfire/data/songs

The music is 150 sketches, other ones than those that tests/measure/analysis_score.py scores, and for the pace a
minute of each of eight recordings. Every fit is a logistic regression with a penalty on large numbers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import mir_eval
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from bandmate_plugins._listening import beats as tracker
from bandmate_plugins._listening import chords as chord_reader
from bandmate_plugins._listening import fitted, metre, pace
from bandmate_plugins._listening import key as key_reader
from bandmate_plugins._listening.cues import BeatCues
from bandmate_plugins._listening.features import (
    BANDS_PER_SECOND,
    FeatureExtractor,
    means_between,
)
from bandmate_plugins._listening.notes import NOTES_PER_SECOND, bass_classes, treble_classes
from bandmate_plugins._listening.onsets import EARLY_ROWS, detect_onsets
from bandmate_plugins._listening.steady import steady_beats
from bandmate_protocol.keys import read_key
from tests.material.sketched_pieces import RATE, Piece, sketches
from tests.measure.analysis_material import recordings

FIRST_SKETCH, SKETCHES = 100, 150
Vector = NDArray[np.float64]
_ENDINGS = {"maj": "", "min": "m", "7": "7", "maj7": "maj7", "min7": "m7", "hdim7": "m7b5", "sus4": "sus4"}
_KINDS = [ending for ending, _ in chord_reader.CHORD_SHAPES]


@dataclass(frozen=True)
class Example:
    """A piece as the fits see it."""

    piece: Piece
    cues: BeatCues
    tracked: Vector
    """The beats before a pace is chosen, in seconds."""
    beats: Vector
    """The true ones."""
    sounding: tuple[float, float]
    """From where to where there may be any."""
    treble: Vector
    bass: Vector
    """Pitch classes between true beats."""


def example(piece: Piece) -> Example:
    """Listens to a piece as far as nothing fitted is needed."""
    maker = FeatureExtractor(RATE, 2)
    maker.add(piece.audio)
    features = maker.finish()
    notes = features.notes.strengths()
    treble, bass = treble_classes(notes), bass_classes(notes)
    begins = detect_onsets(features)
    starts, ends = features.sounding_span
    rows = tracker.track_beats(begins, lambda: None)
    rows = steady_beats(begins.all, rows, (starts * BANDS_PER_SECOND, ends * BANDS_PER_SECOND), lambda: None)
    tracked = (rows + EARLY_ROWS) / BANDS_PER_SECOND
    truth = np.array([at for at in piece.beats if at < features.seconds - 0.2])
    between = [means_between(part, NOTES_PER_SECOND, truth) for part in (treble, bass)]
    return Example(
        piece, BeatCues(begins, treble, bass), tracked, truth, features.sounding_span, between[0], between[1]
    )


def fit_bars(examples: Sequence[Example]) -> Vector:
    """Which beats begin a bar."""
    known = [one for one in examples if one.piece.downbeats]
    rows = [metre.beat_features(one.beats, one.cues) for one in known]
    firsts = [np.isin(one.beats.round(4), np.round(one.piece.downbeats, 4)) for one in known]
    weights = np.concatenate([np.full(len(part), 1 / len(part) / len(rows)) for part in rows])
    x, y = np.vstack(rows), np.concatenate(firsts).astype(float)

    def loss(w: Vector) -> tuple[float, Vector]:
        z = x @ w
        inner = np.concatenate(([0.0], w[1:]))
        slope = x.T @ (weights * (1 / (1 + np.exp(-z)) - y))
        return float(weights @ (np.logaddexp(0, z) - y * z) + 2e-3 * inner @ inner), slope + 4e-3 * inner

    return np.asarray(minimize(loss, np.zeros(x.shape[1]), jac=True).x)


def fit_choice(
    choices: Sequence[NDArray[Any]], right: Sequence[NDArray[Any]], weights: Sequence[float], penalty: float
) -> Vector:
    """A linear score by which the right ones among several candidates win."""

    def loss(w: Vector) -> tuple[float, Vector]:
        total, slope = penalty * float(w @ w) * len(choices), 2 * penalty * w * len(choices)
        for rows, wanted, weight in zip(choices, right, weights, strict=True):
            z = rows @ w
            z -= z.max()
            chances = np.exp(z) / np.exp(z).sum()
            share = wanted / wanted.sum()
            total -= weight * float(share @ np.log(chances + 1e-12))
            slope = slope + weight * (rows.T @ (chances - share))
        return total, slope

    return np.asarray(minimize(loss, np.zeros(choices[0].shape[1]), jac=True).x)


def fit_pace(examples: Iterable[Example]) -> Vector:
    """Which candidate is the beat; recordings count three times."""
    choices, right, weights = [], [], []
    for one in examples:
        ways = pace.pace_candidates(one.tracked, one.sounding)
        scores = np.array([mir_eval.beat.f_measure(np.array(one.piece.beats), way) for way in ways])
        if scores.max() > 0.75:
            choices.append(np.array([pace.pace_features(way, one.cues) for way in ways]))
            right.append((scores >= scores.max() - 0.03).astype(float))
            weights.append(3.0 if one.piece.group == "recordings" else 1.0)
    return fit_choice(choices, right, weights, 0.01)


def fit_chords(examples: Sequence[Example]) -> Vector:
    """Which of the chords sounds on a beat, alike for all roots; every second beat of each piece."""
    rows, kinds = [], []
    for one in examples:
        cues = chord_reader.chord_cues(one.treble, one.bass)
        for at, (root, kind) in list(_labels(one))[::2]:
            rows.append(np.roll(cues[at].reshape(2, 12), -root, axis=1))
            kinds.append(kind)
    x, y = np.array(rows), np.array(kinds)
    seen = np.stack([np.roll(x, -root, axis=2).reshape(len(x), 24) for root in range(12)], axis=1)
    weights = 1 / np.sqrt(np.bincount(y, minlength=len(_KINDS)) + 1)[y]
    weights /= weights.sum()

    def loss(w: Vector) -> tuple[float, Vector]:
        table = w.reshape(len(_KINDS), 25)
        z = (seen @ table[:, :24].T + table[:, 24]).reshape(len(x), -1)
        z -= z.max(axis=1, keepdims=True)
        chances = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        total = -float(weights @ np.log(chances[np.arange(len(x)), y] + 1e-12))
        chances[np.arange(len(x)), y] -= 1
        chances = (chances * weights[:, np.newaxis]).reshape(len(x), 12, -1)
        slope = np.einsum("nrq,nrd->qd", chances, seen, optimize=True) + 6e-4 * table[:, :24]
        both = np.hstack((slope, chances.sum(axis=(0, 1))[:, np.newaxis]))
        return total + 3e-4 * float(np.sum(table[:, :24] ** 2)), both.ravel()

    start = np.zeros(25 * len(_KINDS))
    return np.asarray(minimize(loss, start, jac=True, options={"maxiter": 120}).x)


def _labels(one: Example) -> Iterable[tuple[int, tuple[int, int]]]:
    for at, time in enumerate(one.beats.tolist()):
        for start, end, label in one.piece.chords:
            root, _, kind = label.partition(":")
            known = read_key(root)
            if start <= time + 0.05 < end and known and kind in _ENDINGS:
                yield at, (known.tonic, _KINDS.index(_ENDINGS[kind]))


def fit_key(examples: Sequence[Example]) -> Vector:
    """Which of the 24 keys it is; uses the chords, which must be fitted before."""
    choices, right = [], []
    for one in examples:
        key = read_key(one.piece.key)
        if key is not None:
            chords = chord_reader.detect_chords(one.treble, one.bass, np.arange(0, len(one.treble), 4))
            choices.append(key_reader.key_cues(one.treble, one.bass, chords))
            right.append((np.arange(24) == key.tonic + 12 * (key.mode == "minor")).astype(float))
    return fit_choice(choices, right, [1.0 / len(choices)] * len(choices), 0.01 / len(choices))


def main() -> None:
    """Fits one after the other, and writes each before the next, which may use it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--songs", type=Path, help="the folder `songs` of fretsonfire")
    parser.add_argument("--sketches", type=int, default=SKETCHES)
    asked = parser.parse_args()
    played = [example(piece) for piece in sketches(asked.sketches, FIRST_SKETCH)]
    recorded = [example(piece) for piece in recordings(asked.songs)] if asked.songs else []
    _write("downbeat", fit_bars(played), 4)
    _write("pace", fit_pace(chain(played, recorded)), 4)
    _write("chord", fit_chords(played), 2)
    _write("key", fit_key(played), 3)


def _write(name: str, numbers: Vector, digits: int) -> None:
    path = Path(fitted.__file__).with_name("fitted.json")
    known = json.loads(path.read_text(encoding="utf-8"))
    known[name] = [round(number, digits) for number in numbers.tolist()]
    path.write_text(json.dumps(known) + "\n", encoding="utf-8")
    fitted.fitted_numbers.cache_clear()
    print(name, "fitted")


if __name__ == "__main__":
    main()
