"""Music that plays off its grid, as a model does to which tempo is a hint: what it was told, and what it plays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins.testing import StemResult, run_task
from bandmate_protocol.messages import TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap

RATE = 48_000
MORE_BARS = 2
"""What is played after the range."""


@dataclass(frozen=True)
class DetunedMusic:
    """A piece of the embedded band at another tempo than that of its project."""

    told: TempoMap
    """The project's."""
    played: TempoMap
    end: int
    """The range's last frame in the project, which begins at 0."""
    stems: tuple[StemResult, ...]

    @property
    def mix(self) -> NDArray[np.float32]:
        """All stems, shape (frames, 2)."""
        return np.asarray(np.sum([stem.samples for stem in self.stems], axis=0), np.float32)

    def played_at(self, frame: float) -> float:
        """Where in the music a moment of the project is played."""
        return self.played.position_at(self.told.quarters_at(frame))

    def told_at(self, frame: float) -> float:
        """Where in the project a moment of the music belongs."""
        return self.told.position_at(self.played.quarters_at(frame))


def detuned_music(
    prompt: str,
    told: TempoMap,
    bars: int,
    detuning: float | NDArray[np.float64],
    seed: int,
) -> DetunedMusic:
    """The prompt played faster than told by a share, or by one for each bar (of `bars` and two more)."""
    lines = [told.position_of(1 + bar) for bar in range(bars + MORE_BARS + 1)]
    shares = np.broadcast_to(detuning, bars + MORE_BARS)
    position, points = 0.0, []
    numerator, denominator = told.metre_at(0.0)
    for bar, share in enumerate(shares.tolist()):
        quarters = told.quarters_at(lines[bar + 1]) - told.quarters_at(lines[bar])
        frames = (lines[bar + 1] - lines[bar]) / (1 + share)
        bpm = quarters * 60 * RATE / frames
        points.append(TempoPoint(position=position, bpm=bpm, numerator=numerator, denominator=denominator))
        position += frames
    played = TempoMap(points, RATE)
    timeline = Timeline(sample_rate=RATE, start_frame=0, end_frame=round(position), tempo=tuple(points))
    stems = run_task("generate", {"prompt": prompt}, timeline=timeline, seed=seed, engine="sketch").stems
    return DetunedMusic(told, played, round(lines[bars]), stems)


def plain_map(bpm: float, metre: str = "4/4", ramp: float = 1.0, seconds: float = 30.0) -> TempoMap:
    """One tempo, or a straight way to `ramp` times that."""
    numerator, denominator = map(int, metre.split("/"))
    metre_of = {"numerator": numerator, "denominator": denominator}
    first = TempoPoint(position=0, bpm=bpm, shape="square" if ramp == 1.0 else "linear", **metre_of)
    if ramp == 1.0:
        return TempoMap([first], RATE)
    return TempoMap([first, TempoPoint(position=seconds * RATE, bpm=bpm * ramp, **metre_of)], RATE)
