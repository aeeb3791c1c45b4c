"""The tempo map of a session: as superclocks, and as the envelope that REAPER projects have."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from bandmate_bridge.ardour.session_clock import SUPERCLOCKS, TICKS, SessionClock, TempoSection
from bandmate_bridge.rpp.tempo_envelope import EnvelopePoint, TempoEnvelope
from bandmate_bridge.xml_projects.tempo_ramps import ramp_steps
from bandmate_bridge.xml_projects.xml_tree import Element
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_QUARTERS = re.compile(r"(-?[0-9]{1,12}):([0-9]{1,4})")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_JUMP_SECONDS = 1e-7
"""How long before a jump the ramp that leads to it ends."""
_SAME_BPM = 1e-4
_SAME_SECONDS = 1e-8
_REMEDY = "Open the session in Ardour, save it, and try again."


@dataclass(frozen=True, slots=True)
class ReadTempo:
    """A session's tempo map."""

    clock: SessionClock
    envelope: TempoEnvelope
    bar_marks: int
    """How many places begin a new count of bars, which is not read."""


@dataclass(frozen=True, slots=True)
class _Tempo:
    section: TempoSection
    bpm: float


def read_tempo(session: Element, called: str) -> ReadTempo:
    """The tempo map. Raises RequestError (`not_a_project`) where it has none that can be read."""
    node = session.first("TempoMap")
    tempos, metres = (node.first(name) if node else None for name in ("Tempos", "Meters"))
    if node is None or tempos is None or metres is None:
        raise _no_tempo_error(called)
    superclocks = _whole(node.get("superclocks-per-second")) or SUPERCLOCKS
    read = [_read_tempo(one, superclocks, called) for one in tempos.all("Tempo")]
    found_metres = [_read_metre(one, called) for one in metres.all("Meter")]
    if not read or not found_metres:
        raise _no_tempo_error(called)
    read.sort(key=lambda one: one.section.ticks)
    clock = SessionClock([one.section for one in read], superclocks)
    marks = node.first("MusicTimes")
    return ReadTempo(clock, _envelope(read, found_metres, clock), len(marks.children) if marks else 0)


def _whole(text: str) -> int | None:
    return int(text) if _WHOLE.fullmatch(text.strip()) else None


def _ticks(element: Element, called: str) -> int:
    found = _QUARTERS.fullmatch(element.get("quarters").strip())
    if found is None:
        raise _no_tempo_error(called)
    return int(found[1]) * TICKS + int(found[2])


def _read_tempo(element: Element, superclocks: int, called: str) -> _Tempo:
    note, beats = element.number("note-type") or 4.0, element.number("npm")
    superclock = _whole(element.get("sclock"))
    if not beats or superclock is None or beats <= 0 or note <= 0:
        raise _no_tempo_error(called)
    bpm = beats * 4 / note
    omega = element.number("omega") or 0.0
    return _Tempo(TempoSection(superclock, _ticks(element, called), superclocks * 60 / bpm, omega), bpm)


def _read_metre(element: Element, called: str) -> tuple[int, int, tuple[int, int]]:
    """Superclock, ticks and metre."""
    beats, unit = element.number("divisions-per-bar"), element.number("note-value")
    superclock = _whole(element.get("sclock"))
    if superclock is None or not beats or not unit or beats != int(beats) or unit != int(unit):
        raise _no_tempo_error(called)
    return superclock, _ticks(element, called), (int(beats), int(unit))


def _envelope(
    tempos: Sequence[_Tempo], metres: Sequence[tuple[int, int, tuple[int, int]]], clock: SessionClock
) -> TempoEnvelope:
    """The tempo in seconds. A ramp is even in quarter notes, and becomes a chain of short ones even in seconds."""
    points: list[EnvelopePoint] = []
    for here, following in pairwise([*tempos, None]):
        assert here is not None, "only the last one has nothing behind it"
        steps = _steps(here, following)
        for step in range(steps):
            ticks = float(here.section.ticks)
            if following is not None:
                ticks += (following.section.ticks - here.section.ticks) * step / steps
            points.append(
                EnvelopePoint(
                    clock.seconds(clock.superclock_at(ticks)),
                    _bpm_at(here, ticks),
                    linear=here.section.omega != 0 and following is not None,
                    metre=None,
                )
            )
        if following is not None and here.section.omega != 0:
            points += _ramp_end(here, following, clock)
    for superclock, ticks, metre in sorted(metres):
        points = _with_metre(points, clock.seconds(superclock), ticks, metre, tempos)
    return TempoEnvelope(tempos[0].bpm, min(metres)[2], points)


def _bpm_at(tempo: _Tempo, ticks: float) -> float:
    """The tempo after a place, as far as its ramp goes: even in quarter notes."""
    section = tempo.section
    return tempo.bpm * (1 + section.quarter * section.omega * (ticks - section.ticks) / TICKS)


def _steps(here: _Tempo, following: _Tempo | None) -> int:
    if following is None or here.section.omega == 0:
        return 1
    quarters = (following.section.ticks - here.section.ticks) / TICKS
    end = _bpm_at(here, following.section.ticks)
    return ramp_steps(quarters, here.bpm, end) if end > 0 and quarters > 0 else 1


def _ramp_end(here: _Tempo, following: _Tempo, clock: SessionClock) -> list[EnvelopePoint]:
    """A point at the end of a ramp after which the tempo jumps."""
    end = _bpm_at(here, following.section.ticks)
    if abs(end - following.bpm) < _SAME_BPM:
        return []
    return [
        EnvelopePoint(
            clock.seconds(following.section.superclock) - _JUMP_SECONDS, end, linear=False, metre=None
        )
    ]


def _with_metre(
    points: list[EnvelopePoint],
    seconds: float,
    ticks: int,
    metre: tuple[int, int],
    tempos: Sequence[_Tempo],
) -> list[EnvelopePoint]:
    near = next((one for one in points if abs(one.seconds - seconds) <= _SAME_SECONDS), None)
    if near is not None:
        return [replace(one, metre=metre) if one is near else one for one in points]
    at = bisect_right(points, seconds, key=lambda one: one.seconds)
    tempo = tempos[max(bisect_right(tempos, ticks, key=lambda one: one.section.ticks) - 1, 0)]
    linear = points[at - 1].linear if at else False
    return [*points[:at], EnvelopePoint(seconds, _bpm_at(tempo, ticks), linear, metre), *points[at:]]


def _no_tempo_error(called: str) -> RequestError:
    return RequestError(
        ErrorCode.NOT_A_PROJECT, say("The tempo map of {called} cannot be read.", called=called), _REMEDY
    )
