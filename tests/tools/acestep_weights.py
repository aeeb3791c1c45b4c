"""A checkpoint of ACE-Step 1.5 turbo in its full size (2B) with random weights, in the original layout."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from diffusers import AceStepTransformer1DModel, AutoencoderOobleck
from diffusers.pipelines.ace_step.modeling_ace_step import (
    AceStepAudioTokenDetokenizer,
    AceStepAudioTokenizer,
    AceStepConditionEncoder,
)
from transformers import Qwen3Config, Qwen3Model

from tests.plugins.acestep import checkpoints

_STEP = 0.02
"""The spread of the weights: far from overflowing in bf16."""


def write_hub(root: Path, tiny: bool, device: str) -> Path:
    """A folder that stands in for the hub, as `BANDMATE_MODELS` names one; what is there is kept."""
    hub = root / "hub"
    if hub.is_dir():
        return hub
    made, shared = root / "made", root / "part" / "ACE-Step" / "Ace-Step1.5"
    if tiny:
        checkpoints.write_diffusers(made)
    else:
        for name, part in _parts(device):
            part.save_pretrained(made / name)
        checkpoints.write_tokenizer(made / "tokenizer")
    checkpoints.write_original(made, shared)
    shutil.rmtree(made)
    (root / "part").rename(hub)
    return hub


def _parts(device: str) -> Iterator[tuple[str, Any]]:
    """Part by part, one in memory at a time. What is left out is the class's own default: the 2B."""
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device):
            yield "transformer", _filled(AceStepTransformer1DModel(is_turbo=True, model_version="turbo"))
            yield "condition_encoder", _filled(AceStepConditionEncoder())
            yield "audio_tokenizer", _filled(AceStepAudioTokenizer())
            yield "audio_token_detokenizer", _filled(AceStepAudioTokenDetokenizer())
            yield "text_encoder", _filled(Qwen3Model(_text_config()))
            yield "vae", _codec()
    finally:
        torch.set_default_dtype(torch.float32)


def _filled(module: Any) -> Any:
    with torch.no_grad():
        for tensor in (*module.parameters(), *module.buffers()):
            if tensor.is_floating_point():
                tensor.normal_(0.0, _STEP)
    return module


def _codec() -> Any:
    return AutoencoderOobleck(
        encoder_hidden_size=128,
        downsampling_ratios=[2, 4, 4, 6, 10],
        channel_multiples=[1, 2, 4, 8, 16],
        decoder_channels=128,
        decoder_input_channels=64,
        audio_channels=2,
        sampling_rate=48_000,
    )


def _text_config() -> Qwen3Config:
    return Qwen3Config(
        vocab_size=151_669,
        hidden_size=1024,
        intermediate_size=3072,
        num_hidden_layers=28,
        num_attention_heads=16,
        num_key_value_heads=8,
        head_dim=128,
    )
