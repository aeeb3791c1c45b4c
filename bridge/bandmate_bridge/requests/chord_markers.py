"""Markers and regions of a project that name chords, as `bandmate analyse` writes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bandmate_bridge.requests.ranges import TimeSpan
from bandmate_bridge.rpp import Marker, Project
from bandmate_plugins._theory.chart_symbols import NO_CHORD, plain_symbol
from bandmate_plugins._theory.chords import read_chord
from bandmate_plugins._theory.form_letters import are_form_letters
from bandmate_protocol.messages import ChordMark
from bandmate_protocol.tempo import nearest_frame

_MIN_MARKERS = 2
"""One marker alone is hardly a progression: `E` may be a name for anything."""
_MAX_CHORDS = 4096


def chord_marks(
    project: Project, span: TimeSpan, frame_at: Callable[[float], float]
) -> tuple[ChordMark, ...]:
    """The chords that markers name for a range, else those of regions; empty where they name none for it.

    ``span`` is the range in seconds, ``frame_at`` gives the frame of a second. Rehearsal letters (A, B, C) are
    no chords.
    """
    for found in (_chord_markers(project, regions=False), _chord_markers(project, regions=True)):
        timed = [(marker.frame / project.sample_rate, symbol) for marker, symbol in found]
        marks = [
            ChordMark(position=max(nearest_frame(frame_at(seconds)), 0), symbol=symbol)
            for seconds, symbol in _within_span(timed, span)
        ]
        if marks:
            return tuple(marks[:_MAX_CHORDS])
    return ()


def chord_named(project: Project) -> frozenset[Marker]:
    """The markers and regions that name chords, and so no sections."""
    return frozenset(
        marker for regions in (False, True) for marker, _ in _chord_markers(project, regions=regions)
    )


def _chord_markers(project: Project, *, regions: bool) -> list[tuple[Marker, str]]:
    """Those with the name of a chord, in order."""
    named = [
        (marker, symbol)
        for marker in sorted(project.markers, key=lambda one: one.frame)
        if (marker.end_frame is not None) == regions and (symbol := _chord_name(marker.name))
    ]
    symbols = [symbol for _, symbol in named]
    return [] if len(named) < _MIN_MARKERS or are_form_letters(symbols) else named


def _chord_name(name: str) -> str | None:
    """The chord that a name is; degrees of a key are left out, as `1` may be anything."""
    symbol = plain_symbol(name) if name[:1].isupper() else None
    return symbol if symbol and (symbol == NO_CHORD or read_chord(symbol)) else None


def _within_span(timed: Sequence[tuple[float, str]], span: TimeSpan) -> list[tuple[float, str]]:
    """The chord that is held into a span, and those in it; none where the markers end before it or begin after it."""
    before = [one for one in timed if one[0] <= span[0]]
    inside = [one for one in timed if span[0] < one[0] < span[1]]
    after = [one for one in timed if one[0] >= span[1]]
    starts_there = bool(before) and before[-1][0] == span[0]
    if not inside and not starts_there and not (before and after):
        return []
    return before[-1:] + inside
