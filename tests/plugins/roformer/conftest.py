"""Tiny networks of each kind with random weights, in the form in which checkpoints are passed around."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

FOUR = ["drums", "bass", "other", "vocals"]
CHUNK = 63 * 128
"""A tile, in frames: 64 windows, as MDX23C wants an even number of them."""
_ROFORMER = {
    "dim": 8,
    "depth": 1,
    "stereo": True,
    "time_transformer_depth": 1,
    "freq_transformer_depth": 1,
    "dim_head": 8,
    "heads": 1,
    "stft_n_fft": 512,
    "stft_hop_length": 128,
    "stft_win_length": 512,
    "mask_estimator_depth": 1,
    "flash_attn": False,
}
MODELS: dict[str, dict[str, Any]] = {
    "bs_roformer": _ROFORMER | {"freqs_per_bands": (57, 100, 100)},
    "mel_band_roformer": _ROFORMER | {"num_bands": 6, "sample_rate": 44_100},
    "scnet": {
        "dims": [4, 8, 8],
        "nfft": 512,
        "hop_size": 128,
        "win_size": 512,
        "num_dplayer": 2,
        "band_SR": [0.175, 0.392, 0.433],
        "band_stride": [1, 4, 16],
        "band_kernel": [3, 4, 16],
    },
    "mdx23c": {
        "act": "gelu",
        "bottleneck_factor": 2,
        "growth": 4,
        "norm": "InstanceNorm",
        "num_blocks_per_scale": 1,
        "num_channels": 4,
        "num_scales": 1,
        "num_subbands": 2,
        "scale": [2, 2],
    },
}
"""The `model` of each kind's configuration."""

Write = Callable[..., Path]


def config_of(
    kind: str, instruments: list[str], target: str | None, overlap: int, chunk: int
) -> dict[str, Any]:
    stems = 1 if target else len(instruments)
    model = dict(MODELS[kind])
    if "roformer" in kind:
        model["num_stems"] = stems
    if kind == "scnet":
        model["sources"] = instruments
    return {
        "audio": {
            "chunk_size": chunk,
            "dim_f": 256,
            "hop_length": 128,
            "n_fft": 512,
            "num_channels": 2,
            "sample_rate": 44_100,
        },
        "model": model,
        "training": {"instruments": instruments, "target_instrument": target, "use_amp": False},
        "inference": {"num_overlap": overlap, "batch_size": 2},
    }


@pytest.fixture
def write(mirror: Path) -> Write:
    """Writes a checkpoint; gives its configuration's path."""

    def write(
        kind: str,
        instruments: list[str] = FOUR,
        target: str | None = None,
        *,
        name: str = "tiny",
        overlap: int = 2,
        suffix: str = ".safetensors",
        chunk: int = CHUNK,
    ) -> Path:
        import torch
        from pymss_core import get_model_from_config
        from safetensors.torch import save_file

        path = mirror / "roformer" / name / "config.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(yaml.dump(config_of(kind, instruments, target, overlap, chunk)))
        torch.manual_seed(3)
        network, _ = get_model_from_config(kind, path)
        state = {key: value.contiguous() for key, value in network.state_dict().items()}
        if suffix == ".safetensors":
            save_file(state, path.with_name("model.safetensors"))
        else:
            torch.save({"state_dict": state}, path.with_name(f"model{suffix}"))
        return path

    return write
