"""Scores of what `analyse` and librosa find, against what is true of a piece."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import librosa
import mir_eval
import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening import MusicAnalyser
from tests.material.sketched_pieces import RATE, Piece

_STEP = 4 * RATE


@dataclass(frozen=True)
class Answer:
    """What a way to listen says of a piece; None for what it does not tell."""

    beats: list[float] | None = None
    downbeats: list[float] | None = None
    metre: str | None = None
    key: str | None = None
    chords: list[tuple[float, float, str]] | None = None
    sections: list[tuple[float, float, str]] | None = None


def by_analyse(piece: Piece) -> Answer:
    """The listening of this project."""
    ear = MusicAnalyser(RATE, 2, len(piece.audio))
    for start in range(0, len(piece.audio), _STEP):
        ear.add(piece.audio[start : start + _STEP])
    heard = ear.finish_analysis(lambda: None)
    ends = [*(chord.seconds for chord in heard.chords[1:]), heard.seconds]
    return Answer(
        beats=heard.beats.tolist(),
        downbeats=heard.downbeats.tolist(),
        metre=f"{heard.numerator}/{heard.denominator}",
        key=heard.key or "none",
        chords=[(one.seconds, end, harte(one.symbol)) for one, end in zip(heard.chords, ends, strict=True)],
        sections=[(one.start, one.end, one.label) for one in heard.sections],
    )


def harte(symbol: str) -> str:
    """A chord's symbol as mir_eval reads it."""
    if symbol == "N":
        return "N"
    root = symbol[:2] if symbol[1:2] in ("b", "#") else symbol[:1]
    ending = symbol[len(root) :]
    kinds = {"": "maj", "m": "min", "m7": "min7", "m7b5": "hdim7"}
    return f"{root}:{kinds.get(ending, ending)}"


def score(piece: Piece, answer: Answer) -> dict[str, float]:
    """Figures from 0 to 1 by column, for what is known of the piece and told by the answer."""
    found: dict[str, float] = {}
    if answer.beats is not None:
        truth, told = (mir_eval.beat.trim_beats(np.array(one)) for one in (piece.beats, answer.beats))
        found["beat F"] = mir_eval.beat.f_measure(truth, told)
        _, found["CMLt"], _, found["AMLt"] = mir_eval.beat.continuity(truth, told)
    if piece.downbeats and answer.downbeats is not None:
        truth, told = (mir_eval.beat.trim_beats(np.array(one)) for one in (piece.downbeats, answer.downbeats))
        found["downbeat F"] = mir_eval.beat.f_measure(truth, told)
    if piece.metre and answer.metre is not None:
        found["metre"] = float(piece.metre == answer.metre)
    if piece.key and answer.key is not None:
        found["key"] = _key_score(piece.key, answer.key)
    if piece.chords and answer.chords is not None:
        found["chords"] = _chord_score(piece.chords, answer.chords)
    if piece.sections and answer.sections is not None:
        for column, window in (("sections 3 s", 3.0), ("sections 0.5 s", 0.5)):
            truth, told = (np.array([span[:2] for span in one]) for one in (piece.sections, answer.sections))
            found[column] = mir_eval.segment.detection(truth, told, window=window, trim=True)[2]
    return found


def _key_score(truth: str, told: str) -> float:
    """The weighted score of MIREX: a fifth is half right, the relative 0.3, the parallel 0.2."""
    return 0.0 if told == "none" else float(mir_eval.key.evaluate(truth, told)["Weighted Score"])


def _chord_score(truth: list[tuple[float, float, str]], told: list[tuple[float, float, str]]) -> float:
    """The share of time in which root and third are right, of that with a major or a minor chord."""
    labels = [[span[2] for span in one] for one in (truth, told)]
    spans = [np.array([span[:2] for span in one]) for one in (truth, told)]
    return float(mir_eval.chord.evaluate(spans[0], labels[0], spans[1], labels[1])["majmin"])


_PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
"""Krumhansl and Kessler, 1982."""
_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


def by_librosa(piece: Piece) -> Answer:
    """librosa's tracker of beats; its chroma against profiles of keys, and against triads on each beat."""
    mono = librosa.resample(piece.audio.mean(axis=1), orig_sr=RATE, target_sr=22_050)
    _, beats = librosa.beat.beat_track(y=mono, sr=22_050, units="time")
    chroma = librosa.feature.chroma_cqt(y=mono, sr=22_050)
    mean = chroma.mean(axis=1)
    fits = {
        f"{_NAMES[tonic]} {mode}": float(np.corrcoef(np.roll(profile, tonic), mean)[0, 1])
        for mode, profile in _PROFILES.items()
        for tonic in range(12)
    }
    return Answer(
        beats=np.asarray(beats).tolist(),
        key=max(fits, key=lambda name: fits[name]),
        chords=_triads(chroma, np.asarray(beats), len(piece.audio) / RATE),
    )


def _triads(
    chroma: NDArray[np.floating], beats: NDArray[np.floating], end: float
) -> list[tuple[float, float, str]]:
    """The triad that correlates best with each beat."""
    edges = np.unique(np.concatenate(([0.0], beats, [end])))
    found = []
    for start, stop in pairwise(edges.tolist()):
        first, last = (int(at * 22_050 / 512) for at in (start, stop))
        part = chroma[:, first : max(last, first + 1)].mean(axis=1)
        fits = {}
        for kind, third in (("maj", 4), ("min", 3)):
            for root in range(12):
                shape = np.zeros(12)
                shape[[root, (root + third) % 12, (root + 7) % 12]] = 1.0
                fits[f"{_NAMES[root]}:{kind}"] = float(np.dot(shape, part))
        found.append((start, stop, max(fits, key=lambda name: fits[name])))
    return found
