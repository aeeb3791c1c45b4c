"""What all players read: the genre, the form with its energy, the chords, and seeded chance."""

from __future__ import annotations

import zlib
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bandmate_plugins._engines.sketch.library import Genre
from bandmate_plugins._engines.sketch.theory.bar_places import BarPlaces, StrokePlaces
from bandmate_plugins._engines.sketch.theory.form import FormSection, SongForm
from bandmate_plugins._engines.sketch.theory.measures import MEASURES_AHEAD, Measure
from bandmate_plugins._engines.sketch.theory.section_places import TimeSpan
from bandmate_plugins._theory.chords import Chord, parse_numeral, scale_chord
from bandmate_plugins._theory.keys import Key

_PHRASE = 4
"""Measures that are played as hard as one another."""
_SNAP_QUARTERS = 1e-3
"""A chord this close to the edge of a measure changes there: its position is rounded to a frame."""
_PLANS = ("AAAB", "ABAB", "AABA", "AAAA")


@dataclass(frozen=True, slots=True)
class NoteEvent:
    """One note of a part, in quarters; a drum's pitch is its General MIDI number."""

    start: float
    end: float
    pitch: int
    velocity: int
    lag_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class ChordSpan:
    """A stretch of a measure with one chord, or none."""

    start: float
    end: float
    chord: Chord | None


@dataclass(frozen=True)
class PlacedDrum:
    """A single drum that is played where the musician says, not where its style or its own lines do."""

    single_drum: str
    """Of `library.single_drums`."""
    names: frozenset[str]
    """The drums of a kit that count as it."""
    line: str
    """The one that is struck."""
    places: StrokePlaces


@dataclass(frozen=True)
class DrumRest:
    """Where some drums of a kit rest."""

    names: frozenset[str]
    """As the kit has them."""
    places: BarPlaces


@dataclass(frozen=True)
class Chart:
    """The plan of a piece."""

    genre: Genre
    key: Key
    form: SongForm
    seed: int
    swing: float
    half_time: bool = False
    marks: tuple[tuple[float, Chord | None], ...] = ()
    """Chords that the project gives, by quarters; they win over the genre's."""
    placed: tuple[PlacedDrum, ...] = ()
    """The drums whose places the musician says."""
    rests: tuple[DrumRest, ...] = ()
    """Where drums rest that play elsewhere."""
    fills: BarPlaces | None = None
    """Where fills are that the prompt asks for; None for the end of the range."""
    builds: tuple[TimeSpan, ...] = ()
    """Where a build grows, in quarters; empty for all of the range."""
    tuning_cents: int = 0
    """How far above concert pitch (A4 = 440 Hz) it is played."""

    def random_for(self, *where: str | int) -> np.random.Generator:
        """Random numbers that depend on the seed and on what they are for, and on nothing else."""
        words = [zlib.crc32(word.encode()) if isinstance(word, str) else word & 0xFFFFFFFF for word in where]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, *words])))

    def section_at(self, measure: Measure) -> FormSection:
        """The section that a measure is in."""
        return self.form.section_at(measure.index)

    def chord_spans(self, measure: Measure) -> list[ChordSpan]:
        """The chords of a measure, without gaps."""
        if self.marks:
            return self._given_spans(measure.start, measure.end)
        if self.form.ends and measure.left <= 1:
            return [ChordSpan(measure.start, measure.end, self._final_cadence[measure.left])]
        chords = self.section_progression(self.section_at(measure))
        rate = self.genre.harmony.chords_per_measure
        place = measure.index - self.section_at(measure).first
        if rate <= 1 or len(measure.beats) < 2:
            return [ChordSpan(measure.start, measure.end, chords[int(place * min(rate, 1)) % len(chords)])]
        split = measure.beats[len(measure.beats) // 2].start
        first, second = chords[2 * place % len(chords)], chords[(2 * place + 1) % len(chords)]
        return [ChordSpan(measure.start, split, first), ChordSpan(split, measure.end, second)]

    def chord_after(self, measure: Measure) -> Chord | None:
        """The chord that the next measure begins with."""
        if self.marks:
            return self._given_spans(measure.end, measure.end + 1e-3)[0].chord
        left = measure.left - 1 if measure.left < MEASURES_AHEAD else MEASURES_AHEAD
        following = Measure(measure.index + 1, 0, 0, measure.end, measure.end + 1, measure.beats[:1], left)
        return self.chord_spans(following)[0].chord

    def section_progression(self, section: FormSection) -> tuple[Chord, ...]:
        """The chords of a section, which go round."""
        choices = self._key_progressions
        first = int(self.random_for("harmony").integers(len(choices)))
        return choices[(first + section.variant) % len(choices)]

    def velocity_scale(self, measure: Measure) -> float:
        """What the velocities of a measure are multiplied by."""
        turns = self.genre.dynamics
        return 1.0 if not turns or self.is_end(measure) else turns[measure.index // _PHRASE % len(turns)]

    def is_end(self, measure: Measure) -> bool:
        """Whether a piece with an ending ends here: everyone holds the last chord."""
        return self.form.ends and measure.left == 0

    def pick_pattern(self, part: str, measure: Measure, count: int) -> int:
        """Which of so many patterns a part plays: one a section, with another for variety, by a plan."""
        section = self.section_at(measure)
        rng = self.random_for(part, section.kind)
        first, other = int(rng.integers(count)), int(rng.integers(count))
        plan = _PLANS[int(rng.integers(len(_PLANS)))]
        return other if plan[(measure.index - section.first) % 4] == "B" else first

    @cached_property
    def _final_cadence(self) -> tuple[Chord, Chord]:
        """The last chord, and the one before it."""
        functional = self.key.mode in ("major", "minor", "harmonic minor", "melodic minor")
        dominant = parse_numeral("V7", Key(self.key.tonic)) if functional else scale_chord(self.key, 4)
        return scale_chord(self.key, 0), dominant

    @cached_property
    def _key_progressions(self) -> tuple[tuple[Chord, ...], ...]:
        harmony = self.genre.harmony
        written = harmony.minor if self.key.is_minor else harmony.major
        return tuple(tuple(parse_numeral(text, self.key) for text in line.split()) for line in written)

    def _given_spans(self, start: float, end: float) -> list[ChordSpan]:
        places = [place for place, _ in self.marks]
        at = max(bisect_right(places, start + _SNAP_QUARTERS) - 1, 0)
        spans = []
        while start < end - 1e-9:
            following = places[at + 1] if at + 1 < len(places) else end
            stop = end if following > end - _SNAP_QUARTERS else max(following, start)
            if stop > start + 1e-9:
                spans.append(ChordSpan(start, stop, self.marks[at][1]))
            start, at = stop, at + 1
        return spans
