"""Lines of one note at a time out of a mixture: the bass and the melody.

Salience is a weighted sum over the partials of a note (after Klapuri, "Multiple fundamental frequency
estimation by summing harmonic amplitudes", ISMIR 2006); the line is the best path through it (Viterbi), with
a price for each change and for falling silent, and is cut into notes where it moves or is struck again.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, repeat

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening.project_features import MIN_NOTE, Rows, SpectralFeatures
from bandmate_plugins._platform.arrays import FloatArray64
from bandmate_plugins._theory.best_path import best_path

_PARTIALS = (0, 12, 19, 24, 28, 31, 34, 36)
"""Semitones from a note to its partials."""
MIN_SOLO_DOMINANCE = 0.45
"""How much a line dominates at least where nothing else sounds."""
_STRUCK = 0.2
_LOUD = 0.6
"""Rows whose best note is under this part of what is typical count less."""


@dataclass(frozen=True, slots=True)
class TranscribedNote:
    """A note that was heard, in frames of the project."""

    start: float
    end: float
    pitch: int
    level: float
    """0 to 1, next to the loudest of its line."""


@dataclass(frozen=True, slots=True)
class LineSearch:
    """What a line is looked for by."""

    low: int
    high: int
    """MIDI notes, the last one not among them."""
    change: float
    """What a change of the note costs."""
    silence: float
    """The salience, next to the row's best, that silence stands for."""
    tilt: float
    """How much an octave higher (or, below zero, lower) is preferred."""
    shortest: float
    """Seconds of the shortest note."""
    fall: float
    """How much less each partial counts than the one below."""
    alone: float
    """How much of a note's salience remains where its own fundamental is not there."""
    reach: int = 76
    """Columns of the peaks that are used, from the lowest up."""


BASS = LineSearch(28, 56, 1.0, 0.75, -0.4, 0.07, 0.9, 1.0, 60)
MELODY = LineSearch(55, 94, 1.0, 0.75, 0.4, 0.07, 0.8, 1.0)


def note_salience(peaks: Rows, line: LineSearch) -> FloatArray64:
    """How much each note of a line's range stands out, shape (rows, notes)."""
    root = np.sqrt(peaks[:, : line.reach], dtype=np.float64)
    width = line.high - line.low
    total = np.zeros((len(root), width))
    for number, above in enumerate(_PARTIALS):
        first = line.low - MIN_NOTE + above
        part = root[:, max(first, 0) : first + width]
        total[:, : part.shape[1]] += line.fall**number * part
    first = line.low - MIN_NOTE
    own = root[:, first : first + width]
    present = line.alone + (1 - line.alone) * np.minimum(own / np.maximum(0.3 * total, 1e-12), 1.0)
    octaves = (np.arange(width) - width / 2) / 12
    return total * present * (1 + line.tilt * octaves)


def track_line(strength: FloatArray64, line: LineSearch, typical: float) -> NDArray[np.int64]:
    """The note of each row as a column of the salience, or -1.

    Salience is taken next to what sounds there and next to what is `typical`, so that rests are rests.
    """
    rows, width = strength.shape
    most = strength.max(axis=1, keepdims=True)
    share = strength / np.maximum(most, 1e-12)
    share *= np.minimum(most / max(_LOUD * typical, 1e-12), 1.0)
    states = np.column_stack((share, np.full(rows, line.silence)))
    path = np.array(best_path(states.tolist(), repeat(line.change, rows)), dtype=np.int64)
    return np.where(path == width, -1, path)


def transcribe_line(
    features: SpectralFeatures, line: LineSearch, attacks: FloatArray64, strengths: FloatArray64
) -> tuple[list[TranscribedNote], float]:
    """The notes of a line, and how much it dominates what sounds, 0 to 1.

    `attacks` are frames of the project at which something is struck, with their `strengths` of 0 to 1:
    beginnings near one are put there, and where a line is alone a held note is cut by one.
    """
    strength = note_salience(features.peaks, line)
    tops = strength.max(axis=1)
    typical = float(np.percentile(tops, 90)) if len(tops) else 0.0
    if typical <= 0:
        return [], 0.0
    path = track_line(strength, line, typical)
    clear = _line_dominance(features.peaks, path, line)
    own = attacks[strengths >= _STRUCK] if clear >= MIN_SOLO_DOMINANCE else attacks[:0]
    pieces = _cut_notes(path, strength, features, line, own)
    return _place_notes(pieces, strength, typical, features, line, attacks), clear


def _line_dominance(peaks: Rows, path: NDArray[np.int64], line: LineSearch) -> float:
    """How much of all that sounds from the line's lowest note up are partials of the line."""
    rows = np.flatnonzero(path >= 0)
    if not len(rows):
        return 0.0
    root = np.sqrt(peaks[rows], dtype=np.float64)
    total = float(root[:, max(line.low - MIN_NOTE - 2, 0) :].sum())
    own = 0.0
    for above in _PARTIALS:
        column = line.low - MIN_NOTE + path[rows] + above
        inside = column < root.shape[1]
        own += float(root[np.flatnonzero(inside), column[inside]].sum())
    return min(own / max(total, 1e-12), 1.0)


def _cut_notes(
    path: NDArray[np.int64],
    strength: FloatArray64,
    features: SpectralFeatures,
    line: LineSearch,
    attacks: FloatArray64,
) -> list[tuple[int, int, int]]:
    """Rows from, to, and column of each note: where the path moves, and where a note is struck again."""
    borders = np.flatnonzero(np.diff(path, prepend=-2))
    ends = np.append(borders[1:], len(path))
    pieces: list[tuple[int, int, int]] = []
    at = np.round((attacks - features.start) / (2 * features.hop)).astype(np.int64)
    least = max(2, round(line.shortest / features.rows_to_seconds(2)))
    for first, last in zip(borders.tolist(), ends.tolist(), strict=True):
        column = int(path[first])
        if column < 0:
            continue
        struck = set((_restrike_rows(strength[first:last, column], least) + first).tolist())
        struck |= {row for row in at.tolist() if first + least <= row <= last - least}
        marks = [first, *sorted(struck), last]
        pieces.extend((a, b, column) for a, b in pairwise(marks) if b - a >= least)
    return pieces


def _restrike_rows(level: FloatArray64, least: int) -> NDArray[np.int64]:
    """Rows at which a held note is struck again: the level jumps up."""
    if len(level) < 2 * least + 2:
        return np.zeros(0, dtype=np.int64)
    before = np.minimum(level[:-3], level[1:-2])
    jump = level[3:] / np.maximum(before, 1e-12)
    peak = (jump > 1.3) & (level[3:] > 0.3 * level.max())
    found: list[int] = []
    for row in np.flatnonzero(peak).tolist():
        window = jump[max(row - 2, 0) : row + 3]
        if jump[row] >= window.max() and row >= least and (not found or row + 1 - found[-1] >= least):
            found.append(row + 1)
    return np.array(found, dtype=np.int64)


def _place_notes(
    pieces: list[tuple[int, int, int]],
    strength: FloatArray64,
    typical: float,
    features: SpectralFeatures,
    line: LineSearch,
    attacks: FloatArray64,
) -> list[TranscribedNote]:
    hop = 2 * features.hop
    near = 0.07 * features.rate
    found: list[TranscribedNote] = []
    for first, last, column in pieces:
        start, end = features.start + first * hop, features.start + last * hop
        at = int(np.searchsorted(attacks, start))
        close = [float(a) for a in attacks[max(at - 1, 0) : at + 1] if abs(a - start) <= near]
        if close:
            start = min(close, key=lambda a: abs(a - start))
        if found and found[-1].end > start:
            before = found.pop()
            found.append(
                TranscribedNote(before.start, max(start, before.start + 1), before.pitch, before.level)
            )
        level = min(float(strength[first:last, column].max()) / (1.4 * typical), 1.0)
        found.append(TranscribedNote(start, max(end, start + 1), line.low + column, level))
    return found
