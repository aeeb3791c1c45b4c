"""A WAV file with some of its frames replaced.

Every other byte of it stays as it was, but for sizes in the header that are wrong.

Reads what Microsoft's and the EBU's papers describe: RIFF and RF64 with PCM of 8 to 32 bits or floats, also
as WAVE_FORMAT_EXTENSIBLE.
"""

from __future__ import annotations

import shutil
import struct
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from sys import byteorder
from typing import BinaryIO

from bandmate_bridge.file_errors import file_errors
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_SIZE_UNKNOWN = 2**32 - 1


@dataclass(frozen=True, slots=True)
class WavLayout:
    """Where the samples of a file are, and what they look like."""

    sample_rate: int
    channels: int
    sample_bytes: int
    floats: bool
    data_at: int
    frames: int
    """As many as the header says, and are there."""
    data_bytes: int
    """What the header says."""
    sizes_at: int
    """Where RF64 has its sizes of 64 bits; 0 in other files."""

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame."""
        return self.channels * self.sample_bytes


def read_layout(path: Path) -> WavLayout:
    """What a file's header says. Raises RequestError (`file_unusable`) for what is no such WAV file."""
    try:
        with path.open("rb") as file:
            return _parse_layout(file, path)
    except (OSError, struct.error) as error:
        raise _not_wav_error(path) from error


def write_patched(source: Path, target: Path, pieces: Iterable[tuple[int, Iterable[bytes], int]]) -> None:
    """Writes a copy of a file in which pieces are replaced.

    Each piece is the frame where it begins, its audio as interleaved f32le in blocks of whole frames, and its
    number of channels: one is put on every channel of the file, more are put on the first ones. What the
    file's format cannot say is rounded and cut at full scale. Raises RequestError (`file_unusable`,
    `disk_full`).
    """
    layout = read_layout(source)
    with file_errors(target):
        shutil.copyfile(source, target)
        with target.open("r+b") as file:
            end = 0
            for start, blocks, channels in pieces:
                file.seek(layout.data_at + start * layout.frame_bytes)
                for block in blocks:
                    file.write(
                        _encode_samples(
                            _spread_channels(_decode_floats(block), channels, layout.channels), layout
                        )
                    )
                end = max(end, file.tell() - layout.data_at)
            _mend_sizes(file, layout, end)


def _mend_sizes(file: BinaryIO, layout: WavLayout, end: int) -> None:
    """Corrects a header that says more than is there, or less than was just replaced."""
    there = (file.seek(0, 2) - layout.data_at) // layout.frame_bytes * layout.frame_bytes
    if end <= layout.data_bytes <= there:
        return
    file.truncate(layout.data_at + there)
    sizes = layout.data_at + there - 8, there
    short = (
        (_SIZE_UNKNOWN, _SIZE_UNKNOWN) if layout.sizes_at else (min(size, _SIZE_UNKNOWN) for size in sizes)
    )
    for at, size in zip((4, layout.data_at - 4), short, strict=True):
        file.seek(at)
        file.write(struct.pack("<I", size))
    if layout.sizes_at:
        file.seek(layout.sizes_at)
        file.write(struct.pack("<QQ", *sizes))


def _parse_layout(file: BinaryIO, path: Path) -> WavLayout:
    head = file.read(12)
    if head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
        raise _not_wav_error(path)
    form, long_bytes, sizes_at = b"", 0, 0
    while len(opening := file.read(8)) == 8:
        name, size = opening[:4], struct.unpack("<I", opening[4:])[0]
        if name == b"ds64":
            sizes_at, body = file.tell(), file.read(size)
            long_bytes = struct.unpack("<Q", body[8:16])[0]
        elif name == b"fmt ":
            form = file.read(size)
        elif name == b"data":
            said = long_bytes if size == _SIZE_UNKNOWN and sizes_at else size
            return _build_layout(form, file.tell(), said, sizes_at, path)
        else:
            file.seek(size, 1)
        file.seek(size % 2, 1)
    raise _not_wav_error(path)


def _build_layout(form: bytes, data_at: int, data_bytes: int, sizes_at: int, path: Path) -> WavLayout:
    kind, channels, rate, _, block, bits = struct.unpack("<HHIIHH", form[:16])
    if kind == _EXTENSIBLE:
        kind = struct.unpack("<H", form[24:26])[0]
    sample_bytes = block // channels if channels else 0
    known = (kind == _PCM and sample_bytes in (1, 2, 3, 4)) or (kind == _FLOAT and sample_bytes in (4, 8))
    if not known or bits != 8 * sample_bytes:
        raise _not_wav_error(path)
    there = min(data_bytes, path.stat().st_size - data_at)
    frames = there // block
    return WavLayout(rate, channels, sample_bytes, kind == _FLOAT, data_at, frames, data_bytes, sizes_at)


def _decode_floats(block: bytes) -> array[float]:
    values = array("f")
    values.frombytes(block)
    if byteorder == "big":
        values.byteswap()
    return values


def decode_samples(data: bytes, layout: WavLayout) -> array[float]:
    """Interleaved samples of a file as floats."""
    if layout.floats:
        values = array("f" if layout.sample_bytes == 4 else "d")
        values.frombytes(data)
        if byteorder == "big":
            values.byteswap()
        return values if layout.sample_bytes == 4 else array("f", values)
    if layout.sample_bytes == 1:
        return array("f", [(value - 128) / 128 for value in data])
    four = bytearray(len(data) // layout.sample_bytes * 4)
    for place in range(layout.sample_bytes):
        four[4 - layout.sample_bytes + place :: 4] = data[place :: layout.sample_bytes]
    whole = struct.unpack(f"<{len(four) // 4}i", four)
    return array("f", [value / 2**31 for value in whole])


def _spread_channels(values: array[float], given: int, wanted: int) -> array[float]:
    """The same frames with as many channels as the file has."""
    if given == wanted:
        return values
    spread = array("f", bytes(4 * wanted * (len(values) // given)))
    for channel in range(wanted):
        if given == 1 or channel < given:
            spread[channel::wanted] = values[channel if given > 1 else 0 :: given]
    return spread


def _encode_samples(values: array[float], layout: WavLayout) -> bytes:
    if layout.floats:
        out = array("f" if layout.sample_bytes == 4 else "d", values)
        if byteorder == "big":
            out.byteswap()
        return out.tobytes()
    top = 1 << (8 * layout.sample_bytes - 1)
    whole = [max(min(round(value * top), top - 1), -top) for value in values]
    if layout.sample_bytes == 1:
        return bytes(value + 128 for value in whole)
    four = struct.pack(f"<{len(whole)}i", *whole)
    if layout.sample_bytes == 4:
        return four
    kept = bytearray(len(whole) * layout.sample_bytes)
    for place in range(layout.sample_bytes):
        kept[place :: layout.sample_bytes] = four[place::4]
    return bytes(kept)


def _not_wav_error(path: Path) -> RequestError:
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("{path} is not a WAV file that can be changed in part.", path=path),
        "Save it as WAV (PCM or float), or name a folder, -o ranges/, for the new ranges only.",
    )
