"""WAV, RF64 and W64 whose sizes are zero, unknown or larger than the file.

RIFF and RF64 as Microsoft and the EBU (Tech 3306) describe them. In W64, Sony's, chunks are named by GUIDs
that begin with RIFF's names; sizes have 64 bits and include the chunk's own header.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from typing import NamedTuple

from bandmate_server.audio.containers.sizes import MendedHeader, is_unknown

_UNSET_SIZE = 0xFFFF_FFFF
"""The size of a chunk of which `ds64` says the true one; also the largest that 32 bits hold."""
_SIZE_WRAP = 1 << 32
_W64_FILE = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_W64_HEADER_BYTES = 24


class RiffChunk(NamedTuple):
    """One chunk: the start of its name, where its body begins, and how long that is said to be."""

    name: bytes
    at: int
    size: int


def mend_riff(data: mmap.mmap) -> MendedHeader | None:
    """A WAV or RF64 with a true header; None for other files, and for one whose header is true."""
    if data[:4] not in (b"RIFF", b"RIFX", b"RF64") or data[8:12] != b"WAVE":
        return None
    order = ">" if data[:4] == b"RIFX" else "<"
    long_at, block = 0, 1
    for chunk in _read_chunks(data, 12, order):
        if chunk.name == b"ds64" and chunk.size >= 16:
            long_at = chunk.at
        elif chunk.name == b"fmt " and chunk.size >= 14:
            block = _block_bytes(data, chunk, order)
        elif chunk.name == b"data":
            said = chunk.size
            if long_at and said == _UNSET_SIZE:
                said = struct.unpack_from("<Q", data, long_at + 8)[0]
            if _is_true_size(data, chunk.at, said, order):
                return None
            there = _audio_bytes(len(data) - chunk.at, said) // block * block
            head = bytearray(data[: chunk.at])
            if long_at:
                struct.pack_into("<QQ", head, long_at, chunk.at + there - 8, there)
            elif chunk.at + there > _UNSET_SIZE and order == "<":
                head = _as_rf64(head, there)
            struct.pack_into(f"{order}I", head, 4, min(chunk.at + there - 8, _UNSET_SIZE))
            struct.pack_into(f"{order}I", head, len(head) - 4, min(there, _UNSET_SIZE))
            promised = there if is_unknown(said) else max(said, there)
            return MendedHeader(data, (bytes(head), range(chunk.at, chunk.at + there)), there, promised)
    return None


def mend_w64(data: mmap.mmap) -> MendedHeader | None:
    """A W64 with a true header; None for other files, and for one whose header is true."""
    if data[:16] != _W64_FILE:
        return None
    block = 1
    for chunk in _read_w64_chunks(data):
        if chunk.name == b"fmt " and chunk.size >= 14:
            block = _block_bytes(data, chunk, "<")
        elif chunk.name == b"data":
            if 0 < chunk.size <= len(data) - chunk.at:
                return None
            there = (len(data) - chunk.at) // block * block
            head = bytearray(data[: chunk.at])
            struct.pack_into("<Q", head, 16, chunk.at + there)
            struct.pack_into("<Q", head, chunk.at - 8, there + _W64_HEADER_BYTES)
            promised = there if is_unknown(chunk.size) else chunk.size
            return MendedHeader(data, (bytes(head), range(chunk.at, chunk.at + there)), there, promised)
    return None


def is_chain(data: mmap.mmap, at: int, order: str) -> bool:
    """Whether chunks follow up to the end of the file, as they do behind audio of no length at all."""
    while at + 8 <= len(data) and data[at : at + 4].isascii() and data[at : at + 4].strip().isalnum():
        size = struct.unpack_from(f"{order}I", data, at + 4)[0]
        at += 8 + size + size % 2
    return at >= len(data)


def _is_true_size(data: mmap.mmap, at: int, said: int, order: str) -> bool:
    left = len(data) - at
    if is_unknown(said):
        return said <= left and is_chain(data, at + said + said % 2, order)
    return left - _SIZE_WRAP < said <= left


def _audio_bytes(left: int, said: int) -> int:
    """How much audio is there; a size of 32 bits begins again at 0 when a recording grows past 4 GB."""
    wraps = 0 if is_unknown(said) else (left - said) // _SIZE_WRAP
    return said + wraps * _SIZE_WRAP if wraps > 0 else left


def _as_rf64(head: bytearray, there: int) -> bytearray:
    """The head of a WAV whose audio is too long for sizes of 32 bits."""
    sizes = struct.pack("<4sIQQQI", b"ds64", 28, len(head) + 36 + there - 8, there, 0, 0)
    return bytearray(b"RF64\xff\xff\xff\xffWAVE" + sizes + head[12:])


def _block_bytes(data: mmap.mmap, form: RiffChunk, order: str) -> int:
    block = data[form.at + 12 : form.at + 14]
    return max(int.from_bytes(block, "big" if order == ">" else "little"), 1)


def _read_chunks(data: mmap.mmap, at: int, order: str) -> Iterator[RiffChunk]:
    while at + 8 <= len(data):
        size = struct.unpack_from(f"{order}I", data, at + 4)[0]
        yield RiffChunk(data[at : at + 4], at + 8, size)
        at += 8 + size + size % 2


def _read_w64_chunks(data: mmap.mmap) -> Iterator[RiffChunk]:
    at = 40
    while at + _W64_HEADER_BYTES <= len(data):
        size = struct.unpack_from("<Q", data, at + 16)[0]
        body = at + _W64_HEADER_BYTES
        yield RiffChunk(data[at : at + 4], body, max(size - _W64_HEADER_BYTES, 0))
        at += max((size + 7) // 8 * 8, _W64_HEADER_BYTES)
