"""The audio in and around a range, as much of it as is worth listening to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins.request import AudioInput, TaskRequest
from bandmate_protocol.messages import Timeline

Audio = NDArray[np.float32]
_NEAR_SECONDS = 12.0
_OLD_SECONDS = 24.0
_SILENT = 1e-10
"""Mean square under which nothing sounds: -100 dBFS."""


@dataclass(frozen=True)
class Stretch:
    """Audio from a frame of the project on; shape (frames, channels)."""

    start: int
    samples: Audio

    @property
    def end(self) -> int:
        """The frame after its last."""
        return self.start + len(self.samples)

    @property
    def silent(self) -> bool:
        """Whether nothing sounds in it."""
        return not len(self.samples) or float(np.square(self.samples, dtype=np.float64).mean()) < _SILENT

    @property
    def mono(self) -> NDArray[np.float64]:
        """The mean of its channels."""
        return np.asarray(self.samples.mean(axis=1, dtype=np.float64))


@dataclass(frozen=True)
class Around:
    """What sounds in the source before, in and after a range; each may be empty."""

    rate: int
    before: Stretch
    old: Stretch
    after: Stretch

    @property
    def near(self) -> tuple[Stretch, ...]:
        """What is outside of the range and sounds; the range itself where there is nothing else."""
        found = tuple(one for one in (self.before, self.after) if not one.silent)
        return found or (() if self.old.silent else (self.old,))

    @property
    def heard(self) -> tuple[Stretch, ...]:
        """All that sounds, in order."""
        return tuple(one for one in (self.before, self.old, self.after) if not one.silent)


def surroundings(request: TaskRequest[Any], source: AudioInput) -> Around:
    """Reads the source around the range of a request: its first two channels, twelve seconds a side."""
    timeline = request.timeline
    near, most = (round(seconds * timeline.sample_rate) for seconds in (_NEAR_SECONDS, _OLD_SECONDS))
    start, end = timeline.start_frame, timeline.end_frame
    return Around(
        rate=timeline.sample_rate,
        before=_read(source, start - near, start),
        old=_read(source, start, min(end, start + most)),
        after=_read(source, end, end + near),
    )


def others(request: TaskRequest[Any], timeline: Timeline) -> list[Stretch]:
    """What other tracks play in the same place."""
    around = round(_NEAR_SECONDS * timeline.sample_rate)
    most = round(_OLD_SECONDS * timeline.sample_rate)
    start, end = timeline.start_frame - around, timeline.start_frame + min(timeline.frames, most) + around
    read = [_read(audio, start, end) for audio in request.inputs if audio.role == "context"]
    return [one for one in read if not one.silent]


def _read(audio: AudioInput, start: int, end: int) -> Stretch:
    first, last = max(start, audio.start_frame), min(end, audio.start_frame + audio.frames)
    if last <= first:
        return Stretch(first, np.zeros((0, min(audio.channels, 2)), dtype=np.float32))
    return Stretch(first, audio.read(first - audio.start_frame, last - first)[:, :2])
