"""The source at the network's rate, and stems back at the project's, in a stream."""

from __future__ import annotations

from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from bandmate_plugins.request import AudioInput
from bandmate_protocol.errors import ErrorCode, RequestError

Floats = NDArray[np.float32]
_BLOCK_FRAMES = 1 << 16


class Converter:
    """A stream at another rate; exactly ``frames`` frames come out, whatever the resampler's ends do.

    On the CPU soxr makes it; on a device torchaudio does, where the rates are simple enough.
    """

    def __init__(self, rate_in: int, rate_out: int, channels: int, frames: int, device: str = "cpu") -> None:
        self._left = frames
        self._channels = channels
        self._stream = _resampler(rate_in, rate_out, channels, device) if rate_in != rate_out else None

    def convert(self, block: Floats, *, last: bool = False) -> Floats:
        """Shape (frames, channels) in and out; the last block fills up what is missing with silence."""
        if self._stream is not None:
            out = self._stream.resample_chunk(np.ascontiguousarray(block, np.float32), last=last)
            block = np.asarray(out, np.float32).reshape(-1, self._channels)
        block = block[: self._left]
        self._left -= len(block)
        if last and self._left:
            block = np.concatenate((block, np.zeros((self._left, self._channels), np.float32)))
            self._left = 0
        return block


def on_device(device: str) -> Any:
    """The module that works on a device; None on the CPU, and without the torchaudio that fits this torch."""
    if device == "cpu":
        return None
    try:
        from bandmate_plugins.networks import on_device as module
    except (ImportError, OSError):
        return None
    return module


def _resampler(rate_in: int, rate_out: int, channels: int, device: str) -> Any:
    module = on_device(device)
    if module and module.can_resample(rate_in, rate_out):
        return module.DeviceResampler(rate_in, rate_out, channels, device)
    return soxr.ResampleStream(rate_in, rate_out, channels, dtype="float32", quality="VHQ")


class Feed:
    """A source at a rate, by channels, with silence before and after it; read once, in order."""

    def __init__(self, source: AudioInput, rate_in: int, rate_out: int, device: str = "cpu") -> None:
        self.frames = max(round(source.frames * rate_out / rate_in), 1)
        self.channels = source.channels
        self._source = source
        self._converter = Converter(rate_in, rate_out, source.channels, self.frames, device)
        self._read = 0
        self._start = 0
        self._held: Floats = np.zeros((0, source.channels), np.float32)

    def span(self, start: int, stop: int) -> Floats:
        """Shape (channels, stop - start). `start` is not before what was forgotten.

        Raises RequestError (`input_unusable`) when the source ends before its own length.
        """
        first, last = max(start, 0), min(stop, self.frames)
        self._fetch(last)
        out = np.zeros((self._source.channels, stop - start), np.float32)
        if last > first:
            out[:, first - start : last - start] = self._held[first - self._start : last - self._start].T
        return out

    def forget(self, before: int) -> None:
        """Lets go of the frames before one."""
        drop = min(max(before - self._start, 0), len(self._held))
        self._held = self._held[drop:].copy()
        self._start += drop

    def _fetch(self, stop: int) -> None:
        pieces = [self._held]
        have = self._start + len(self._held)
        while have < stop:
            piece = self._source.read(self._read, _BLOCK_FRAMES)
            if not len(piece):
                raise RequestError(
                    ErrorCode.INPUT_UNUSABLE,
                    f"The source ends after {self._read} of its {self._source.frames} frames.",
                    "Wait until the file is written in full, and send it again.",
                )
            self._read += len(piece)
            pieces.append(self._converter.convert(piece, last=self._read >= self._source.frames))
            have += len(pieces[-1])
        self._held = np.concatenate(pieces)
