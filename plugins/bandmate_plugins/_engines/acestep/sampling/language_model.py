"""The planner's network: a Qwen3 with a last layer that may share its weights with the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

_EMBEDDING, _HEAD = "model.embed_tokens.weight", "lm_head.weight"


def empty_planner(config: Mapping[str, Any]) -> torch.nn.Module:
    """The network without weights, which are assigned, so that nothing is held twice."""
    from accelerate import init_empty_weights
    from transformers import Qwen3Config, Qwen3ForCausalLM

    with init_empty_weights(include_buffers=False):
        return Qwen3ForCausalLM(Qwen3Config.from_dict(dict(config)))


def complete_head(tensors: dict[str, torch.Tensor]) -> None:
    """Adds the last layer where the files leave it out, because it is the first."""
    if _HEAD not in tensors and _EMBEDDING in tensors:
        tensors[_HEAD] = tensors[_EMBEDDING]


def share_head(network: Any, config: Mapping[str, Any]) -> None:
    """Makes the last layer the first, so that it is brought to a device once."""
    if config.get("tie_word_embeddings"):
        network.lm_head.weight = network.model.embed_tokens.weight
