"""The engine over the real codec's geometry, 48 kHz and 1920 samples a latent, on short ranges."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from bandmate_plugins.acestep.latents import LatentStore
from bandmate_plugins.acestep.loaded import LoadedAceStep
from bandmate_plugins.models.place import MIRROR
from bandmate_plugins.testing import MemoryInput, run_task, timeline


@pytest.fixture
def real(tiny: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoadedAceStep:
    shutil.copytree(tiny["original"].parent, tmp_path / "hub" / "ACE-Step" / "Ace-Step1.5")
    monkeypatch.setenv(MIRROR, str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "home"))
    return LoadedAceStep("cpu", "full", LatentStore(tmp_path / "latents"))


@pytest.mark.parametrize(("rate", "frames"), [(48_000, 24_001), (44_100, 22_051)])
def test_a_range_is_made_and_repainted_to_the_frame(real: LoadedAceStep, rate: int, frames: int) -> None:
    asked = timeline(frames=frames, sample_rate=rate)
    (song,) = run_task("generate", {"prompt": "pad"}, timeline=asked, engine=real, seed=1).stems
    assert song.samples.shape == (frames, 2)
    first, last = frames // 3, frames // 3 + rate // 10 + 7
    span = timeline(frames=last - first, start_frame=first, sample_rate=rate)
    (made,) = run_task(
        "repaint", {"prompt": "pad"}, timeline=span, inputs=[MemoryInput(song.samples)], engine=real, seed=2
    ).stems
    assert (made.start_frame, made.samples.shape) == (first, (last - first, 2))
    assert not np.allclose(made.samples, song.samples[first:last], atol=1e-3)
    # The splice: the first and the last sample join what is around them.
    reach = np.abs(np.diff(song.samples, axis=0)).max()
    assert np.abs(made.samples[0] - song.samples[first]).max() <= 2 * reach
