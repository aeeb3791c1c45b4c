"""A tiny HTDemucs with random weights, in the form in which the hub has the real one."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

SEGMENT = Fraction(1, 2)
SOURCES = ["drums", "bass", "other", "vocals"]
SIX = [*SOURCES, "guitar", "piano"]


def tiny(seed: int, sources: list[str]) -> tuple[Any, dict[str, Any]]:
    """The network, and what it was built with; a quarter of a million parameters."""
    import torch
    from demucs.htdemucs import HTDemucs

    torch.manual_seed(seed)
    built = {
        "sources": sources,
        "channels": 8,
        "bottom_channels": 32,
        "t_layers": 1,
        "t_heads": 2,
        "segment": SEGMENT,
        "samplerate": 44_100,
        "audio_channels": 2,
        "dconv_mode": 3,
    }
    return HTDemucs(**built).eval(), built


def write_model(folder: Path, name: str, networks: dict[str, int], sources: list[str]) -> None:
    """A model's folder: the list of its networks, and each with how it is built."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    described: dict[str, Any] = {"models": list(networks)}
    if len(networks) > 1:
        described["weights"] = [[float(i == j) for j in range(len(sources))] for i in range(len(networks))]
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(described))
    for signature, seed in networks.items():
        network, built = tiny(seed, sources)
        segment = {"_type": "fraction", "numerator": SEGMENT.numerator, "denominator": SEGMENT.denominator}
        metadata = {
            "klass": "demucs.htdemucs.HTDemucs",
            "args": "[]",
            "kwargs": json.dumps(built | {"segment": segment}),
        }
        state = {key: value.contiguous() for key, value in network.state_dict().items()}
        save_file(state, folder / f"{signature}.safetensors", metadata)


@pytest.fixture
def htdemucs(mirror: Path) -> Path:
    """The folder of a tiny `htdemucs`."""
    folder = mirror / "adefossez" / "HTDemucs"
    write_model(folder, "htdemucs", {"955717e8": 1}, SOURCES)
    return folder
