"""The host's loop: what it passes on, and every breach of the contract that it must catch."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_plugins import (
    JobCancelled,
    LoadedEngine,
    NoParams,
    Note,
    Remark,
    RequestError,
    StageProgress,
    StemAudio,
    StemNotes,
    StemStart,
    Task,
    TaskReport,
    TaskRequest,
)
from bandmate_plugins._host.checked_run import (
    MAX_REMARKS,
    MAX_STEMS,
    ContractError,
    ResolvedStem,
    run_checked,
)
from bandmate_plugins._platform.role_colours import colour_of
from bandmate_plugins.testing import make_timeline
from bandmate_plugins.testing.running import PatientContext
from bandmate_protocol.errors import ErrorCode

FRAMES = 100
REQUEST = TaskRequest(NoParams(), make_timeline(frames=FRAMES, start_frame=7), seed=0)


class Scripted(Task):
    """Yields what it was given."""

    name = "scripted"
    title = "Scripted"

    def __init__(self, *outputs: Any) -> None:
        self.outputs = outputs
        self.closed = False

    def run(self, request: Any, engine: Any, context: Any) -> Iterator[Any]:
        try:
            yield from self.outputs
        finally:
            self.closed = True


def sound(frames: int, channels: int = 2, dtype: str = "float32") -> Any:
    return np.full((frames, channels), 0.25, dtype)


def played(task: Task, **more: Any) -> list[Any]:
    return list(run_checked(task, REQUEST, None, PatientContext(), **more))


def note(start: int = 0, frames: int = 1, **more: Any) -> Note:
    return Note(**{"start": start, "frames": frames, "pitch": 60, "velocity": 100, **more})


def test_outputs_pass_in_order_and_stems_are_resolved() -> None:
    steps = StageProgress("Working", 1, 2)
    piece = StemAudio(0, sound(FRAMES))
    other = StemAudio(1, sound(3, 1))
    score = StemNotes(0, [note(99, 1)])
    remark, report = Remark("Well."), TaskReport({"bpm": 120.0, "list": [1, None, {"a": True}]})
    task = Scripted(
        StemStart("Kit", "drums"),
        StemStart("Hum", "other", channels=1, frames=3, start_frame=0, colour="#010203"),
        steps,
        piece,
        other,
        score,
        remark,
        report,
    )
    assert played(task) == [
        ResolvedStem(0, 0, "Kit", "drums", colour_of("drums"), 2, FRAMES, 7),
        ResolvedStem(1, 0, "Hum", "other", "#010203", 1, 3, 0),
        steps,
        piece,
        other,
        score,
        remark,
        report,
    ]
    assert task.closed


def test_what_holds_nothing_is_left_out() -> None:
    empty = StemAudio(0, sound(0))
    outputs = played(
        Scripted(StemStart("A", "bass"), empty, StemNotes(0, []), StemAudio(0, sound(FRAMES)), empty)
    )
    assert [type(output) for output in outputs] == [ResolvedStem, StemAudio]


def test_a_task_may_yield_nothing_to_hear() -> None:
    assert played(Scripted(TaskReport({"key": "A minor"}))) == [TaskReport({"key": "A minor"})]
    assert played(Scripted()) == []


def test_a_revision_starts_its_stem_over() -> None:
    start, again = StemStart("A", "bass"), StemStart("A, fitted", "bass", revises=0)
    whole, half = StemAudio(0, sound(FRAMES)), StemAudio(0, sound(50))
    outputs = played(Scripted(start, whole, again, half, half, again, whole))
    stems = [output for output in outputs if isinstance(output, ResolvedStem)]
    assert [(stem.index, stem.revision, stem.name) for stem in stems] == [
        (0, 0, "A"),
        (0, 1, "A, fitted"),
        (0, 2, "A, fitted"),
    ]
    assert played(Scripted(start, half, again, whole))[-1] is whole


BASS = StemStart("A", "bass")
WHOLE = StemAudio(0, sound(FRAMES))


@pytest.mark.parametrize(
    ("outputs", "sentence"),
    [
        ([WHOLE], "audio for stem 0, which was not announced"),
        ([BASS, StemAudio(1, sound(1))], "audio for stem 1, which was not announced"),
        ([BASS, StemAudio(-1, sound(1))], "audio for stem -1, which was not announced"),
        ([BASS, StemAudio(np.int64(0), sound(1))], "which was not announced"),
        ([BASS], "stem 0 (`A`): it ended 100 of 100 frames short"),
        ([BASS, StemAudio(0, sound(99))], "it ended 1 of 100 frames short"),
        ([BASS, WHOLE, StemAudio(0, sound(1))], "it went 1 frames past its 100"),
        ([BASS, StemAudio(0, sound(101))], "it went 1 frames past its 100"),
        ([BASS, WHOLE, StemStart("A", "bass", revises=0)], "it ended 100 of 100 frames short"),
        ([BASS, StemAudio(0, sound(FRAMES, dtype="float64"))], "a piece is float64, not an array of float32"),
        ([BASS, StemAudio(0, sound(FRAMES, dtype=">f4"))], "a piece is >f4, not an array of float32"),
        ([BASS, StemAudio(0, [[0.0, 0.0]])], "a piece is list, not an array of float32"),  # type: ignore[arg-type]
        ([BASS, StemAudio(0, sound(FRAMES, 1))], "a piece has shape (100, 1), not (frames, 2)"),
        ([BASS, StemAudio(0, sound(FRAMES)[:, 0].copy())], "a piece has shape (100,), not (frames, 2)"),
        ([BASS, StemAudio(0, np.asfortranarray(sound(FRAMES)))], "a piece is not contiguous in memory"),
        ([BASS, StemAudio(0, sound(FRAMES * 2)[::2])], "a piece is not contiguous in memory"),
        ([BASS, StemAudio(0, sound(FRAMES) * np.float32(math.nan))], "a piece contains NaN or infinity"),
        ([BASS, StemAudio(0, sound(FRAMES) * np.float32(math.inf))], "a piece contains NaN or infinity"),
        ([StemStart("", "bass")], "stem 0 has no name"),
        ([StemStart("a\nb", "bass")], "at `$.name`"),
        (
            [StemStart("x" * 300, "bass")],
            "stem 0 is out of bounds: Expected `str` of length <= 256 - at `$.name`",
        ),
        ([StemStart("A", "The Bass")], "at `$.role`"),
        ([StemStart("A", "bass", colour="red")], "at `$.colour`"),
        ([StemStart("A", "bass", channels=0)], "at `$.channels`"),
        ([StemStart("A", "bass", channels=65)], "at `$.channels`"),
        ([StemStart("A", "bass", frames=-1)], "at `$.frames`"),
        ([StemStart("A", "bass", frames=0)], "it has no frames"),
        ([StemStart("A", "bass", frames=np.int64(3))], "at `$.frames`"),
        ([StemStart("A", "bass", start_frame=-1)], "at `$.start_frame`"),
        ([StemStart("A", "bass", revises=0)], "a revision for stem 0, which was not announced"),
        ([BASS, StemStart("A", "bass", frames=99, revises=0)], "changed its frames from 100 to 99"),
        ([BASS, StemStart("A", "bass", channels=1, revises=0)], "changed its channels from 2 to 1"),
        ([BASS, StemStart("A", "bass", start_frame=8, revises=0)], "changed its start_frame from 7 to 8"),
        ([BASS] * (MAX_STEMS + 1), f"more than {MAX_STEMS} stems"),
        ([StemNotes(0, [note()])], "notes for stem 0, which was not announced"),
        ([BASS, StemNotes(0, [note(100, 1)])], "a note from frame 100 to 101 is outside it"),
        ([BASS, StemNotes(0, [note(-1, 1)])], "at `$.start`"),
        ([BASS, StemNotes(0, [note(pitch=128)])], "at `$.pitch`"),
        ([BASS, StemNotes(0, [note(velocity=0)])], "at `$.velocity`"),
        ([BASS, StemNotes(0, [note(start=1.5)])], "at `$.start`"),
        ([BASS, StemNotes(0, ["c4"])], "its score contains str, not Note"),  # type: ignore[list-item]
        ([StageProgress("Working", 3, 2)], "its progress says step 3 of 2"),
        ([StageProgress("Working", -1, 2)], "at `$.step`"),
        ([Remark("x" * 5000)], "a remark is out of bounds"),
        ([Remark("So.")] * (MAX_REMARKS + 1), f"more than {MAX_REMARKS} remarks"),
        ([TaskReport({"n": np.float32(1)})], "more than plain values"),
        ([TaskReport({"n": math.nan})], "more than plain values"),
        ([TaskReport({"n": 2**60})], "more than plain values"),
        ([TaskReport({"n": {1: 2}})], "more than plain values"),
        ([TaskReport({1: 2})], "its report is out of bounds"),  # type: ignore[dict-item]
        ([None], "it yielded NoneType, which is not an output"),
        (["drums"], "it yielded str, which is not an output"),
    ],
)
def test_a_breach_is_named(outputs: list[Any], sentence: str) -> None:
    task = Scripted(*outputs)
    with pytest.raises(ContractError) as caught:
        played(task, engine_name="motor")
    assert sentence in caught.value.sentence
    assert caught.value.sentence.startswith("The task `scripted` on the engine `motor` broke its contract")
    assert caught.value.code == ErrorCode.ENGINE_FAILED
    assert task.closed


def test_a_report_that_contains_itself_is_refused() -> None:
    values: dict[str, Any] = {}
    values["me"] = values
    with pytest.raises(ContractError, match="plain values"):
        played(Scripted(TaskReport(values)))


def test_run_must_return_an_iterator() -> None:
    class Lazy(Scripted):
        def run(self, request: Any, engine: Any, context: Any) -> Any:
            return None

    with pytest.raises(ContractError, match="`run` returned NoneType"):
        played(Lazy())


def test_an_iterator_without_close_will_do() -> None:
    class Listing(Scripted):
        def run(self, request: Any, engine: Any, context: Any) -> Iterator[Any]:
            return iter([StemStart("A", "bass"), WHOLE])

    assert played(Listing())[-1] is WHOLE


def test_the_engines_class_names_it_unless_a_name_is_given() -> None:
    with pytest.raises(ContractError, match="on the engine `LoadedEngine` broke"):
        list(run_checked(Scripted(None), REQUEST, LoadedEngine(), PatientContext()))
    with pytest.raises(ContractError, match=r"^The task `scripted` broke"):
        list(run_checked(Scripted(None), REQUEST, None, PatientContext()))


def test_the_error_crosses_processes() -> None:
    with pytest.raises(ContractError) as caught:
        played(Scripted(None))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (ContractError, str(caught.value))


def test_closing_closes_the_task_without_a_complaint() -> None:
    task = Scripted(BASS, StemAudio(0, sound(1)))
    running = run_checked(task, REQUEST, None, PatientContext())
    next(running)
    running.close()
    assert task.closed


@pytest.mark.parametrize(
    "error",
    [JobCancelled(), RequestError(ErrorCode.OUT_OF_MEMORY, "Full."), KeyError("x"), RuntimeError("y")],
)
def test_what_a_task_raises_passes(error: BaseException) -> None:
    class Raising(Scripted):
        def run(self, request: Any, engine: Any, context: Any) -> Iterator[Any]:
            yield BASS
            raise error

    with pytest.raises(type(error)) as caught:
        played(Raising())
    assert caught.value is error


def test_a_task_that_goes_on_after_a_cancel_is_a_breach() -> None:
    class Deaf(Scripted):
        def run(self, request: Any, engine: Any, context: Any) -> Iterator[Any]:
            yield BASS
            try:
                yield WHOLE
            except GeneratorExit:
                yield Remark("No.")

    running = run_checked(Deaf(), REQUEST, None, PatientContext())
    next(running)
    next(running)
    with pytest.raises(ContractError, match="it continued after it was cancelled"):
        running.close()


def test_an_error_on_the_way_out_passes() -> None:
    class Clumsy(Scripted):
        def run(self, request: Any, engine: Any, context: Any) -> Iterator[Any]:
            try:
                yield BASS
            finally:
                raise RuntimeError("dropped it")

    running = run_checked(Clumsy(), REQUEST, None, PatientContext())
    next(running)
    with pytest.raises(RuntimeError, match="dropped it"):
        running.close()


@given(
    lengths=st.lists(st.integers(1, 400), min_size=1, max_size=4),
    cuts=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 150)), max_size=30),
    fault=st.sampled_from([-1, 0, 1]),
)
def test_any_cutting_passes_if_and_only_if_every_stem_is_whole(
    lengths: list[int], cuts: list[tuple[int, int]], fault: int
) -> None:
    left = list(lengths)
    left[-1] += fault
    outputs: list[Any] = [StemStart(f"S{n}", "other", frames=length) for n, length in enumerate(lengths)]
    for stem, frames in cuts:
        if stem < len(left):
            taken = min(frames, left[stem])
            left[stem] -= taken
            outputs.append(StemAudio(stem, sound(taken)))
    outputs += [StemAudio(stem, sound(rest)) for stem, rest in enumerate(left)]
    run: Callable[[], list[Any]] = lambda: played(Scripted(*outputs))  # noqa: E731
    if fault:
        with pytest.raises(ContractError, match="past its" if fault > 0 else "short"):
            run()
    else:
        got = [output for output in run() if isinstance(output, StemAudio)]
        assert sum(len(piece.samples) for piece in got) == sum(lengths)
