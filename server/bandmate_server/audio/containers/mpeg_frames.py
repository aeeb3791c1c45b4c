"""Where the frames of an MPEG audio stream lie: a walk from header to header (ISO 11172-3, 13818-3).

The only way to know how long such a stream is: a Xing or Info header may be missing, or count only the first
of several streams that were joined.
"""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

_KBITS = {
    (1, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By version (1, or 2 with its half rates) and layer."""
_RATES = (44_100, 48_000, 32_000)
_HEADER_BYTES = 4
_MONO = 3
_STREAM_MASK = 0xFFFE0C00
"""Sync, version, layer and rate: what all frames of a stream share, besides being mono or not."""
_MAX_JUNK_BYTES = 1 << 20
"""So much that is no audio is passed over in a file, besides tags."""


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """What the four bytes in front of a frame say."""

    word: int
    version: int
    """1, or 2 for MPEG-2 and 2.5."""
    layer: int
    sample_rate: int
    mono: bool
    checked: bool
    """A checksum of two bytes follows."""
    size: int
    """Of the frame in bytes, its header included."""

    @property
    def samples(self) -> int:
        """Frames of audio that it decodes to."""
        if self.layer == 1:
            return 384
        return 576 if self.layer == 3 and self.version == 2 else 1_152

    @property
    def side_bytes(self) -> int:
        """Length of the side information of layer III."""
        if self.version == 1:
            return 17 if self.mono else 32
        return 9 if self.mono else 17

    @property
    def head_bytes(self) -> int:
        """What comes before the main data of layer III."""
        return _HEADER_BYTES + 2 * self.checked + self.side_bytes

    def is_same_stream(self, other: FrameHeader) -> bool:
        """Whether both can be frames of one stream."""
        return (self.word ^ other.word) & _STREAM_MASK == 0 and self.mono == other.mono


@dataclass(slots=True)
class FrameWalk:
    """The frames of the stream with which a file begins."""

    first: FrameHeader
    starts: array[int] = field(default_factory=lambda: array("Q"))
    """Where each frame begins in the file."""
    sizes: array[int] = field(default_factory=lambda: array("H"))
    stopped: str = ""
    """Why the walk ended before the file did; empty when it did not."""

    def byte_ranges(self, first: int) -> Iterator[range]:
        """The bytes of all frames from one on, joined where they touch."""
        start = end = self.starts[first] if first < len(self.starts) else 0
        for at, size in zip(self.starts[first:], self.sizes[first:], strict=True):
            if at != end:
                yield range(start, end)
                start = at
            end = at + size
        yield range(start, end)


def read_frame_header(data: mmap.mmap | bytes, at: int) -> FrameHeader | None:
    """The header at a byte; None when there is none, or one of free format."""
    word = int.from_bytes(data[at : at + _HEADER_BYTES], "big")
    kind, layer = word >> 19 & 3, 4 - (word >> 17 & 3)
    bits, rate = word >> 12 & 15, word >> 10 & 3
    if word >> 21 != 0x7FF or kind == 1 or layer == 4 or bits in (0, 15) or rate == 3:
        return None
    version = 1 if kind == 3 else 2
    sample_rate = _RATES[rate] >> {3: 0, 2: 1, 0: 2}[kind]
    kbits, padding = _KBITS[version, layer][bits], word >> 9 & 1
    if layer == 1:
        size = (12_000 * kbits // sample_rate + padding) * 4
    else:
        slots = 72_000 if layer == 3 and version == 2 else 144_000
        size = slots * kbits // sample_rate + padding
    checked, mono = not word >> 16 & 1, word >> 6 & 3 == _MONO
    return FrameHeader(word, version, layer, sample_rate, mono, checked, size)


def walk_frames(data: mmap.mmap) -> FrameWalk | None:
    """All whole frames of a file's first stream, past tags and damage; None where there are none."""
    return _FrameWalker(data).find_frames()


class _FrameWalker:
    """One walk. Headers repeat, so each is read once."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._headers: dict[bytes, FrameHeader | None] = {}
        self._junk = 0

    def find_frames(self) -> FrameWalk | None:
        """See `walk_frames`."""
        walk: FrameWalk | None = None
        at = past_tags(self._data, 0)
        while at + _HEADER_BYTES <= len(self._data) and self._junk <= _MAX_JUNK_BYTES:
            header = self._whole_frame(at)
            if header is not None and walk is None and self._begins_stream(at, header):
                walk = FrameWalk(header)
            if header is None or walk is None:
                at = self._past_junk(at)
            elif header.is_same_stream(walk.first):
                walk.starts.append(at)
                walk.sizes.append(header.size)
                at += header.size
            elif self._begins_stream(at, header):
                walk.stopped = "another rate or number of channels follows"
                break
            else:
                at = self._past_junk(at)
        if walk is not None and self._junk > _MAX_JUNK_BYTES:
            walk.stopped = "the rest is damaged"
        return walk

    def _header_at(self, at: int) -> FrameHeader | None:
        key = self._data[at : at + _HEADER_BYTES]
        if key not in self._headers:
            self._headers[key] = read_frame_header(key, 0)
        return self._headers[key]

    def _whole_frame(self, at: int) -> FrameHeader | None:
        header = self._header_at(at)
        return header if header is not None and at + header.size <= len(self._data) else None

    def _begins_stream(self, at: int, header: FrameHeader) -> bool:
        """Two headers in a row are no chance; neither is one whose frame ends with the file."""
        after = at + header.size
        following = self._header_at(after)
        return after == len(self._data) or (following is not None and header.is_same_stream(following))

    def _past_junk(self, at: int) -> int:
        past = past_tags(self._data, at)
        if past == at:
            past = _next_sync(self._data, at + 1)
            self._junk += past - at
        return past


def _next_sync(data: mmap.mmap, at: int) -> int:
    found = data.find(b"\xff", at)
    return len(data) if found < 0 else found


def past_tags(data: mmap.mmap, at: int) -> int:
    """Past ID3v2, ID3v1 and APE tags (id3.org; wiki.hydrogenaud.io, APEv2)."""
    while True:
        mark = data[at : at + 10]
        if mark[:3] == b"ID3" and len(mark) == 10:
            footer = 10 if mark[5] & 0x10 else 0
            size = sum((byte & 0x7F) << shift for byte, shift in zip(mark[6:], (21, 14, 7, 0), strict=True))
            at += 10 + size + footer
        elif mark[:3] == b"TAG":
            at += 128
        elif mark[:8] == b"APETAGEX":
            at += 32 + int.from_bytes(data[at + 12 : at + 16], "little")
        else:
            return at
