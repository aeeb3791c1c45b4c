"""`extend` and `loop`: a recording goes on beyond its ends, or runs into itself; its own frames stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import pytest

from bandmate_plugins import LoadedEngine, Output, StemAudio, StemNotes, StemStart, TaskContext, TaskRequest
from bandmate_plugins._tasks.repaint.extend import ExtendTask
from bandmate_plugins._tasks.repaint.loop import LoopTask
from bandmate_plugins.testing import MemoryInput, check_task, make_timeline, run_task
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import ChordMark, Note
from tests.plugins.repaint.conftest import Player, noise, tone

RATE = 48_000
JOIN = round(0.12 * RATE)


class AskedOptions(msgspec.Struct, frozen=True):
    hold: float = 0.5


class Asked(LoadedEngine):
    """Gives noise, twice over, and remembers what it was asked."""

    Options = AskedOptions

    def __init__(self, *, together: bool = False) -> None:
        self.takes_ranges = together  # type: ignore[misc]
        self.requests: list[TaskRequest[Any]] = []

    def inpaint(self, request: TaskRequest[Any], context: TaskContext) -> Iterator[Output]:
        self.requests.append(request)
        ranges = request.params.ranges
        frames = [each.end_frame - each.start_frame for each in ranges] or [request.timeline.frames]
        for number, count in enumerate(frames):
            yield StemStart("Keys", "keys")
            yield StemAudio(number, noise(count // 2, seed=5))
            yield StemStart("Keys", "keys", revises=number)
            yield StemNotes(number, [Note(start=count // 2, frames=1, pitch=60, velocity=90)])
            yield StemAudio(number, noise(count, seed=6))


@pytest.mark.parametrize("task", [ExtendTask(), LoopTask()])
@pytest.mark.parametrize("together", [False, True])
def test_the_tasks_keep_their_contract(task: Any, together: bool) -> None:
    check_task(task, engine=Asked(together=together))
    check_task(task, {"before": 0.5} if task.name == "extend" else {"seam": 0.25}, engine=Asked())


def extended(source: MemoryInput, engine: LoadedEngine | None = None, **params: Any) -> Any:
    when = make_timeline(frames=source.frames, start_frame=source.start_frame, sample_rate=RATE, bpm=120)
    return run_task(ExtendTask(), params, timeline=when, inputs=[source], engine=engine or Asked(), seed=3)


def test_what_is_added_lies_around_the_recording_which_stays_to_the_bit() -> None:
    source = MemoryInput(noise(4 * RATE), start_frame=10 * RATE)
    result = extended(source, after=1, before=0.5)
    (stem,) = result.stems
    assert (stem.start_frame, len(stem.samples)) == (9 * RATE, 7 * RATE)
    assert (stem.name, stem.role) == ("Extended", "keys")
    assert stem.samples[RATE + JOIN : 5 * RATE - JOIN].tobytes() == source.read()[JOIN:-JOIN].tobytes()
    # The last frame of what leads up is the source's, and so is the first of what goes on.
    for at in (JOIN - 1, 4 * RATE - JOIN):
        assert stem.samples[RATE + at].tobytes() == source.read(at, 1).tobytes()
    assert np.abs(stem.samples[5 * RATE + 100 : -500]).mean() > 0.05
    assert [note.start for note in stem.notes] == [
        (RATE + JOIN) // 2,
        5 * RATE - JOIN + (2 * RATE + JOIN) // 2,
    ]
    assert result.report["added_before_frames"] == RATE
    assert result.report["added_after_frames"] == 2 * RATE
    assert not result.remarks


def test_an_engine_is_asked_for_ranges_beyond_the_recording_with_all_of_it_as_context() -> None:
    source = MemoryInput(noise(4 * RATE), start_frame=10 * RATE)
    together = Asked(together=True)
    extended(source, together, after=1, before=0.5, prompt="more", hold=0.9)
    (request,) = together.requests
    assert [(span.start_frame, span.end_frame) for span in request.params.ranges] == [
        (9 * RATE, 10 * RATE + JOIN),
        (14 * RATE - JOIN, 16 * RATE),
    ]
    assert (request.params.prompt, request.options.hold) == ("more", 0.9)
    apart = Asked()
    extended(source, apart, after=1)
    (request,) = apart.requests
    assert request.timeline.context_before_frames == 4 * RATE - JOIN
    assert request.timeline.context_after_frames == 0


def test_what_leads_up_needs_room_in_the_project_and_says_where_it_went() -> None:
    source = MemoryInput(noise(RATE), start_frame=RATE // 2)
    result = extended(source, before=1, after=0)
    (stem,) = result.stems
    assert (stem.start_frame, len(stem.samples)) == (0, 3 * RATE)
    assert stem.samples[2 * RATE + JOIN :].tobytes() == source.read()[JOIN:].tobytes()
    assert "1.500 s later" in result.remarks[0]


def test_bars_are_counted_in_the_metre_and_tempo_at_the_end() -> None:
    source = MemoryInput(noise(RATE), start_frame=0)
    when = make_timeline(frames=RATE, sample_rate=RATE, bpm=90, metre="7/8")
    result = run_task(ExtendTask(), {"after": 1}, timeline=when, inputs=[source], engine=Asked())
    assert result.report["added_after_frames"] == round(3.5 * 60 / 90 * RATE)


@pytest.mark.parametrize(
    ("params", "said"), [({"after": 0}, "nothing to add"), ({"after": 1e-7}, "less than one frame")]
)
def test_nothing_to_add_is_refused(params: dict[str, float], said: str) -> None:
    with pytest.raises(RequestError, match=said):
        extended(MemoryInput(noise(RATE)), **params)


def looped(source: MemoryInput, engine: LoadedEngine, **params: Any) -> Any:
    chords = (ChordMark(position=source.start_frame, symbol="Am"),)
    when = make_timeline(
        frames=source.frames, start_frame=source.start_frame, sample_rate=RATE, bpm=120, chords=chords
    )
    return run_task(LoopTask(), params, timeline=when, inputs=[source], engine=engine, seed=3)


def test_a_loop_runs_from_its_end_into_its_start_and_is_the_recording_in_between() -> None:
    source = MemoryInput(noise(4 * RATE), start_frame=RATE)
    engine = Asked()
    result = looped(source, engine, seam=1)
    (stem,) = result.stems
    assert (stem.start_frame, len(stem.samples), stem.role) == (RATE, 4 * RATE, "keys")
    half = RATE // 4
    assert stem.samples[half - 1 : -half + 1].tobytes() == source.read()[half - 1 : -half + 1].tobytes()
    # Played over its end it is what was made, without a gap.
    seam = np.concatenate((stem.samples[-half:], stem.samples[:half]))
    middle = slice(8_000, 16_000)
    assert seam[middle].tobytes() == noise(2 * half, seed=6)[middle].tobytes()
    (request,) = engine.requests
    assert (request.timeline.start_frame, request.timeline.end_frame) == (5 * RATE - half, 5 * RATE + half)
    assert request.timeline.context_after_frames == 4 * RATE - half
    assert [chord.position for chord in request.timeline.chords] == [RATE, 5 * RATE]
    heard = request.input("source")
    assert heard is not None
    around = heard.read(4 * RATE - 3, 6)
    assert around.tobytes() == np.concatenate((source.read(4 * RATE - 3, 3), source.read(0, 3))).tobytes()
    assert [note.start for note in stem.notes] == [0]
    assert not result.remarks


def test_a_loop_made_of_a_tone_that_fits_has_no_step_where_it_begins_again() -> None:
    """A tone that is cut short jumps at the seam; what is made there is the tone as it would go on."""
    whole = tone(4 * RATE, 220.0)
    cut = whole.copy()
    cut[:100] = 0
    result = looped(MemoryInput(cut), Player(np.concatenate((whole, whole))), seam=1)
    around = np.concatenate((result.stems[0].samples[-2_000:], result.stems[0].samples[:2_000]))
    assert np.abs(np.diff(around[:, 0])).max() < 1.05 * np.abs(np.diff(whole[:, 0])).max()


def test_a_loop_of_broken_beats_is_said() -> None:
    result = looped(MemoryInput(noise(4 * RATE - 9_000)), Asked())
    assert "7.62 beats" in result.remarks[0]
