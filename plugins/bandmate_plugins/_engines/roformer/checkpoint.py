"""Reads a checkpoint: what its configuration says, and the network. Nothing in either file can run code."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pymss_core import detect_model_type, get_model_from_config, unwrap_state_dict

from bandmate_plugins._engines.roformer.configuration import as_file, read_configuration
from bandmate_plugins._engines.separation_nets.allowance import TensorAllowance
from bandmate_plugins._engines.separation_nets.runner import is_out_of_memory, memory_error
from bandmate_plugins._engines.separation_nets.unusable import error_line, unreadable_error, unusable_error
from bandmate_protocol.errors import RequestError
from bandmate_protocol.texts import say

NETWORK_KINDS = (
    "bs_roformer",
    "bs_roformer_hyperace",
    "bs_conformer",
    "mel_band_roformer",
    "mel_band_conformer",
    "scnet",
    "mdx23c",
)
_WEIGHTS = (".safetensors", ".ckpt", ".pth", ".pt", ".th")
_NAMES = {"vocal": "vocals", "voice": "vocals", "inst": "instrumental", "drum": "drums", "others": "other"}
"""How some configurations call what is called otherwise here."""


@dataclass(frozen=True)
class RoformerCheckpoint:
    """What a configuration says."""

    name: str
    path: Path
    kind: str
    roles: tuple[str, ...]
    sample_rate: int
    tile_frames: int
    stride_frames: int
    config: Mapping[str, Any]
    """All of it, as plain values."""

    def serves_mode(self, mode: str) -> bool:
        """Whether its stems are enough for a mode of `separate`."""
        has = set(self.roles)
        wanted = {
            "two": bool(has & {"vocals", "instrumental"}),
            "four": has >= {"drums", "bass", "vocals", "other"},
            "six": has >= {"drums", "bass", "vocals", "other", "guitar", "piano"},
            "drums": "drums" in has,
        }
        return wanted[mode]


def read_config(name: str, path: Path) -> RoformerCheckpoint:
    """Raises RequestError (`engine_unavailable`) for what is no configuration of a network that is known."""
    try:
        config = read_configuration(path)
        kind = str(detect_model_type(config))
        audio, training = config["audio"], config["training"]
        tile = int(audio["chunk_size"])
        target = training.get("target_instrument")
        roles = [target] if target else training["instruments"]
        channels = int(audio.get("num_channels", 2))
        stereo = channels == 2 and config["model"].get("stereo", True)
        rate = int(audio.get("sample_rate", 44_100))
        stride = _tile_stride(config.get("inference") or {}, tile)
    except Exception as error:  # whatever a damaged file makes the readers raise
        raise unusable_error(
            name, say("has no usable configuration ({error_line})", error_line=error_line(error))
        ) from error
    if kind not in NETWORK_KINDS:
        raise unusable_error(
            name,
            say(
                "is a network of type {kind}, not one of {names}",
                kind=kind,
                names=", ".join(NETWORK_KINDS),
            ),
        )
    if not stereo:
        raise unusable_error(name, "is not for stereo")
    return RoformerCheckpoint(name, path, kind, tuple(map(_stem_role, roles)), rate, tile, stride, config)


def _tile_stride(inference: Mapping[str, Any], tile: int) -> int:
    """How far apart the tiles begin: as the configuration has it, else half a tile."""
    if inference.get("overlap_size") is not None:
        stride = tile - int(inference["overlap_size"])
    else:
        stride = tile // int(inference.get("num_overlap") or 2)
    if not 0 < stride <= tile:
        raise ValueError(f"tiles of {tile} frames cannot start {stride} frames apart")
    return stride


def _stem_role(instrument: object) -> str:
    word = str(instrument).strip().lower()
    return _NAMES.get(word, word)


def read_network(checkpoint: RoformerCheckpoint) -> torch.nn.Module:
    """The network, from tiles (batch, 2, frames) to stems (batch, stems, 2, frames).

    Raises RequestError (`engine_unavailable`) when its weights are damaged or of another network.
    """
    try:
        state = _read_state(checkpoint)
        network = _build_network(checkpoint, state)
        network.load_state_dict(state, strict=True)
    except RequestError:
        raise
    except Exception as error:  # whatever a damaged file makes the readers raise
        raise (
            memory_error() if is_out_of_memory(error) else unreadable_error(checkpoint.name, error)
        ) from error
    return _UniformNetwork(network.eval(), checkpoint)


def _build_network(checkpoint: RoformerCheckpoint, state: Mapping[str, Any]) -> torch.nn.Module:
    """The network of a configuration, with random weights. Raises whatever the package does."""
    # Mel-band networks keep their lowest bin, as `pymss` has it.
    override = {"zero_dc": False} if checkpoint.kind.startswith("mel_band") else None
    sizes = [value.numel() for value in state.values() if isinstance(value, torch.Tensor)]
    # The package's own reader lets objects in: it gets a file of what was read here, not the original.
    with as_file(checkpoint.config) as path, TensorAllowance(sizes):
        network: torch.nn.Module = get_model_from_config(checkpoint.kind, path, override)[0]
    return network


def _read_state(checkpoint: RoformerCheckpoint) -> Mapping[str, Any]:
    from safetensors.torch import load_file

    for suffix in _WEIGHTS:
        beside = checkpoint.path.with_suffix(suffix)
        found = [beside] if beside.is_file() else sorted(checkpoint.path.parent.glob(f"*{suffix}"))
        # In a folder with several checkpoints only the name tells which is meant.
        if len(found) != 1:
            continue
        if suffix == ".safetensors":
            return dict(load_file(found[0]))
        state: Mapping[str, Any] = unwrap_state_dict(
            torch.load(found[0], map_location="cpu", weights_only=True)
        )
        return state
    raise unusable_error(checkpoint.name, say("has no weights beside {name}", name=checkpoint.path.name))


class _UniformNetwork(torch.nn.Module):
    """One shape for all kinds: some give no axis for a single stem, and some a few frames more or fewer."""

    def __init__(self, network: torch.nn.Module, checkpoint: RoformerCheckpoint) -> None:
        super().__init__()
        self.network = network
        self._checkpoint = checkpoint

    def forward(self, tiles: torch.Tensor) -> torch.Tensor:
        """See `read_network`. Raises RequestError (`engine_unavailable`) for other stems than are named."""
        with warnings.catch_warnings():
            # SCNet is trained without a window.
            warnings.filterwarnings("ignore", "A window was not provided")
            stems: torch.Tensor = self.network(tiles)
        if stems.ndim == tiles.ndim:
            stems = stems[:, None]
        named = len(self._checkpoint.roles)
        if stems.shape[1] != named:
            raise unusable_error(
                self._checkpoint.name,
                say(
                    "gives {shape} stems, but its configuration names {named}",
                    shape=stems.shape[1],
                    named=named,
                ),
            )
        missing = tiles.shape[-1] - stems.shape[-1]
        # A negative pad cuts.
        return torch.nn.functional.pad(stems, (0, missing)) if missing else stems
