"""Any number of channels through a network that takes two."""

from __future__ import annotations

import numpy as np

from bandmate_plugins._platform.arrays import FloatArray32


class ChannelPairs:
    """Channels two by two; one that is left over goes in on both sides and comes out as their mean."""

    def __init__(self, channels: int) -> None:
        self.channels = channels
        self.count = (channels + 1) // 2

    def split_pairs(self, audio: FloatArray32) -> FloatArray32:
        """From (channels, frames) to (pairs, 2, frames)."""
        if self.channels % 2:
            audio = np.concatenate((audio, audio[-1:]))
        return audio.reshape(self.count, 2, -1)

    def join_pairs(self, stems: FloatArray32) -> FloatArray32:
        """From (pairs, stems, 2, frames) to (stems, channels, frames)."""
        flat = np.moveaxis(stems, 0, 1).reshape(stems.shape[1], 2 * self.count, -1)
        if not self.channels % 2:
            return flat
        last = flat[:, -2:].mean(axis=1, keepdims=True, dtype=np.float32)
        return np.concatenate((flat[:, : self.channels - 1], last), axis=1)
