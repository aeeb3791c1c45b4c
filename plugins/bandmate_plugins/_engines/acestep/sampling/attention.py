"""Attention to the neighbours alone, in blocks, for the transformer's layers with a sliding window.

diffusers' own processor gives torch a mask of all tokens by all tokens, and heads in groups. By torch's
documentation no fused kernel takes both on a card, so every score is written out: at ten minutes 7 GB of
them, of which one in thirty counts. Here each block of queries meets the keys within its reach, and no more.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers.models.embeddings import apply_rotary_emb
from diffusers.models.transformers.ace_step_transformer import AceStepAttnProcessor2_0
from torch.nn import functional

_BLOCK = 256
"""Queries that are looked at together."""


class LocalAttentionProcessor(AceStepAttnProcessor2_0):
    """The processor of a self-attention whose `sliding_window` says how far a token sees to either side."""

    # By this the transformer leaves the mask of all by all away.
    _attention_backend: Any = "flash"

    def __call__(
        self,
        attn: Any,
        hidden_states: torch.Tensor,
        encoder_hidden_states: torch.Tensor | None = None,  # noqa: ARG002 - of diffusers' processors
        attention_mask: torch.Tensor | None = None,  # noqa: ARG002 - the reach says it
        image_rotary_emb: Any = None,
    ) -> torch.Tensor:
        """Shape (batch, tokens, width) in and out."""
        query: Any = attn.norm_q(attn.to_q(hidden_states).unflatten(-1, (attn.heads, attn.head_dim)))
        key: Any = attn.norm_k(attn.to_k(hidden_states).unflatten(-1, (attn.kv_heads, attn.head_dim)))
        value = attn.to_v(hidden_states).unflatten(-1, (attn.kv_heads, attn.head_dim))
        turned: Any = {"use_real": True, "use_real_unbind_dim": -2, "sequence_dim": 1}
        query = apply_rotary_emb(query, image_rotary_emb, **turned)
        key = apply_rotary_emb(key, image_rotary_emb, **turned)
        groups = attn.heads // attn.kv_heads
        key, value = (each.repeat_interleave(groups, dim=2) for each in (key, value))
        seen = local_attention(query, key, value, attn.sliding_window, attn.scaling)
        result: torch.Tensor = attn.to_out[1](attn.to_out[0](seen.flatten(2, 3).to(query.dtype)))
        return result


def local_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, reach: int, scale: float, block: int = _BLOCK
) -> torch.Tensor:
    """Attention in which a token sees those up to `reach` away; shapes (batch, tokens, heads, size)."""
    batch, tokens, heads, size = query.shape
    if tokens <= reach + 1:
        return _masked_attention(query, key, value, None, scale)
    count = -(-tokens // block)
    missing = count * block - tokens
    padded = functional.pad(query, (0, 0, 0, 0, 0, missing))
    queries = padded.reshape(batch * count, block, heads, size)
    keys, values = (_key_windows(each, reach, missing, block) for each in (key, value))
    mask = _window_mask(tokens, count, block, reach, query.device).repeat(batch, 1, 1, 1)
    seen = _masked_attention(queries, keys, values, mask, scale)
    return seen.reshape(batch, count * block, heads, size)[:, :tokens]


def _key_windows(tensor: torch.Tensor, reach: int, missing: int, block: int) -> torch.Tensor:
    """What each block can see, shape (batch * blocks, block + 2 * reach, heads, size)."""
    padded = functional.pad(tensor, (0, 0, 0, 0, reach, missing + reach))
    windows = padded.unfold(1, block + 2 * reach, block)
    return windows.permute(0, 1, 4, 2, 3).flatten(0, 1)


def _window_mask(tokens: int, count: int, block: int, reach: int, device: torch.device) -> torch.Tensor:
    """Which keys of its window a query sees, shape (blocks, 1, block, block + 2 * reach)."""
    starts = torch.arange(count, device=device)[:, None, None] * block
    query = starts + torch.arange(block, device=device)[None, :, None]
    key = starts + torch.arange(-reach, block + reach, device=device)[None, None, :]
    # A query that only fills up its block sees something, so that no row is empty.
    there = ((key >= 0) & (key < tokens)) | (query >= tokens)
    return (((query - key).abs() <= reach) & there)[:, None]


def _masked_attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None, scale: float
) -> torch.Tensor:
    seen = functional.scaled_dot_product_attention(
        query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2), attn_mask=mask, scale=scale
    )
    return seen.transpose(1, 2)


def set_local_attention(transformer: Any) -> None:
    """Gives the layers with a sliding window their processor."""
    processor: Any = LocalAttentionProcessor
    for layer in transformer.layers:
        if layer.self_attn.sliding_window is not None:
            layer.self_attn.set_processor(processor())
