"""Which moment of audio is heard at which moment of the result, and audio warped along that."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from bandmate_plugins._platform.arrays import FloatArray32, FloatArray64
from bandmate_plugins._timing.band_stretch import stretch_evenly
from bandmate_plugins._timing.joined_pieces import join_pieces
from bandmate_plugins._timing.splices import splice_along

_MAX_UNEVEN_SECONDS = 0.06
"""How far a piece may be off its map when it is stretched evenly; splices make up for that."""
_MAX_PIECE_SECONDS = 60.0
_OVERLAP_SECONDS = 0.1
_ROOM_SECONDS = 0.1
"""What a piece has more at both ends, for splices."""


@dataclass(frozen=True)
class TimeMap:
    """Frame `target` of the result is frame `source` of the audio; both rise, and in between all is even."""

    source: FloatArray64
    target: FloatArray64

    def source_at(self, frames: FloatArray64) -> FloatArray64:
        """The frames of the audio that are heard at frames of the result."""
        return np.asarray(np.interp(frames, self.target, self.source))

    def target_at(self, frames: FloatArray64) -> FloatArray64:
        """The frames of the result at which frames of the audio are heard."""
        return np.asarray(np.interp(frames, self.source, self.target))


Reader = Callable[[int, int], FloatArray32]
"""Audio from one frame to another, shape (frames, channels)."""


def warp_audio(
    library: Any, read: Reader, time_map: TimeMap, rate: int, check: Callable[[], None]
) -> Generator[FloatArray32, None, None]:
    """The audio along its map, in pieces of any length. `read` may be asked for what lies outside: silence.

    The last target is the number of frames. `check` is called before each piece.
    """
    edges = _piece_edges(time_map, rate)
    total, overlap = round(float(time_map.target[-1])), round(_OVERLAP_SECONDS * rate)
    waiting: FloatArray32 | None = None
    for number, (first, last) in enumerate(pairwise(edges)):
        check()
        is_last = number == len(edges) - 2
        start = max(round(float(time_map.target[first])) - (overlap if number else 0), 0)
        stop = total if is_last else min(round(float(time_map.target[last])) + overlap, total)
        piece = _warp_piece(library, read, _part_of(time_map, first, last), (start, stop), rate)
        if waiting is not None:
            piece = join_pieces(waiting, piece, rate)
        keeps = 0 if is_last else stop - max(round(float(time_map.target[last])) - overlap, 0)
        yield piece[: len(piece) - keeps]
        waiting = piece[len(piece) - keeps :]


def _part_of(time_map: TimeMap, first: int, last: int) -> TimeMap:
    return TimeMap(time_map.source[first : last + 1], time_map.target[first : last + 1])


def _piece_edges(time_map: TimeMap, rate: int) -> list[int]:
    """The points between pieces that are nearly even, and not too long."""
    edges, count = [0], len(time_map.target)
    while edges[-1] < count - 1:
        first = edges[-1]
        last = first + 1
        while last + 1 < count and _is_even(_part_of(time_map, first, last + 1), rate):
            last += 1
        edges.append(last)
    return edges


def _is_even(part: TimeMap, rate: int) -> bool:
    ends = TimeMap(part.source[[0, -1]], part.target[[0, -1]])
    off = np.abs(ends.source_at(part.target) - part.source).max()
    return bool(
        off <= _MAX_UNEVEN_SECONDS * rate and part.target[-1] - part.target[0] <= _MAX_PIECE_SECONDS * rate
    )


def _warp_piece(library: Any, read: Reader, part: TimeMap, span: tuple[int, int], rate: int) -> FloatArray32:
    """The result from one frame to another, which may lie a little outside the part."""
    start, stop = span
    speed = float((part.source[-1] - part.source[0]) / (part.target[-1] - part.target[0]))
    room = round(_ROOM_SECONDS * rate)
    begin = round(float(part.source[0]) + (start - float(part.target[0])) * speed) - room
    end = round(float(part.source[-1]) + (stop - float(part.target[-1])) * speed) + room
    length = round((end - begin) / speed)
    even = stretch_evenly(library, read(begin, end), length, rate)
    # Where frame t of the result is in the evenly stretched audio, minus t.
    offsets = (part.source - begin) * length / (end - begin) - (part.target - start)
    return splice_along(even, part.target - start, offsets, stop - start, rate)
