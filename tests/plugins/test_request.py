"""What a request carries for tasks and engines beside its fields."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bandmate_plugins import NoParams, TaskRequest
from bandmate_plugins.request import WatchedRequest
from bandmate_plugins.testing import MemoryInput, make_timeline
from bandmate_protocol.messages import TempoPoint


def test_a_request_brings_the_tempo_map_of_its_timeline() -> None:
    ramp = [TempoPoint(position=0.0, bpm=60.0, shape="linear"), TempoPoint(position=480_000.0, bpm=120.0)]
    request = TaskRequest(NoParams(), make_timeline(2, tempo=ramp, start_frame=48_000), seed=1)
    assert request.tempo.points == request.timeline.tempo
    assert request.tempo.bar_beat_at(48_000) == (request.timeline.bar, request.timeline.beat)
    assert request.tempo.bpm_at(48_000) == 66.0
    assert request.tempo is request.tempo


def test_another_timeline_brings_another_tempo_map() -> None:
    request = TaskRequest(NoParams(), make_timeline(2, bpm=90), seed=1)
    assert request.tempo.bpm_at(0) == 90
    other = replace(request, timeline=make_timeline(2, bpm=140))
    assert other.tempo.bpm_at(0) == 140
    assert request.tempo.bpm_at(0) == 90


def test_reading_the_tempo_does_not_count_as_reading_the_seed() -> None:
    request = WatchedRequest(NoParams(), make_timeline(2, bpm=90), 1)
    assert request.tempo.bpm_at(0) == 90
    assert request.reads == []
    assert request == WatchedRequest(NoParams(), make_timeline(2, bpm=90), 1)


def test_a_request_gives_the_source_that_its_task_requires() -> None:
    reference = MemoryInput(np.zeros((4, 1), np.float32), role="reference")
    source = MemoryInput(np.zeros((4, 1), np.float32))
    request = TaskRequest(NoParams(), make_timeline(2), 1, (reference, source))
    assert request.source is source
    with pytest.raises(LookupError, match="no source"):
        replace(request, inputs=(reference,)).source  # noqa: B018 - reading it is what raises
