"""A planner with random weights and the real vocabulary's shape: byte-level BPE, marks, 64 000 codes at the end."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import Qwen3Config, Qwen3ForCausalLM

from bandmate_plugins._engines.acestep.planner.fields import KEY_VALUES, LANGUAGE_VALUES, PlanFields
from bandmate_plugins._engines.acestep.planner.grammar import GrammarKit
from bandmate_plugins._engines.acestep.planner.vocabulary import AUDIO_CODES, PlannerVocabulary

WORDS = 900
_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
"""How Qwen's tokenizer splits text before it joins bytes."""
MARKS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<think>", "</think>")
_SAMPLE = (
    "A slow, warm lo-fi beat with brushed drums, upright bass and a dusty piano. ",
    "Dreamy synth pop; female voice.\n",
    "# Instruction\n# Caption\n# Lyric\n[Verse]\n[Chorus]\nHello, world!\n\nCafé crème: a list - of things.\n",
    *(f"keyscale: {key}\n" for key in KEY_VALUES),
    *(f"language: {language}\n" for language in LANGUAGE_VALUES),
    PlanFields(120, "A song", 30, "pop", "C major", "en", 4).to_yaml(),
)


@cache
def tokenizer_json() -> str:
    """What stands in `tokenizer.json`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_SPLIT), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=WORDS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator(_SAMPLE * 8, trainer)
    # Upstream's thoughts are marks that count as text.
    tokenizer.add_tokens([AddedToken(mark, special="|" in mark, normalized=False) for mark in MARKS])
    tokenizer.add_tokens(
        [AddedToken(f"<|audio_code_{code}|>", special=False, normalized=False) for code in range(AUDIO_CODES)]
    )
    return str(tokenizer.to_str())


@cache
def vocabulary() -> PlannerVocabulary:
    """The vocabulary, made once."""
    return PlannerVocabulary(tokenizer_json())


@cache
def kit() -> GrammarKit:
    """The grammars over it."""
    return GrammarKit(vocabulary())


def planner_config(**changes: Any) -> Qwen3Config:
    """Two layers of width 16."""
    settings: dict[str, Any] = {
        "vocab_size": vocabulary().code_end + 11,
        "hidden_size": 16,
        "intermediate_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 8,
        "max_position_embeddings": 8192,
        "tie_word_embeddings": True,
    }
    return Qwen3Config(**settings | changes)


def make_network(seed: int = 3, **changes: Any) -> Qwen3ForCausalLM:
    """A network with random weights, strong enough that its prompt matters."""
    torch.manual_seed(seed)
    network = Qwen3ForCausalLM(planner_config(**changes)).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim > 1:
                parameter.copy_(torch.randn_like(parameter) * 0.5)
    return network


def write_planner(folder: Path, **changes: Any) -> Path:
    """A checkpoint on the disk. Returns its folder."""
    make_network(**changes).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(tokenizer_json(), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "Qwen2Tokenizer"}))
    return folder
