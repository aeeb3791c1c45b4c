"""Notes of a pitch contour that glides and trembles.

Notes and rests are the cheapest path: a note costs something for being one, for each row's distance from its
pitch, for rows that are hardly voiced and for rows that are softer than what is on both sides of them (after
Nieradzik, "SwiftF0", 2025, arXiv 2508.18440, and its `segment_notes`). A vibrato stays within a note, since
it comes back before a note of its own would pay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bandmate_plugins._listening.melody.contour import ROW_SECONDS, PitchContour
from bandmate_plugins._listening.melody.lines import TranscribedNote
from bandmate_plugins._platform.arrays import FloatArray64

_STEPS = 10
"""Pitches in a semitone that a note may have."""
_NOTE_PRICE = 5.0
"""Of a note; rows a semitone away cost one each."""
_MAX_DISTANCE = 2.0
_AROUND = round(0.064 / ROW_SECONDS)
_DIP_DB = 3.0
_GATE_DB = 28.0
"""Rows so far below the loud ones are no part of a note."""
_IN_TUNE = 0.4
"""How far notes must agree, 0 to 1, for a tuning."""


@dataclass(frozen=True, slots=True)
class ContourNote:
    """A note in rows of a contour."""

    first: int
    last: int
    """The row after it."""
    pitch: float
    """A MIDI note with a fraction."""


def loud_level(contour: PitchContour) -> float:
    """The level in dB of what is loud, however little of the stretch that is: the mean weighted by power."""
    power = 10 ** (contour.level / 10)
    return float(10 * np.log10(np.square(power).sum() / power.sum()))


def segment_notes(contour: PitchContour) -> list[ContourNote]:
    """The notes, in rows."""
    sure = np.where(contour.level > loud_level(contour) - _GATE_DB, contour.sure, 0.0)
    voiced = contour.pitch[sure >= 0.5]
    if not len(voiced):
        return []
    grid = np.arange(np.floor(voiced.min() * _STEPS), np.ceil(voiced.max() * _STEPS) + 1) / _STEPS
    return _cheapest_path(contour.pitch, sure, _row_costs(contour.level, sure), grid)


def tuning_agreement(spans: list[ContourNote]) -> complex:
    """How far the notes agree on a tuning: its absolute value from 0 to 1, and the tuning as its angle."""
    sizes = np.array([span.last - span.first for span in spans], dtype=np.float64)
    turns = np.exp(2j * np.pi * np.array([span.pitch for span in spans]))
    return complex((sizes * turns).sum() / max(float(sizes.sum()), 1.0))


def quantise_notes(contour: PitchContour, spans: list[ContourNote]) -> list[TranscribedNote]:
    """The notes, on the semitones of their own tuning if they have one."""
    agreed = tuning_agreement(spans)
    off = float(np.angle(agreed) / (2 * np.pi)) if abs(agreed) > _IN_TUNE else 0.0
    top = loud_level(contour)
    found: list[TranscribedNote] = []
    for span in spans:
        start, end = (contour.start + row * contour.hop for row in (span.first, span.last))
        over = float(contour.level[span.first : span.last].max()) - top
        found.append(
            TranscribedNote(start, end, round(span.pitch - off), float(min(10 ** (over / 40) / 1.2, 1.0)))
        )
    return found


def _row_costs(level: FloatArray64, sure: FloatArray64) -> FloatArray64:
    """What each row costs in any note; less than nothing where it is surely voiced."""
    clipped = np.clip(sure, 0.01, 0.99)
    padded = np.pad(level, _AROUND, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, _AROUND + 1).max(axis=1)
    beside = np.minimum(around[: len(level)], around[_AROUND:])
    return np.asarray(np.log((1 - clipped) / clipped) + np.maximum(beside - level - _DIP_DB, 0.0))


def _cheapest_path(
    pitch: FloatArray64, sure: FloatArray64, costs: FloatArray64, grid: FloatArray64
) -> list[ContourNote]:
    """The path with the least sum; `grid` holds the pitches that a note may have."""
    inside = np.full(len(grid), np.inf)
    begun = np.zeros(len(grid), dtype=np.int64)
    back: list[tuple[int, int]] = []
    best = 0.0
    for row in range(len(pitch)):
        begun[best + _NOTE_PRICE < inside] = row
        inside = np.minimum(inside, best + _NOTE_PRICE)
        inside += sure[row] * np.minimum(np.abs(grid - pitch[row]), _MAX_DISTANCE) + costs[row]
        column = int(inside.argmin())
        if inside[column] < best:
            best = float(inside[column])
            back.append((int(begun[column]), column))
        else:
            back.append((row, -1))
    found: list[ContourNote] = []
    at = len(back)
    while at > 0:
        first, column = back[at - 1]
        if column >= 0:
            found.append(ContourNote(first, at, float(grid[column])))
        at = first
    return found[::-1]
