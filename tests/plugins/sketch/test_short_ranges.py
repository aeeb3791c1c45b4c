"""The level of ranges of a few seconds, in which a slow pad hardly gets going."""

import pytest

from bandmate_plugins import LoadedEngine
from tests.plugins.sketch.conftest import perform, timeline
from tests.plugins.sketch.test_engine import loudness


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("bpm", [68, 120])
@pytest.mark.parametrize("seconds", [3, 4, 6, 10])
def test_short_ambient_ranges_are_at_the_level(
    engine: LoadedEngine, seconds: float, bpm: float, seed: int
) -> None:
    lufs, peak = loudness(perform(engine, "ambient", timeline(seconds, bpm), seed=seed).mix)
    assert lufs == pytest.approx(-16.0, abs=1.0)
    assert peak <= -1.0
