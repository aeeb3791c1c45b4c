"""One module, or one layer, at a time: the same results in less memory, on a device of a set size."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from bandmate_plugins.acestep.memory import LEVELS, WORK_BYTES, fit, window_latents
from bandmate_plugins.acestep.residency import LayeredModules, Place, VisitingModules


class SmallDevice(Place):
    """The CPU, with so many bytes of memory of its own."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__("cpu")
        self.size_bytes = size_bytes
        self.held = 0
        self.most = 0

    def bring(self, tensor: torch.Tensor) -> torch.Tensor:
        if self.held + tensor.nbytes > self.size_bytes:
            raise torch.OutOfMemoryError("the small device is full")
        self.held += tensor.nbytes
        self.most = max(self.most, self.held)
        return tensor.clone()

    def gone(self, tensor: torch.Tensor) -> None:
        self.held -= tensor.nbytes


class Stack(torch.nn.Module):
    """Eight layers behind a projection."""

    def __init__(self) -> None:
        super().__init__()
        self.proj = torch.nn.Linear(16, 16)
        self.layers = torch.nn.ModuleList(torch.nn.Linear(16, 16) for _ in range(8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.proj(x)
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return x


LAYER = (16 * 16 + 16) * 4


class Parts:
    """A checkpoint of two parts."""

    def __init__(self) -> None:
        torch.manual_seed(3)
        self.parts = {"transformer": Stack(), "vae": torch.nn.Linear(16, 64)}

    def build(self, name: str, dtype: torch.dtype) -> torch.nn.Module:
        return copy.deepcopy(self.parts[name]).to(dtype)


@torch.no_grad()
def test_every_way_gives_the_same_and_keeps_to_its_memory() -> None:
    parts: Any = Parts()
    x = torch.randn(2, 16)
    expected = [parts.parts[name](x) for name in ("transformer", "vae", "transformer")]
    sizes = {}
    for kind in ("visiting", "layered"):
        place = SmallDevice(10 * LAYER)
        held: VisitingModules
        if kind == "visiting":
            held = VisitingModules(parts, place, torch.float32)
        else:
            held = LayeredModules(parts, place, torch.float32, "transformer")
        for name, wanted in zip(("transformer", "vae", "transformer"), expected, strict=True):
            with held.use(name) as module:
                assert torch.equal(module(x), wanted)
        sizes[kind] = place.most
    assert sizes["visiting"] == 9 * LAYER
    assert sizes["layered"] == 4 * LAYER  # the vae, which is as large as four layers


@torch.no_grad()
def test_what_does_not_fit_leaves_nothing_behind_and_a_smaller_way_does() -> None:
    parts: Any = Parts()
    x = torch.randn(2, 16)
    expected = parts.parts["transformer"](x)
    place = SmallDevice(4 * LAYER)
    held = VisitingModules(parts, place, torch.float32)
    with pytest.raises(torch.OutOfMemoryError), held.use("transformer"):
        pass
    assert place.held == 0
    smaller = LayeredModules(parts, place, torch.float32, "transformer")
    with smaller.use("transformer") as module:
        assert torch.equal(module(x), expected)
    assert place.held == LAYER  # the projection stays until another module is used


@torch.no_grad()
def test_a_layer_that_fails_leaves_the_device() -> None:
    parts: Any = Parts()
    place = SmallDevice(4 * LAYER)
    held = LayeredModules(parts, place, torch.float32, "transformer")
    with held.use("transformer") as module, pytest.raises(RuntimeError):
        module(torch.randn(2, 5))
    with held.use("transformer") as module:
        module(torch.randn(2, 16))
    assert place.held == LAYER


SIZES = {
    "transformer": 3_150_000_000,
    "text_encoder": 1_200_000_000,
    "vae": 340_000_000,
    "rest": 1_600_000_000,
}


@pytest.mark.parametrize(
    ("free_gb", "tier", "residency"),
    [
        (24, "full", "resident"),
        (8, "full", "resident"),
        (7, "full", "visiting"),
        (4.7, "full", "visiting"),
        (4, "full", "layered"),
        (24, "small", "visiting"),
        (7, "small", "layered"),
        (4, "small", "layered"),
    ],
)
def test_the_free_memory_decides_and_the_small_tier_is_one_level_lower(
    free_gb: float, tier: str, residency: str
) -> None:
    found = fit(SIZES, free_gb * 1e9, tier)
    assert found.residency == residency
    assert bool(found.sentence) == (tier == "small")
    assert residency in LEVELS


def test_the_window_of_the_codec_follows_the_free_memory() -> None:
    windows = [window_latents(free) for free in (0, WORK_BYTES, 8e9, float("inf"))]
    assert windows == sorted(windows)
    assert windows[0] > 9
