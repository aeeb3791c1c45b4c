"""16-bit WAV files for browsers: half the size of the floats that stems arrive in."""

from __future__ import annotations

import struct
from array import array
from pathlib import Path
from sys import byteorder

from bandmate_bridge.audiofiles.wav import read_frames
from bandmate_bridge.file_errors import file_errors
from bandmate_bridge.files import put_in_place

_BLOCK = 1 << 15


def write_16_bit(path: Path, target: Path, *, rate: int, channels: int, frames: int) -> None:
    """Writes a copy of a float file, over an older one. Raises RequestError (`file_unusable`, ...)."""
    size = frames * channels * 2
    form = struct.pack("<HHIIHH", 1, channels, rate, rate * channels * 2, channels * 2, 16)
    part = target.with_name(f".{target.name}.part")
    with file_errors(target), part.open("wb") as out:
        out.write(b"RIFF" + struct.pack("<I", 36 + size) + b"WAVEfmt " + struct.pack("<I", 16) + form)
        out.write(b"data" + struct.pack("<I", size))
        for block in read_frames(path, _BLOCK):
            out.write(_to_16_bit(block))
    put_in_place(part, target, replace=True)


def _to_16_bit(block: bytes) -> bytes:
    values = array("f")
    values.frombytes(block)
    if byteorder == "big":
        values.byteswap()
    whole = array("h", (max(-32_768, min(32_767, round(value * 32_767))) for value in values))
    if byteorder == "big":
        whole.byteswap()
    return whole.tobytes()
