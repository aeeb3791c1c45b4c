"""Places in bars: `on 2 and 4`, `on every eighth`, `from bar 5`, or a pattern, as times in any metre.

Beats are those of the metre, at any tempo; a band that feels half or double beats does not move them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from bandmate_plugins._engines.sketch.theory.measures import FeltBeat, Measure, felt_beats, iter_measures
from bandmate_plugins._engines.sketch.theory.section_places import SectionPlaces, SectionReach
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_protocol.tempo import Bar

_NEAR = 1e-6
"""Quarters within which two times are one."""
_STEPS = {"eighths": 0.5, "sixteenths": 0.25, "thirty-seconds": 0.125}
"""Quarters from one stroke to the next."""
_STRONG, _WEAK = "x", "o"
_INSIDE = 2e-3
"""Quarters before the end of a measure that are in it, however it is rounded."""


@dataclass(frozen=True, slots=True)
class BarPlace:
    """Where in its bars something is played, and in which bars; all of it may be open."""

    text: str
    """As the prompt says it."""
    beats: tuple[float, ...] = ()
    """From 1; 2.5 is the `and` of 2, -1 the last."""
    division: str = ""
    """`beats`, `backbeats`, `offbeats`, `halves`, `triplets`, `eighths`, `sixteenths` or `thirty-seconds`."""
    every: int = 0
    """In the first of so many bars; 0 is open."""
    first_bar: int = 1
    """Counted from the start of the range."""
    last_bar: int = 0
    """0 is the end."""
    bars: tuple[int, ...] = ()
    """Only these, counted in the same way; empty for all."""
    last_bars: int = 0
    """Only so many bars at the end of the range; 0 is open."""
    is_until: bool = False
    """Whether `last_bar` is the end of `until bar 8`: what rests until then plays in it."""
    rests: bool = False
    """Whether it is where something rests that plays everywhere else."""
    sections: tuple[str, ...] = ()
    """Only in these sections, as `find_sections` names them."""
    sections_reach: SectionReach = "in"

    @property
    def has_strokes(self) -> bool:
        """Whether it says where in a bar."""
        return bool(self.beats or self.division) and not self.rests

    def as_rest(self) -> BarPlace:
        """The same place for what rests there: `no hats until bar 3`."""
        return replace(self, last_bar=self.last_bar - self.is_until, rests=True)

    def joined_with(self, other: BarPlace) -> BarPlace:
        """Both at once: the beats of one in the bars of the other."""
        return BarPlace(
            f"{self.text} {other.text}",
            tuple(sorted({*self.beats, *other.beats})),
            self.division or other.division,
            other.every or self.every,
            max(self.first_bar, other.first_bar),
            other.last_bar or self.last_bar,
            tuple(sorted({*self.bars} & {*other.bars}))
            if self.bars and other.bars
            else self.bars or other.bars,
            other.last_bars or self.last_bars,
            self.is_until or other.is_until,
            self.rests and other.rests,
            self.sections or other.sections,
            self.sections_reach if self.sections else other.sections_reach,
        )


@dataclass(frozen=True, slots=True)
class PlacedStroke:
    """A stroke at a time, in quarters, with the letter of a pattern for how hard it is."""

    start: float
    letter: str


class StrokePlaces(Protocol):
    """Where a drum is played."""

    @property
    def has_strokes(self) -> bool:
        """Whether it says so itself; else only in which bars."""
        ...

    def strokes(self, measure: Measure) -> list[PlacedStroke]:
        """The strokes of a measure, by time."""
        ...

    def allows(self, quarter: float) -> bool:
        """Whether it is played in the bar at a time."""
        ...

    @property
    def is_limited(self) -> bool:
        """Whether there are bars that it is not played in."""
        ...


@dataclass(frozen=True)
class BarPlaces:
    """A `BarPlace` over a range."""

    place: BarPlace
    music: MusicalRange
    swing: float = 0.5
    swing_unit: int = 8

    @property
    def has_strokes(self) -> bool:
        """Whether it says where in a bar."""
        return self.place.has_strokes

    @property
    def is_limited(self) -> bool:
        """Whether there are bars that it is not played in."""
        place = self.place
        named = (place.sections, place.bars, place.last_bars, place.last_bar)
        return any(named) or place.every > 1 or place.first_bar > 1

    def strokes(self, measure: Measure) -> list[PlacedStroke]:
        """The strokes of a measure, by time."""
        found = [
            stroke
            for bar in self._bars_between(measure.start, measure.end)
            if self._has_bar(bar.number)
            for stroke in self._bar_strokes(bar)
            if measure.start - _NEAR <= stroke.start < measure.end - _NEAR
            and self._sections.allows(stroke.start)
        ]
        return sorted(found, key=lambda stroke: stroke.start)

    def allows(self, quarter: float) -> bool:
        """Whether it is played in the bar at a time, or at that time where it rests on beats."""
        inside = self._has_bar(self._bar_at(quarter)) and self._sections.allows(quarter)
        if not self.place.rests:
            return inside
        return not inside or (self._names_beats and not self._is_on_stroke(quarter))

    def end_from(self, quarter: float) -> float:
        """Where the section ends that something begins in at a time."""
        return self._sections.end_from(quarter, rests=self.place.rests)

    def ends_with(self, measure: Measure) -> bool:
        """Whether a measure is the last one of a place: that before a section, or the end of a bar of it."""
        if self.place.sections_reach == "ending":
            return self._sections.ends_in(measure)
        number = self._bar_at(measure.end - _INSIDE)
        ends = measure.left == 0 or self._bar_at(measure.end) > number
        return ends and self._has_bar(number) and self._sections.allows(measure.end - _INSIDE)

    def _bar_at(self, quarter: float) -> int:
        tempo = self.music.tempo
        return tempo.bar_beat_at(tempo.position_at(quarter) + 1)[0]

    @cached_property
    def _sections(self) -> SectionPlaces:
        return SectionPlaces(self.place.sections, self.place.sections_reach, self.music)

    @property
    def _names_beats(self) -> bool:
        return bool(self.place.beats or self.place.division)

    def _is_on_stroke(self, quarter: float) -> bool:
        """Whether a time is nearer to a stroke of the place than a thirty-second note."""
        bars = self._bars_between(quarter, quarter + 1)
        times = [stroke.start for bar in bars for stroke in self._bar_strokes(bar)]
        return any(abs(at - quarter) < _STEPS["thirty-seconds"] for at in times)

    def is_empty(self) -> bool:
        """Whether nothing falls into the range."""
        start, end = (
            self.music.tempo.quarters_at(at) for at in (self.music.start_frame, self.music.end_frame)
        )
        if self._sections.is_empty(start, end):
            return True
        if self.place.sections_reach == "ending":
            return False
        bars = (bar for bar in self._bars_between(start, end) if self._has_bar(bar.number))
        if not self._names_beats:
            return next(bars, None) is None
        return not any(
            start - _NEAR <= one.start < end - _NEAR for bar in bars for one in self._bar_strokes(bar)
        )

    @cached_property
    def bar_numbers(self) -> tuple[int, int]:
        """The first and the last bar of the range, as the project counts them."""
        tempo, music = self.music.tempo, self.music
        first = next(iter(tempo.bars(music.start_frame, music.start_frame + 1))).number
        return first, tempo.bar_beat_at(max(music.end_frame - 1, music.start_frame))[0]

    def _has_bar(self, number: int) -> bool:
        first, last = self.bar_numbers
        wanted = max(self.place.bars, default=self.place.first_bar)
        if wanted > last - first + 1 and first <= wanted <= last:
            # The range has no such bar counted from its start, so the project's is meant.
            first = 1
        place, count = self.place, number - first + 1
        if (place.bars and count not in place.bars) or (place.last_bars and number <= last - place.last_bars):
            return False
        inside = place.first_bar <= count and (not place.last_bar or count <= place.last_bar)
        inside = inside and not (place.is_until and place.last_bar < 1)
        return inside and (place.every < 2 or (count - place.first_bar) % place.every == 0)

    def _bars_between(self, start: float, end: float) -> Iterator[Bar]:
        tempo = self.music.tempo
        first = tempo.position_at(start) + 1
        return tempo.bars(first, max(tempo.position_at(end) - 1, first))

    def _bar_strokes(self, bar: Bar) -> Iterator[PlacedStroke]:
        start, end = (self.music.tempo.quarters_at(at) for at in (bar.start, bar.end))
        beats = list(_felt_beats_of(bar, start))
        unit = 4 / bar.denominator
        named = [beat if beat > 0 else bar.numerator + 1 + beat for beat in self.place.beats]
        times = [start + (beat - 1) * unit for beat in named if 1 <= beat < bar.numerator + 1]
        times += _division_times(self.place.division, beats, unit, end)
        strong = [beat.start for beat in beats] if self.place.division in (*_STEPS, "triplets") else times
        for at in times:
            if at < end - _NEAR:
                letter = _STRONG if any(abs(at - one) < _NEAR for one in strong) else _WEAK
                yield PlacedStroke(_swing_time(at, beats, self.swing, self.swing_unit), letter)


@dataclass(frozen=True)
class PatternPlaces:
    """A pattern of 16 or 32 steps, four to a beat of the metre, over a range."""

    pattern: str
    """Without what is for the eye."""
    music: MusicalRange
    swing: float = 0.5
    swing_unit: int = 8
    has_strokes = True
    is_limited = False

    def strokes(self, measure: Measure) -> list[PlacedStroke]:
        """The strokes of a measure, by time."""
        found = self._all_strokes
        first = bisect_left(found, measure.start - _NEAR, key=_stroke_start)
        return found[first : bisect_left(found, measure.end - _NEAR, key=_stroke_start)]

    def allows(self, quarter: float) -> bool:  # noqa: ARG002 - it is played in every bar
        """Always."""
        return True

    @cached_property
    def _all_strokes(self) -> list[PlacedStroke]:
        found = []
        for measure in iter_measures(self.music, 0):
            bar = measure.index % (len(self.pattern) // 16) * 16
            for beat in measure.beats:
                for step, source in enumerate(beat.steps):
                    if (
                        source not in range(4)
                        or (letter := self.pattern[bar + 4 * beat.role + source]) == "-"
                    ):
                        continue
                    found.append(PlacedStroke(beat.step_time(step, self.swing, self.swing_unit), letter))
        return sorted(found, key=_stroke_start)


def _stroke_start(stroke: PlacedStroke) -> float:
    return stroke.start


def _felt_beats_of(bar: Bar, start: float) -> Iterator[FeltBeat]:
    for shape in felt_beats(bar.numerator, bar.denominator, 0):
        yield FeltBeat(start, shape.quarters, shape.steps, 0, shape.swings)
        start += shape.quarters


def _division_times(division: str, beats: Sequence[FeltBeat], unit: float, end: float) -> list[float]:
    """The times of a bar's strokes, in quarters, without swing."""
    starts = [beat.start for beat in beats]
    if division == "beats":
        return starts
    if division == "backbeats":
        return starts[1:] if len(starts) == 3 else starts[1::2]
    if division == "halves":
        return starts[::2]
    if division == "offbeats":
        return [_offbeat_of(beat, unit) for beat in beats]
    if division == "triplets":
        return [beat.start + third * beat.quarters / 3 for beat in beats for third in range(3)]
    if division in _STEPS and starts:
        step = _STEPS[division]
        return [starts[0] + number * step for number in range(int((end - starts[0]) / step + 1 - _NEAR))]
    return []


def _offbeat_of(beat: FeltBeat, unit: float) -> float:
    """The middle of a beat, or the last unit of one that has no middle: the third eighth of a dotted quarter."""
    units = round(beat.quarters / unit)
    return beat.start + (beat.quarters / 2 if units % 2 == 0 or units == 1 else beat.quarters - unit)


def _swing_time(at: float, beats: Sequence[FeltBeat], swing: float, unit: int) -> float:
    for beat in beats:
        if beat.swings and beat.start - _NEAR <= at < beat.start + beat.quarters - _NEAR:
            return beat.step_time((at - beat.start) / beat.quarters * len(beat.steps), swing, unit)
    return at
