"""The audio in and around a range, as much of it as is worth listening to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bandmate_plugins._listening.placed_audio import PlacedAudio
from bandmate_plugins._platform.arrays import AudioSamples
from bandmate_plugins._tasks.repaint.layout import stereo_channels
from bandmate_plugins.request import AudioInput, TaskRequest
from bandmate_protocol.messages import Timeline

_NEAR_SECONDS = 12.0
_MAX_RANGE_SECONDS = 24.0


@dataclass(frozen=True)
class RangeAudio:
    """What sounds in the source before, in and after a range; each may be empty."""

    rate: int
    before: PlacedAudio
    old: PlacedAudio
    after: PlacedAudio

    @property
    def audible_near(self) -> tuple[PlacedAudio, ...]:
        """What is outside of the range and sounds; the range itself where there is nothing else."""
        found = tuple(one for one in (self.before, self.after) if not one.is_silent)
        return found or (() if self.old.is_silent else (self.old,))

    @property
    def audible_all(self) -> tuple[PlacedAudio, ...]:
        """All that sounds, in order."""
        return tuple(one for one in (self.before, self.old, self.after) if not one.is_silent)


def read_range_audio(request: TaskRequest[Any], source: AudioInput) -> RangeAudio:
    """Reads the source around the range of a request, twelve seconds a side."""
    timeline, rate = request.timeline, request.timeline.sample_rate
    near, most = (round(seconds * rate) for seconds in (_NEAR_SECONDS, _MAX_RANGE_SECONDS))
    start, end = timeline.start_frame, timeline.end_frame
    spans = (start - near, start), (start, min(end, start + most)), (end, end + near)
    before, old, after = _place_audio([_read_span(source, first, last) for first, last in spans], rate)
    return RangeAudio(rate, before, old, after)


def read_context_audio(request: TaskRequest[Any], timeline: Timeline) -> list[PlacedAudio]:
    """What other tracks play in the same place."""
    rate = timeline.sample_rate
    around, most = round(_NEAR_SECONDS * rate), round(_MAX_RANGE_SECONDS * rate)
    start, end = timeline.start_frame - around, timeline.start_frame + min(timeline.frames, most) + around
    tracks = [audio for audio in request.inputs if audio.role == "context"]
    read = [one for audio in tracks for one in _place_audio([_read_span(audio, start, end)], rate)]
    return [one for one in read if not one.is_silent]


def _read_span(audio: AudioInput, start: int, end: int) -> tuple[int, AudioSamples]:
    first, last = max(start, audio.start_frame), min(end, audio.start_frame + audio.frames)
    if last <= first:
        return first, np.zeros((0, audio.channels), dtype=np.float32)
    return first, audio.read(first - audio.start_frame, last - first)


def _place_audio(read: Sequence[tuple[int, AudioSamples]], rate: int) -> list[PlacedAudio]:
    """Parts of one recording, from their first frames and audio."""
    if read[0][1].shape[1] <= 2:
        return [PlacedAudio(first, audio, rate) for first, audio in read]
    left, right = stereo_channels(np.concatenate([audio for _, audio in read]))
    return [PlacedAudio(first, audio[:, [left, right]], rate, audio) for first, audio in read]
