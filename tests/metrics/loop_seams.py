"""What the seams of a loop do to the audio when it repeats, measured as those of a repainted range."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bandmate_plugins._listening.features import FeatureExtractor
from bandmate_plugins._tasks.repaint.loop import LoopTask
from bandmate_plugins._timing.fit_mode import FitMode
from bandmate_plugins._timing.grid_deviation import measure_grid
from bandmate_plugins.testing import MemoryInput, TaskResult, run_task
from tests.material.detuned import detuned_music, plain_map
from tests.material.game_recordings import Audio, Take, Vector
from tests.material.loose_engines import LooseRanges
from tests.metrics.seams import MEASURES, own_places, step_at

BARS, SEAM_BARS = 8, 4
"""How long the loop is, and how much of it is made anew: half of it at the end, half at the start."""
_BPM = 112.0
_NEAR_SECONDS = 0.002
"""How far from a place the greatest step may lie: attacks are fitted to about a millisecond, and a step at a fixed
frame of an attack tells little but how well it was hit."""


def greatest_step_at(samples: Audio, rate: int, places: Sequence[int]) -> Vector:
    """The greatest step within 2 ms of each place."""
    reach = round(_NEAR_SECONDS * rate)
    # A step is the greatest of four frames.
    near = [place + off for place in places for off in range(-reach, reach + 1, 4)]
    return np.asarray(step_at(samples, rate, near).reshape(len(places), -1).max(axis=1))


LOOP_MEASURES = {**MEASURES, "step": (greatest_step_at, *MEASURES["step"][1:])}


@dataclass(frozen=True)
class MadeLoop:
    """A loop whose seam was made anew."""

    take: Take
    """What was there before."""
    result: TaskResult

    @property
    def twice(self) -> Audio:
        """The loop as it repeats."""
        once = self.result.stems[0].samples
        return np.concatenate((once, once))

    @property
    def is_fitted(self) -> bool:
        """Whether the new audio was moved."""
        return bool(self.result.report["grid"]["fitted"])

    @property
    def places(self) -> Mapping[str, list[int]]:
        """Where it repeats, where its new audio meets the old, and bar lines inside that audio, in `twice`."""
        once, report = len(self.take.samples), self.result.report
        lines = [round(bar.start) for bar in self.take.tempo.bars(0, 2 * once)]
        return {
            "repeat": [once],
            "joint": [once - report["seam_end_frames"], once + report["seam_start_frames"]],
            "bar line": [lines[BARS - 1], lines[BARS + 1]],
        }

    @property
    def late_ms(self) -> float | None:
        """How late its new audio plays where it repeats; None where no beat can be measured."""
        start, end = self.places["joint"]
        features = FeatureExtractor(self.take.rate, self.take.samples.shape[1])
        features.add(self.twice[start:end])
        found = measure_grid(features.finish(), self.take.tempo, start, end)
        return float(found.late_ms[SEAM_BARS // 2]) if found.is_sure else None


def made_loop(prompt: str, number: int, detuning: float, fit: FitMode) -> MadeLoop:
    """A piece of the embedded band as a loop; its seam is made by the same band, faster by a share."""
    told = plain_map(_BPM)
    end = round(told.position_of(1 + BARS))
    old = _mix(prompt, BARS, 0.0, number)[:end]
    new = _mix(prompt, SEAM_BARS, detuning, number)
    timeline = told.timeline_between(0, end)
    params, engine = {"seam": 4.0 * SEAM_BARS}, LooseRanges(new, fit)
    result = run_task(LoopTask(), params, timeline=timeline, inputs=[MemoryInput(old)], engine=engine)
    return MadeLoop(Take(prompt, old, told.sample_rate, told), result)


@lru_cache(maxsize=4)
def _mix(prompt: str, bars: int, detuning: float, number: int) -> Audio:
    return detuned_music(prompt, plain_map(_BPM), bars, detuning, number).mix


@dataclass(frozen=True)
class LoopSeam:
    """One place, one measure."""

    place: str
    measure: str
    rank: float
    """The percentile in the distribution of what was there before, on its beats and halfway between them."""
    inside: bool


def seams_of(made: MadeLoop) -> Iterator[LoopSeam]:
    """All of a loop's places, by every measure."""
    own = own_places(made.take, on_beats=True)
    for measure, (read, low, high) in LOOP_MEASURES.items():
        usual = read(made.take.samples, made.take.rate, own)
        least, most = np.percentile(usual, [low, high])
        for place, frames in made.places.items():
            for value in read(made.twice, made.take.rate, frames):
                rank = float((usual < value).mean() * 100)
                yield LoopSeam(place, measure, rank, bool(least <= value <= most))
