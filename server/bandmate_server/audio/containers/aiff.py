"""AIFF and AIFF-C whose sizes are zero or larger than the file (Apple, "Audio Interchange File Format")."""

from __future__ import annotations

import mmap
import struct

from bandmate_server.audio.containers.riff import is_chain
from bandmate_server.audio.containers.sizes import MendedHeader, is_unknown

_MAX_SIZE = 0xFFFF_FFFF


def mend_aiff(data: mmap.mmap) -> MendedHeader | None:
    """The file with a true header; None for other files, and for one whose header is true."""
    if data[:4] != b"FORM" or data[8:12] not in (b"AIFF", b"AIFC"):
        return None
    at, common, block = 12, 0, 1
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from(">I", data, at + 4)[0]
        if name == b"COMM" and at + 16 <= len(data):
            common = at + 8
            channels, bits = struct.unpack_from(">H4xH", data, common)
            block = max(channels * -(-bits // 8), 1)
        elif name == b"SSND" and at + 16 <= len(data):
            return _mend_chunk(data, at, common, block)
        at += 8 + size + size % 2
    return None


def _mend_chunk(data: mmap.mmap, at: int, common: int, block: int) -> MendedHeader | None:
    """``at`` is where the chunk with the audio begins; its body has an offset and a block size in front."""
    size, offset = struct.unpack_from(">II", data, at + 4)
    begin = at + 16 + offset
    if begin > len(data) or not common:
        return None
    said = max(size - 8 - offset, 0)
    if is_chain(data, begin, ">") if said == 0 else said <= len(data) - begin:
        return None
    there = (len(data) - begin) // block * block
    head = bytearray(data[:begin])
    struct.pack_into(">I", head, 4, min(begin + there - 8, _MAX_SIZE))
    struct.pack_into(">I", head, at + 4, min(there + 8 + offset, _MAX_SIZE))
    struct.pack_into(">I", head, common + 2, min(there // block, _MAX_SIZE))
    return MendedHeader(
        data, (bytes(head), range(begin, begin + there)), there, there if is_unknown(size) else said
    )
