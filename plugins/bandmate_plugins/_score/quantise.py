"""Notes in time become notes in beats: each beat is divided straight or in triplets, whichever fits."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from bandmate_plugins._score.note_values import choose_division, is_triplet
from bandmate_plugins._score.score import ScoreBar

_GAP = Fraction(1, 4)
"""A rest shorter than this share of a beat is how a note is played, and not written."""


@dataclass(frozen=True, slots=True)
class HeardNote:
    """A note in quarters from the start of the score, as it was played."""

    start: float
    end: float
    pitch: int


@dataclass(frozen=True, slots=True)
class WrittenNotes:
    """Notes at once, in quarters from the start of the score."""

    start: Fraction
    end: Fraction
    pitches: tuple[int, ...]


@dataclass(frozen=True)
class QuantisedVoice:
    """One line of notes, none over another."""

    notes: tuple[WrittenNotes, ...]
    triplet_beats: tuple[tuple[Fraction, Fraction], ...]
    """Beats that are divided in three: start and end."""


class BeatGrid:
    """The beats of all bars, and how the notes of one part divide them."""

    def __init__(self, bars: Sequence[ScoreBar], notes: Sequence[HeardNote]) -> None:
        self.edges: list[Fraction] = []
        for bar in bars:
            place = bar.start
            while place < bar.end:
                self.edges.append(place)
                place += bar.beat
        self._end = bars[-1].end
        begins: list[list[float]] = [[] for _ in self.edges]
        ends: list[list[float]] = [[] for _ in self.edges]
        for note in notes:
            for edge, found in ((note.start, begins), (note.end, ends)):
                at = self._beat_at(edge)
                found[at].append((edge - float(self.edges[at])) / float(self._size(at)))
        self._divisions = [choose_division(begins[at], ends[at], self._size(at)) for at in range(len(begins))]

    def nearest(self, place: float) -> Fraction:
        """The place of the grid that is nearest to one in quarters."""
        at = self._beat_at(place)
        parts, size = self._divisions[at], self._size(at)
        share = round((place - float(self.edges[at])) / float(size) * parts)
        return min(self.edges[at] + Fraction(share, parts) * size, self._end)

    def finest(self, place: Fraction) -> Fraction:
        """How long the shortest note is in the beat of a place."""
        at = self._beat_at(float(place))
        return self._size(at) / max(self._divisions[at], 2)

    def beat_length(self, place: Fraction) -> Fraction:
        """How long the beat of a place is."""
        return self._size(self._beat_at(float(place)))

    @property
    def triplet_beats(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """Start and end of the beats that are divided in three."""
        return tuple(
            (edge, edge + self._size(at))
            for at, edge in enumerate(self.edges)
            if is_triplet(self._divisions[at])
        )

    def _beat_at(self, place: float) -> int:
        return max(bisect_right(self.edges, place + 1e-6) - 1, 0)

    def _size(self, at: int) -> Fraction:
        return (self.edges[at + 1] if at + 1 < len(self.edges) else self._end) - self.edges[at]


def quantise_part(
    notes: Sequence[HeardNote], bars: Sequence[ScoreBar], most_voices: int = 4
) -> list[QuantisedVoice]:
    """The voices of a part: notes that begin and end together share one; what overlaps goes to another.

    Where there would be more than `most_voices`, notes in the last one are cut short.
    """
    grid = BeatGrid(bars, notes)
    placed: dict[tuple[Fraction, Fraction], set[int]] = {}
    for note in notes:
        start = grid.nearest(note.start)
        if start >= bars[-1].end:
            continue
        end = max(grid.nearest(note.end), start + grid.finest(start))
        placed.setdefault((start, min(end, bars[-1].end)), set()).add(note.pitch)
    voices: list[list[WrittenNotes]] = []
    for (start, end), pitches in sorted(placed.items(), key=lambda one: (one[0][0], -max(one[1]))):
        group = WrittenNotes(start, end, tuple(sorted(pitches)))
        free = next((voice for voice in voices if voice[-1].end <= start), None)
        if free is not None:
            free.append(group)
        elif len(voices) < most_voices:
            voices.append([group])
        else:
            _add_cut(voices[-1], group)
    triplets = grid.triplet_beats
    return [QuantisedVoice(tuple(_without_gaps(voice, grid)), triplets) for voice in voices]


def _add_cut(voice: list[WrittenNotes], group: WrittenNotes) -> None:
    """Adds notes to a voice that is not free: the ones before end here, or take the new ones in."""
    last = voice[-1]
    if last.start == group.start:
        voice[-1] = WrittenNotes(last.start, last.end, tuple(sorted({*last.pitches, *group.pitches})))
        return
    voice[-1] = WrittenNotes(last.start, group.start, last.pitches)
    voice.append(group)


def _without_gaps(voice: Sequence[WrittenNotes], grid: BeatGrid) -> list[WrittenNotes]:
    """Notes that last until the next one where the rest between them is too short to be meant."""
    found: list[WrittenNotes] = []
    for note, after in zip(voice, [*voice[1:], None], strict=True):
        gap = after.start - note.end if after is not None else Fraction(0)
        if after is not None and 0 < gap < _GAP * grid.beat_length(note.end):
            note = WrittenNotes(note.start, after.start, note.pitches)
        found.append(note)
    return found
