"""Tiles as the package `pymss` has them for RoFormers, SCNet and MDX23C: flat, with a short fade at each end.

The source goes on as its own mirror image at both ends, so that its ends lie inside tiles too. The places,
fades and mirrors are those of `pymss.utils.demix_track`, so that the sum is the same; only that it is there
tile by tile.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bandmate_plugins._engines.dsp.feed import BlockReader
from bandmate_plugins._engines.separation_nets.tiles import Network, TileLayout, TilePass
from bandmate_plugins._platform.arrays import FloatArray32


class FadedTilePass(TilePass):
    """One way through a source, in tiles with short fades."""

    def __init__(
        self, network: Network, shares: Sequence[float], frames: int, origin: int, layout: TileLayout
    ):
        border = layout.tile - layout.stride
        # A source that is short next to what tiles share has no mirror images.
        self._border = border if frames > 2 * border else 0
        super().__init__(network, shares, frames, origin - self._border, layout)
        self._end = frames + self._border
        self._fade = min(layout.tile // 10, border)

    def read_tile(self, feed: BlockReader, start: int) -> FloatArray32:
        """The source where a tile lies, mirrored at its ends, silent beyond."""
        wanted = np.arange(start, start + self._layout.tile)
        beyond = wanted >= self._end
        if self._tile_length(start) > self._layout.tile // 2 + 1:
            wanted[beyond] = 2 * (self._end - 1) - wanted[beyond]
        if self._border:
            wanted = np.abs(wanted)
            last = self._frames - 1
            wanted = np.where((wanted > last) & (wanted < self._end), 2 * last - wanted, wanted)
        there = (wanted >= 0) & (wanted < self._frames)
        out = np.zeros((feed.channels, self._layout.tile), np.float32)
        if there.any():
            first, stop = int(wanted[there].min()), int(wanted[there].max()) + 1
            out[:, there] = feed.read_span(first, stop)[:, wanted[there] - first]
        return out

    def _frames_before(self, start: int) -> int:  # noqa: ARG002 - they all begin where they lie
        return 0

    def _tile_weights(self, start: int) -> FloatArray32:
        length, fade = self._tile_length(start), self._fade
        weights = np.ones(self._layout.tile, np.float32)
        if fade:
            weights[-fade:] = np.linspace(1, 0, fade, dtype=np.float32)
            weights[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
        if start == self.origin:
            weights[:fade] = 1
        if start + length >= self._end:
            weights[max(0, length - fade) : length] = 1
        return weights[:length]
