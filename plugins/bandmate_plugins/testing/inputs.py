"""What a task receives in a test: timelines, and audio in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bandmate_plugins.request import AudioInput
from bandmate_protocol.messages import ChordMark, TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap, nearest_frame

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples


def make_timeline(
    bars: float = 2.0,
    *,
    bpm: float = 120.0,
    metre: str = "4/4",
    sample_rate: int = 48_000,
    start_frame: int = 0,
    frames: int | None = None,
    tempo: Sequence[TempoPoint] = (),
    bar: int = 1,
    beat: float = 0.0,
    key: str | None = None,
    chords: Sequence[ChordMark] = (),
) -> Timeline:
    """A range of a project: `bars` bars from `start_frame` on, or exactly `frames` frames.

    `bpm` (quarter notes a minute) and `metre` hold throughout unless `tempo` gives the points; bars are then
    those of the first point's metre. `bar` and `beat` say how the start counts. Raises RequestError
    (`bad_timeline`) when the points are not in order.
    """
    numerator, denominator = map(int, metre.split("/"))
    points = tuple(tempo) or (
        TempoPoint(position=0.0, bpm=bpm, numerator=numerator, denominator=denominator),
    )
    tempo_map = TempoMap(points, sample_rate, anchor=float(start_frame), bar=bar, beat=beat)
    if frames is None:
        first = points[0]
        quarters = bars * first.numerator * 4 / first.denominator
        frames = (
            nearest_frame(tempo_map.position_at(tempo_map.quarters_at(start_frame) + quarters)) - start_frame
        )
    return tempo_map.timeline_between(start_frame, start_frame + frames, key=key, chords=chords)


class MemoryInput(AudioInput):
    """Audio input over an array: float32 of shape (frames, channels), or (frames,) for one channel."""

    def __init__(self, samples: Samples, *, role: str = "source", start_frame: int = 0) -> None:
        import numpy as np

        array = np.ascontiguousarray(samples, dtype=np.float32)
        self._samples = array[:, np.newaxis] if array.ndim == 1 else array
        if self._samples.ndim != 2:
            raise ValueError(f"audio has shape (frames, channels), not {array.shape}")
        self.role = role
        self.start_frame = start_frame
        self.frames, self.channels = self._samples.shape

    def read(self, offset: int = 0, frames: int | None = None) -> Samples:
        """A copy of audio from `offset` frames on, at most `frames` of them."""
        end = self.frames if frames is None else offset + frames
        return self._samples[offset:end].copy()
