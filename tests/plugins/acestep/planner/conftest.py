"""Tiny planners beside the tiny checkpoints, where the hub would have them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bandmate_plugins._engines.acestep.latents import LatentStore
from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins._models.place import MIRROR
from tests.plugins.acestep.planner.tiny import write_planner

SMALL_PLANNER = "acestep_5hz_lm_0.6b"
MIDDLE_PLANNER = "acestep_5hz_lm_1.7b"


@pytest.fixture(scope="session")
def planner_hub(hub: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `hub` with two planners in it."""
    root = tmp_path_factory.mktemp("planners")
    owner = root / "ACE-Step"
    (owner / "Ace-Step1.5").mkdir(parents=True)
    (owner / "acestep-v15-base").symlink_to(hub / "ACE-Step" / "acestep-v15-base")
    for entry in os.scandir(hub / "ACE-Step" / "Ace-Step1.5"):
        (owner / "Ace-Step1.5" / entry.name).symlink_to(entry.path)
    write_planner(owner / "acestep-5Hz-lm-0.6B")
    write_planner(owner / "Ace-Step1.5" / "acestep-5Hz-lm-1.7B", seed=4)
    return root


@pytest.fixture
def planner_mirror(planner_hub: Path, mirror: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The models of `planner_hub`, and a home and a cache with nothing else in them."""
    monkeypatch.setenv(MIRROR, str(planner_hub))
    return planner_hub


@pytest.fixture(scope="session")
def held_with_planner(tmp_path_factory: pytest.TempPathFactory) -> LoadedAceStep:
    """The engine of all tests here, as a worker holds it from job to job."""
    return LoadedAceStep("cpu", "full", LatentStore(tmp_path_factory.mktemp("latents")))


@pytest.fixture
def thinker(planner_mirror: Path, held_with_planner: LoadedAceStep) -> LoadedAceStep:
    """The engine over the models of `planner_hub`; other tests used it before."""
    return held_with_planner
