"""One module, or one layer, at a time: the same results in less memory, on a device of a set size."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch

from bandmate_plugins._engines.acestep.memory import RESIDENCY_LEVELS, choose_residency, window_latents
from bandmate_plugins._engines.acestep.residency import LayerStreamedModules, OffloadedModules
from bandmate_plugins._engines.acestep.room import WORK_BYTES, within_cap
from tests.plugins.acestep.devices import LateDevice, SmallDevice


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

    def build_module(self, name: str, dtype: torch.dtype) -> torch.nn.Module:
        return copy.deepcopy(self.parts[name]).to(dtype)


@torch.no_grad()
def test_every_way_gives_the_same_and_keeps_to_its_memory() -> None:
    parts: Any = Parts()
    x = torch.randn(2, 16)
    expected = [parts.parts[name](x) for name in ("transformer", "vae", "transformer")]
    sizes = {}
    for kind in ("visiting", "layered"):
        place = SmallDevice(10 * LAYER)
        held: OffloadedModules
        if kind == "visiting":
            held = OffloadedModules(parts, place, torch.float32)
        else:
            held = LayerStreamedModules(parts, place, torch.float32, {"transformer"})
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
    place = SmallDevice(5 * LAYER)
    held = OffloadedModules(parts, place, torch.float32)
    with pytest.raises(torch.OutOfMemoryError), held.use("transformer"):
        pass
    assert place.held == 0
    place.most = 0
    smaller = LayerStreamedModules(parts, place, torch.float32, {"transformer"})
    with smaller.use("transformer") as module:
        assert torch.equal(module(x), expected)
    assert place.held == 3 * LAYER  # the projection and two layers stay until another module is used
    with smaller.use("vae") as module:
        module(x)
    assert place.held == 4 * LAYER
    assert place.most == 4 * LAYER


@torch.no_grad()
def test_a_layer_that_fails_leaves_the_device() -> None:
    parts: Any = Parts()
    place = SmallDevice(4 * LAYER)
    held = LayerStreamedModules(parts, place, torch.float32, {"transformer"})
    with held.use("transformer") as module:
        module.layers[3].register_forward_hook(fail, prepend=True)
        with pytest.raises(ValueError, match="no"):
            module(torch.randn(2, 16))
        assert all(layer.weight.data_ptr() != 0 for layer in module.layers)
        module.layers[3]._forward_hooks.popitem(last=False)
        x = torch.randn(2, 16)
        assert torch.equal(module(x), parts.parts["transformer"](x))
    assert place.held == 3 * LAYER
    with held.use("vae"):
        assert place.held == 4 * LAYER


def fail(*_: Any) -> None:
    raise ValueError("no")


@torch.no_grad()
def test_layers_without_room_leave_nothing_behind() -> None:
    parts: Any = Parts()
    place = SmallDevice(5 * LAYER // 2)
    held = LayerStreamedModules(parts, place, torch.float32, {"transformer"})
    with held.use("transformer") as module, pytest.raises(torch.OutOfMemoryError):
        module(torch.randn(2, 16))
    assert place.held == LAYER  # the projection
    place.size_bytes = 3 * LAYER
    x = torch.randn(2, 16)
    with held.use("transformer") as module:
        assert torch.equal(module(x), parts.parts["transformer"](x))


@torch.no_grad()
def test_the_next_layer_is_on_its_way_while_one_computes_and_is_waited_for() -> None:
    parts: Any = Parts()
    place = LateDevice()
    held = LayerStreamedModules(parts, place, torch.float32, {"transformer"})
    with held.use("transformer") as module:
        for seed in range(3):
            x = torch.randn((2, 16), generator=torch.Generator().manual_seed(seed))
            assert torch.equal(module(x), parts.parts["transformer"](x))
    # Eight layers a pass, and of the first pass the first layer could not be foreseen.
    assert sum(each.startswith("copy") for each in place.order) == 3 * 8 + 1
    # A room is filled again only after what was computed in it: each copy names the last mark of its room.
    copies = [number for number, each in enumerate(place.order) if each.startswith("copy")]
    for number in copies[2:]:
        mark = place.order[number].rpartition(" ")[2]
        assert f"computed {mark}" in place.order[:number]
        # Another layer computes after that one and before this copy is needed.
        assert place.order[number + 1].startswith("computed")
    assert len(place.under_way) == 1  # the first layer, for a pass that may come
    with held.use("vae"):
        assert not place.under_way
        assert place.held == 4 * LAYER


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
    found = choose_residency(SIZES, free_gb * 1e9, tier)
    assert found.residency == residency
    assert bool(found.sentence) == (tier == "small")
    assert residency in RESIDENCY_LEVELS


def test_a_cap_counts_as_the_cards_own_size() -> None:
    assert within_cap(20e9, 1e9, None) == 20e9
    assert within_cap(20e9, 1e9, 4.0) == 3e9
    assert within_cap(2e9, 1e9, 4.0) == 2e9
    # With such a cap the smallest way is chosen on any card.
    assert choose_residency(SIZES, within_cap(80e9, 0.0, 4.0), "full").residency == "layered"


def test_the_window_of_the_codec_follows_the_free_memory() -> None:
    windows = [window_latents(free) for free in (0, WORK_BYTES, 8e9, 80e9)]
    assert windows == sorted(windows)
    assert windows[0] > 9
    assert window_latents(float("inf")) < windows[-1]  # the CPU, where caches count and not memory
