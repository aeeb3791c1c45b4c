"""The time of a range as musicians count it: measures of felt beats, in any metre and at any tempo.

Genres write their patterns for four beats of four steps. A metre is therefore told as beats, each with the
place in such a pattern that it takes; slow tempos halve the beat and fast ones double it, so that a pattern
is felt at about the pace that it was written for. Times are quarter notes, as `TempoMap.quarters_at` counts.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from bandmate_plugins._listening.cells import GridMeasure
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_protocol.tempo import Bar, TempoMap

_BEAT_SECONDS = (0.27, 0.95)
"""A felt beat is kept within these where doubling or halving it can do that."""
_MIN_MEASURE_SECONDS = 0.9
MEASURES_AHEAD = 3
NO_STEP = -1
MIDDLE_STEP = 9
"""The middle of a beat in three: played where a pattern plays the beat and its half."""
_ROLES = {1: (0,), 2: (0, 1), 3: (0, 2, 3), 4: (0, 1, 2, 3)}
"""Which of a pattern's four beats a group of so many beats plays."""


@dataclass(frozen=True, slots=True)
class FeltBeat:
    """One felt beat."""

    start: float
    """Quarters."""
    quarters: float
    steps: tuple[int, ...]
    """For each of its steps, which of the pattern's four steps it plays; or `NO_STEP`, or `MIDDLE_STEP`."""
    role: int
    """Which of the pattern's four beats it plays."""
    swings: bool

    def step_time(self, step: float, swing: float, unit: int) -> float:
        """Quarters at a step of this beat; `swing` is where the second of two notes of 1/`unit` falls."""
        part = step / len(self.steps)
        if not self.swings or swing == 0.5:
            return self.start + part * self.quarters
        size = 1.0 if unit == 8 else 0.5
        whole, inner = divmod(part, size)
        return self.start + (whole * size + _swing_part(inner / size, swing) * size) * self.quarters


@dataclass(frozen=True, slots=True)
class Measure:
    """What the band takes as one bar: a bar, several very short ones, or a part of a very long one."""

    index: int
    """Counted from 0 at the range's start."""
    number: int
    """The number of the bar it begins in."""
    part: int
    """0 unless the bar is so long that it is several measures."""
    start: float
    """Quarters; before the range's start when that lies inside the measure."""
    end: float
    beats: tuple[FeltBeat, ...]
    left: int = MEASURES_AHEAD
    """How many measures of the range come after it; `MEASURES_AHEAD` stands for that many or more."""

    @property
    def quarters(self) -> float:
        """Its length."""
        return self.end - self.start

    @property
    def min_length(self) -> float:
        """Quarters under which nothing is worth playing: a part of a step."""
        return 0.05 * min(beat.quarters for beat in self.beats)


@dataclass(frozen=True, slots=True)
class _BeatShape:
    """A beat of a metre: quarters, the pattern steps it plays, and whether it swings."""

    quarters: float
    steps: tuple[int, ...]
    swings: bool


def iter_measures(music: MusicalRange, level: int) -> Iterator[Measure]:
    """All measures that the range touches, in order. `level` is of `beat_level`."""
    ahead: deque[Measure] = deque()
    for measure in _all_measures(music, level):
        ahead.append(measure)
        if len(ahead) > MEASURES_AHEAD:
            yield ahead.popleft()
    while ahead:
        yield replace(ahead.popleft(), left=len(ahead))


def felt_grid(music: MusicalRange) -> Iterator[GridMeasure]:
    """The measures that the band takes as bars, as a transcript divides a recording."""
    for one in iter_measures(music, beat_level(music.tempo, music.start_frame)):
        yield GridMeasure(music.tempo.position_at(one.start), music.tempo.position_at(one.end))


def _all_measures(music: MusicalRange, level: int) -> Iterator[Measure]:
    tempo, index = music.tempo, 0
    pending: list[Bar] = []
    group = 1
    for bar in tempo.bars(music.start_frame, music.end_frame):
        changed = bool(pending) and (bar.numerator, bar.denominator) != _bar_metre(pending[0])
        if pending and (changed or (bar.number - 1) % group == 0):
            for measure in _cut_measures(pending, tempo, level, index):
                yield measure
                index += 1
            pending = []
        if not pending:
            group = _bars_in_measure(bar.numerator, bar.denominator, tempo.bpm_at(bar.start))
        pending.append(bar)
    yield from _cut_measures(pending, tempo, level, index)


def beat_level(tempo: TempoMap, frame: float) -> int:
    """How often the beat is doubled (above zero: fast tempos) or halved (below) at a frame's tempo."""
    numerator, denominator = tempo.metre_at(frame)
    bpm = tempo.bpm_at(frame)
    felt = felt_beats(numerator * _bars_in_measure(numerator, denominator, bpm), denominator, 0)
    seconds = max(beat.quarters for beat in felt) * 60 / bpm
    level = 0
    while seconds > _BEAT_SECONDS[1] and level > -4:
        seconds, level = seconds / 2, level - 1
    while seconds < _BEAT_SECONDS[0] and level < 4:
        seconds, level = seconds * 2, level + 1
    return level


@lru_cache(maxsize=256)
def felt_beats(numerator: int, denominator: int, level: int) -> tuple[_BeatShape, ...]:
    """The beats of a metre: quarters in simple time, dotted ones in compound time, 2s and 3s in odd time."""
    unit = 4 / denominator
    if denominator < 8:
        split = max(1, round(unit))
        return _apply_level([_BeatShape(unit / split, (0, 1, 2, 3), True)] * (numerator * split), level)
    per_beat = max(2, denominator // 4)
    if denominator % 8 == 0 and numerator % 3 == 0 and (numerator > 3 or denominator == 8):
        # Three short units have no room for steps between them.
        steps = (0, 1, MIDDLE_STEP, NO_STEP, 2, 3) if denominator == 8 else (0, MIDDLE_STEP, 2)
        compound = _BeatShape(unit * 3, steps, False)
        return _apply_level([compound] * (numerator // 3), level)
    return _apply_level([_odd_beat(size, per_beat, unit) for size in _odd_groups(numerator, per_beat)], level)


def _odd_groups(numerator: int, per_beat: int) -> list[int]:
    """Beats of `per_beat` units, the last longer by what is left over: 7/8 is 2+2+3, 5/8 is 2+3."""
    count = max(1, numerator // per_beat)
    left = numerator - count * per_beat
    groups = [per_beat] * count
    if left <= 0:
        return [numerator] if numerator < per_beat else groups
    if left == 1 or per_beat == 2:
        groups[-1] += left
    else:
        groups.append(left)
    return groups


def _odd_beat(size: int, per_beat: int, unit: float) -> _BeatShape:
    """A beat of some units: longer ones repeat the second half of the pattern's steps."""
    steps = max(1, round(4 * size / per_beat))
    played = tuple((0, 1, 2, 3, 2, 3, 2, 3)[:steps])
    return _BeatShape(size * unit, played, steps == 4)


def _apply_level(beats: list[_BeatShape], level: int) -> tuple[_BeatShape, ...]:
    for _ in range(max(level, 0)):
        beats = [_join_beats(beats[at : at + 2]) for at in range(0, len(beats), 2)]
    for _ in range(max(-level, 0)):
        beats = [half for beat in beats for half in _halve_beat(beat)]
    return tuple(beats)


def _join_beats(pair: list[_BeatShape]) -> _BeatShape:
    if len(pair) == 1:
        return pair[0]
    return _BeatShape(pair[0].quarters + pair[1].quarters, (0, 1, 2, 3), pair[0].swings)


def _halve_beat(beat: _BeatShape) -> tuple[_BeatShape, ...]:
    if len(beat.steps) == 4:
        return (_BeatShape(beat.quarters / 2, (0, 1, 2, 3), beat.swings),) * 2
    if not beat.swings:
        return (_BeatShape(beat.quarters / 3, (0, 1, 2, 3), True),) * 3
    return (beat,)


def _bar_metre(bar: Bar) -> tuple[int, int]:
    return bar.numerator, bar.denominator


def _bars_in_measure(numerator: int, denominator: int, bpm: float) -> int:
    """How many bars make one measure: more than one when they are very short."""
    seconds = 4 * numerator / denominator * 60 / bpm
    count = 1
    while seconds * count < _MIN_MEASURE_SECONDS and count < 64:
        count *= 2
    return count


def _cut_measures(bars: list[Bar], tempo: TempoMap, level: int, index: int) -> list[Measure]:
    """Joins or divides bars of one metre into measures of at most seven beats."""
    if not bars:
        return []
    numerator, denominator = _bar_metre(bars[0])
    start = tempo.quarters_at(bars[0].start)
    end = tempo.quarters_at(bars[-1].end)
    felt = _fit_beats(felt_beats(numerator * len(bars), denominator, level), end - start)
    made: list[Measure] = []
    for group in _measure_groups(len(felt)):
        beats: list[FeltBeat] = []
        at = start
        for role, beat in zip(_beat_roles(group), felt[:group], strict=True):
            beats.append(FeltBeat(at, beat.quarters, beat.steps, role, beat.swings))
            at += beat.quarters
        felt = felt[group:]
        finish = min(at, end) if felt else end
        made.append(Measure(index + len(made), bars[0].number, len(made), start, finish, tuple(beats)))
        start = at
    return made


def _fit_beats(felt: tuple[_BeatShape, ...], quarters: float) -> tuple[_BeatShape, ...]:
    """Leaves out the beats that a bar cut short has no room for."""
    total = 0.0
    for count, beat in enumerate(felt):
        if total >= quarters - 1e-6 and count:
            return felt[:count]
        total += beat.quarters
    return felt


def _measure_groups(beats: int) -> list[int]:
    """How many beats each measure of a bar has: up to seven in one, more in fours with a three at the end."""
    if beats <= 7:
        return [beats]
    groups = [4] * (beats // 4)
    left = beats % 4
    if left == 1:
        groups[-1:] = [3, 2]
    elif left:
        groups.append(left)
    return groups


def _beat_roles(beats: int) -> tuple[int, ...]:
    if beats <= 4:
        return _ROLES[beats]
    first = 3 if beats == 5 else 4
    return _ROLES[first] + _ROLES[beats - first]


def _swing_part(part: float, swing: float) -> float:
    if part <= 0.5:
        return part / 0.5 * swing
    return swing + (part - 0.5) / 0.5 * (1 - swing)


def measure_count(music: MusicalRange, level: int) -> int:
    """About how many measures the range has; exact where the metre does not change."""
    first = next(iter_measures(music, level))
    start = music.tempo.quarters_at(music.start_frame)
    end = music.tempo.quarters_at(music.end_frame)
    return max(1, math.ceil((end - start) / max(first.quarters, 1e-6) - 1e-3))
