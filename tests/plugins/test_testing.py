"""The testing kit: it runs what is right and catches what is wrong."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import Annotated, Any

import msgspec
import numpy as np
import pytest
from msgspec import Meta

from bandmate_plugins import (
    Engine,
    JobCancelled,
    LoadedEngine,
    Note,
    Readiness,
    Remark,
    RequestError,
    StageProgress,
    StemAudio,
    StemNotes,
    StemStart,
    Task,
    TaskReport,
)
from bandmate_plugins._host.checked_run import ContractError
from bandmate_plugins.testing import MemoryInput, check_engine, check_task, make_timeline, run_task
from bandmate_plugins.testing.checks import odd_timelines
from bandmate_protocol.errors import ErrorCode
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap, check_timeline
from tests.plugins.shelf import TASK, Shelf

BLOCK = 4096


class HissParams(msgspec.Struct, frozen=True):
    """How loud it is."""

    level: Annotated[float, Meta(ge=0, le=1)] = 0.5


class Hiss(Task):
    """Noise by blocks, on two stems at once."""

    name = "hiss"
    title = "Hiss"
    Params = HissParams

    def run(self, request: Any, engine: Any, context: Any) -> Any:
        frames = request.timeline.frames
        yield StemStart("Low", "bass", channels=1)
        yield StemStart("High", "other")
        random = self.random(request.seed)
        for start in range(0, frames, BLOCK):
            context.check()
            length = min(BLOCK, frames - start)
            yield StemAudio(0, self.noise(random, length, 1, request.params.level))
            yield StemAudio(1, self.noise(random, length, 2, request.params.level))
            yield StageProgress("Hissing", start, frames)
        yield StemNotes(0, [Note(start=0, frames=frames, pitch=40, velocity=90)])
        yield Remark("It hissed.")
        yield TaskReport({"blocks": -(-frames // BLOCK)})
        yield TaskReport({"level": request.params.level})

    def random(self, seed: int) -> np.random.Generator:
        return np.random.default_rng(seed)

    def noise(self, random: np.random.Generator, frames: int, channels: int, level: float) -> Any:
        return random.random((frames, channels), "float32") * np.float32(level)


class Echo(Task):
    """Gives back what it hears."""

    name = "echo"
    title = "Echo"
    source = "required"

    def run(self, request: Any, engine: Any, context: Any) -> Any:
        source = request.input("source")
        yield StemStart("Echo", "other", channels=source.channels)
        for start in range(0, source.frames, BLOCK):
            context.check()
            yield StemAudio(0, source.read(start, BLOCK))


class Motor(Engine):
    """Makes a tone."""

    name = "motor"
    title = "Motor"
    abilities = frozenset({"text"})

    def load(self, device: str, tier: str) -> LoadedEngine:
        return LoadedMotor()


class LoadedMotor(LoadedEngine):
    def text(self, request: Any, context: Any) -> Any:
        yield from Hiss().run(replace(request, params=HissParams()), None, context)

    def suggest(self, request: Any, context: Any) -> Any:
        yield TaskReport({"bpm": 100.0})


def test_a_run_gives_everything_that_was_yielded() -> None:
    result = run_task(Hiss(), {"level": 0.25}, timeline=make_timeline(frames=10_000), seed=4)
    assert [(stem.name, stem.role, stem.samples.shape) for stem in result.stems] == [
        ("Low", "bass", (10_000, 1)),
        ("High", "other", (10_000, 2)),
    ]
    assert result.stem("bass").notes == (Note(start=0, frames=10_000, pitch=40, velocity=90),)
    assert 0.2 < result.stem("other").samples.max() <= 0.25
    assert result.remarks == ("It hissed.",)
    assert result.report == {"blocks": 3, "level": 0.25}
    assert [step.step for step in result.steps] == [0, 4096, 8192]
    with pytest.raises(LookupError, match="'drums'"):
        result.stem("drums")


def test_the_seed_decides() -> None:
    first, again, other = (run_task(Hiss(), seed=seed).stems[0].samples for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_revision_replaces_what_was_there() -> None:
    class Twice(Hiss):
        def run(self, request: Any, engine: Any, context: Any) -> Any:
            yield StemStart("A", "bass", channels=1)
            yield StemAudio(0, np.ones((request.timeline.frames, 1), "float32"))
            yield StemNotes(0, [Note(start=0, frames=1, pitch=1, velocity=1)])
            yield StemStart("B", "bass", channels=1, revises=0)
            yield StemAudio(0, np.zeros((request.timeline.frames, 1), "float32"))

    (stem,) = run_task(Twice(), timeline=make_timeline(frames=9)).stems
    assert (stem.name, stem.revision, stem.notes, stem.samples.max()) == ("B", 1, (), 0)


def test_an_array_that_is_filled_again_is_kept_as_it_was() -> None:
    class Thrifty(Hiss):
        def run(self, request: Any, engine: Any, context: Any) -> Any:
            yield StemStart("A", "bass", channels=1)
            block = np.zeros((1, 1), "float32")
            for value in range(request.timeline.frames):
                block[:] = value
                yield StemAudio(0, block)

    assert run_task(Thrifty(), timeline=make_timeline(frames=4)).stems[0].samples[:, 0].tolist() == [
        0,
        1,
        2,
        3,
    ]


def test_requests_are_checked_as_the_server_does() -> None:
    with pytest.raises(RequestError) as caught:
        run_task(Hiss(), {"level": 2})
    assert caught.value.code == ErrorCode.BAD_PARAMS
    with pytest.raises(RequestError) as caught:
        run_task(Hiss(), timeline=make_timeline(frames=0))
    assert caught.value.code == ErrorCode.BAD_TIMELINE
    with pytest.raises(RequestError) as caught:
        run_task(Echo())
    assert caught.value.code == ErrorCode.INPUT_MISSING
    assert str(caught.value).startswith("`echo` needs audio, but none was sent. Select")


def test_audio_goes_in_and_comes_out() -> None:
    samples = np.random.default_rng(0).random((10_000, 3), "float32")
    result = run_task(Echo(), timeline=make_timeline(frames=10_000), inputs=[MemoryInput(samples)])
    assert np.array_equal(result.stems[0].samples, samples)


def test_an_engine_may_be_given_in_each_form() -> None:
    from bandmate_plugins._tasks.generate import GenerateTask

    for engine in (Motor(), LoadedMotor()):
        result = run_task(GenerateTask(), {"prompt": "x"}, timeline=make_timeline(frames=100), engine=engine)
        assert len(result.stems) == 2


def test_an_installed_task_is_run_by_its_name(shelf: Shelf) -> None:
    shelf.install("named", TASK.format(name="hush", title="Hush"))
    assert run_task("hush", timeline=make_timeline(frames=5)).stem("other").samples.shape == (5, 1)
    with pytest.raises(RequestError, match="Tasks: hush"):
        run_task("rush")


def test_memory_input_is_a_cut_of_the_array() -> None:
    audio = MemoryInput(np.arange(6, dtype="float64"), role="context", start_frame=3)
    assert (audio.role, audio.start_frame, audio.frames, audio.channels) == ("context", 3, 6, 1)
    assert audio.read(2, 3).tolist() == [[2], [3], [4]]
    assert audio.read(4, 9).tolist() == [[4], [5]]
    assert audio.read().shape == (6, 1)
    audio.read()[:] = 9
    assert audio.read(5).tolist() == [[5]]
    with pytest.raises(ValueError, match="shape"):
        MemoryInput(np.zeros((2, 2, 2), "float32"))


def test_timelines_have_the_asked_for_length() -> None:
    assert make_timeline(4, bpm=92, metre="7/8", sample_rate=44_100).frames == round(14 * 60 / 92 * 44_100)
    assert make_timeline(2.5, sample_rate=8_000, start_frame=11).frames == 5 * 8_000
    ramp = (TempoPoint(position=0.0, bpm=60.0, shape="linear"), TempoPoint(position=480_000.0, bpm=120.0))
    held = make_timeline(2, tempo=ramp, start_frame=48_000)
    quarters = TempoMap.from_timeline(held)
    assert quarters.quarters_at(held.end_frame) - quarters.quarters_at(48_000) == pytest.approx(8, abs=1e-4)
    for odd in odd_timelines().values():
        check_timeline(odd)


def test_a_good_task_passes() -> None:
    check_task(Hiss())
    check_task(Hiss(), {"level": 0.1})
    check_task(Echo())
    check_task(Hiss(), inputs=[MemoryInput(np.zeros((4, 1), "float32"))])


class Rolling(Hiss):
    """Never the same."""

    name = "rolling"

    def random(self, seed: int) -> np.random.Generator:
        return np.random.default_rng()


class Rounding(Hiss):
    """Makes whole milliseconds."""

    name = "rounding"

    def run(self, request: Any, engine: Any, context: Any) -> Any:
        length = int(request.timeline.seconds * 1000) * request.timeline.sample_rate // 1000
        yield StemStart("A", "bass", channels=1)
        yield StemAudio(0, np.zeros((length, 1), "float32"))


class Shifting(Hiss):
    """Begins a frame late."""

    name = "shifting"

    def run(self, request: Any, engine: Any, context: Any) -> Any:
        yield StemStart("A", "bass", channels=1, start_frame=request.timeline.start_frame + 1)
        yield StemAudio(0, np.zeros((request.timeline.frames, 1), "float32"))


class Stubborn(Hiss):
    """Does not let itself be cancelled."""

    name = "stubborn"

    def run(self, request: Any, engine: Any, context: Any) -> Any:
        yield StemStart("A", "bass", channels=1)
        with contextlib.suppress(JobCancelled):
            context.check()
        yield StemAudio(0, np.zeros((request.timeline.frames, 1), "float32"))


class Scarred(Hiss):
    """Sounds different once it was cancelled."""

    name = "scarred"
    scars = 0

    def run(self, request: Any, engine: Any, context: Any) -> Any:
        yield StemStart("A", "bass", channels=1)
        try:
            yield StemAudio(0, np.full((request.timeline.frames, 1), self.scars, "float32"))
        except GeneratorExit:
            self.scars += 1
            raise


class Sounding(Hiss):
    """Says that it reports, and sounds."""

    name = "sounding"
    result = "report"


class Undrawable(Hiss):
    """Wants a list."""

    name = "undrawable"

    class Params(msgspec.Struct):
        """A list without a default."""

        parts: list[str]


class Loaded(Hiss):
    """From a module that imports a model library."""

    name = "loaded"


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        (Rolling(), "`rolling` gives different audio for the same seed, in the stem `Low`"),
        (Rounding(), "broke its contract in stem 0"),
        (Shifting(), "starts at 12346 and has"),
        (Stubborn(), r"`stubborn` continued although `context.check\(\)` raised"),
        (Scarred(), "`scarred` gives different audio after it was cancelled"),
        (Sounding(), "its `result` is `report`, and it made audio: Low, High"),
        (Undrawable(), "`parts` cannot be shown and has no default"),
    ],
)
def test_a_bad_task_is_caught(task: Task, sentence: str) -> None:
    with pytest.raises((AssertionError, ContractError), match=sentence):
        check_task(task)


def test_what_is_not_promised_is_not_checked() -> None:
    check_task(Rolling(), exact=False)
    check_task(Shifting(), whole_range=False)


def test_a_heavy_module_is_caught(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    (shelf.folder / "torch.py").touch()
    (shelf.folder / "shelf_weight.py").write_text("import torch")
    monkeypatch.setattr(Loaded, "__module__", "shelf_weight")
    with pytest.raises(AssertionError, match="`shelf_weight`: It imports torch"):
        check_task(Loaded())


def test_a_good_engine_passes() -> None:
    check_engine(Motor())


class Waiting(Motor):
    """Has no weights."""

    def readiness(self) -> Readiness:
        return Readiness("needs_weights", "Pull them.")


class Wordless(Motor):
    """Has no method for what it can do."""

    abilities = frozenset({"text", "separate"})


class Careless(Motor):
    """Loads nothing."""

    def load(self, device: str, tier: str) -> Any:
        return None


class Rough(Motor):
    """Never the same."""

    def load(self, device: str, tier: str) -> LoadedEngine:
        return LoadedRough()


class LoadedRough(LoadedMotor):
    def text(self, request: Any, context: Any) -> Any:
        yield from Rolling().run(replace(request, params=HissParams()), None, context)


class RoughDevice(Rough):
    """Never the same, as devices may be."""

    placement = "device"


@pytest.mark.parametrize(
    ("engine", "sentence"),
    [
        (Waiting(), "`motor` cannot be checked here: Pull them."),
        (Wordless(), "`motor` has no method `separate`"),
        (Careless(), "`load` of `motor` returned no LoadedEngine"),
        (Rough(), "`generate` gives different audio for the same seed"),
    ],
)
def test_a_bad_engine_is_caught(engine: Engine, sentence: str) -> None:
    with pytest.raises(AssertionError, match=sentence):
        check_engine(engine)


def test_a_device_need_not_repeat_itself_to_the_byte() -> None:
    check_engine(RoughDevice())
