"""A container whose header is wrong about how much audio follows, with a header that is right."""

from __future__ import annotations

import mmap
from dataclasses import dataclass

from bandmate_server.audio.containers.view import ByteRange, ByteView

_UNKNOWN_SIZES = (0x7FFF_F000, 0x8000_0000, 0x1_0000_0000)
"""What sox, arecord and ffmpeg write as a size when they cannot come back to the header."""
_MAX_FILE_BYTES = 1 << 48
"""No file is so long: -1 in 64 bits, and the like."""
_HEADER_BYTES = 256
"""Some take the header's length off these, or add it."""


@dataclass(frozen=True)
class MendedHeader:
    """A file as it would be if its header said what is there."""

    data: mmap.mmap
    pieces: tuple[bytes | ByteRange, ...]
    there: int
    """How much audio is there, in bytes or in frames."""
    promised: int
    """How much the file's own header says, in the same unit; as much as is there where it does not know."""

    @property
    def loose_frames(self) -> int:
        """Its end is where it is."""
        return 0

    @property
    def stop_reason(self) -> str:
        """It is heard to its end."""
        return ""

    def view_from(self, start: int) -> tuple[ByteView, int]:
        """A view of the whole file, and how many frames in it come before ``start``."""
        return ByteView(self.data, self.pieces), start

    def frames_of(self, decoded: int) -> int:
        """As libsndfile has it, from the header that is true now."""
        return decoded

    def promised_frames(self, frames: int) -> int:
        """The length that the file's own header says, where there are so many frames."""
        return frames * self.promised // self.there if self.there else frames


def is_unknown(size: int) -> bool:
    """Whether a size in bytes means that its writer did not know it."""
    return not 0 < size < _MAX_FILE_BYTES or any(
        abs(size - unknown) <= _HEADER_BYTES for unknown in _UNKNOWN_SIZES
    )
