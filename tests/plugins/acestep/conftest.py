"""Tiny checkpoints, written once a session, and their parts in memory."""

from __future__ import annotations

import shutil
import warnings
from pathlib import Path

import pytest
import torch

from bandmate_plugins._engines.acestep.latents import LatentStore
from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins._engines.acestep.sampling.checkpoint import open_checkpoint
from bandmate_plugins._engines.acestep.sampling.modules import ResidentModules
from bandmate_plugins._models.place import MIRROR


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    """Networks this small lose more by sharing their work than they win."""
    torch.set_num_threads(1)


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


def write_hub(root: Path, hop: tuple[int, ...]) -> Path:
    """A folder that stands in for the hub, in the original layout: turbo with all it takes, and base."""
    from tests.plugins.acestep import checkpoints

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*weight_norm.*", FutureWarning)
        turbo, base = (
            checkpoints.write_diffusers(root / "made" / name, name, hop) for name in ("turbo", "base")
        )
    owner = root / "hub" / "ACE-Step"
    checkpoints.write_original(turbo, owner / "Ace-Step1.5")
    transformer = checkpoints.write_original(base, root / "apart")
    shutil.move(transformer, owner / "acestep-v15-base")
    return root / "hub"


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Checkpoints whose codec has a hop of four samples at 100 Hz, for what is not about sound."""
    return write_hub(tmp_path_factory.mktemp("fast"), (2, 2))


@pytest.fixture
def mirror(hub: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The models of `hub`, and a home and a cache with nothing else in them."""
    monkeypatch.setenv(MIRROR, str(hub))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "home"))
    return hub


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory) -> LoadedAceStep:
    """The engine of all tests, as a worker holds it from job to job."""
    return LoadedAceStep("cpu", "full", LatentStore(tmp_path_factory.mktemp("latents")))


@pytest.fixture
def engine(mirror: Path, held: LoadedAceStep) -> LoadedAceStep:
    """The engine in memory, over the models of `hub`; other tests used it before."""
    return held


@pytest.fixture
def fresh(mirror: Path, tmp_path: Path) -> LoadedAceStep:
    """The engine with no latents kept yet."""
    return LoadedAceStep("cpu", "full", LatentStore(tmp_path / "latents"))
