"""How an OGG file ends: its pages say where a stream begins and ends (RFC 3533)."""

from __future__ import annotations

import mmap

_CAPTURE = b"OggS"
_HEADER_BYTES = 27
_BEGIN_FLAG, _END_FLAG = 2, 4


def ogg_end_problem(data: mmap.mmap) -> str:
    """Why libsndfile hears less than was meant: a second stream follows, or the last page is missing.

    Empty when the file is whole, or is no OGG.
    """
    at, pages, ended = data.find(_CAPTURE), 0, False
    while 0 <= at <= len(data) - _HEADER_BYTES:
        count = data[at + _HEADER_BYTES - 1]
        end = at + _HEADER_BYTES + count + sum(data[at + _HEADER_BYTES : at + _HEADER_BYTES + count])
        if end > len(data):
            break
        pages, flags = pages + 1, data[at + 5]
        if flags & _BEGIN_FLAG and ended:
            return "another stream follows"
        ended = ended or bool(flags & _END_FLAG)
        at = data.find(_CAPTURE, end)
    return "its end is missing" if pages and not ended else ""
