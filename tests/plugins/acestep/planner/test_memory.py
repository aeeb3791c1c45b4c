"""The planner on cards of different sizes: beside the renderer, or in turn with it, with the same result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from bandmate_plugins._engines.acestep.latents import LatentStore
from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins._engines.acestep.memory import choose_residency, too_large_alone
from bandmate_plugins._engines.acestep.planner.variants import choose_planner
from bandmate_plugins._engines.acestep.room import WORK_BYTES, planner_fit, within_cap
from bandmate_plugins._engines.acestep.sampling.checkpoint import open_checkpoint
from bandmate_plugins._engines.acestep.sampling.layout import PLANNER
from tests.plugins.acestep.devices import SmallDevice
from tests.plugins.acestep.making import same
from tests.plugins.acestep.planner.conftest import MIDDLE_PLANNER, SMALL_PLANNER
from tests.plugins.acestep.planner.test_thinking import think

RENDERER = {
    "text_encoder": 1_190_000_000,
    "condition_encoder": 1_220_000_000,
    "transformer": 3_150_000_000,
    "audio_tokenizer": 210_000_000,
    "audio_token_detokenizer": 210_000_000,
    "vae": 340_000_000,
}
"""The 2B in 16 bits, by its numbers of parameters."""
SMALL, MIDDLE, LARGE = 1_330_000_000, 3_700_000_000, 8_400_000_000


@pytest.mark.parametrize(
    ("cap_gb", "planner", "residency", "streamed"),
    [
        (24.0, LARGE, "resident", ()),
        (12.0, MIDDLE, "resident", ()),
        (10.0, SMALL, "resident", ()),
        (8.0, SMALL, "visiting", ()),
        (8.0, MIDDLE, "visiting", ()),
        (4.0, SMALL, "layered", ("transformer",)),
        (4.0, MIDDLE, "layered", ("transformer", PLANNER)),
    ],
)
def test_a_card_holds_the_planner_beside_the_renderer_or_in_turn(
    cap_gb: float, planner: int, residency: str, streamed: tuple[str, ...]
) -> None:
    free = within_cap(80e9, 0.0, cap_gb)
    sizes = RENDERER | {PLANNER: planner}
    assert choose_residency(sizes, free, "full").residency == residency
    assert too_large_alone(sizes, free) == streamed


@pytest.mark.parametrize(("free_gb", "fit"), [(10.0, 2), (8.0, 1), (4.0, 1), (2.0, 0), (float("inf"), 0)])
def test_how_the_small_planner_fits(free_gb: float, fit: int) -> None:
    assert planner_fit(free_gb * 1e9, sum(RENDERER.values()), SMALL) == fit


@pytest.mark.parametrize(
    ("fits", "name"),
    [
        ((2, 2), MIDDLE_PLANNER),
        ((2, 1), SMALL_PLANNER),
        ((1, 1), MIDDLE_PLANNER),
        ((1, 0), SMALL_PLANNER),
        ((0, 0), SMALL_PLANNER),
    ],
)
def test_the_largest_planner_that_fits_best_is_chosen(
    planner_mirror: Path, fits: tuple[int, int], name: str
) -> None:
    answers = iter([*fits, max(fits)])
    assert choose_planner("", lambda _: next(answers)).variant.name == name


class MeasuredDevice(SmallDevice):
    """A small device that says what is free on it, the work not counted."""

    def free_bytes(self) -> float:
        return self.size_bytes - self.held + WORK_BYTES


def tiny_sizes(root: Path) -> dict[str, int]:
    owner = root / "ACE-Step"
    checkpoint = open_checkpoint(
        owner / "Ace-Step1.5" / "acestep-v15-turbo", owner / "Ace-Step1.5", owner / "acestep-5Hz-lm-0.6B"
    )
    return {name: checkpoint.module_bytes(name, torch.float32) for name in checkpoint.names}


def test_in_turn_with_the_renderer_it_plans_the_same(
    planner_mirror: Path, thinker: LoadedAceStep, tmp_path: Path
) -> None:
    sizes = tiny_sizes(planner_mirror)
    wanted: dict[str, Any] = {"steps": 1, "rewrite": False, "planner": SMALL_PLANNER}
    expected = think(thinker, **wanted)
    device = MeasuredDevice(max(sizes.values()) + 1_000)
    assert sum(sizes.values()) > device.size_bytes
    small = LoadedAceStep("cpu", "full", LatentStore(tmp_path / "latents"), device)
    found = think(small, **wanted)
    assert same(found, expected)
    assert found.report["plan"] == expected.report["plan"]
    assert sizes[PLANNER] <= device.most <= device.size_bytes


def test_a_planner_joins_a_renderer_that_was_opened_without_one(
    thinker: LoadedAceStep, tmp_path: Path
) -> None:
    fresh = LoadedAceStep("cpu", "full", LatentStore(tmp_path / "latents"))
    plain = think(fresh, steps=1, think=False)
    planned = think(fresh, steps=1, rewrite=False)
    assert same(plain, think(fresh, steps=1, think=False))
    assert same(planned, think(thinker, steps=1, rewrite=False))
    assert "plan" not in plain.report
