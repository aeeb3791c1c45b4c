"""Reads the source once, in order, and keeps only the samples that are still needed."""

from __future__ import annotations

import numpy as np

from bandmate_plugins._engines.dsp.stft import Floats
from bandmate_plugins.request import AudioInput
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


class BlockReader:
    """A source by channels, with silence before and after it."""

    def __init__(self, source: AudioInput) -> None:
        self.frames = source.frames
        """Its length, as the feed has it."""
        self.channels = source.channels
        self._source = source
        self._read = 0
        """Frames of the source that were read."""
        self._start = 0
        self._held: Floats = np.zeros((source.channels, 0), np.float32)

    def read_span(self, start: int, stop: int) -> Floats:
        """The samples from `start` up to `stop`, shape (channels, stop - start), zero outside the source.

        `start` is not before what was forgotten. Raises RequestError (`input_unusable`) when the source ends
        before its own length.
        """
        first, last = max(start, 0), min(stop, self.frames)
        self._fetch_until(last)
        out = np.zeros((self.channels, stop - start), np.float32)
        if last > first:
            out[:, first - start : last - start] = self._held[:, first - self._start : last - self._start]
        return out

    def discard_before(self, before: int) -> None:
        """Lets go of the samples before one."""
        drop = min(max(before - self._start, 0), self._held.shape[1])
        if drop:
            self._held = self._held[:, drop:].copy()
            self._start += drop

    def _fetch_until(self, stop: int) -> None:
        have = self._start + self._held.shape[1]
        if stop <= have:
            return
        pieces = [self._held]
        while have < stop:
            pieces.append(self._next_block(stop - have).T)
            have += pieces[-1].shape[1]
        self._held = np.ascontiguousarray(np.concatenate(pieces, axis=1), dtype=np.float32)

    def _next_block(self, wanted: int) -> Floats:
        """What comes next, shape (frames, channels): as many frames as are wanted, or others."""
        return self._from_source(wanted)

    def _from_source(self, wanted: int) -> Floats:
        piece = self._source.read(self._read, wanted)
        if not len(piece):
            raise RequestError(
                ErrorCode.INPUT_UNUSABLE,
                say(
                    "The source ends after {read} of its {frames} frames.",
                    read=self._read,
                    frames=self._source.frames,
                ),
                "Wait until the file is complete, and send it again.",
            )
        self._read += len(piece)
        return piece
