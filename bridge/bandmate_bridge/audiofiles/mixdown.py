"""Several stems as one file."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Sequence
from pathlib import Path
from sys import byteorder

from bandmate_bridge.audiofiles.wav import WavFile, read_frames
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Stem
from bandmate_protocol.texts import say

_BLOCK_FRAMES = 1 << 16


def write_mixdown(stems: Sequence[tuple[Stem, Path]], path: Path, *, named: Path | None = None) -> WavFile:
    """Adds up stems sample by sample into a new file, which comes back closed; its `sha256` is known.

    Raises RequestError: `engine_failed` for stems of different rates, channels or lengths, and as `WavFile`.
    """
    first = stems[0][0]
    shape = (first.sample_rate, first.channels, first.frames, first.start_frame)
    for stem, _ in stems:
        if (stem.sample_rate, stem.channels, stem.frames, stem.start_frame) != shape:
            raise RequestError(
                ErrorCode.ENGINE_FAILED,
                say(
                    "{first} and {stem} differ in length or format, so they cannot be mixed.",
                    first=first.name,
                    stem=stem.name,
                ),
                "Ask for stems: -o folder/, or --into without --track.",
            )
    with WavFile(
        path, sample_rate=first.sample_rate, channels=first.channels, frames=first.frames, named=named
    ) as out:
        readers = [read_frames(file, _BLOCK_FRAMES) for _, file in stems]
        offset = 0
        for blocks in zip(*readers, strict=True):
            total = _decode_floats(blocks[0])
            for block in blocks[1:]:
                total = array("f", map(operator.add, total, _decode_floats(block)))
            if byteorder == "big":
                total.byteswap()
            out.write(offset, total.tobytes())
            offset += len(total) // first.channels
    return out


def _decode_floats(block: bytes) -> array[float]:
    values = array("f")
    values.frombytes(block)
    if byteorder == "big":
        values.byteswap()
    return values
