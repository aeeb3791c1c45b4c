"""All stems of a source by one or several networks, in order and in memory for a few tiles."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bandmate_plugins._engines.separation_nets.channels import ChannelPairs
from bandmate_plugins._engines.separation_nets.faded import FadedTilePass
from bandmate_plugins._engines.separation_nets.rates import RateConverter, ResamplingReader
from bandmate_plugins._engines.separation_nets.tiles import JointPasses, Network, TileLayout, TilePass
from bandmate_plugins._platform.arrays import FloatArray32
from bandmate_plugins.request import AudioInput

_SHIFT_SECONDS = 0.5
OVERLAP = 0.25
"""Of neighbouring tiles, where neither the request nor the model says otherwise."""


@dataclass(frozen=True)
class NetworkEnsemble:
    """Networks with each one's share of each stem, the roles of the stems, and what the networks work at."""

    members: Sequence[tuple[Network, Sequence[float]]]
    roles: tuple[str, ...]
    sample_rate: int
    tile_frames: int
    batch: int = 1
    stride_frames: int = 0
    """How far apart tiles begin unless it is asked otherwise; three quarters of a tile when 0."""
    faded: bool = False
    """Whether tiles are weighted by short fades in place of triangles."""
    rest: str = ""
    """The role of what the networks leave over, where that is a stem of its own."""
    device: str = "cpu"
    """Where rates are converted; the networks know themselves where they run."""

    def tile_layout(self, overlap: float | None) -> TileLayout:
        """The tiles at an overlap, or at the ensemble's own."""
        tile = self.tile_frames
        if overlap is None and self.stride_frames:
            return TileLayout(tile, self.stride_frames)
        # As apply_model has it, stem for stem the same sum.
        return TileLayout(tile, max(int((1 - (OVERLAP if overlap is None else overlap)) * tile), 1))


@dataclass(frozen=True)
class PassOptions:
    """How an ensemble is applied."""

    overlap: float | None = None
    """Of neighbouring tiles, 0 to below 1; the ensemble's own when None."""
    shifts: int = 0
    """Averaged passes that begin at a drawn moment up to half a second early; 0 for one pass on the spot."""
    seed: int = 0


class StemStream:
    """The stems of a source, at the source's own rate and of its length."""

    def __init__(
        self,
        source: AudioInput,
        rate: int,
        ensemble: NetworkEnsemble,
        way: PassOptions,
        check: Callable[[], None],
    ) -> None:
        self._ensemble = ensemble
        self._check = check
        self._feed = ResamplingReader(source, rate, ensemble.sample_rate, ensemble.device)
        self._pairs = ChannelPairs(source.channels)
        self._layout = ensemble.tile_layout(way.overlap)
        self._passes = self._plan_passes(way)
        self._back = RateConverter(
            ensemble.sample_rate,
            rate,
            len(ensemble.roles) * source.channels,
            source.frames,
            ensemble.device,
        )
        self.tiles = sum(self._tile_count(each) for each in self._passes)

    def stem_blocks(self) -> Iterator[tuple[int, FloatArray32]]:
        """Tiles done so far, and the stems' next frames, shape (stems, frames, channels).

        The frames may be none. Raises RequestError (`input_unusable`).
        """
        joint, done, given = JointPasses(self._passes), 0, 0
        while (which := joint.next_pass()) is not None:
            self._check()
            for stems in self._run_tiles(which, 1 if not done else self._ensemble.batch):
                block = joint.add(which, which.add(stems))
                done += 1
                if block is not None:
                    given += block.shape[-1]
                    yield done, self._to_source_rate(block, last=given == self._feed.frames)
            behind = min(each.final_frame for each in self._passes)
            self._feed.discard_before(behind - self._layout.tile)

    def _run_tiles(self, which: TilePass, most: int) -> Iterator[FloatArray32]:
        """The stems of a pass's next tiles, each of shape (stems, channels, tile)."""
        starts = which.next_starts(most)
        tiles = [self._pairs.split_pairs(which.read_tile(self._feed, start)) for start in starts]
        stems = which.network(np.concatenate(tiles))
        for index in range(len(starts)):
            yield self._pairs.join_pairs(stems[index * self._pairs.count : (index + 1) * self._pairs.count])

    def _to_source_rate(self, block: FloatArray32, *, last: bool) -> FloatArray32:
        stems, channels, frames = block.shape
        flat = self._back.convert_block(block.reshape(-1, frames).T, last=last)
        return np.moveaxis(flat.reshape(-1, stems, channels), 1, 0)

    def _plan_passes(self, way: PassOptions) -> list[TilePass]:
        draw = np.random.default_rng(way.seed)
        most = int(_SHIFT_SECONDS * self._ensemble.sample_rate)
        count = max(way.shifts, 1)
        passes: list[TilePass] = []
        kind = FadedTilePass if self._ensemble.faded else TilePass
        for network, shares in self._ensemble.members:
            part = [share / count for share in shares]
            for _ in range(count):
                origin = int(draw.integers(-most, 1)) if way.shifts else 0
                passes.append(kind(network, part, self._feed.frames, origin, self._layout))
        return passes

    def _tile_count(self, each: TilePass) -> int:
        return -(-(self._feed.frames - each.origin) // self._layout.stride)
