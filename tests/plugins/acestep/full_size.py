"""The parts of ACE-Step 1.5 in sizes that are published, without weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import torch
from diffusers import AceStepTransformer1DModel, AutoencoderOobleck
from diffusers.pipelines.ace_step.modeling_ace_step import (
    AceStepAudioTokenDetokenizer,
    AceStepAudioTokenizer,
    AceStepConditionEncoder,
)

Size = Literal["tiny", "mid", "full"]
_MID = {"hidden_size": 512, "intermediate_size": 1536, "num_attention_heads": 8, "num_key_value_heads": 4}
"""Between the tests' own and the real one: 1/16 of a layer's weights, a third of the layers."""


def parts_of(size: Size) -> Iterator[tuple[str, Any]]:
    """Shapes alone. What is left out is the class's own default: the 2B."""
    own: dict[str, Any] = _MID | {"head_dim": 64} if size == "mid" else {}
    layers = {"num_hidden_layers": 8} if size == "mid" else {}
    with torch.device("meta"):
        yield "transformer", AceStepTransformer1DModel(is_turbo=True, model_version="turbo", **own, **layers)
        yield "condition_encoder", AceStepConditionEncoder(**own)
        yield "audio_tokenizer", AceStepAudioTokenizer(**own, **({"fsq_dim": 512} if own else {}))
        yield "audio_token_detokenizer", AceStepAudioTokenDetokenizer(**own)


def codec_of(size: Size) -> Any:
    mid = size == "mid"
    return AutoencoderOobleck(
        encoder_hidden_size=128,
        downsampling_ratios=[2, 4, 4, 6, 10],
        channel_multiples=[1, 1, 2, 2, 4] if mid else [1, 2, 4, 8, 16],
        decoder_channels=32 if mid else 128,
        decoder_input_channels=64,
        audio_channels=2,
        sampling_rate=48_000,
    )
