"""The source at the network's rate, and stems back at the project's, in a stream."""

from __future__ import annotations

from typing import Any

import numpy as np
import soxr

from bandmate_plugins._engines.dsp.feed import BlockReader
from bandmate_plugins._platform.arrays import FloatArray32
from bandmate_plugins.request import AudioInput

_BLOCK_FRAMES = 1 << 16


class RateConverter:
    """A stream at another rate; exactly ``frames`` frames come out, whatever the resampler's ends do.

    On the CPU soxr makes it; on a device torchaudio does, where the rates are simple enough.
    """

    def __init__(self, rate_in: int, rate_out: int, channels: int, frames: int, device: str = "cpu") -> None:
        self._left = frames
        self._channels = channels
        self._stream = _make_resampler(rate_in, rate_out, channels, device) if rate_in != rate_out else None

    def convert_block(self, block: FloatArray32, *, last: bool = False) -> FloatArray32:
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


def device_module(device: str) -> Any:
    """The module that works on a device; None on the CPU, and without the torchaudio that fits this torch."""
    if device == "cpu":
        return None
    try:
        from bandmate_plugins._engines.separation_nets import on_device as module
    except (ImportError, OSError):
        return None
    return module


def _make_resampler(rate_in: int, rate_out: int, channels: int, device: str) -> Any:
    module = device_module(device)
    if module and module.can_resample(rate_in, rate_out):
        return module.DeviceResampler(rate_in, rate_out, channels, device)
    return soxr.ResampleStream(rate_in, rate_out, channels, dtype="float32", quality="VHQ")


class ResamplingReader(BlockReader):
    """A source at another rate, by channels, with silence before and after it; read once, in order."""

    def __init__(self, source: AudioInput, rate_in: int, rate_out: int, device: str = "cpu") -> None:
        super().__init__(source)
        self.frames = max(round(source.frames * rate_out / rate_in), 1)
        self._converter = RateConverter(rate_in, rate_out, source.channels, self.frames, device)

    def _next_block(self, wanted: int) -> FloatArray32:  # noqa: ARG002 - the converter gives what it has
        piece = self._from_source(_BLOCK_FRAMES)
        return self._converter.convert_block(piece, last=self._read >= self._source.frames)
