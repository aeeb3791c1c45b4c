"""A file as it would be with another header: bytes of ours between stretches of what is on the disk."""

from __future__ import annotations

import io
import mmap
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

ByteRange = range
"""From a byte of the file to another, exclusive."""


class ByteView(io.RawIOBase):
    """A read-only file made of pieces, as libsndfile reads one through callbacks."""

    def __init__(self, data: mmap.mmap, pieces: Iterable[bytes | ByteRange]) -> None:
        self._data = data
        self._pieces = [piece for piece in pieces if len(piece)]
        self._ends = list(accumulate(len(piece) for piece in self._pieces))
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Moves as any file does; a place before the start is the start."""
        size = self._ends[-1] if self._ends else 0
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: size}[whence]
        self._at = max(base + offset, 0)
        return self._at

    def readinto(self, buffer: object) -> int:
        """Fills a buffer; returns how many bytes there were."""
        target = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        done = 0
        index = bisect_right(self._ends, self._at)
        while done < len(target) and index < len(self._pieces):
            piece, end = self._pieces[index], self._ends[index]
            inside = self._at - (end - len(piece))
            count = min(len(target) - done, end - self._at)
            source: bytes | mmap.mmap = self._data
            if isinstance(piece, range):
                inside += piece.start
            else:
                source = piece
            target[done : done + count] = source[inside : inside + count]
            done += count
            self._at += count
            index += 1
        return done
