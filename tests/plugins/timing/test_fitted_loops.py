"""A loop whose new audio was fitted repeats on its bar line, and nothing is heard where it does."""

from __future__ import annotations

import pytest

from bandmate_plugins._timing.fit_mode import FitMode
from tests.metrics.loop_seams import MadeLoop, made_loop, seams_of


def loop(fit: FitMode) -> MadeLoop:
    return made_loop("rock band", 0, 0.03, fit)


@pytest.fixture(scope="module")
def fitted() -> MadeLoop:
    return loop("auto")


@pytest.fixture(scope="module")
def unfitted() -> MadeLoop:
    return loop("off")


def test_it_repeats_on_its_bar_line(fitted: MadeLoop, unfitted: MadeLoop) -> None:
    assert fitted.result.report["grid"]["fitted"]
    assert len(fitted.result.stems[0].samples) == len(fitted.take.samples)
    assert fitted.late_ms == pytest.approx(0, abs=5)
    assert unfitted.late_ms == pytest.approx(-125, abs=5), "two bars that are 3 % too fast"


def test_where_it_repeats_and_where_its_new_audio_ends_it_is_as_on_any_beat(fitted: MadeLoop) -> None:
    outside = [(seam.place, seam.measure, round(seam.rank)) for seam in seams_of(fitted) if not seam.inside]
    assert outside == []


def test_a_loop_that_is_not_fitted_is_not_as_on_a_beat_where_it_repeats(unfitted: MadeLoop) -> None:
    assert not all(seam.inside for seam in seams_of(unfitted) if seam.place == "repeat")
