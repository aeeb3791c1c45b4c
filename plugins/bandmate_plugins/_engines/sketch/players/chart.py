"""What all players read: the genre, the form with its energy, the chords, and seeded chance."""

from __future__ import annotations

import zlib
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bandmate_plugins._engines.sketch.library import Genre
from bandmate_plugins._engines.sketch.theory.form import Form, Section
from bandmate_plugins._engines.sketch.theory.harmony import Chord, Key, numeral, scale_chord
from bandmate_plugins._engines.sketch.theory.measures import FAR, Measure

_PHRASE = 4
"""Measures that are played as hard as one another."""
_PLANS = ("AAAB", "ABAB", "AABA", "AAAA")


@dataclass(frozen=True, slots=True)
class Event:
    """One note of a part, in quarters; a drum's pitch is its General MIDI number."""

    start: float
    end: float
    pitch: int
    velocity: int
    lag_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a measure with one chord, or none."""

    start: float
    end: float
    chord: Chord | None


@dataclass(frozen=True)
class Chart:
    """The plan of a piece."""

    genre: Genre
    key: Key
    form: Form
    seed: int
    swing: float
    half_time: bool = False
    marks: tuple[tuple[float, Chord | None], ...] = ()
    """Chords that the project gives, by quarters; they win over the genre's."""
    tuning_cents: int = 0
    """How far above concert pitch (A4 = 440 Hz) it is played."""

    def chance(self, *where: str | int) -> np.random.Generator:
        """Random numbers that depend on the seed and on what they are for, and on nothing else."""
        words = [zlib.crc32(word.encode()) if isinstance(word, str) else word & 0xFFFFFFFF for word in where]
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, *words])))

    def section(self, measure: Measure) -> Section:
        """The section that a measure is in."""
        return self.form.section(measure.index)

    def spans(self, measure: Measure) -> list[Span]:
        """The chords of a measure, without gaps."""
        if self.marks:
            return self._given_spans(measure.start, measure.end)
        if self.form.ends and measure.left <= 1:
            return [Span(measure.start, measure.end, self._final_cadence[measure.left])]
        chords = self.progression(self.section(measure))
        rate = self.genre.harmony.chords_per_measure
        place = measure.index - self.section(measure).first
        if rate <= 1 or len(measure.beats) < 2:
            return [Span(measure.start, measure.end, chords[int(place * min(rate, 1)) % len(chords)])]
        split = measure.beats[len(measure.beats) // 2].start
        first, second = chords[2 * place % len(chords)], chords[(2 * place + 1) % len(chords)]
        return [Span(measure.start, split, first), Span(split, measure.end, second)]

    def chord_after(self, measure: Measure) -> Chord | None:
        """The chord that the next measure begins with."""
        if self.marks:
            return self._given_spans(measure.end, measure.end + 1e-3)[0].chord
        left = measure.left - 1 if measure.left < FAR else FAR
        following = Measure(measure.index + 1, 0, 0, measure.end, measure.end + 1, measure.beats[:1], left)
        return self.spans(following)[0].chord

    def progression(self, section: Section) -> tuple[Chord, ...]:
        """The chords of a section, which go round."""
        choices = self._key_progressions
        first = int(self.chance("harmony").integers(len(choices)))
        return choices[(first + section.variant) % len(choices)]

    def dynamic(self, measure: Measure) -> float:
        """What the velocities of a measure are multiplied by."""
        turns = self.genre.dynamics
        return 1.0 if not turns or self.is_end(measure) else turns[measure.index // _PHRASE % len(turns)]

    def is_end(self, measure: Measure) -> bool:
        """Whether a piece with an ending ends here: everyone holds the last chord."""
        return self.form.ends and measure.left == 0

    def pick(self, part: str, measure: Measure, count: int) -> int:
        """Which of so many patterns a part plays: one a section, with another for variety, by a plan."""
        section = self.section(measure)
        rng = self.chance(part, section.kind)
        first, other = int(rng.integers(count)), int(rng.integers(count))
        plan = _PLANS[int(rng.integers(len(_PLANS)))]
        return other if plan[(measure.index - section.first) % 4] == "B" else first

    @cached_property
    def _final_cadence(self) -> tuple[Chord, Chord]:
        """The last chord, and the one before it."""
        functional = self.key.mode in ("major", "minor", "harmonic minor", "melodic minor")
        dominant = numeral("V7", Key(self.key.tonic)) if functional else scale_chord(self.key, 4)
        return scale_chord(self.key, 0), dominant

    @cached_property
    def _key_progressions(self) -> tuple[tuple[Chord, ...], ...]:
        harmony = self.genre.harmony
        written = harmony.minor if self.key.minor else harmony.major
        return tuple(tuple(numeral(text, self.key) for text in line.split()) for line in written)

    def _given_spans(self, start: float, end: float) -> list[Span]:
        places = [place for place, _ in self.marks]
        at = max(bisect_right(places, start + 1e-6) - 1, 0)
        spans = []
        while start < end - 1e-9:
            following = places[at + 1] if at + 1 < len(places) else end
            stop = min(max(following, start), end)
            if stop > start + 1e-9:
                spans.append(Span(start, stop, self.marks[at][1]))
            start, at = stop, at + 1
        return spans
