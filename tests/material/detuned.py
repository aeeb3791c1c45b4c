"""Music that plays off its grid, as a model does to which tempo is a hint: what it was told, and what it plays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace
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
    shares = np.broadcast_to(detuning, bars + MORE_BARS)
    position = told.position_of(1 + bars + MORE_BARS)
    if np.ptp(shares) == 0:
        speed = 1 + float(shares[0])
        points = [replace(each, position=each.position / speed, bpm=each.bpm * speed) for each in told.points]
        position /= speed
    else:
        points, position = _bar_points(told, shares.tolist())
    played = TempoMap(points, RATE)
    timeline = Timeline(sample_rate=RATE, start_frame=0, end_frame=round(position), tempo=tuple(points))
    stems = run_task("generate", {"prompt": prompt}, timeline=timeline, seed=seed, engine="sketch").stems
    return DetunedMusic(told, played, round(told.position_of(1 + bars)), stems)


def _bar_points(told: TempoMap, shares: list[float]) -> tuple[list[TempoPoint], float]:
    """A tempo for each bar, and where the last one ends."""
    position, points = 0.0, []
    numerator, denominator = told.metre_at(0.0)
    for bar, share in enumerate(shares):
        start, end = told.position_of(1 + bar), told.position_of(2 + bar)
        frames = (end - start) / (1 + share)
        bpm = (told.quarters_at(end) - told.quarters_at(start)) * 60 * RATE / frames
        points.append(TempoPoint(position=position, bpm=bpm, numerator=numerator, denominator=denominator))
        position += frames
    return points, position


def plain_map(bpm: float, metre: str = "4/4", ramp: float = 1.0, seconds: float = 30.0) -> TempoMap:
    """One tempo, or a straight way to `ramp` times that."""
    numerator, denominator = map(int, metre.split("/"))
    metre_of = {"numerator": numerator, "denominator": denominator}
    first = TempoPoint(position=0, bpm=bpm, shape="square" if ramp == 1.0 else "linear", **metre_of)
    if ramp == 1.0:
        return TempoMap([first], RATE)
    return TempoMap([first, TempoPoint(position=seconds * RATE, bpm=bpm * ramp, **metre_of)], RATE)
