"""A network that runs out of memory: fewer tiles at a time, then the CPU, then a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from bandmate_plugins._engines.separation_nets.runner import NetworkRunner, error_db
from bandmate_protocol.errors import ErrorCode, RequestError


class Hungry(torch.nn.Module):
    """Gives each tile back as two stems, for so many tiles at a time on the GPU, and so many on the CPU."""

    def __init__(self, on_gpu: int, on_cpu: int) -> None:
        super().__init__()
        self.room = {"gpu": on_gpu, "cpu": on_cpu}
        self.where = "gpu"
        self.taken: list[int] = []

    def to(self, device: Any) -> Any:
        self.where = "cpu" if self.taken else "gpu"
        return self

    def forward(self, tiles: torch.Tensor) -> torch.Tensor:
        self.taken.append(len(tiles))
        if len(tiles) > self.room[self.where]:
            if self.where == "cpu":
                # 141 TB: what torch really says where the computer's memory ends.
                torch.empty(1 << 45)
            raise torch.OutOfMemoryError("no room")
        return torch.stack((tiles, -tiles), dim=1)


TILES = np.random.default_rng(0).standard_normal((8, 2, 100)).astype(np.float32)


def run(network: Hungry) -> tuple[NetworkRunner, Any]:
    # The device is the CPU, as there need be no other here; the network plays the one that is too small.
    runner = NetworkRunner(network, "cpu")
    runner._device = "cpu:0"
    return runner, runner(TILES)


def test_fewer_tiles_at_a_time_give_the_same() -> None:
    network = Hungry(on_gpu=2, on_cpu=0)
    runner, stems = run(network)
    assert np.array_equal(stems, np.stack((TILES, -TILES), axis=1))
    assert network.taken == [8, 4, 2, 2, 2, 2]
    assert runner.sentence == "The GPU's memory fits 2 tiles at a time."


def test_in_the_end_the_cpu_does_it() -> None:
    runner, stems = run(Hungry(on_gpu=0, on_cpu=1))
    assert np.array_equal(stems, np.stack((TILES, -TILES), axis=1))
    assert "it ran on the CPU" in runner.sentence


@pytest.mark.parametrize("room", [1, 2, 8])
def test_the_memory_of_the_computer_may_hold_fewer_tiles_too(room: int) -> None:
    network = Hungry(on_gpu=0, on_cpu=room)
    network.taken.append(0)
    runner = NetworkRunner(network, "cpu")
    assert np.array_equal(runner(TILES), np.stack((TILES, -TILES), axis=1))
    assert not runner.sentence


class Heavy(Hungry):
    """Too large to be moved to the GPU."""

    def to(self, device: Any) -> Any:
        if device != "cpu":
            raise torch.OutOfMemoryError("no room for the weights")
        self.where = "cpu"
        return self


def test_weights_that_the_gpu_does_not_hold_stay_on_the_cpu() -> None:
    runner = NetworkRunner(Heavy(on_gpu=0, on_cpu=8), "cuda:0")
    assert np.array_equal(runner(TILES), np.stack((TILES, -TILES), axis=1))
    assert "it ran on the CPU" in runner.sentence


def test_without_memory_anywhere_it_is_a_sentence() -> None:
    with pytest.raises(RequestError, match="memory") as refused:
        run(Hungry(on_gpu=0, on_cpu=0))
    assert refused.value.code == ErrorCode.OUT_OF_MEMORY
    assert "dsp" in refused.value.remedy


class Mixing(torch.nn.Module):
    """Multiplies channels by a matrix; `offset` is added before and taken off after, which costs digits."""

    def __init__(self, offset: float) -> None:
        super().__init__()
        self.offset = offset
        torch.manual_seed(1)
        self.mix = torch.nn.Linear(2, 4, bias=False)

    def forward(self, tiles: torch.Tensor) -> torch.Tensor:
        heard = tiles.transpose(1, 2)
        mixed = self.mix(heard + self.offset) - self.mix(torch.full_like(heard, self.offset))
        return mixed.float().transpose(1, 2).reshape(len(tiles), 2, 2, -1)


@pytest.mark.parametrize(("offset", "short"), [(0.0, True), (300.0, False), (1e6, False)])
def test_a_short_format_is_used_only_where_it_holds_to_60_db(offset: float, short: bool) -> None:
    exact = NetworkRunner(Mixing(offset), "cpu")(TILES)
    # What torch calls cpu:0 is any device here.
    runner = NetworkRunner(Mixing(offset), "cpu:0")
    error = error_db(exact, runner(TILES))
    assert (error > -200) == short
    assert error <= -60
    assert (runner._format is not None) == short
