"""The contract tests that every task and engine should pass; call them from a test of your own.

They run the task many times on short ranges, so a slow engine takes a while. Each raises AssertionError (or
ContractError, from the host's own checks) with a sentence on what is wrong.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from typing import Any

from bandmate_plugins._host.checked_run import CheckedOutput, run_checked
from bandmate_plugins._host.loading import load_task, read_catalogue
from bandmate_plugins._host.loading.children import scan_all
from bandmate_plugins._host.loading.describe import describe_engine, describe_task
from bandmate_plugins._host.loading.records import FoundPlugin
from bandmate_plugins._host.loading.schema import can_be_drawn
from bandmate_plugins.engine import Engine, LoadedEngine
from bandmate_plugins.request import AudioInput, JobCancelled, TaskContext, TaskRequest
from bandmate_plugins.task import Task
from bandmate_plugins.testing.inputs import MemoryInput, make_timeline
from bandmate_plugins.testing.running import (
    CancellingContext,
    PatientContext,
    TaskResult,
    gather_result,
    load_engine_for,
    make_request,
)
from bandmate_protocol.forms import option_schemas
from bandmate_protocol.messages import TempoPoint, Timeline

_MAX_CANCELS = 12
"""Places at which a run is cancelled: the first ones, then spread over the rest."""


def odd_timelines() -> dict[str, Timeline]:
    """Short ranges that catch wrong roundings, by what is odd about them."""
    ramp = (
        TempoPoint(position=0.0, bpm=90.0, numerator=5, denominator=4, shape="linear"),
        TempoPoint(position=90_000.5, bpm=141.0, numerator=5, denominator=4),
    )
    change = (
        TempoPoint(position=0.0, bpm=200.0, numerator=3, denominator=4),
        TempoPoint(position=43_200.0, bpm=171.3, numerator=7, denominator=8, starts_bar=True),
    )
    return {
        "one bar of 7/8 at 97.3 bpm and 44.1 kHz, from the middle of a bar": make_timeline(
            1, bpm=97.3, metre="7/8", sample_rate=44_100, start_frame=12_345, bar=3, beat=2.5
        ),
        "a bar of 5/4 in which the tempo rises": make_timeline(1, tempo=ramp),
        "a change of metre and tempo in the middle": make_timeline(2, tempo=change, key="A minor"),
        "8 kHz": make_timeline(0.5, sample_rate=8_000, start_frame=1),
        "257 frames at 96 kHz": make_timeline(frames=257, sample_rate=96_000, start_frame=999_999),
        "a single frame": make_timeline(frames=1),
    }


def check_task(
    task: Task[Any],
    params: Mapping[str, Any] | None = None,
    *,
    engine: Engine | LoadedEngine | str | None = None,
    inputs: Sequence[AudioInput] | None = None,
    exact: bool = True,
    whole_range: bool | None = None,
) -> None:
    """Checks a task against its contract, with `params` (its defaults when left out).

    - its description and form can be drawn, and nothing heavy is imported with its module; - on odd timelines
    and rates, every stem is exactly as long as announced, and, where the task `fills_range` or
      `whole_range` is true, exactly the range that was asked for;
    - a task whose `result` is a report makes no audio;
    - the same seed gives the same bytes, unless `exact` is false;
    - cancelled at any yield and at any `context.check()`, it ends, and works as before the next time.

    A task that works on audio is given noise over the whole range, unless `inputs` are given. The engine is
    loaded on the CPU.
    """
    check_description(task)
    check_light(task)
    loaded = load_engine_for(task, engine)
    subject = _TaskSubject(task, params or {}, loaded, inputs)
    for what, asked in odd_timelines().items():
        result = subject.run_to_end(asked)
        _check_report(task, what, result)
        if task.fills_range if whole_range is None else whole_range:
            _check_range(task, what, asked, result)
    asked = next(iter(odd_timelines().values()))
    before = subject.run_to_end(asked)
    if exact:
        _check_same(
            before, subject.run_to_end(asked), f"`{task.name}` gives different audio for the same seed"
        )
    _check_cancel(subject, asked)
    after = subject.run_to_end(asked)
    if exact:
        _check_same(before, after, f"`{task.name}` gives different audio after it was cancelled")


def check_engine(
    engine: Engine,
    params: Mapping[str, Any] | None = None,
    *,
    exact: bool | None = None,
    device: str = "cpu",
    tier: str = "full",
) -> None:
    """Checks an engine against its contract: every installed task that needs one of its abilities must pass.

    Tasks that are `optional_for_engines` are left out. The engine must be ready here; it is loaded once.
    `params` go to each task that has parameters, or for which the engine has options, of these names: fewer
    steps, say, for a slow model. `exact` is whether the same seed must give the same bytes; left out, engines
    of the CPU must and others need not. Abilities that the engine `lacks` now are left out too.
    """
    record = describe_engine(engine)
    check_light(engine)
    assert record.info.status == "ready", f"`{engine.name}` cannot be checked here: {record.info.reason}"
    loaded = engine.load(device, tier)
    assert isinstance(loaded, LoadedEngine), f"`load` of `{engine.name}` returned no LoadedEngine"
    assert engine.Options is loaded.Options, f"`{engine.name}` and its LoadedEngine have different `Options`"
    for ability in record.info.abilities:
        own = getattr(type(loaded), ability)
        assert own is not getattr(LoadedEngine, ability), f"`{engine.name}` has no method `{ability}`"
    plugins = read_catalogue()
    tasks = [task.name for task in plugins.tasks if task.ability in record.info.abilities]
    tasks = [name for name in tasks if load_task(plugins, name).ability not in record.info.lacks]
    for name in tasks:
        same = engine.placement == "cpu" if exact is None else exact
        task = load_task(plugins, name)
        if task.optional_for_engines:
            continue
        fields = {*task.Params.__struct_fields__, *option_schemas(record.info, describe_task(task))}
        own = {key: value for key, value in (params or {}).items() if key in fields}
        check_task(task, own, engine=loaded, exact=same)


def check_description(task: Task[Any]) -> None:
    """The catalogue can list a task, and a form can be drawn for it."""
    info = describe_task(task)
    required = info.params.get("required", [])
    for name, property_ in info.params["properties"].items():
        assert can_be_drawn(property_) or name not in required, (
            f"`{task.name}` cannot be run from a form: `{name}` cannot be shown and has no default"
        )


def check_light(subject: Task[Any] | Engine) -> None:
    """Importing the module of a task or an engine imports no model library."""
    module = type(subject).__module__
    scan = scan_all([FoundPlugin(name=module, value=module, distribution="", version="")])[0]
    assert scan.status != "heavy", f"`{module}`: {scan.reason}"


class _TaskSubject:
    """A task with all that a run needs."""

    def __init__(
        self,
        task: Task[Any],
        params: Mapping[str, Any],
        engine: LoadedEngine | None,
        inputs: Sequence[AudioInput] | None,
    ) -> None:
        self.task = task
        self._params = params
        self._engine = engine
        self._inputs = inputs

    def start_run(self, asked: Timeline, context: TaskContext) -> Generator[CheckedOutput]:
        return run_checked(self.task, self._make_request(asked), self._engine, context)

    def run_to_end(self, asked: Timeline, context: TaskContext | None = None) -> TaskResult:
        return gather_result(self.start_run(asked, context or PatientContext()))

    def _make_request(self, asked: Timeline) -> TaskRequest[Any]:
        inputs = self._inputs
        if inputs is None:
            inputs = () if self.task.source == "none" else (_noise_input(asked),)
        return make_request(self.task, self._params, asked, inputs, seed=7, engine=self._engine)


def _check_report(task: Task[Any], what: str, result: TaskResult) -> None:
    """Bridges have no place for the audio of a report."""
    names = ", ".join(stem.name for stem in result.stems)
    assert not (names and describe_task(task).result == "report"), (
        f"`{task.name}`, {what}: its `result` is `report`, and it made audio: {names}"
    )


def _check_range(task: Task[Any], what: str, asked: Timeline, result: TaskResult) -> None:
    for stem in result.stems:
        got = (stem.start_frame, len(stem.samples))
        wanted = (asked.start_frame, asked.frames)
        assert got == wanted, (
            f"`{task.name}`, {what}: stem `{stem.name}` starts at {got[0]} and has {got[1]} frames; expected "
            f"{wanted[1]} from {wanted[0]} on"
        )


def _check_same(first: TaskResult, second: TaskResult, what: str) -> None:
    assert len(first.stems) == len(second.stems), f"{what}: {len(first.stems)} and {len(second.stems)} stems"
    for one, other in zip(first.stems, second.stems, strict=True):
        assert one.samples.tobytes() == other.samples.tobytes(), f"{what}, in the stem `{one.name}`"
        assert one.notes == other.notes, f"{what}, in the notes of the stem `{one.name}`"


def _check_cancel(subject: _TaskSubject, asked: Timeline) -> None:
    counting = CancellingContext()
    yields = sum(1 for _ in subject.start_run(asked, counting))
    for after in _sample_numbers(yields + 1):
        running = subject.start_run(asked, PatientContext())
        for _ in range(after):
            next(running)
        running.close()
    for at in _sample_numbers(counting.checks):
        try:
            subject.run_to_end(asked, CancellingContext(at + 1))
        except JobCancelled:
            continue
        raise AssertionError(
            f"`{subject.task.name}` continued although `context.check()` raised JobCancelled"
        )


def _sample_numbers(count: int) -> list[int]:
    """Some of the numbers below `count`: the first, the last, and some between."""
    if count <= _MAX_CANCELS:
        return list(range(count))
    step = (count - 1) / (_MAX_CANCELS - 1)
    return sorted({0, 1, 2, *(round(index * step) for index in range(_MAX_CANCELS))})


def _noise_input(asked: Timeline) -> MemoryInput:
    import numpy as np

    random = np.random.default_rng(1)
    samples = random.uniform(-0.25, 0.25, (asked.frames, 2)).astype(np.float32)
    return MemoryInput(samples, role="source", start_frame=asked.start_frame)
