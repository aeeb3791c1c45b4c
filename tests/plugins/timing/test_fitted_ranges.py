"""New audio in a range of a recording lies where the recording around it does, and both its ends stay."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bandmate_plugins._listening.features import FeatureExtractor
from bandmate_plugins._timing.grid_deviation import measure_grid
from bandmate_plugins.testing import MemoryInput, TaskResult, run_task
from bandmate_protocol.messages import Timeline
from tests.material.detuned import RATE, DetunedMusic, detuned_music, plain_map
from tests.material.loose_engines import LooseRanges

BARS = 14
FIRST, LAST = 4, 10
"""The bars between which the recording is replaced."""
Samples = NDArray[np.float32]


def line(music: DetunedMusic, bar: int) -> int:
    return round(music.told.position_of(1 + bar))


def repainted(source: Samples, new: Samples, music: DetunedMusic, *bars: tuple[int, int]) -> TaskResult:
    spans = [(line(music, first), line(music, last)) for first, last in bars]
    timeline = Timeline(
        sample_rate=RATE, start_frame=spans[0][0], end_frame=spans[-1][1], tempo=tuple(music.told.points)
    )
    ranges = [{"start_frame": first, "end_frame": last} for first, last in spans]
    params = {"prompt": "a", "ranges": ranges}
    inputs = [MemoryInput(source)]
    return run_task("repaint", params, timeline=timeline, inputs=inputs, engine=LooseRanges(new))


def late_ms(samples: Samples, music: DetunedMusic, start: int, end: int) -> NDArray[np.float64]:
    features = FeatureExtractor(RATE, samples.shape[1])
    features.add(samples)
    found = measure_grid(features.finish(), music.told, start, end)
    assert found.is_sure
    return found.late_ms


def delayed(samples: Samples, milliseconds: float) -> Samples:
    return np.pad(samples, ((round(milliseconds * RATE / 1_000), 0), (0, 0)))[: len(samples)]


@pytest.fixture(scope="module")
def steady() -> DetunedMusic:
    return detuned_music("rock drums and bass", plain_map(112), BARS, 0.0, seed=6)


@pytest.fixture(scope="module")
def slow() -> DetunedMusic:
    return detuned_music("rock drums and bass", plain_map(112), LAST - FIRST, -0.012, seed=6)


def test_a_range_that_drifts_is_put_on_the_grid_between_its_ends(
    steady: DetunedMusic, slow: DetunedMusic
) -> None:
    result = repainted(steady.mix, slow.mix, steady, (FIRST, LAST))
    (stem,) = result.stems
    first, last = line(steady, FIRST), line(steady, LAST)
    assert stem.revision == 1
    assert len(stem.samples) == last - first
    assert result.report["grid"]["fitted"]
    late = late_ms(stem.samples, steady, first, last)
    # In the last bar, what is late by its start must come back to the end.
    assert np.abs(late[:-2]).max() < 5
    assert abs(late[-1]) < 25
    np.testing.assert_array_equal(stem.samples[-1], steady.mix[last - 1])


def test_where_the_recording_is_late_new_audio_that_is_as_late_stays(steady: DetunedMusic) -> None:
    source = delayed(steady.mix, 40)
    result = repainted(source, source[line(steady, FIRST) :], steady, (FIRST, LAST))
    assert [stem.revision for stem in result.stems] == [0]
    assert result.report["grid"]["fitted"] is False
    assert abs(result.report["grid"]["late_ms_at_start"]) < 5
    assert result.remarks == ()


def test_each_range_is_measured_for_itself(steady: DetunedMusic, slow: DetunedMusic) -> None:
    result = repainted(steady.mix, slow.mix, steady, (1, 1 + 5), (8, 8 + 5))
    assert [stem.revision for stem in result.stems] == [1, 1]
    assert [each["fitted"] for each in result.report["grid"]["ranges"]] == [True, True]
    assert [remark[:9] for remark in result.remarks] == ["Range 1: ", "Range 2: "]


def test_of_a_beat_or_two_nobody_is_told_that_it_cannot_be_measured(steady: DetunedMusic) -> None:
    start = line(steady, FIRST)
    timeline = Timeline(
        sample_rate=RATE, start_frame=start, end_frame=start + RATE, tempo=tuple(steady.told.points)
    )
    result = run_task(
        "repaint",
        {"prompt": "a"},
        timeline=timeline,
        inputs=[MemoryInput(steady.mix)],
        engine=LooseRanges(steady.mix),
    )
    assert result.report["grid"] == {"clear": False, "fitted": False}
    assert result.remarks == ()
