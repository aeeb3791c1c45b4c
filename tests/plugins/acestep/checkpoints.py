"""Tiny checkpoints of ACE-Step with random weights and the real geometry, in both layouts.

48 kHz, a hop of 1920 samples, 25 latents a second, five latents a token, 64 000 codes; but four channels to a
latent and a width of 16. `hop` makes codecs of a smaller hop and rate, for tests that need no audio.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers import AceStepTransformer1DModel, AutoencoderOobleck
from diffusers.pipelines.ace_step.modeling_ace_step import (
    AceStepAudioTokenDetokenizer,
    AceStepAudioTokenizer,
    AceStepConditionEncoder,
)
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3Model

from bandmate_plugins._engines.acestep.sampling.prompt import INSTRUCTIONS, PromptFields

CHANNELS = 4
WIDTH = 16
TOKENS = 600
HOP = (2, 4, 4, 6, 10)
PARTS = ("transformer", "condition_encoder", "audio_tokenizer", "audio_token_detokenizer")

_ATTENTION = {
    "hidden_size": WIDTH,
    "intermediate_size": 32,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 8,
}
_ORIGINAL = (
    ("to_out.0.", "o_proj."),
    ("to_q.", "q_proj."),
    ("to_k.", "k_proj."),
    ("to_v.", "v_proj."),
    ("norm_q.", "q_norm."),
    ("norm_k.", "k_norm."),
    ("proj_in_conv.", "proj_in.1."),
    ("proj_out_conv.", "proj_out.1."),
)
_PREFIXES = dict(zip(PARTS, ("decoder.", "encoder.", "tokenizer.", "detokenizer."), strict=True))


def write_diffusers(
    folder: Path, variant: str = "turbo", hop: Sequence[int] = HOP, *, wide: bool = False
) -> Path:
    """A checkpoint in the layout of diffusers' pipelines. Returns its folder.

    ``wide``: the transformer is twice as wide as its encoders, as in the large checkpoints (XL).
    """
    torch.manual_seed(11)
    for name, module in _modules(variant, wide).items():
        with torch.no_grad():
            for parameter in module.parameters():
                # At their first values gates are nearly shut, and every input would sound the same.
                parameter.copy_(torch.randn_like(parameter) * (0.3 if parameter.ndim > 1 else 0.5))
        module.save_pretrained(folder / name)
    _codec(hop).save_pretrained(folder / "vae")
    _text_encoder().save_pretrained(folder / "text_encoder")
    write_tokenizer(folder / "tokenizer")
    return folder


def write_original(source: Path, folder: Path) -> Path:
    """The same tensors in the original layout. Returns the transformer's folder."""
    from safetensors.torch import load_file

    config: dict[str, Any] = {}
    tensors = {}
    for name in PARTS:
        part = json.loads((source / name / "config.json").read_text())
        config |= {key: value for key, value in part.items() if not key.startswith("_") and key not in config}
        for key, tensor in load_file(source / name / "diffusion_pytorch_model.safetensors").items():
            tensors[original_name(name, key)] = tensor
    config.pop("layer_types", None)
    encoder = json.loads((source / "condition_encoder" / "config.json").read_text())
    if encoder["hidden_size"] != config["hidden_size"]:
        config |= {f"encoder_{key}": encoder[key] for key in _ATTENTION if key != "head_dim"}
    turbo = folder / f"acestep-v15-{config['model_version']}"
    turbo.mkdir(parents=True)
    silence = tensors.pop("silence_latent")
    torch.save(silence.transpose(1, 2).contiguous(), turbo / "silence_latent.pt")
    save_file(tensors, turbo / "model.safetensors")
    (turbo / "config.json").write_text(json.dumps(config))
    shutil.copytree(source / "vae", folder / "vae")
    shutil.copytree(source / "text_encoder", folder / "Qwen3-Embedding-0.6B")
    shutil.copytree(source / "tokenizer", folder / "Qwen3-Embedding-0.6B", dirs_exist_ok=True)
    return turbo


def write_tokenizer(folder: Path) -> None:
    """The tokenizer alone."""
    _tokenizer().save_pretrained(folder)


def original_name(part: str, key: str) -> str:
    """A tensor's name in the original layout, by its part and its name in diffusers'."""
    if key in ("silence_latent", "null_condition_emb"):
        return key
    for new, old in _ORIGINAL:
        key = key.replace(new, old)
    return _PREFIXES[part] + key


_WIDE = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2}


def _modules(variant: str, wide: bool) -> dict[str, Any]:
    own: dict[str, Any] = _ATTENTION | (_WIDE if wide else {})
    transformer = AceStepTransformer1DModel(
        **own,
        encoder_hidden_size=WIDTH,
        num_hidden_layers=3,
        in_channels=3 * CHANNELS,
        audio_acoustic_hidden_dim=CHANNELS,
        is_turbo=variant == "turbo",
        model_version=variant,
    )
    encoder = AceStepConditionEncoder(
        **_ATTENTION,
        text_hidden_dim=WIDTH,
        timbre_hidden_dim=CHANNELS,
        num_lyric_encoder_hidden_layers=1,
        num_timbre_encoder_hidden_layers=1,
    )
    encoder.silence_latent.copy_(torch.randn_like(encoder.silence_latent) * 0.1)
    tokens: dict[str, Any] = {**_ATTENTION, "audio_acoustic_hidden_dim": CHANNELS}
    return {
        "transformer": transformer,
        "condition_encoder": encoder,
        "audio_tokenizer": AceStepAudioTokenizer(**tokens, fsq_dim=WIDTH),
        "audio_token_detokenizer": AceStepAudioTokenDetokenizer(**tokens),
    }


def _codec(hop: Sequence[int]) -> AutoencoderOobleck:
    samples = 1
    for ratio in hop:
        samples *= ratio
    return AutoencoderOobleck(
        encoder_hidden_size=2 * CHANNELS,
        downsampling_ratios=list(hop),
        channel_multiples=[1] * len(hop),
        decoder_channels=CHANNELS,
        decoder_input_channels=CHANNELS,
        audio_channels=2,
        sampling_rate=25 * samples,
    )


def _text_encoder() -> Qwen3Model:
    return Qwen3Model(
        Qwen3Config(
            vocab_size=TOKENS + 10,
            hidden_size=WIDTH,
            intermediate_size=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            num_key_value_heads=1,
            head_dim=8,
        )
    )


def _tokenizer() -> PreTrainedTokenizerFast:
    """Bytes, and the words of the prompt's form as single tokens, so that a caption fits beside them."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    form = [PromptFields("", text, 120, "4", "C major", 10).text_prompt() for text in INSTRUCTIONS.values()]
    trainer = trainers.BpeTrainer(
        vocab_size=TOKENS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(form * 8, trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer)
    fast.add_special_tokens({"pad_token": "<|endoftext|>", "eos_token": "<|im_end|>"})
    return fast
