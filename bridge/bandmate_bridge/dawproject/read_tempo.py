"""Tempo and metre of a DAWproject as the envelope that REAPER projects have.

`Tempo` and `TimeSignature` are what holds without automation. Points hold, or run evenly to the next point along
their own axis: a ramp in beats is even in beats. A tempo map of ours is even in seconds, so such a ramp becomes a chain
of short ones that meets it at each end.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bandmate_bridge.rpp.tempo_envelope import EnvelopePoint, TempoEnvelope
from bandmate_bridge.xml_projects.song_clock import SongClock, TimeUnit, unit_of
from bandmate_bridge.xml_projects.tempo_ramps import ramp_steps
from bandmate_bridge.xml_projects.xml_tree import Element

_JUMP_SECONDS = 1e-7
"""How long before a jump the ramp that leads to it ends."""
_SAME_SECONDS = 1e-9
_DEFAULT_BPM = 120.0
_DEFAULT_METRE = (4, 4)


@dataclass(frozen=True, slots=True)
class _Point:
    time: float
    bpm: float
    linear: bool


def read_tempo(project: Element) -> TempoEnvelope:
    """The tempo of a project. What has no tempo at all is at 120 in 4/4."""
    transport, arrangement = project.first("Transport"), project.first("Arrangement")
    tempo = transport.first("Tempo") if transport else None
    metre = transport.first("TimeSignature") if transport else None
    bpm = tempo.number("value") if tempo else None
    envelope = TempoEnvelope(
        _DEFAULT_BPM if bpm is None else bpm, (_metre_of(metre) if metre else None) or _DEFAULT_METRE
    )
    automation = arrangement.first("TempoAutomation") if arrangement else None
    if automation is not None:
        envelope = replace(envelope, points=_tempo_points(automation))
        if envelope.points:
            envelope = replace(envelope, bpm=envelope.points[0].bpm)
    metres = arrangement.first("TimeSignatureAutomation") if arrangement else None
    return _with_metres(envelope, metres) if metres is not None else envelope


def _metre_of(element: Element) -> tuple[int, int] | None:
    parts = [element.number(name) for name in ("numerator", "denominator")]
    if None in parts or any(part != int(part) for part in parts if part is not None):
        return None
    numerator, denominator = (int(part) for part in parts if part is not None)
    return numerator, denominator


def _tempo_points(automation: Element) -> list[EnvelopePoint]:
    unit = unit_of(automation, "beats")
    points = [
        _Point(max(time, 0.0), bpm, point.get("interpolation") == "linear")
        for point in automation.all("RealPoint")
        if (time := point.number("time")) is not None and (bpm := point.number("value")) is not None
    ]
    points.sort(key=lambda point: point.time)
    if points and points[0].time > 0:
        points.insert(0, _Point(0.0, points[0].bpm, linear=False))
    return _in_seconds(points, unit)


def _in_seconds(points: Sequence[_Point], unit: TimeUnit) -> list[EnvelopePoint]:
    """Points as an envelope; of several at one time the first ends a ramp and the last begins what follows."""
    found: list[EnvelopePoint] = []
    seconds = 0.0
    for here, following in pairwise([*points, None]):
        if here is None:
            break
        if following is not None and following.time == here.time:
            if found and found[-1].linear and seconds - found[-1].seconds > 2 * _JUMP_SECONDS:
                found.append(EnvelopePoint(seconds - _JUMP_SECONDS, here.bpm, linear=False, metre=None))
            continue
        linear = here.linear and following is not None and following.bpm != here.bpm
        found.append(EnvelopePoint(seconds, here.bpm, linear=linear, metre=None))
        if following is None:
            break
        if unit == "seconds":
            seconds += following.time - here.time
        else:
            steps, seconds = _run_beats(here, following, seconds, linear=linear)
            found += steps
    return found


def _run_beats(
    here: _Point, following: _Point, seconds: float, *, linear: bool
) -> tuple[list[EnvelopePoint], float]:
    """The points between two points in beats, of which the first is at ``seconds``, and where the second is."""
    length = following.time - here.time
    if not linear or min(here.bpm, following.bpm) <= 0:
        return [], seconds + (length * 60 / here.bpm if here.bpm > 0 else 0.0)
    count = ramp_steps(length, here.bpm, following.bpm)
    tempi = [here.bpm + (following.bpm - here.bpm) * step / count for step in range(count + 1)]
    found: list[EnvelopePoint] = []
    for before, after in pairwise(tempi):
        seconds += length / count * 120 / (before + after)
        found.append(EnvelopePoint(seconds, after, linear=True, metre=None))
    return found[:-1], seconds


def _with_metres(envelope: TempoEnvelope, automation: Element) -> TempoEnvelope:
    unit = unit_of(automation, "beats")
    clock = SongClock(replace(envelope, points=tuple(envelope.points)).tempo_map(48_000))
    points = list(envelope.points) or [EnvelopePoint(0.0, envelope.bpm, linear=False, metre=None)]
    first = envelope.metre
    for point in automation.all("TimeSignaturePoint"):
        time, metre = point.number("time"), _metre_of(point)
        if time is None or metre is None:
            continue
        seconds = clock.seconds(unit, time)
        if seconds <= _SAME_SECONDS:
            first = metre
        points = _put_metre(points, max(seconds, 0.0), metre, clock)
    return replace(envelope, points=points, metre=first)


def _put_metre(
    points: list[EnvelopePoint], seconds: float, metre: tuple[int, int], clock: SongClock
) -> list[EnvelopePoint]:
    near = next((one for one in points if abs(one.seconds - seconds) <= _SAME_SECONDS), None)
    if near is not None:
        return [replace(one, metre=metre) if one is near else one for one in points]
    at = bisect_right(points, seconds, key=lambda one: one.seconds)
    linear = points[at - 1].linear if at else False
    bpm = clock.tempo.bpm_at(seconds * clock.tempo.sample_rate)
    return [*points[:at], EnvelopePoint(seconds, bpm, linear=linear, metre=metre), *points[at:]]
