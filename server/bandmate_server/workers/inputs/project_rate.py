"""Frames of a file on the project's frames: the second stage of an input, in a stream."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator

import numpy as np
import soxr

from bandmate_plugins._platform.arrays import FloatArray32

_MAX_STEP_FRAMES = 1 << 16
"""What comes out of one step, about: tape that runs slowly makes much of little."""


def resample_varispeed(
    blocks: Iterable[FloatArray32], rate_in: float, rate_out: int, channels: int
) -> Generator[FloatArray32, None, None]:
    """Blocks at another rate. A play rate other than 1 is part of ``rate_in``: pitch goes along, as on tape.

    May yield a frame or two more or less than the exact length.
    """
    if rate_in == rate_out:
        yield from blocks
        return
    stream = soxr.ResampleStream(rate_in, rate_out, channels, dtype="float32", quality="VHQ")
    for block in _split_blocks(blocks, max(int(_MAX_STEP_FRAMES * rate_in / rate_out), 1)):
        yield stream.resample_chunk(block).reshape(-1, channels)
    rest = stream.resample_chunk(np.zeros((0, channels), np.float32), last=True)
    yield np.asarray(rest, np.float32).reshape(-1, channels)


def _split_blocks(blocks: Iterable[FloatArray32], most: int) -> Iterator[FloatArray32]:
    for block in blocks:
        for start in range(0, len(block), most):
            yield block[start : start + most]
