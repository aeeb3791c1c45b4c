"""What the work takes on a device besides weights, counted in the real geometry without a device."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import torch

from bandmate_plugins._engines.acestep.ask import MAX_SECONDS
from bandmate_plugins._engines.acestep.memory import window_latents
from bandmate_plugins._engines.acestep.room import WORK_BYTES
from bandmate_plugins._engines.acestep.sampling.attention import set_local_attention
from bandmate_plugins._engines.acestep.sampling.codec import CONTEXT_LATENTS
from tests.plugins.acestep.counting import Counting
from tests.plugins.acestep.full_size import codec_of, parts_of


def test_counting_sees_what_is_held_at_once_and_no_more() -> None:
    layer = torch.nn.Linear(8, 8, bias=False, device="meta")
    with torch.no_grad(), Counting(layer) as counting:
        x = torch.empty((100, 8), device="meta")
        for _ in range(5):
            x = layer(x)
    assert counting.most == 2 * 100 * 8 * 4


@pytest.fixture(scope="module")
def vae() -> Any:
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device("meta"), warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*weight_norm.*", FutureWarning)
            return codec_of("full").eval()
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize("free_gb", [0.6, 1.5, 4, 16, 80])
def test_a_window_of_the_codec_takes_half_of_what_is_free_at_most(vae: Any, free_gb: float) -> None:
    latents = window_latents(free_gb * 1e9) + 2 * CONTEXT_LATENTS
    with torch.no_grad(), Counting(vae) as decoding:
        vae.decode(torch.empty((1, 64, latents), dtype=torch.bfloat16, device="meta"))
    with torch.no_grad(), Counting(vae) as encoding:
        vae.encode(torch.empty((1, 2, latents * 1920), dtype=torch.bfloat16, device="meta"))
    assert max(decoding.most, encoding.most) < free_gb * 1e9 / 2


@pytest.mark.parametrize("batch", [1, 2])
def test_the_longest_rendering_fits_beside_the_weights(monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    spelled_out = torch.nn.functional.scaled_dot_product_attention

    def on_a_card(query: torch.Tensor, *rest: Any, **options: Any) -> torch.Tensor:
        """By torch's documentation: a fused kernel, which holds no scores, unless a mask and groups meet."""
        if options.get("attn_mask") is not None and options.get("enable_gqa"):
            return spelled_out(query, *rest, **options)
        return torch.empty_like(query)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", on_a_card)
    transformer = dict(parts_of("full"))["transformer"].to(torch.bfloat16).eval()
    set_local_attention(transformer)
    latents = int(MAX_SECONDS * 25)

    def empty(*shape: int) -> torch.Tensor:
        return torch.empty(shape, dtype=torch.bfloat16, device="meta")

    with torch.no_grad(), Counting(transformer) as counting:
        transformer(
            hidden_states=empty(batch, latents, 64),
            timestep=empty(batch),
            timestep_r=empty(batch),
            encoder_hidden_states=empty(batch, 2048 + 256 + 1, 2048),
            context_latents=empty(batch, latents, 128),
        )
    assert counting.most < 0.7 * WORK_BYTES
