"""An engine may give a better version after the first; an engine that breaks its contract is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from bandmate_plugins import LoadedEngine, Output, Remark, StemAudio, StemStart, TaskContext, TaskRequest
from bandmate_plugins._host.checked_run import ContractError
from bandmate_plugins._tasks.repaint import RepaintTask
from bandmate_plugins.testing import MemoryInput, make_timeline, run_task
from tests.plugins.repaint.conftest import noise

RATE = 48_000


class Twice(LoadedEngine):
    """Gives half of a first version, then all of a second."""

    def inpaint(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        frames = request.timeline.frames
        yield StemStart("Keys", "keys")
        yield StemAudio(0, noise(frames // 2, seed=5))
        yield StemStart("Keys", "keys", revises=0)
        yield StemAudio(0, noise(frames, seed=6))
        yield Remark("Fitted to the grid.")


class Several(LoadedEngine):
    """Gives more stems than one."""

    def inpaint(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        yield StemStart("Keys", "keys")
        yield StemStart("Bass", "bass")


class Early(LoadedEngine):
    """Gives audio before it says what it is."""

    def inpaint(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        yield StemAudio(0, noise(request.timeline.frames))


def run(engine, **params):
    when = make_timeline(start_frame=RATE, frames=RATE, sample_rate=RATE)
    return run_task(
        RepaintTask(), params, timeline=when, inputs=[MemoryInput(noise(3 * RATE))], engine=engine
    )


def test_a_revision_starts_the_range_over_with_seams_of_its_own():
    half = RATE + RATE // 2
    ranges = [{"start_frame": RATE, "end_frame": half}, {"start_frame": half, "end_frame": 2 * RATE}]
    result = run(Twice(), ranges=ranges)
    source = noise(3 * RATE)
    for number, stem in enumerate(result.stems):
        start = ranges[number]["start_frame"]
        assert stem.revision == 1
        assert stem.samples[0].tobytes() == source[start].tobytes()
        middle = slice(8_000, 12_000)
        assert stem.samples[middle].tobytes() == noise(RATE // 2, seed=6)[middle].tobytes()
    assert result.remarks == ("Fitted to the grid.", "Range 2: Fitted to the grid.")


@pytest.mark.parametrize(("engine", "said"), [(Several(), "more than one stem"), (Early(), "before it")])
def test_an_engine_that_breaks_its_contract_is_named(engine, said):
    with pytest.raises(ContractError, match=said) as caught:
        run(engine)
    assert type(engine).__name__ in caught.value.sentence


def test_nothing_clips_that_did_not_clip_before():
    """Two loud signals in opposite phase: even power would ask for more than full scale."""
    wave = np.sign(np.sin(np.arange(3 * RATE) / 40))[:, None].astype(np.float32) * np.float32(0.95)
    loud = np.repeat(wave, 2, axis=1)

    class Opposite(LoadedEngine):
        def inpaint(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
            yield StemStart("Keys", "keys")
            yield StemAudio(0, np.roll(-loud, 90)[: request.timeline.frames])

    when = make_timeline(start_frame=RATE, frames=RATE, sample_rate=RATE)
    result = run_task(RepaintTask(), {}, timeline=when, inputs=[MemoryInput(loud)], engine=Opposite())
    assert np.abs(result.stems[0].samples).max() <= 1.0
