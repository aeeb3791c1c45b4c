"""The engine over the real codec's geometry, 48 kHz and 1920 samples a latent, on short ranges."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bandmate_plugins._engines.acestep.giving import DecodeTarget, decode_blocks
from bandmate_plugins._engines.acestep.inpaint import CanvasLayout
from bandmate_plugins._engines.acestep.latents import LatentStore
from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins._engines.acestep.studio import CheckpointRuntime
from bandmate_plugins._engines.acestep.variants import choose_checkpoint
from bandmate_plugins._models.place import MIRROR
from bandmate_plugins._tasks.repaint import FrameRange
from bandmate_plugins.testing import MemoryInput, make_timeline, run_task
from bandmate_plugins.testing.running import PatientContext


@pytest.fixture
def real(tiny: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LoadedAceStep:
    shutil.copytree(tiny["original"].parent, tmp_path / "hub" / "ACE-Step" / "Ace-Step1.5")
    monkeypatch.setenv(MIRROR, str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "home"))
    return LoadedAceStep("cpu", "full", LatentStore(tmp_path / "latents"))


@pytest.mark.parametrize(("rate", "frames"), [(48_000, 24_001), (44_100, 22_051)])
def test_a_range_is_made_and_repainted_to_the_frame(real: LoadedAceStep, rate: int, frames: int) -> None:
    asked = make_timeline(frames=frames, sample_rate=rate)
    (song,) = run_task("generate", {"prompt": "pad"}, timeline=asked, engine=real, seed=1).stems
    assert song.samples.shape == (frames, 2)
    first, last = frames // 3, frames // 3 + rate // 10 + 7
    span = make_timeline(frames=last - first, start_frame=first, sample_rate=rate)
    (made,) = run_task(
        "repaint", {"prompt": "pad"}, timeline=span, inputs=[MemoryInput(song.samples)], engine=real, seed=2
    ).stems
    assert (made.start_frame, made.samples.shape) == (first, (last - first, 2))
    assert not np.allclose(made.samples, song.samples[first:last], atol=1e-3)
    # The splice: the first and the last sample join what is around them.
    reach = np.abs(np.diff(song.samples, axis=0)).max()
    assert np.abs(made.samples[0] - song.samples[first]).max() <= 2 * reach


@pytest.mark.parametrize(
    ("rate", "early"), [(11_025, 0), (44_100, 0), (44_100, 311), (44_101, 0), (48_000, 0), (48_000, 1_919)]
)
def test_each_of_several_ranges_lies_on_its_own_frames(
    real: LoadedAceStep, tmp_path: Path, rate: int, early: int
) -> None:
    assert real.takes_ranges
    studio = CheckpointRuntime(choose_checkpoint("inpaint"), "cpu", "full", LatentStore(tmp_path / "latents"))
    grid = studio.grid_at(rate)
    start = 5_003
    spans = [FrameRange(start + at, start + at + frames) for at, frames in ((0, 900), (rate + 331, 1_001))]
    bare = make_timeline(frames=spans[-1].end_frame - start, start_frame=start, sample_rate=rate)
    asked = msgspec.structs.replace(bare, context_before_frames=start, context_after_frames=5_000)
    layout = CanvasLayout.from_ranges(spans, asked, grid, start - early)
    latents = np.random.default_rng(1).standard_normal((layout.end, 4)).astype(np.float32)

    def audio(first: int, frames: int) -> np.ndarray:
        blocks = decode_blocks(DecodeTarget(studio, grid, frames), latents, first, PatientContext())
        return np.concatenate([block for block in blocks if isinstance(block, np.ndarray)])

    whole = audio(layout.before, early + asked.frames)
    for span, place in zip(spans, layout.places, strict=True):
        made = audio(place.aligned, place.skip + place.frames)[place.skip :]
        at = early + span.start_frame - start
        assert len(made) == span.end_frame - span.start_frame
        inner = slice(
            0 if grid.lead_latents or rate == 48_000 else 200, len(made) - 200
        )  # where no resampler ends
        wanted = whole[at : at + len(made)]
        np.testing.assert_allclose(made[inner], wanted[inner], atol=2e-3 * np.abs(whole).max())
