"""A network applied in overlapping tiles, in order, each frame given out once no later tile can change it.

The tiles, the triangular weights and where a short last tile lies are those of `demucs.apply.apply_model`
(Defossez 2021, "Hybrid Spectrogram and Waveform Source Separation"), so that the sum is the same; only that
it is there tile by tile, in memory for one tile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from bandmate_plugins._engines.dsp.feed import BlockReader
from bandmate_plugins._platform.arrays import FloatArray32

Network = Callable[[FloatArray32], FloatArray32]
"""From tiles of shape (batch, channels, frames) to stems of shape (batch, stems, channels, frames)."""


@dataclass(frozen=True)
class TileLayout:
    """How long a tile is, and how far apart tiles begin, in frames."""

    tile: int
    stride: int

    def frame_weights(self) -> FloatArray32:
        """How much each frame of a tile counts: a triangle, so that tiles fade into one another."""
        half = self.tile // 2
        rise = np.concatenate((np.arange(1, half + 1), np.arange(self.tile - half, 0, -1)))
        return np.asarray(rise / rise.max(), np.float32)


class TilePass:
    """One way through a source by one network. Frames before the source's first count as silence.

    ``origin`` (0 or less) is where its first tile begins: other origins see other edges of tiles, and a mean
    over several is a little better (the "shift trick").
    """

    def __init__(
        self, network: Network, shares: Sequence[float], frames: int, origin: int, layout: TileLayout
    ):
        self.network = network
        self.shares = np.asarray(shares, np.float32)[:, None, None]
        self._frames = frames
        self._end = frames
        """Tiles reach to here."""
        self._layout = layout
        self._weights = layout.frame_weights()
        self.origin = origin
        self._at = origin
        """Where the next tile begins."""
        self._sum: FloatArray32 | None = None
        self._total = np.zeros(layout.tile, np.float32)

    @property
    def is_done(self) -> bool:
        """Whether every tile was taken."""
        return self._at >= self._frames

    @property
    def final_frame(self) -> int:
        """Frames before this one are final."""
        return min(self._at, self._frames)

    def next_starts(self, most: int) -> list[int]:
        """Where the next tiles begin that the network is given, at most so many."""
        starts = range(
            self._at, min(self._frames, self._at + most * self._layout.stride), self._layout.stride
        )
        return [start - self._frames_before(start) for start in starts]

    def read_tile(self, feed: BlockReader, start: int) -> FloatArray32:
        """The source where a tile lies, shape (channels, tile); silence around it."""
        return feed.read_span(start, start + self._layout.tile)

    def add(self, stems: FloatArray32) -> FloatArray32:
        """Takes a tile's stems, shape (stems, channels, tile); gives the frames that are now final."""
        length, stride, left = self._tile_length(self._at), self._layout.stride, self._frames_before(self._at)
        weights = self._tile_weights(self._at)
        if self._sum is None:
            self._sum = np.zeros(stems.shape, np.float32)
        self._sum[..., :length] += weights * stems[..., left : left + length]
        self._total[:length] += weights
        ready = min(stride, self._frames - self._at)
        # Where a fade meets no other tile, nothing counts, and nothing is there.
        self._total[:ready] = np.maximum(self._total[:ready], np.finfo(np.float32).tiny)
        block = self._sum[..., :ready] / self._total[:ready]
        hidden = min(max(-self._at, 0), ready)
        self._at += stride
        self._advance_by(ready)
        return np.asarray(block[..., hidden:] * self.shares, np.float32)

    def _tile_length(self, start: int) -> int:
        """Frames of the tile that begins there; the last one may be short."""
        return min(self._layout.tile, self._end - start)

    def _frames_before(self, start: int) -> int:
        """How many frames of a tile lie before what it adds: a short last one lies in the middle."""
        return (self._layout.tile - self._tile_length(start)) // 2

    def _tile_weights(self, start: int) -> FloatArray32:
        return self._weights[: self._tile_length(start)]

    def _advance_by(self, frames: int) -> None:
        assert self._sum is not None, "a tile was added"
        self._sum = np.concatenate((self._sum[..., frames:], np.zeros_like(self._sum[..., :frames])), axis=-1)
        self._total = np.concatenate((self._total[frames:], np.zeros(frames, np.float32)))


class JointPasses:
    """Several passes over one source, whose stems are added frame by frame as all of them get there."""

    def __init__(self, passes: Sequence[TilePass]) -> None:
        self._passes = list(passes)
        self._waiting: list[list[FloatArray32]] = [[] for _ in passes]

    def next_pass(self) -> TilePass | None:
        """The pass that is furthest behind; None when all are done."""
        left = [each for each in self._passes if not each.is_done]
        return min(left, key=lambda each: each.final_frame) if left else None

    def add(self, which: TilePass, block: FloatArray32) -> FloatArray32 | None:
        """Takes what a pass gave; gives what every pass has by now, if there is anything."""
        waiting = self._waiting[self._passes.index(which)]
        waiting.append(block)
        ready = min(sum(part.shape[-1] for part in parts) for parts in self._waiting)
        if not ready:
            return None
        total: FloatArray32 | None = None
        for parts in self._waiting:
            taken = _take_frames(parts, ready)
            total = taken if total is None else total + taken
        return total


def _take_frames(parts: list[FloatArray32], frames: int) -> FloatArray32:
    """Takes so many frames off the front of a list of blocks."""
    joined = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=-1)
    parts[:] = [joined[..., frames:]] if joined.shape[-1] > frames else []
    return joined[..., :frames]
