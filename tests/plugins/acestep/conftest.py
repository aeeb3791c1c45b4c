"""Tiny checkpoints, written once a session, and their parts in memory."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import torch

from bandmate_plugins.acestep.network.checkpoint import open_checkpoint
from bandmate_plugins.acestep.network.modules import ResidentModules


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of `turbo`, `sft` and `base` in diffusers' layout, and of `original` (turbo)."""
    from tests.plugins.acestep import checkpoints

    root = tmp_path_factory.mktemp("acestep")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*weight_norm.*", FutureWarning)
        found = {name: checkpoints.write_diffusers(root / name, name) for name in ("turbo", "sft", "base")}
    found["original"] = checkpoints.write_original(found["turbo"], root / "original")
    return found


@pytest.fixture(scope="session")
def turbo(tiny: dict[str, Path]) -> ResidentModules:
    """The turbo checkpoint on the CPU."""
    return ResidentModules(open_checkpoint(tiny["turbo"]), torch.device("cpu"), torch.float32)


@pytest.fixture(scope="session")
def base(tiny: dict[str, Path]) -> ResidentModules:
    """The base checkpoint on the CPU."""
    return ResidentModules(open_checkpoint(tiny["base"]), torch.device("cpu"), torch.float32)
