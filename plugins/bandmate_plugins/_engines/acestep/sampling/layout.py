"""Where the parts of a checkpoint lie: in the diffusers layout, or in that of the original repositories."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bandmate_protocol.texts import say

DIT_PREFIXES = {
    "transformer": "decoder.",
    "condition_encoder": "encoder.",
    "audio_tokenizer": "tokenizer.",
    "audio_token_detokenizer": "detokenizer.",
}
"""What the original's one file calls the parts of its transformer's folder."""

MODULE_NAMES = ("text_encoder", *DIT_PREFIXES, "vae")
"""The parts, in the order in which a rendering needs them first."""

PLANNER = "planner"
"""The language model, a part of its own that a checkpoint may be opened with."""

_TEXT_ENCODER = "Qwen3-Embedding-0.6B"
_RENAMED = (
    (re.compile(r"\b(q|k|v)_proj\."), r"to_\1."),
    (re.compile(r"\bo_proj\."), "to_out.0."),
    (re.compile(r"\b(q|k)_norm\."), r"norm_\1."),
)
_CONVOLUTIONS = (("proj_in.1.", "proj_in_conv."), ("proj_out.1.", "proj_out_conv."))
_ENCODER_KEYS = (
    "hidden_size",
    "intermediate_size",
    "num_attention_heads",
    "num_key_value_heads",
)
"""What has an `encoder_...` in the larger checkpoints, whose encoders are narrower than the transformer."""


@dataclass(frozen=True)
class ModuleFiles:
    """One part on the disk: its configuration, its files, and what its tensors are called in them."""

    config: Mapping[str, Any]
    files: tuple[Path, ...]
    prefix: str = ""
    renamed: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)
    """Tensors outside of the prefix: their name in the file, and in the part."""
    silence: Path | None = None

    def tensor_name(self, key: str) -> str | None:
        """The part's name of a tensor, by its name in the file; None when it is another part's."""
        if key in self.extra:
            return self.extra[key]
        if not key.startswith(self.prefix):
            return None
        key = key[len(self.prefix) :]
        return _diffusers_name(key) if self.renamed else key


def find_parts(folder: Path, shared: Path) -> dict[str, ModuleFiles]:
    """The parts of a checkpoint, the codec and the text encoder from `shared` where `folder` has none.

    Raises OSError, ValueError or KeyError when a file is missing or damaged.
    """
    if (folder / "transformer" / "config.json").is_file():
        return {name: _diffusers_part(folder / name) for name in MODULE_NAMES}
    whole = _read_config(folder)
    files = _weight_files(folder)
    parts = {name: _original_part(name, whole, files, folder) for name in DIT_PREFIXES}
    return {
        "text_encoder": _diffusers_part(shared / _TEXT_ENCODER),
        **parts,
        "vae": _diffusers_part(shared / "vae"),
    }


def planner_part(folder: Path) -> ModuleFiles:
    """The planner in a folder of its own. Raises OSError, ValueError or KeyError as `find_parts`."""
    return _diffusers_part(folder)


def tokenizer_folder(folder: Path, shared: Path) -> Path:
    """Where the text encoder's tokenizer lies."""
    own = folder / "tokenizer"
    return own if own.is_dir() else shared / _TEXT_ENCODER


def _diffusers_part(folder: Path) -> ModuleFiles:
    return ModuleFiles(_read_config(folder), _weight_files(folder))


def _original_part(name: str, whole: Mapping[str, Any], files: tuple[Path, ...], folder: Path) -> ModuleFiles:
    config = dict(whole)
    if name != "transformer":
        config.pop("layer_types", None)
        for key in _ENCODER_KEYS:
            config[key] = whole.get(f"encoder_{key}") or whole[key]
    silence = folder / "silence_latent.pt" if name == "condition_encoder" else None
    extra = {"null_condition_emb": "null_condition_emb"} if name == "condition_encoder" else {}
    return ModuleFiles(config, files, DIT_PREFIXES[name], True, extra, silence)


def _diffusers_name(key: str) -> str:
    for old, new in _CONVOLUTIONS:
        if key.startswith(old):
            key = new + key[len(old) :]
    for pattern, replacement in _RENAMED:
        key = pattern.sub(replacement, key)
    return key


def _read_config(folder: Path) -> dict[str, Any]:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if not isinstance(config, dict):
        raise ValueError(f"{folder.name}/config.json does not contain a map")
    return config


def _weight_files(folder: Path) -> tuple[Path, ...]:
    files = tuple(sorted(folder.glob("*.safetensors")))
    for index in folder.glob("*.safetensors.index.json"):
        named = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
        files = tuple(folder / name for name in sorted(named))
    missing = [path.name for path in files if not path.is_file()]
    if missing or not files:
        raise FileNotFoundError(
            say(
                "{folder} lacks {missing}",
                folder=folder.name,
                missing=", ".join(missing) or "its safetensors",
            )
        )
    return files
