"""16-bit WAV files for browsers: half the size of the floats that stems arrive in."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from pathlib import Path
from sys import byteorder
from typing import Any

from bandmate_bridge.audiofiles.wav_patch import read_layout
from bandmate_bridge.file_errors import file_errors
from bandmate_bridge.files import put_in_place
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_BLOCK = 1 << 15


def write_16_bit(
    path: Path, target: Path, *, rate: int, channels: int, frames: int, gain: float = 1.0
) -> None:
    """Writes a copy of a float or 16-bit file, over an older one. Raises RequestError (`file_unusable`, ...)."""
    size = frames * channels * 2
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    part = target.with_name(f".{target.name}.part")
    with file_errors(target), part.open("wb") as out:
        out.write(b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<I", 16) + form)
        out.write(b"data" + struct.pack("<I", size))
        for block in _float_blocks(path):
            out.write(_to_16_bit(block, gain))
    put_in_place(part, target, replace=True)


def _float_blocks(path: Path) -> Iterator[array[float]]:
    """Interleaved samples, block by block."""
    layout = read_layout(path)
    if (layout.floats, layout.sample_bytes) not in ((True, 4), (False, 2)):
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{path} has {bits} bits.", path=path, bits=8 * layout.sample_bytes),
            "Name WAV files with 16 bits or with floats.",
        )
    with path.open("rb") as file:
        file.seek(layout.data_at)
        left = layout.frames * layout.frame_bytes
        while block := file.read(min(_BLOCK * layout.frame_bytes, left)):
            left -= len(block)
            whole = block[: len(block) // layout.frame_bytes * layout.frame_bytes]
            if layout.floats:
                yield _little_endian("f", whole)
            else:
                yield array("f", (value / 32_768 for value in _little_endian("h", whole)))


def _little_endian(kind: str, block: bytes) -> array[Any]:
    values: array[Any] = array(kind)
    values.frombytes(block)
    if byteorder == "big":
        values.byteswap()
    return values


def _to_16_bit(values: array[float], gain: float) -> bytes:
    scale = gain * 32_767
    whole = array("h", (max(-32_768, min(32_767, round(value * scale))) for value in values))
    if byteorder == "big":
        whole.byteswap()
    return whole.tobytes()
