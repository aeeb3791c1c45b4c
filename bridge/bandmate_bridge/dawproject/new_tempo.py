"""A tempo map as elements to be written.

Points are in beats. A ramp of a tempo map of ours is even in seconds, which is not quite even in beats: it becomes a
chain of points, so that a DAW whose ramps are even in beats is at the same place, to a fraction of a frame at each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from bandmate_bridge.dawproject.new_clips import real_parameter
from bandmate_bridge.xml_projects.xml_tree import NewElement
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap

TEMPO_ID, METRE_ID = "tempo", "timesignature"
_STEP_SECONDS = 5e-7
"""How far off one point of a ramp may be; less than what `read_tempo` lets pass, so that none are added there."""
_MAX_STEPS = 1_024
_DIGITS = 12


def transport_element(first: TempoPoint) -> NewElement:
    """The tempo and the metre at the start."""
    return NewElement(
        "Transport",
        real_parameter(TEMPO_ID, "Tempo", first.bpm, "bpm", min(20.0, first.bpm), max(666.0, first.bpm)),
        NewElement(
            "TimeSignature",
            denominator=first.denominator,
            numerator=first.numerator,
            id=METRE_ID,
            name="Time Signature",
        ),
    )


def tempo_automation(points: Sequence[TempoPoint], tempo: TempoMap) -> NewElement | None:
    """The tempo's points; None where it never changes."""
    if all(point.bpm == points[0].bpm for point in points):
        return None
    made: list[NewElement] = []
    for here, following in pairwise([*points, None]):
        if here is None:
            break
        linear = here.shape == "linear" and following is not None and following.bpm != here.bpm
        made.append(_real_point(_beats(here.position, tempo), here.bpm, linear=linear))
        if linear and following is not None:
            made += _inside_ramp(here, following, tempo)
    target = NewElement("Target", parameter=TEMPO_ID)
    return NewElement("TempoAutomation", target, *made, timeUnit="beats", unit="bpm", id="tempo-automation")


def _inside_ramp(start: TempoPoint, end: TempoPoint, tempo: TempoMap) -> list[NewElement]:
    steps = _ramp_steps(start.bpm, end.bpm, (end.position - start.position) / tempo.sample_rate)
    return [
        _real_point(
            _beats(start.position + (end.position - start.position) * step / steps, tempo),
            start.bpm + (end.bpm - start.bpm) * step / steps,
            linear=True,
        )
        for step in range(1, steps)
    ]


def _ramp_steps(start: float, end: float, seconds: float) -> int:
    """How many points a ramp needs: the one at its slow end is the furthest off."""
    slow, steps = min(start, end), 1
    while steps < _MAX_STEPS:
        next_to_slow = slow + abs(end - start) / steps
        mean = (slow + next_to_slow) / 2
        off = seconds / steps * (mean * math.log(next_to_slow / slow) / (next_to_slow - slow) - 1)
        if off < _STEP_SECONDS:
            break
        steps = math.ceil(steps * 1.25)
    return steps


def _real_point(beats: float, bpm: float, *, linear: bool) -> NewElement:
    return NewElement("RealPoint", time=beats, value=bpm, interpolation="linear" if linear else "hold")


def metre_automation(points: Sequence[TempoPoint], tempo: TempoMap) -> NewElement | None:
    """The metre's points; None where it never changes."""
    made: list[NewElement] = []
    held: tuple[int, int] | None = None
    for point in points:
        metre = (point.numerator, point.denominator)
        if metre != held or point.starts_bar:
            made.append(
                NewElement(
                    "TimeSignaturePoint",
                    time=_beats(point.position, tempo),
                    numerator=point.numerator,
                    denominator=point.denominator,
                )
            )
        held = metre
    if len(made) < 2:
        return None
    target = NewElement("Target", parameter=METRE_ID)
    return NewElement(
        "TimeSignatureAutomation", target, *made, timeUnit="beats", id="timesignature-automation"
    )


def _beats(position: float, tempo: TempoMap) -> float:
    return max(round(tempo.quarters_at(position) - tempo.quarters_at(0), _DIGITS), 0.0)
