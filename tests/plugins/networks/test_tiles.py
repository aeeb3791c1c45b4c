"""Tiles in a stream give what a whole-file pass gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_plugins._engines.separation_nets.rates import RateConverter, ResamplingReader
from bandmate_plugins._engines.separation_nets.tiles import JointPasses, TileLayout, TilePass
from bandmate_plugins.testing import MemoryInput


def keep_all(tiles: np.ndarray) -> np.ndarray:
    """A network whose two stems are the source and a third of it."""
    return np.stack((tiles, tiles / 3), axis=1)


def streamed(samples: np.ndarray, passes: list[TilePass], layout: TileLayout, batch: int = 1) -> np.ndarray:
    feed = ResamplingReader(MemoryInput(samples), 44_100, 44_100)
    joint, blocks = JointPasses(passes), []
    while (which := joint.next_pass()) is not None:
        tiles = np.stack([feed.read_span(start, start + layout.tile) for start in which.next_starts(batch)])
        for stems in which.network(tiles):
            block = joint.add(which, which.add(stems))
            if block is not None:
                blocks.append(block)
    return np.concatenate(blocks, axis=-1)


@given(
    frames=st.integers(1, 400),
    tile=st.integers(2, 90),
    stride=st.integers(1, 90),
    origins=st.lists(st.integers(-40, 0), min_size=1, max_size=3),
    batch=st.integers(1, 4),
)
def test_tiles_of_any_layout_add_up_to_the_source(
    frames: int, tile: int, stride: int, origins: list[int], batch: int
) -> None:
    layout = TileLayout(tile, min(stride, tile))
    samples = np.random.default_rng(frames).standard_normal((frames, 2)).astype(np.float32)
    share = [1 / len(origins)] * 2
    passes = [TilePass(keep_all, share, frames, origin, layout) for origin in origins]
    stems = streamed(samples, passes, layout, batch)
    assert stems.shape == (2, 2, frames)
    assert np.allclose(stems[0], samples.T, atol=1e-5)
    assert np.allclose(stems[1], samples.T / 3, atol=1e-5)


def test_audio_is_given_out_before_the_next_tile_is_read() -> None:
    layout = TileLayout(100, 75)
    which = TilePass(keep_all, [1, 1], 1_000, 0, layout)
    block = which.add(keep_all(np.ones((1, 2, 100), np.float32))[0])
    assert block.shape[-1] == 75
    assert which.final_frame == 75


@pytest.mark.parametrize("rates", [(48_000, 44_100), (44_100, 48_000), (8_000, 44_100), (44_100, 44_100)])
@pytest.mark.parametrize("frames", [1, 7, 44_100])
def test_another_rate_and_back_is_as_long_as_before_and_in_its_place(
    rates: tuple[int, int], frames: int
) -> None:
    one, other = rates
    at = np.arange(frames) / one
    samples = np.stack((np.sin(2 * np.pi * 300 * at), np.cos(2 * np.pi * 500 * at)), axis=1)
    feed = ResamplingReader(MemoryInput(samples.astype(np.float32)), one, other)
    there = feed.read_span(0, feed.frames).T
    back = RateConverter(other, one, 2, frames)
    result = np.concatenate(
        (back.convert_block(there[: frames // 3]), back.convert_block(there[frames // 3 :], last=True))
    )
    assert result.shape == (frames, 2)
    if frames > 10_000:
        inside = slice(2_000, -2_000)
        assert np.abs(result[inside] - samples[inside]).max() < 1e-3
