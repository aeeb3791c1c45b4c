"""The project's tempo and metre, from its `TEMPO` line and its tempo envelope.

A point of the envelope is `PT seconds bpm shape metre selected flags ...`: shape 0 runs evenly to the next
point, 1 holds; the metre is 65536 * denominator + numerator, and 0 or absent where it stays. Tempo is in
quarter notes a minute in any metre. Of the flags, 2 says that the point sets the metre only, 4 that it may
cut the bar before it short.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_bridge.rpp.lines import as_float, as_int, number_text
from bandmate_bridge.rpp.ruler import read_ruler_start, time_text
from bandmate_bridge.rpp.settings import read_first_bar
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.texts import say

_METRE_ONLY = 2
_PARTIAL = 4
_MAX_BPM = 2_000
_MAX_METRE = 255
_SNAP_FRAMES = 0.5
"""A metre that begins this close to a barline begins on it: positions in the file are rounded."""


@dataclass(frozen=True, slots=True)
class EnvelopePoint:
    """A point of the envelope, as REAPER has it."""

    seconds: float
    """From the project's start."""
    bpm: float
    """Quarter notes a minute, whatever the metre."""
    linear: bool
    """The tempo runs evenly to the next point's; else it holds."""
    metre: tuple[int, int] | None
    """None where it stays."""
    flags: int = 0
    """2: the point sets the metre only; 4: it may cut the bar before it short."""


@dataclass(frozen=True, slots=True)
class TempoEnvelope:
    """A project's tempo and metre, as REAPER has them."""

    bpm: float
    """At the project's start, unless a point lies there."""
    metre: tuple[int, int]
    points: Sequence[EnvelopePoint] = ()
    first_bar: int = 1
    """The number that the ruler gives to the project's first bar."""
    ruler_start: float = 0.0
    """What the ruler shows at the project's start, in seconds."""

    def tempo_map(self, sample_rate: int) -> TempoMap:
        """The map in frames at ``sample_rate``; bar numbers as the project's ruler shows them.

        Raises RequestError (`not_a_project`) for a tempo or a metre that no project can have.
        """
        points = _fill_missing_tempo(self._ordered_points())
        snapped = _snap_points(
            [replace(point, seconds=point.seconds * sample_rate) for point in points], sample_rate
        )
        return TempoMap(_tempo_points(snapped), sample_rate, anchor=0.0, bar=self.first_bar)

    def _ordered_points(self) -> list[EnvelopePoint]:
        """The points in order, one for each instant, the first at the project's start."""
        first = EnvelopePoint(0.0, self.bpm, linear=False, metre=self.metre)
        for point in (first, *self.points):
            _check_point(point, self.ruler_start)
        found = {point.seconds: point for point in self.points}
        points = [found[seconds] for seconds in sorted(found)]
        if not points or points[0].seconds > 0:
            return [first, *points]
        if points[0].metre is None:
            points[0] = replace(points[0], metre=self.metre)
        return points


def read_tempo_envelope(root: RppChunk) -> TempoEnvelope:
    """The envelope of a project file."""
    return TempoEnvelope(
        root.number("TEMPO", 0, 120.0),
        (root.integer("TEMPO", 1, 4), root.integer("TEMPO", 2, 4)),
        [_read_point(line) for line in _pt_lines(root.chunk("TEMPOENVEX"))],
        read_first_bar(root),
        read_ruler_start(root),
    )


def read_tempo_map(root: RppChunk, sample_rate: int) -> TempoMap:
    """The map of a project file. Raises RequestError as `TempoEnvelope.tempo_map`."""
    return read_tempo_envelope(root).tempo_map(sample_rate)


def _pt_lines(envelope: RppChunk | None) -> Iterator[list[str]]:
    if envelope is not None:
        yield from envelope.lines("PT")


def _read_point(fields: list[str]) -> EnvelopePoint:
    padded = [*fields, *["0"] * (6 - len(fields))]
    metre = as_int(padded[3])
    return EnvelopePoint(
        seconds=max(as_float(padded[0]), 0.0),
        bpm=as_float(padded[1]),
        linear=as_int(padded[2]) == 0,
        metre=(metre & 0xFFFF, metre >> 16) if metre > 0 else None,
        flags=as_int(padded[5]),
    )


def _check_point(point: EnvelopePoint, ruler_start: float) -> None:
    metre = point.metre
    if not 1 <= point.bpm <= _MAX_BPM:
        what = f"a tempo of {point.bpm:g}"
    elif metre and not all(1 <= part <= _MAX_METRE for part in metre):
        what = f"a metre of {metre[0]}/{metre[1]}"
    else:
        return
    raise RequestError(
        ErrorCode.NOT_A_PROJECT,
        say(
            "The project has {what} at {time_text}, which is not valid.",
            what=what,
            time_text=time_text(point.seconds + ruler_start),
        ),
        "Correct the tempo map in the DAW and save the project.",
    )


def _fill_missing_tempo(points: Sequence[EnvelopePoint]) -> list[EnvelopePoint]:
    """Gives points that set the metre only the tempo that runs through them, whatever they have stored."""
    setting = [index for index, point in enumerate(points) if index == 0 or not point.flags & _METRE_ONLY]
    filled = list(points)
    for here, following in pairwise([*setting, len(points)]):
        start, end = points[here], points[following] if following < len(points) else None
        for index in range(here + 1, following):
            filled[index] = replace(
                points[index], bpm=_tempo_between(start, end, points[index]), linear=start.linear
            )
    return filled


def _tempo_between(start: EnvelopePoint, end: EnvelopePoint | None, point: EnvelopePoint) -> float:
    if end is None or not start.linear:
        return start.bpm
    return start.bpm + (end.bpm - start.bpm) * (point.seconds - start.seconds) / (end.seconds - start.seconds)


def _snap_points(points: Sequence[EnvelopePoint], rate: int) -> list[EnvelopePoint]:
    """Moves metre points onto the barline that rounding kept them off. Positions here are in frames."""
    snapped = [points[0]]
    since_bar = 0.0
    held = points[0].metre or (4, 4)
    for point in points[1:]:
        before = snapped[-1]
        # Quarters are the area under a straight line: its mean tempo over the time, gradual or held.
        mean = (before.bpm + point.bpm) / 2 if before.linear else before.bpm
        since_bar += mean * (point.seconds - before.seconds) / rate / 60
        if metre := point.metre:
            bar = held[0] * 4 / held[1]
            off = (since_bar - round(since_bar / bar) * bar) * 60 / mean * rate
            if abs(off) < _SNAP_FRAMES and point.seconds - off > before.seconds:
                point = replace(point, seconds=point.seconds - off)
            since_bar, held = 0.0, metre
        snapped.append(point)
    return snapped


def _tempo_points(points: Sequence[EnvelopePoint]) -> list[TempoPoint]:
    found: list[TempoPoint] = []
    numerator, denominator = points[0].metre or (4, 4)
    for point in points:
        numerator, denominator = point.metre or (numerator, denominator)
        found.append(
            TempoPoint(
                position=point.seconds,
                bpm=point.bpm,
                numerator=numerator,
                denominator=denominator,
                shape="linear" if point.linear else "square",
                starts_bar=point.metre is not None,
            )
        )
    return found


def tempo_lines(points: Sequence[TempoPoint], sample_rate: int) -> tuple[str, list[str]]:
    """The `TEMPO` line and the `PT` lines for a new project; no `PT` lines where the tempo never changes."""
    first = points[0]
    line = f"TEMPO {number_text(first.bpm)} {first.numerator} {first.denominator}"
    if len(points) == 1:
        return line, []
    tempo_map = TempoMap(points, sample_rate)
    return line, [_pt_line(point, before, tempo_map) for before, point in pairwise([None, *points]) if point]


def _pt_line(point: TempoPoint, before: TempoPoint | None, tempo_map: TempoMap) -> str:
    shape = 0 if point.shape == "linear" else 1
    text = f"PT {number_text(point.position / tempo_map.sample_rate)} {number_text(point.bpm)} {shape}"
    metre = (point.numerator, point.denominator)
    if before and not point.starts_bar and metre == (before.numerator, before.denominator):
        return text
    flags = 1 | _PARTIAL if _cuts_bar(point, before, tempo_map) else 1
    return f"{text} {65536 * point.denominator + point.numerator} 0 {flags}"


def _cuts_bar(point: TempoPoint, before: TempoPoint | None, tempo_map: TempoMap) -> bool:
    """Whether the bar before the point is cut short: the old metre's next barline would lie elsewhere."""
    if before is None:
        return False
    bar = tempo_map.bar_beat_at(point.position)[0] - 1
    start = tempo_map.quarters_at(tempo_map.position_of(bar))
    full = before.numerator * 4 / before.denominator
    return abs(tempo_map.quarters_at(point.position) - start - full) > 1e-4
