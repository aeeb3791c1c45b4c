"""MPEG audio of a counted length, heard from any frame on as if it had been decoded from its start.

libsndfile takes the length from a Xing or Info header, else guesses it from the first frame and the size of
the file, and gives no sample beyond its guess. So it is given what is on the disk with such a header of ours
in front, which says the count (Xing's and LAME's tags: gabriel.mp3-tech.org/mp3infotag.html).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass

from bandmate_server.audio.containers.mpeg_frames import (
    FrameHeader,
    FrameWalk,
    read_frame_header,
    walk_frames,
)
from bandmate_server.audio.containers.view import ByteView

_DECODER_DELAY = 529
"""Frames of audio by which every decoder is late (LAME's documentation)."""
_RESERVOIR_BYTES = 511
"""As far back as a frame of layer III can borrow bits."""
_SETTLING_FRAMES = 2
"""The overlap of the transforms and the filter bank's memory."""
_COUNT_FLAG = 1
_FIELD_BYTES = (4, 4, 100, 4)
"""Of the tag: frames, bytes, table of contents, quality; each is there if its flag is."""
_LAME_BYTES = 24
_LOOSE_FRAMES = 3 * 1_152
_SPARE_FRAMES = 4
"""Behind a stream that can have no header, so that a length that is guessed is not too short."""


@dataclass(frozen=True, slots=True)
class InfoTag:
    """What a Xing or Info header says."""

    frames: int
    """Frames of MPEG."""
    delay: int
    """Frames of audio that the encoder put before the music."""
    padding: int
    """And after it."""


class MpegStream:
    """A walked file: its length in frames of audio, and views of it that begin anywhere."""

    def __init__(self, data: mmap.mmap, walk: FrameWalk) -> None:
        self._data = data
        self._walk = walk
        self._samples = walk.first.samples
        self.tag = read_info_tag(data, walk)
        """The header in front, if there is one with a count."""
        self._lead = 1 if self.tag else 0
        """How many frames come before those with audio."""
        self._count = len(walk.starts) - self._lead
        self._begin = self.tag.delay + _DECODER_DELAY if self.tag else 0
        """How much of the decoded audio comes before the music."""
        self.frames = max(self._count * self._samples - self._begin - self._end_padding, 0)
        """Length in frames of audio."""

    @property
    def loose_frames(self) -> int:
        """The delays of encoder and decoder, and what fills up the last frame, are not cut off by all."""
        return _LOOSE_FRAMES

    @property
    def stop_reason(self) -> str:
        """Why the file is not heard to its end; empty when it is."""
        return self._walk.stopped

    def frames_of(self, decoded: int) -> int:  # noqa: ARG002 - it is counted here
        """See `frames`."""
        return self.frames

    def promised_frames(self, frames: int) -> int:
        """The length that the header says; one frame of MPEG more may be the header itself."""
        if self.tag is None or self.tag.frames <= self._count + 1:
            return frames
        end = max(self.tag.padding - _DECODER_DELAY, 0)
        return max(self.tag.frames * self._samples - self._begin - end, frames)

    def view_from(self, start: int) -> tuple[ByteView, int]:
        """A view that begins shortly before a frame of audio, and how many decoded frames come before it."""
        place = start + self._begin
        wanted = max(min(place // self._samples, self._count) - _SETTLING_FRAMES, 0)
        first = self._first_lender(wanted)
        return ByteView(self._data, self._view_pieces(first, wanted)), place - first * self._samples

    @property
    def _end_padding(self) -> int:
        """How much of the decoded audio comes after the music; joined files have no such end."""
        if self.tag is None or self._count > self.tag.frames:
            return 0
        lost = (self.tag.frames - self._count) * self._samples
        return max(self.tag.padding - _DECODER_DELAY - lost, 0)

    def _first_lender(self, index: int) -> int:
        """The first of the frames from which frame ``index`` may borrow bits."""
        needed = _RESERVOIR_BYTES if self._walk.first.layer == 3 else 0
        while index > 0 and needed > 0:
            index -= 1
            needed -= max(self._walk.sizes[self._lead + index] - self._walk.first.head_bytes - 2, 0)
        return index

    def _view_pieces(self, first: int, wanted: int) -> Iterator[bytes | range]:
        """The stream from frame ``wanted`` on, and before it those of ``first`` on for their bits alone."""
        counted = self._walk.first.layer == 3
        if counted:
            yield from _counting_head(self._walk.first, self._count - first)
        for index in range(self._lead + first, self._lead + wanted):
            at = self._walk.starts[index]
            yield _mute_frame(self._data[at : at + self._walk.sizes[index]], self._walk.first)
        yield from self._walk.byte_ranges(self._lead + wanted)
        if not counted:
            yield _silent_frame(self._walk.first) * _SPARE_FRAMES


def open_stream(data: mmap.mmap) -> MpegStream | None:
    """Walks a file; None where no frames of MPEG are found."""
    walk = walk_frames(data)
    return MpegStream(data, walk) if walk else None


def read_info_tag(data: mmap.mmap, walk: FrameWalk) -> InfoTag | None:
    """The Xing or Info header in the first frame; None when there is none, or one without a count."""
    first = walk.first
    frame = data[walk.starts[0] : walk.starts[0] + first.size]
    at = _tag_at(first)
    if first.layer != 3 or frame[at : at + 4] not in (b"Xing", b"Info"):
        return None
    flags = int.from_bytes(frame[at + 4 : at + 8], "big")
    frames = int.from_bytes(frame[at + 8 : at + 12], "big")
    if not flags & _COUNT_FLAG or not frames:
        return None
    at += 8 + sum(size for bit, size in enumerate(_FIELD_BYTES) if flags >> bit & 1)
    lame = frame[at : at + _LAME_BYTES]
    if len(lame) < _LAME_BYTES or not lame[0]:
        return InfoTag(frames, 0, 0)
    both = int.from_bytes(lame[21:24], "big")
    return InfoTag(frames, both >> 12, both & 0xFFF)


def _tag_at(header: FrameHeader) -> int:
    """Where in a frame the tag begins; a checksum does not move it."""
    return 4 + header.side_bytes


def _counting_head(first: FrameHeader, frames: int) -> tuple[bytes, bytes]:
    """A frame with an Info header for so many frames, and a silent one that the decoder cuts off by it.

    Decoders drop the delay that the header names, and their own: together, the silent frame.
    """
    silent = _silent_frame(first)
    tag = b"Info" + _COUNT_FLAG.to_bytes(4, "big") + (frames + 1).to_bytes(4, "big")
    delay = (first.samples - _DECODER_DELAY) << 12
    lame = b"LAME".ljust(21, b"\0") + delay.to_bytes(3, "big")
    at = _tag_at(first)
    return silent[:at] + (tag + lame).ljust(len(silent) - at, b"\0"), silent


def _mute_frame(frame: bytes, first: FrameHeader) -> bytes:
    """A frame that says where its bits begin, as before, and that none of them are sound.

    Bits that it borrowed itself may be gone, and what a decoder makes of others in their place is noise.
    """
    checked = not frame[1] & 1
    at = 4 + 2 * checked
    kept = bytes((frame[at], frame[at + 1] & 0x80 if first.version == 1 else 0))
    return frame[:at] + kept.ljust(first.side_bytes, b"\0") + frame[at + first.side_bytes :]


def _silent_frame(first: FrameHeader) -> bytes:
    """A frame of the same stream without a checksum and with no sound in it, with room for the tag."""
    for bits in range(1, 15):
        word = first.word & ~(0xF << 12 | 1 << 9) | bits << 12 | 1 << 16
        header = read_frame_header(word.to_bytes(4, "big"), 0)
        if header is not None and header.size >= _tag_at(first) + 12 + _LAME_BYTES:
            return word.to_bytes(4, "big").ljust(header.size, b"\0")
    raise AssertionError("some bit rate has room for the tag")
