"""Warped audio as pieces of one speed each."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bandmate_bridge.xml_projects.heard_clips import AudioPiece
from bandmate_bridge.xml_projects.song_clock import Scope, SongClock
from bandmate_bridge.xml_projects.xml_tree import Element

_FRAME = 1 / 48_000
_SAME_SECONDS = 1e-7
_MAX_NODES = 20_000

_Node = tuple[float, float]
"""Seconds of the arrangement, and of the file."""


def warped_pieces(
    warps: Element, plain: AudioPiece, scope: Scope, clock: SongClock
) -> list[AudioPiece] | None:
    """The pieces of the audio that `Warps` place between the ends of ``plain``.

    None for warps that do not give a file's seconds, or that stand still or run backwards.
    """
    events = sorted(
        (time, content)
        for warp in warps.all("Warp")
        if (time := warp.number("time")) is not None and (content := warp.number("contentTime")) is not None
    )
    rising = all(left[0] < right[0] and left[1] < right[1] for left, right in pairwise(events))
    if len(events) < 2 or not rising or warps.get("contentTimeUnit") != "seconds":
        return None
    nodes = [
        (seconds, _content_at(events, clock.time(scope.unit, seconds) - scope.shift))
        for seconds in _breaks(events, plain, scope, clock)
    ]
    pieces = [
        replace(plain, start=first[0], end=last[0], offset=first[1], rate=_speed(first, last))
        for first, last in _straight_runs(nodes)
    ]
    if len(pieces) > 1:
        pieces = [replace(piece, whole_clip=False) for piece in pieces]
    return [piece for piece in map(_from_file_start, pieces) if piece.end - piece.start > _SAME_SECONDS]


def _breaks(events: Sequence[_Node], plain: AudioPiece, scope: Scope, clock: SongClock) -> list[float]:
    """Where the speed may change, in seconds, with both ends."""
    found = {clock.seconds(scope.unit, time + scope.shift) for time, _ in events}
    if scope.unit == "beats":
        tempo = clock.tempo
        rate = tempo.sample_rate
        for here, following in pairwise([*tempo.points, None]):
            if here is None:
                break
            found.add(here.position / rate)
            if here.shape == "linear" and following is not None:
                first, last = (tempo.quarters_at(one.position) for one in (here, following))
                beats = range(math.ceil(first), min(math.ceil(last), math.ceil(first) + _MAX_NODES))
                found.update(tempo.position_at(beat) / rate for beat in beats)
    inside = (at for at in found if plain.start + _SAME_SECONDS < at < plain.end - _SAME_SECONDS)
    return [plain.start, *sorted(inside), plain.end]


def _content_at(events: Sequence[_Node], time: float) -> float:
    """By straight lines between the warps; those at the ends run on."""
    at = min(max(bisect_left(events, time, key=lambda event: event[0]), 1), len(events) - 1)
    before, after = events[at - 1], events[at]
    return before[1] + (after[1] - before[1]) * (time - before[0]) / (after[0] - before[0])


def _straight_runs(nodes: Sequence[_Node]) -> list[tuple[_Node, _Node]]:
    """First and last nodes of runs whose inner nodes a straight line meets, to a part of a frame."""
    runs: list[tuple[_Node, _Node]] = []
    first, lowest, highest = nodes[0], -math.inf, math.inf
    for here, following in pairwise([*nodes[1:], None]):
        if here is None:
            break
        length, played = here[0] - first[0], here[1] - first[1]
        lowest = max(lowest, (played - _FRAME / 8) / length)
        highest = min(highest, (played + _FRAME / 8) / length)
        if following is not None:
            slope = (following[1] - first[1]) / (following[0] - first[0])
            if lowest <= slope <= highest:
                continue
        runs.append((first, here))
        first, lowest, highest = here, -math.inf, math.inf
    return runs


def _speed(first: _Node, last: _Node) -> float:
    """Exactly 1 where that is less than half a frame off at the end."""
    length, played = last[0] - first[0], last[1] - first[1]
    return 1.0 if abs(played - length) < _FRAME / 2 else played / length


def _from_file_start(piece: AudioPiece) -> AudioPiece:
    """Without what would sound before the file begins."""
    if piece.offset >= -_SAME_SECONDS:
        return replace(piece, offset=max(piece.offset, 0.0))
    later = -piece.offset / piece.rate
    return replace(piece, start=piece.start + later, offset=0.0, whole_clip=False)
