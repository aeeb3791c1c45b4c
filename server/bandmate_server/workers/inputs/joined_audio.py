"""Several slices as one: each in its place in the project, added up where they overlap, silence between."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

import numpy as np

from bandmate_plugins._platform.arrays import FloatArray32
from bandmate_server.workers.inputs.slice_audio import SliceAudio

_BLOCK_FRAMES = 1 << 16


class JoinedAudio:
    """The slices over ``span`` (first frame and end in the project), or longer where one goes beyond."""

    def __init__(self, slices: Sequence[SliceAudio], span: tuple[int, int]) -> None:
        self._slices = slices
        self.start_frame = min(span[0], *(each.start_frame for each in slices))
        self.frames = max(span[1], *(each.end_frame for each in slices)) - self.start_frame
        self.channels = max(each.channels for each in slices)

    @property
    def remarks(self) -> list[str]:
        """What a musician should know of the files, each once."""
        return list(dict.fromkeys(remark for each in self._slices for remark in each.remarks))

    def blocks(self, check: Callable[[], None]) -> Generator[FloatArray32, None, None]:
        """All of its frames, in blocks of shape (frames, channels)."""
        readers = [_SliceReader(each, self.start_frame, check) for each in self._slices]
        for begin in range(0, self.frames, _BLOCK_FRAMES):
            check()
            block = np.zeros((min(_BLOCK_FRAMES, self.frames - begin), self.channels), np.float32)
            for reader in readers:
                reader.add_to(block, begin)
            yield block

    def close(self) -> None:
        """Closes the files."""
        for each in self._slices:
            each.close()


class _SliceReader:
    """Adds a slice to one block after another."""

    def __init__(self, audio: SliceAudio, start_frame: int, check: Callable[[], None]) -> None:
        self._first = audio.start_frame - start_frame
        self._end = self._first + audio.frames
        self._blocks = audio.blocks(check)
        self._held: FloatArray32 | None = None

    def add_to(self, block: FloatArray32, begin: int) -> None:
        """Adds what plays in a block that begins so many frames after the start of all."""
        first, end = max(self._first, begin), min(self._end, begin + len(block))
        while first < end:
            if self._held is None or not len(self._held):
                self._held = next(self._blocks)
            some = self._held[: end - first]
            self._held = self._held[len(some) :]
            at = first - begin
            # What has one channel is heard on all of them.
            channels = some.shape[1] if some.shape[1] > 1 else block.shape[1]
            block[at : at + len(some), :channels] += some
            first += len(some)
