"""Tiny random weights of beat_this, where the package keeps its own."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from beat_this.model.beat_tracker import BeatThis

from bandmate_plugins._timing.beat_this_judge import CHECKPOINT

_SIZES = {"transformer_dim": 32, "n_layers": 1, "head_dim": 32, "stem_dim": 32}


@pytest.fixture
def beat_this_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkpoint where the package keeps its own."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    torch.manual_seed(1)
    network = BeatThis(**_SIZES)
    with torch.no_grad():
        # So that some of what it tells is above zero, which is a beat.
        network.task_heads.beat_downbeat_lin.bias.add_(0.3)
    path = tmp_path / "hub" / "checkpoints" / CHECKPOINT
    path.parent.mkdir(parents=True)
    state = {f"model.{name}": tensor for name, tensor in network.state_dict().items()}
    torch.save({"hyper_parameters": _SIZES, "state_dict": state}, path)
    return path
