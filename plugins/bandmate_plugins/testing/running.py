"""Runs a task as the server would, in this process, and gathers what it yields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from bandmate_plugins._host.check_params import check_options, check_params
from bandmate_plugins._host.check_request import check_request
from bandmate_plugins._host.checked_run import CheckedOutput, ResolvedStem, run_checked
from bandmate_plugins._host.engine_choice import choose_engine
from bandmate_plugins._host.loading import load_engine, load_task, read_catalogue
from bandmate_plugins._host.loading.describe import describe_task
from bandmate_plugins._host.loading.schema import params_schema
from bandmate_plugins._host.merged_report import merge_report
from bandmate_plugins.engine import Engine, LoadedEngine
from bandmate_plugins.outputs import Remark, StageProgress, StemAudio, StemNotes, TaskReport
from bandmate_plugins.request import AudioInput, JobCancelled, NoOptions, TaskContext, TaskRequest
from bandmate_plugins.task import Task
from bandmate_plugins.testing.inputs import make_timeline as build_timeline
from bandmate_protocol.forms import route_values
from bandmate_protocol.messages import EngineInfo, Note, TaskInfo, Timeline

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples


@dataclass(frozen=True)
class StemResult:
    """A stem in its last revision."""

    name: str
    role: str
    colour: str
    start_frame: int
    samples: Samples
    """float32, shape (frames, channels), at the timeline's rate."""
    notes: tuple[Note, ...] = ()
    revision: int = 0


@dataclass(frozen=True)
class TaskResult:
    """Everything that a task yielded."""

    stems: tuple[StemResult, ...]
    remarks: tuple[str, ...]
    report: dict[str, Any]
    steps: tuple[StageProgress, ...]

    def stem(self, role: str) -> StemResult:
        """The first stem with a role. Raises LookupError when there is none."""
        for stem in self.stems:
            if stem.role == role:
                return stem
        raise LookupError(f"no stem with the role {role!r}; there are {[stem.role for stem in self.stems]}")


class PatientContext(TaskContext):
    """A host that never cancels."""

    def check(self) -> None:
        """Goes on."""


class CancellingContext(TaskContext):
    """Counts checks, and cancels at one of them, counted from 1; never when none is named."""

    def __init__(self, at: int | None = None) -> None:
        self.checks = 0
        self._at = at

    def check(self) -> None:
        """Raises JobCancelled at the check that was named."""
        self.checks += 1
        if self.checks == self._at:
            raise JobCancelled


def run_task(
    task: Task[Any] | str,
    params: Mapping[str, Any] | msgspec.Struct | None = None,
    *,
    timeline: Timeline | None = None,
    inputs: Sequence[AudioInput] = (),
    seed: int = 0,
    engine: Engine | LoadedEngine | str | None = None,
    options: Mapping[str, Any] | msgspec.Struct | None = None,
    context: TaskContext | None = None,
) -> TaskResult:
    """Runs a task, or the installed task of that name, and returns what it yields.

    `params` and `options` are plain values, checked as the server does, or the Structs of the task and of the
    engine. As for the server, options may be among plain `params`. The timeline is two bars at 120 bpm unless
    given. An engine may be one of your own, or the name of an installed one; left out, it
    is chosen among those installed as the server would.

    Raises RequestError as the server would (`no_such_task`, `bad_params`, `bad_timeline`, `input_missing`,
    `engine_unavailable`, ...), ContractError when the task breaks its contract, and whatever it raises.
    """
    if isinstance(task, str):
        task = load_task(read_catalogue(), task)
    loaded = load_engine_for(task, engine)
    request = make_request(
        task, params, timeline or build_timeline(), inputs, seed, engine=loaded, options=options
    )
    return gather_result(run_checked(task, request, loaded, context or PatientContext()))


def make_request(
    task: Task[Any],
    params: Mapping[str, Any] | msgspec.Struct | None,
    timeline: Timeline,
    inputs: Sequence[AudioInput],
    seed: int,
    *,
    engine: LoadedEngine | None = None,
    options: Mapping[str, Any] | msgspec.Struct | None = None,
) -> TaskRequest[Any]:
    """The request for a task and the engine that does it, checked as the server does."""
    check_request(task.name, task.source, timeline, [given.role for given in inputs])
    checked, chosen = _check_values(task, engine, params or {}, options or {})
    return TaskRequest(checked, timeline, seed, tuple(inputs), chosen)


def _check_values(
    task: Task[Any],
    engine: LoadedEngine | None,
    params: Mapping[str, Any] | msgspec.Struct,
    options: Mapping[str, Any] | msgspec.Struct,
) -> tuple[msgspec.Struct, msgspec.Struct]:
    """The Structs of a task and its engine; plain values go where their names belong."""
    info = TaskInfo(
        name=task.name,
        title=task.title,
        summary="",
        ability=task.ability,
        source=task.source,
        params=params_schema(task.Params),
    )
    form = _engine_form(task, engine) if engine is not None else None
    routed = route_values(
        info,
        form,
        (),
        {} if isinstance(params, msgspec.Struct) else params,
        {} if isinstance(options, msgspec.Struct) else options,
    )
    kind = NoOptions if engine is None else engine.Options
    checked = params if isinstance(params, msgspec.Struct) else check_params(task, routed.params)
    if isinstance(options, msgspec.Struct):
        return checked, options
    return checked, check_options(type(engine).__name__, kind, routed.options)


def _engine_form(task: Task[Any], engine: LoadedEngine) -> EngineInfo:
    """A loaded engine as the catalogue would list it for a task."""
    schema = {} if engine.Options is NoOptions else params_schema(engine.Options)
    abilities = (task.ability,) if task.ability else ()
    title = type(engine).__name__
    return EngineInfo(name="engine", title=title, abilities=abilities, status="ready", options=schema)


def load_engine_for(task: Task[Any], engine: Engine | LoadedEngine | str | None) -> LoadedEngine | None:
    """The engine for a task in memory, chosen among those installed unless it is given."""
    if isinstance(engine, LoadedEngine):
        return engine
    if isinstance(engine, Engine):
        return engine.load("cpu", "full")
    if task.ability is None and engine is None:
        return None
    plugins = read_catalogue()
    record, _ = choose_engine(plugins, describe_task(task), engine)
    return load_engine(plugins, record.name).load("cpu", "full") if record else None


def gather_result(outputs: Iterable[CheckedOutput]) -> TaskResult:
    """What was yielded, put together: the pieces of a stem as one array, its notes, and the rest."""
    stems: dict[int, ResolvedStem] = {}
    pieces: dict[int, list[Samples]] = {}
    notes: dict[int, list[Note]] = {}
    remarks: list[str] = []
    report: dict[str, Any] = {}
    steps: list[StageProgress] = []
    for output in outputs:
        if isinstance(output, StemAudio):
            # A task may fill the same array again.
            pieces[output.stem].append(output.samples.copy())
        elif isinstance(output, ResolvedStem):
            stems[output.index] = output
            pieces[output.index] = []
            notes[output.index] = []
        elif isinstance(output, StemNotes):
            notes[output.stem].extend(output.notes)
        elif isinstance(output, Remark):
            remarks.append(output.sentence)
        elif isinstance(output, TaskReport):
            merge_report(report, output.values)
        else:
            steps.append(output)
    whole = (_join_stem(stem, pieces[index], notes[index]) for index, stem in stems.items())
    return TaskResult(tuple(whole), tuple(remarks), report, tuple(steps))


def _join_stem(stem: ResolvedStem, pieces: Sequence[Samples], notes: Sequence[Note]) -> StemResult:
    import numpy as np

    return StemResult(
        name=stem.name,
        role=stem.role,
        colour=stem.colour,
        start_frame=stem.start_frame,
        samples=np.concatenate(pieces),
        notes=tuple(notes),
        revision=stem.revision,
    )
