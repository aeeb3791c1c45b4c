"""Key and chords of notes: of music that is written down, so that nothing has to be listened for.

Chords are the best path through kinds of chords (Viterbi), a choice for each beat, held where in doubt; the
key is the one whose profile correlates best with how long each pitch class sounds. Nothing here needs numpy.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bandmate_plugins._theory.best_path import best_path
from bandmate_plugins._theory.key_profiles import MAJOR_PROFILE, MINOR_PROFILE, key_name
from bandmate_plugins._theory.pitch_names import PITCH_NAMES

_KINDS = {
    "": (0, 4, 7), "m": (0, 3, 7), "5": (0, 7), "dim": (0, 3, 6), "aug": (0, 4, 8), "sus4": (0, 5, 7),
    "7": (0, 4, 7, 10), "maj7": (0, 4, 7, 11), "m7": (0, 3, 7, 10), "m7b5": (0, 3, 6, 10),
}  # fmt: skip
"""Semitones above the root, by the end of the symbol."""
_CHORDS = [(root, kind) for kind in _KINDS for root in range(12)]
_MISSING, _ROOT_IN_BASS, _PLAIN = 0.12, 0.25, 0.03
"""What a tone that does not sound costs, what a root in the bass is worth, what a tone past three costs."""
_CHANGE, _CHANGE_AT_BAR = 0.45, 0.1
_MIN_INSIDE, _MIN_INSIDE_LINE = 0.7, 0.9
"""How much of what sounds is in the chords at least; of one line by itself more, which may be a melody."""
_LINE_VOICES = 1.3
"""With fewer voices at a time than this it is a line by itself."""
_BROKEN_TONES = 3
"""How many pitch classes a line has in most of its bars at least where it breaks chords: with fewer it is a melody."""
_MIN_SOUNDING = 0.4
"""The share of the beats in which something sounds, from the first note to the last."""
_LEAST_STRETCH = 0.2
"""How much of all beats that stretch is at least: a few notes by themselves are no progression."""
_MAX_BASS_NOTE = 52
_MIN_FIT, _MIN_CLASSES = 0.55, 3
_BEGINS_AT_HOME, _ENDS_AT_HOME = 0.16, 0.08
"""What a tonic chord at the beginning, and at the end, is worth for a key."""


@dataclass(frozen=True, slots=True)
class TimedNote:
    """A note; times are in any unit that the cells are in too."""

    start: float
    end: float
    pitch: int
    velocity: int = 100


@dataclass(frozen=True, slots=True)
class HarmonyCell:
    """A stretch that has one chord: a beat."""

    start: float
    end: float
    opens_bar: bool = False


@dataclass(frozen=True, slots=True)
class NoteHarmony:
    """What notes say; None and empty where they do not."""

    key: str | None = None
    """Such as `Bb major`."""
    chords: tuple[tuple[float, str], ...] = ()
    """Where each begins, and its symbol, such as `F#m7`; held until the next."""
    end: float = 0.0
    """Where the last beat with a note ends."""


def harmony_of(notes: Sequence[TimedNote], cells: Sequence[HarmonyCell]) -> NoteHarmony:
    """Key and chords of notes over cells that follow one another."""
    sounding = _by_cell(notes, cells)
    line = _voice_count(sounding) < _LINE_VOICES and not _has_bass(sounding)
    if line:
        # Two notes of a melody are always in some chord; those of a whole bar are only if they break one.
        cells = _group_bars(cells)
        sounding = _by_cell(notes, cells)
    there = [number for number, cell in enumerate(sounding) if cell.voices > 0]
    stretch = slice(there[0], there[-1] + 1) if there else slice(0)
    count = len(cells)
    cells, sounding = cells[stretch], sounding[stretch]
    enough = len(cells) >= _LEAST_STRETCH * count and len(there) >= _MIN_SOUNDING * len(cells)
    chords = _best_chords(sounding, cells) if there and enough else []
    tonic, minor, fit = _detect_key(_class_weights(notes), chords)
    classes = len({note.pitch % 12 for note in notes})
    key = key_name(tonic, minor=minor) if fit >= _MIN_FIT and classes >= _MIN_CLASSES else None
    inside = _share_inside(sounding, chords)
    if inside < (_MIN_INSIDE_LINE if line else _MIN_INSIDE) or (line and not _breaks_chords(sounding)):
        return NoteHarmony(key)
    end = cells[-1].end if cells else 0.0
    return NoteHarmony(key, tuple(_chord_symbols(chords, cells, (tonic, minor) if key else None)), end)


def _breaks_chords(sounding: Sequence[_CellSound]) -> bool:
    """Whether a line by itself has the tones of a chord in most of its bars."""
    tones = [sum(weight > 0 for weight in cell.weights) for cell in sounding if cell.voices > 0]
    return 2 * sum(count >= _BROKEN_TONES for count in tones) > len(tones)


def _group_bars(cells: Sequence[HarmonyCell]) -> list[HarmonyCell]:
    """Cells put together by bars."""
    found: list[HarmonyCell] = []
    for cell in cells:
        if found and not cell.opens_bar:
            found[-1] = replace(found[-1], end=cell.end)
        else:
            found.append(replace(cell, opens_bar=True))
    return found


@dataclass(frozen=True, slots=True)
class _CellSound:
    """What sounds in a cell."""

    weights: tuple[float, ...]
    """Of the twelve pitch classes; they add up to 1, or to 0."""
    bass: int | None
    """The pitch class of the lowest note, where that is in the bass."""
    voices: float
    """How many notes sound at a time, where any does."""


def _by_cell(notes: Sequence[TimedNote], cells: Sequence[HarmonyCell]) -> list[_CellSound]:
    starts = [cell.start for cell in cells]
    inside: list[list[TimedNote]] = [[] for _ in cells]
    for note in notes:
        for at in range(max(bisect_right(starts, note.start) - 1, 0), bisect_left(starts, note.end)):
            inside[at].append(note)
    return [_cell_sound(part, cell) for part, cell in zip(inside, cells, strict=True)]


def _cell_sound(notes: Sequence[TimedNote], cell: HarmonyCell) -> _CellSound:
    weights, lowest, covered, edges = [0.0] * 12, None, 0.0, []
    for note in notes:
        length = min(note.end, cell.end) - max(note.start, cell.start)
        if length <= 0:
            continue
        weights[note.pitch % 12] += length * math.sqrt(note.velocity)
        covered += length
        edges.append((max(note.start, cell.start), min(note.end, cell.end)))
        # What only rings over from the cell before is no bass of this one.
        if length > 0.3 * (cell.end - cell.start) and (lowest is None or note.pitch < lowest):
            lowest = note.pitch
    total = sum(weights)
    if total <= 0:
        return _CellSound((0.0,) * 12, None, 0.0)
    bass = lowest % 12 if lowest is not None and lowest <= _MAX_BASS_NOTE else None
    return _CellSound(tuple(one / total for one in weights), bass, covered / _union_length(edges))


def _union_length(edges: list[tuple[float, float]]) -> float:
    """How long any of some stretches lasts."""
    total, reached = 0.0, -math.inf
    for start, end in sorted(edges):
        total += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return total


def _class_weights(notes: Sequence[TimedNote]) -> list[float]:
    weights = [0.0] * 12
    for note in notes:
        weights[note.pitch % 12] += (note.end - note.start) * math.sqrt(note.velocity)
    return weights


def _voice_count(sounding: Sequence[_CellSound]) -> float:
    found = [cell.voices for cell in sounding if cell.voices > 0]
    return sum(found) / len(found) if found else 0.0


def _has_bass(sounding: Sequence[_CellSound]) -> bool:
    found = [cell for cell in sounding if cell.voices > 0]
    return 2 * sum(cell.bass is not None for cell in found) > len(found)


def _best_chords(sounding: Sequence[_CellSound], cells: Sequence[HarmonyCell]) -> list[int]:
    """The number of the chord of each cell, the best path."""
    prices = [_CHANGE_AT_BAR if cell.opens_bar else _CHANGE for cell in cells]
    return best_path(map(_chord_fits, sounding), prices)


def _chord_fits(there: _CellSound) -> list[float]:
    """How well each chord fits what sounds; nothing speaks for any in silence."""
    if there.voices <= 0:
        return [0.0] * len(_CHORDS)
    found = []
    for root, kind in _CHORDS:
        tones = [(root + step) % 12 for step in _KINDS[kind]]
        inside = sum(there.weights[tone] for tone in tones)
        missing = sum(there.weights[tone] <= 0 for tone in tones)
        fit = 2 * inside - 1 - _MISSING * missing - _PLAIN * max(len(tones) - 3, 0)
        found.append(fit + (_ROOT_IN_BASS if there.bass == root else 0.0))
    return found


def _share_inside(sounding: Sequence[_CellSound], chords: Sequence[int]) -> float:
    """The share of what sounds that is in the chords."""
    found = []
    for there, number in zip(sounding, chords, strict=False):
        root, kind = _CHORDS[number]
        if there.voices > 0:
            found.append(sum(there.weights[(root + step) % 12] for step in _KINDS[kind]))
    return sum(found) / len(found) if found else 0.0


def _detect_key(weights: Sequence[float], chords: Sequence[int]) -> tuple[int, bool, float]:
    """Tonic, whether it is minor, and how well its profile correlates, -1 to 1."""
    ends = [
        (*_CHORDS[number], worth)
        for number, worth in zip((*chords[:1], *chords[-1:]), (_BEGINS_AT_HOME, _ENDS_AT_HOME), strict=False)
    ]
    best = (0, False, -1.0)
    most = -math.inf
    for minor, profile in ((False, MAJOR_PROFILE), (True, MINOR_PROFILE)):
        for tonic in range(12):
            fit = _profile_correlation([profile[(pitch - tonic) % 12] for pitch in range(12)], weights)
            home = sum(worth for root, kind, worth in ends if root == tonic and (3 in _KINDS[kind]) == minor)
            if fit + home > most:
                best, most = (tonic, minor, fit), fit + home
    return best


def _profile_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    means = sum(one) / len(one), sum(other) / len(other)
    a, b = [x - means[0] for x in one], [x - means[1] for x in other]
    power = sum(x * x for x in a) * sum(x * x for x in b)
    return sum(x * y for x, y in zip(a, b, strict=True)) / math.sqrt(power) if power > 0 else 0.0


def _chord_symbols(
    chords: Sequence[int], cells: Sequence[HarmonyCell], key: tuple[int, bool] | None
) -> list[tuple[float, str]]:
    """Where chords begin, with their symbols; a bare root has the third of the key."""
    found: list[tuple[float, str]] = []
    for number, cell in zip(chords, cells, strict=True):
        root, kind = _CHORDS[number]
        symbol = PITCH_NAMES[root] + (_third_of(root, key) if kind == "5" and key else kind)
        if not found or found[-1][1] != symbol:
            found.append((cell.start, symbol))
    return found


def _third_of(root: int, key: tuple[int, bool]) -> str:
    """The kind of the triad that a key builds on a root; a bare fifth where it builds none."""
    tonic, minor = key
    scale = {(tonic + step) % 12 for step in ((0, 2, 3, 5, 7, 8, 10) if minor else (0, 2, 4, 5, 7, 9, 11))}
    for kind in ("", "m"):
        if {(root + step) % 12 for step in _KINDS[kind]} <= scale:
            return kind
    return "5"
