"""What an engine played off the grid comes again on it, as a revision; nothing else does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from bandmate_plugins._listening.features import FeatureExtractor
from bandmate_plugins._timing.fit_mode import FitMode
from bandmate_plugins._timing.fitted_run import FitPlace, run_fitted
from bandmate_plugins._timing.grid_deviation import measure_grid
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output, StemAudio, StemNotes, StemStart
from bandmate_plugins.request import JobCancelled, NoOptions, TaskContext, TaskRequest
from bandmate_plugins.task import EngineTask
from bandmate_plugins.testing import TaskResult, run_task
from bandmate_plugins.testing.running import CancellingContext
from bandmate_protocol.messages import Timeline
from tests.material.detuned import RATE, DetunedMusic, detuned_music, plain_map


class LooseParams(msgspec.Struct, frozen=True):
    fit: FitMode = "auto"


@dataclass
class LooseEngine(LoadedEngine):
    """Plays a piece that it has at its own tempo, as long as it is asked to."""

    music: DetunedMusic
    place: FitPlace = "open"
    Options = NoOptions

    def text(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        yield from run_fitted(self._play, request, request.params.fit, context, self.place)

    def _play(self, request: TaskRequest[Any]) -> Iterator[Output]:
        frames = request.timeline.frames
        for number, stem in enumerate(self.music.stems):
            yield StemStart(stem.name, stem.role)
            samples = stem.samples[:frames]
            yield StemAudio(number, np.pad(samples, ((0, frames - len(samples)), (0, 0))))
            yield StemNotes(number, [note for note in stem.notes if note.start + note.frames <= frames])


class LooseTask(EngineTask[LooseParams]):
    name = "loose"
    title = "Loose"
    Params = LooseParams
    ability = "text"
    result = "tracks"


def played(
    music: DetunedMusic, fit: FitMode = "auto", *, place: FitPlace = "open", **more: Any
) -> TaskResult:
    timeline = Timeline(sample_rate=RATE, start_frame=0, end_frame=music.end, tempo=tuple(music.told.points))
    engine = LooseEngine(music, place)
    return run_task(LooseTask(), {"fit": fit}, timeline=timeline, engine=engine, **more)


def drift_of(result: TaskResult, music: DetunedMusic) -> float:
    features = FeatureExtractor(RATE, 2)
    features.add(np.asarray(np.sum([stem.samples for stem in result.stems], axis=0), np.float32))
    found = measure_grid(features.finish(), music.told, 0, music.end)
    assert found.is_sure
    return float(np.abs(found.late_ms).max())


@pytest.fixture(scope="module")
def slow() -> DetunedMusic:
    return detuned_music("rock drums and bass", plain_map(112), 8, -0.03, seed=6)


def test_music_that_is_too_slow_comes_again_on_the_grid(slow: DetunedMusic) -> None:
    result = played(slow)
    assert [stem.revision for stem in result.stems] == [1, 1]
    assert all(len(stem.samples) == slow.end for stem in result.stems)
    assert result.report["grid"]["fitted"]
    assert result.report["grid"]["drift_ms_per_bar"] == pytest.approx(66.3, abs=1)
    assert drift_of(result, slow) < 5
    assert len(result.remarks) == 1
    assert result.remarks[0].startswith("Fitted to the grid: the music was off by 6")


def test_its_notes_move_with_it(slow: DetunedMusic) -> None:
    notes = played(slow).stems[0].notes
    right = sorted(slow.told_at(note.start) for note in slow.stems[0].notes)
    off = np.array([note.start for note in notes]) - np.array(right[: len(notes)])
    assert np.abs(off).max() < 0.005 * RATE
    assert all(note.start + note.frames <= slow.end for note in notes)


def test_music_that_is_too_fast_too(slow: DetunedMusic) -> None:
    music = detuned_music("rock drums and bass", plain_map(112), 8, 0.03, seed=6)
    assert drift_of(played(music), music) < 5


def test_its_loudness_stays(slow: DetunedMusic) -> None:
    result = played(slow)
    for fitted, stem in zip(result.stems, slow.stems, strict=True):
        end = round(slow.played_at(slow.end))
        level = 10 * np.log10(np.square(fitted.samples).mean() / np.square(stem.samples[:end]).mean())
        assert abs(level) < 0.5


def test_off_leaves_it_as_it_was_made(slow: DetunedMusic) -> None:
    result = played(slow, "off")
    assert [stem.revision for stem in result.stems] == [0, 0]
    np.testing.assert_array_equal(result.stems[0].samples, slow.stems[0].samples[: slow.end])
    assert "grid" not in result.report


def test_what_lies_on_the_grid_stays_as_it_was_made() -> None:
    music = detuned_music("rock drums and bass", plain_map(112), 8, 0.0, seed=6)
    result = played(music)
    assert [stem.revision for stem in result.stems] == [0, 0]
    np.testing.assert_array_equal(result.stems[0].samples, music.stems[0].samples[: music.end])
    assert result.report["grid"]["clear"]
    assert result.report["grid"]["fitted"] is False
    assert result.remarks == ()
    assert [stem.revision for stem in played(music, "always").stems] == [1, 1]


def test_what_cannot_be_measured_stays_and_that_is_said() -> None:
    music = detuned_music("slow soft strings", plain_map(60), 4, -0.03, seed=1)
    result = played(music)
    assert [stem.revision for stem in result.stems] == [0] * len(music.stems)
    assert result.report["grid"] == {"clear": False, "fitted": False}
    assert result.remarks == (
        "Nothing was fitted to the grid: no clear beat could be measured in what was made.",
    )


def test_without_room_only_the_last_bar_stays_slow(slow: DetunedMusic) -> None:
    result = played(slow, place="source")
    assert all(len(stem.samples) == slow.end for stem in result.stems)
    tail = result.stems[0].samples[-RATE // 20 :]
    assert np.abs(tail).max() > 0, "it plays to the end"


def test_it_can_be_cancelled_while_it_measures_and_fits(slow: DetunedMusic) -> None:
    counting = CancellingContext()
    played(slow, context=counting)
    assert counting.checks > 3
    for at in range(1, counting.checks + 1):
        with pytest.raises(JobCancelled):
            played(slow, context=CancellingContext(at))


def test_a_second_judge_has_its_say_in_the_report(beat_this_weights: Path) -> None:
    music = detuned_music("rock drums and bass", plain_map(112), 8, 0.0, seed=6)
    judged = played(music, "off"), played(music)
    assert "grid" not in judged[0].report
    opinion = judged[1].report["grid"]["beat_this"]
    assert set(opinion) >= {"heard", "on_grid", "downbeats_on_bars"}
    assert opinion["heard"] > 0
