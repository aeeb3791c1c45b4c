"""Several stems as one file, to be listened to."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Sequence
from pathlib import Path
from sys import byteorder

from bandmate_bridge.wav import WavFile, read_frames
from bandmate_bridge.work.receive import Received

_BLOCK_FRAMES = 1 << 16


def mixdown(stems: Sequence[Received], path: Path) -> None:
    """Adds up stems of one job, which all have the same rate, channels and length; sample by sample."""
    first = stems[0].stem
    with WavFile(path, sample_rate=first.sample_rate, channels=first.channels, frames=first.frames) as out:
        readers = [read_frames(stem.path, _BLOCK_FRAMES) for stem in stems if _alike(stem, stems[0])]
        offset = 0
        for blocks in zip(*readers, strict=True):
            total = _floats(blocks[0])
            for block in blocks[1:]:
                total = array("f", map(operator.add, total, _floats(block)))
            if byteorder == "big":
                total.byteswap()
            out.write(offset, total.tobytes())
            offset += len(total) // first.channels


def _alike(one: Received, other: Received) -> bool:
    return (one.stem.sample_rate, one.stem.channels, one.stem.frames) == (
        other.stem.sample_rate,
        other.stem.channels,
        other.stem.frames,
    )


def _floats(block: bytes) -> array[float]:
    values = array("f")
    values.frombytes(block)
    if byteorder == "big":
        values.byteswap()
    return values
