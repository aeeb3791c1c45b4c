"""A stem on the disk, so that it can be measured and read again once it is whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from bandmate_plugins._listening.downmix import stereo_downmix
from bandmate_plugins._platform.arrays import FloatArray32
from bandmate_plugins._timing.time_map import TimeMap
from bandmate_plugins.outputs import StemStart
from bandmate_protocol.messages import Note


class KeptStem:
    """A stem in a file of 32-bit floats, of which `wanted` frames are the result."""

    def __init__(self, start: StemStart, wanted: int, path: Path) -> None:
        self.wanted = wanted
        self._path = path
        self.restart(start)

    def restart(self, start: StemStart) -> None:
        """Begins again, as a revision does."""
        self.start = start
        self.frames = 0
        self.notes: list[Note] = []
        self._path.write_bytes(b"")

    def add(self, samples: FloatArray32) -> FloatArray32:
        """Keeps what comes next; returns the part of it that belongs to the result."""
        left = max(self.wanted - self.frames, 0)
        with self._path.open("ab") as file:
            file.write(np.ascontiguousarray(samples, np.float32).tobytes())
        self.frames += len(samples)
        return samples[:left]

    def read(self, start: int, stop: int) -> FloatArray32:
        """Frames of it, shape (frames, channels); silence outside."""
        channels = self.start.channels
        out = np.zeros((max(stop - start, 0), channels), np.float32)
        first, last = max(start, 0), min(stop, self.frames)
        if last > first:
            count, offset = (last - first) * channels, first * channels * 4
            read = np.fromfile(self._path, np.float32, count, offset=offset)
            out[first - start : last - start] = read.reshape(-1, channels)
        return out

    def read_stereo(self, start: int, stop: int) -> FloatArray32:
        """The same with two channels."""
        return stereo_downmix(self.read(start, stop))

    def moved_notes(self, time_map: TimeMap) -> list[Note]:
        """Its notes where a map puts them, as far as they lie in the result."""
        ends = np.array([(note.start, note.start + note.frames) for note in self.notes], np.float64)
        moved = np.round(time_map.target_at(ends)).astype(int).tolist()
        placed = [
            msgspec.structs.replace(note, start=start, frames=max(stop - start, 1))
            for note, (start, stop) in zip(self.notes, moved, strict=True)
        ]
        return notes_within(placed, self.wanted)


def notes_within(notes: Sequence[Note], frames: int) -> list[Note]:
    """Notes that begin within so many frames, none longer than these."""
    return [
        msgspec.structs.replace(note, frames=min(note.frames, frames - note.start))
        for note in notes
        if note.start < frames
    ]
