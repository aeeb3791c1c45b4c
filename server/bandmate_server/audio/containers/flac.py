"""FLAC without a total, or cut short: its last frame says how long it is (RFC 9639)."""

from __future__ import annotations

import mmap

from bandmate_server.audio.containers.flac_frames import FlacFrame, is_whole, last_frame
from bandmate_server.audio.containers.mpeg_frames import past_tags
from bandmate_server.audio.containers.sizes import MendedHeader

_INFO_AT = 8
"""Where the stream information is, behind the marker and the header of its block."""
_TOTAL_AT = _INFO_AT + 13
_TOTAL_BYTES = 5
"""Of the first, the lower four bits."""
_INFO_END = _INFO_AT + 34


def mend_flac(data: mmap.mmap) -> MendedHeader | None:
    """The file with a true total; None for other files, for a true one, and where no frame is found."""
    at = past_tags(data, 0)
    if data[at : at + 4] != b"fLaC" or at + _INFO_END > len(data):
        return None
    block = int.from_bytes(data[at + _INFO_AT : at + _INFO_AT + 2], "big")
    total_at = at + _TOTAL_AT
    said = int.from_bytes(data[total_at : total_at + _TOTAL_BYTES], "big") & 0xF_FFFF_FFFF
    last = last_frame(data, _past_metadata(data, at + 4), block)
    if last is None:
        return None
    there = last.end if is_whole(data, last) else last.first
    if there == 0 or there == said or (said and there > said):
        return None
    head = bytearray(data[: total_at + _TOTAL_BYTES])
    kept = head[total_at] & 0xF0
    head[total_at:] = there.to_bytes(_TOTAL_BYTES, "big")
    head[total_at] |= kept
    pieces = (bytes(head), range(len(head), _audio_end(data, last, there)))
    return MendedHeader(data, pieces, there, max(said, there))


def _audio_end(data: mmap.mmap, last: FlacFrame, there: int) -> int:
    return len(data) if there == last.end else last.at


def _past_metadata(data: mmap.mmap, at: int) -> int:
    """Where the first frame begins."""
    final = False
    while not final and at + 4 <= len(data):
        final = bool(data[at] & 0x80)
        at += 4 + int.from_bytes(data[at + 1 : at + 4], "big")
    return at
