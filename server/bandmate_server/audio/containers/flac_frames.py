"""Frames of FLAC, found from the end of a file (RFC 9639, section 9)."""

from __future__ import annotations

import mmap
from dataclasses import dataclass

_TAIL_BYTES = 1 << 20
"""The last header is looked for so far from the end; the frames of eight 24-bit channels have 98 kB."""
_MAX_HEADER_BYTES = 16
_BLOCKS = {1: 192, **{code: 576 << (code - 2) for code in range(2, 6)}}
_BLOCKS |= {code: 256 << (code - 8) for code in range(8, 16)}
_MORE_BYTES = {6: 1, 7: 2}
"""Behind the number: the block's length less one."""
_RATE_BYTES = {12: 1, 13: 2, 14: 2}


def _crc_table(polynomial: int, bits: int) -> tuple[int, ...]:
    top, mask = 1 << (bits - 1), (1 << bits) - 1
    table = []
    for byte in range(256):
        value = byte << (bits - 8)
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & mask
        table.append(value)
    return tuple(table)


_CRC8 = _crc_table(0x07, 8)
_CRC16 = _crc_table(0x8005, 16)


@dataclass(frozen=True, slots=True)
class FlacFrame:
    """One frame: where it begins in the file, and which samples of the stream it holds."""

    at: int
    first: int
    samples: int

    @property
    def end(self) -> int:
        """The sample behind it."""
        return self.first + self.samples


def last_frame(data: mmap.mmap, first_at: int, block: int) -> FlacFrame | None:
    """The last frame that begins in a file, whole or not.

    ``first_at`` is where the first one begins, ``block`` the length in samples of those of a stream whose
    frames are numbered. A header has to have its checksum and agree with the first one about rate and width.
    """
    alike = data[first_at : first_at + 4]
    if len(alike) < 4:
        return None
    end = len(data)
    while (at := data.rfind(alike[:2], max(first_at, len(data) - _TAIL_BYTES), end)) >= 0:
        found = _frame_at(data, at, block)
        if (
            found is not None
            and not (data[at + 2] ^ alike[2]) & 0x0F
            and not (data[at + 3] ^ alike[3]) & 0x0F
        ):
            return found
        end = at + 1
    return None


def is_whole(data: mmap.mmap, frame: FlacFrame) -> bool:
    """Whether all of the last frame is there, by its checksum; a tag or the start of a header may follow."""
    check, rest = 0, data[frame.at :]
    for index, byte in enumerate(rest, 1):
        check = (check << 8 & 0xFFFF) ^ _CRC16[check >> 8 ^ byte]
        if check == 0 and _may_follow(rest[index : index + _MAX_HEADER_BYTES]):
            return True
    return False


def _may_follow(behind: bytes) -> bool:
    started = len(behind) < _MAX_HEADER_BYTES and behind[:1] in (b"", b"\xff")
    return started or behind.startswith((b"TAG", b"ID3", b"APETAGEX", b"LYRICS"))


def _frame_at(data: mmap.mmap, at: int, block: int) -> FlacFrame | None:
    head = data[at : at + _MAX_HEADER_BYTES]
    if len(head) < 6 or head[1] & 0xFE != 0xF8 or head[3] & 1:
        return None
    length = max(8 - (head[4] ^ 0xFF).bit_length(), 1)
    code, rate = head[2] >> 4, head[2] & 15
    more = 4 + length
    end = more + _MORE_BYTES.get(code, 0) + _RATE_BYTES.get(rate, 0)
    if length > 7 or (head[4] & 0xC0) == 0x80 or end >= len(head) or _crc8(head[:end]) != head[end]:
        return None
    number = head[4] & (0x7F if length == 1 else 0x7F >> length)
    for byte in head[5 : 4 + length]:
        number = number << 6 | byte & 0x3F
    extra = int.from_bytes(head[more : more + _MORE_BYTES.get(code, 0)], "big")
    samples = extra + 1 if code in _MORE_BYTES else _BLOCKS.get(code, 0)
    first = number if head[1] & 1 else number * block
    return FlacFrame(at, first, samples) if samples else None


def _crc8(head: bytes) -> int:
    check = 0
    for byte in head:
        check = _CRC8[check ^ byte]
    return check
