"""Audio at another speed with its pitch kept, or at another pitch: Signalsmith Stretch, in bounded memory.

Long audio is stretched in pieces that overlap. The seam between two lies where both sound most alike, so that
neither the level nor a beat changes there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._timing.joined_pieces import join_pieces
from bandmate_plugins._timing.stretch_library import STRETCH_SEED, stretch_library, stretch_whole
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

MAX_SPEED = 10.0
"""Times the speed, with the pitch kept; the slowest is one over it."""
_PIECE_SECONDS = 60.0
"""Of the longer of what goes in and what comes out."""
_OVERLAP_SECONDS = 1.0
"""Of what goes in, on either side of a seam."""
_MAX_STRETCH_CHANNELS = 2
"""At a time, as the library has it."""

Floats = NDArray[np.float32]


def stretch_blocks(
    blocks: Iterable[Floats],
    frames: int,
    sample_rate: int,
    speed: float,
    semitones: float,
    check: Callable[[], None],
    piece_seconds: float = _PIECE_SECONDS,
) -> Generator[Floats, None, None]:
    """Blocks of ``frames`` frames in all, ``speed`` times as fast and so much higher.

    Gives round(frames / speed) frames. ``check`` is called before each piece. Raises RequestError
    (`input_unusable`) for a speed out of bounds, or where the library is missing.
    """
    if not 1 / MAX_SPEED <= speed <= MAX_SPEED:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            say(
                "The audio plays at {speed:g} times its speed with its pitch preserved; only {slowest:g} to "
                "{max_speed:g} can be read.",
                speed=speed,
                slowest=1 / MAX_SPEED,
                max_speed=MAX_SPEED,
            ),
            "Render the item first.",
        )
    overlap = round(_OVERLAP_SECONDS * sample_rate)
    longest = max(round(piece_seconds * sample_rate * min(speed, 1.0)), 4 * overlap)
    count = max(math.ceil(frames / longest), 1)
    source = _WindowReader(blocks)
    left = round(frames / speed)
    waiting: Floats | None = None
    channels = 0
    """The end of a piece that the next one overlaps with."""
    for index in range(1, count + 1):
        check()
        begin, end = (frames * edge // count for edge in (index - 1, index))
        first, last = max(begin - overlap, 0), min(end + overlap, frames)
        piece = _stretch_piece(source.read_window(first, last), sample_rate, speed, semitones)
        if waiting is not None:
            piece = join_pieces(waiting, piece, sample_rate)
        channels = piece.shape[1]
        keeps = round((last - max(end - overlap, 0)) / speed) if index < count else 0
        given = piece[: min(len(piece) - keeps, left)]
        waiting = piece[len(piece) - keeps :]
        left -= len(given)
        yield given
    if left:
        yield np.zeros((left, channels), np.float32)


class _WindowReader:
    """Windows of a stream, each beginning and ending no earlier than the one before."""

    def __init__(self, blocks: Iterable[Floats]) -> None:
        self._blocks: Iterator[Floats] = iter(blocks)
        self._held: list[Floats] = []
        self._start = 0
        self._end = 0

    def read_window(self, first: int, last: int) -> Floats:
        while self._end < last:
            block = next(self._blocks)
            self._held.append(block)
            self._end += len(block)
        while self._held and self._start + len(self._held[0]) <= first:
            self._start += len(self._held.pop(0))
        whole = np.concatenate(self._held)
        return whole[first - self._start : last - self._start]


def _stretch_piece(samples: Floats, sample_rate: int, speed: float, semitones: float) -> Floats:
    """One piece as a whole, of round(frames / speed) frames."""
    frames, channels = round(len(samples) / speed), samples.shape[1]
    parts = []
    for channel in range(0, channels, _MAX_STRETCH_CHANNELS):
        some = samples[:, channel : channel + _MAX_STRETCH_CHANNELS]
        stretcher = _load_library().Stretch(STRETCH_SEED)
        stretcher.preset(some.shape[1], float(sample_rate))
        stretcher.timeFactor = speed
        stretcher.setTransposeSemitones(semitones)
        parts.append(stretch_whole(stretcher, some, frames))
    return np.concatenate(parts, axis=1)


def _load_library() -> Any:
    library = stretch_library()
    if library is None:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            "The audio is stretched or pitch-shifted, and python-stretch is not installed.",
            "Render the item first (in REAPER: Item, Glue items), or install python-stretch.",
        )
    return library
