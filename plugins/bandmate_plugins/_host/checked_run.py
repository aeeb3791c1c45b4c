"""The host's side of a running task: passes its outputs on and holds it to its contract.

The server's workers and the testing kit share it, so that what passes here passes there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from bandmate_plugins._platform.role_colours import colour_of
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import (
    Output,
    Remark,
    StageProgress,
    StemAudio,
    StemNotes,
    StemStart,
    TaskReport,
)
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_plugins.task import Task
from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_protocol.messages import Note, ProgressUnit
from bandmate_protocol.texts import say
from bandmate_protocol.units import (
    MAX_INTEGER,
    Channels,
    Colour,
    Label,
    ModelNames,
    Sentence,
    Values,
    WholeFrames,
    Word,
)

MAX_STEMS = 256
"""Stems of one job."""

MAX_REMARKS = 256
"""Remarks of one job."""


class ContractError(BandmateError):
    """Raised when a task or an engine breaks its contract: a bug in the plugin, with code `engine_failed`."""


@dataclass(frozen=True, slots=True)
class ResolvedStem:
    """A StemStart with nothing left open."""

    index: int
    """The stem's number; a revision keeps that of the stem it replaces."""
    revision: int
    """0 at first, one more each time the stem is announced again by `revises`: its audio starts over."""
    name: str
    role: str
    colour: str
    channels: int
    frames: int
    start_frame: int


CheckedOutput = ResolvedStem | StemAudio | StageProgress | StemNotes | Remark | TaskReport
"""What the host gets to see: outputs as they came, stems resolved."""


def run_checked(
    task: Task[Any],
    request: TaskRequest[Any],
    engine: LoadedEngine | None,
    context: TaskContext,
    *,
    engine_name: str | None = None,
) -> Generator[CheckedOutput, None, None]:
    """Runs a task and yields what it yields, checked; pieces without frames are left out.

    Stems are announced before their audio; pieces are finite, contiguous float32 of shape (frames, the stem's
    channels) and end exactly at the stem's last frame; notes lie inside their stem. Closing this generator
    closes the task's. Raises ContractError, which names task, engine and stem, and whatever the task raises.
    """
    stage = _OutputChecker(task, request, engine_name or (type(engine).__name__ if engine else ""))
    outputs = task.run(request, engine, context)
    if not isinstance(outputs, Iterator):
        raise stage.contract_error(f"`run` returned {type(outputs).__name__}, not an iterator of outputs")
    try:
        for output in outputs:
            checked = stage.check_output(output)
            if checked is not None:
                yield checked
        stage.check_complete()
    finally:
        _close_outputs(outputs, stage)


def _close_outputs(outputs: Iterator[Output], stage: _OutputChecker) -> None:
    close = getattr(outputs, "close", None)
    if close is None:
        return
    try:
        close()
    except RuntimeError as error:
        if "ignored GeneratorExit" not in str(error):
            raise
        raise stage.contract_error("it continued after it was cancelled") from error


class _StemFields(msgspec.Struct):
    """The bounds that a stem keeps on the wire."""

    name: Label
    role: Word
    colour: Colour
    channels: Channels
    frames: WholeFrames
    start_frame: WholeFrames


class _StepFields(msgspec.Struct):
    stage: Label
    step: WholeFrames
    steps: WholeFrames
    unit: ProgressUnit


class _OutputChecker:
    """What was yielded so far, and whether the next output may follow."""

    def __init__(self, task: Task[Any], request: TaskRequest[Any], engine_name: str) -> None:
        self._who = f"The task `{task.name}`" + (f" on the engine `{engine_name}`" if engine_name else "")
        self._request = request
        self._stems: list[ResolvedStem] = []
        self._done: list[int] = []
        self._remarks = 0
        self._takers: dict[type, Callable[[Any], CheckedOutput | None]] = {
            StemAudio: self._check_audio,
            StemStart: self._check_start,
            StageProgress: self._check_steps,
            StemNotes: self._check_notes,
            Remark: self._check_remark,
            TaskReport: self._check_report,
        }

    def check_output(self, output: Output) -> CheckedOutput | None:
        """The output as the host gets it; None when there is nothing in it."""
        taker = self._takers.get(type(output))
        if taker is None:
            raise self.contract_error(f"it yielded {type(output).__name__}, which is not an output")
        return taker(output)

    def check_complete(self) -> None:
        """Every stem must be complete."""
        for stem, done in zip(self._stems, self._done, strict=True):
            if done != stem.frames:
                raise self.contract_error(
                    f"it ended {stem.frames - done} of {stem.frames} frames short", stem
                )

    def contract_error(self, what: str, stem: ResolvedStem | None = None) -> ContractError:
        """The error for a breach; `what` goes on after "broke its contract: "."""
        place = f" in stem {stem.index} (`{stem.name}`)" if stem else ""
        return ContractError(
            ErrorCode.ENGINE_FAILED,
            say("{who} broke its contract{place}: {what}.", who=self._who, place=place, what=what),
            "This is a fault of the plugin; its author can find it with bandmate_plugins.testing.",
        )

    def _check_start(self, start: StemStart) -> ResolvedStem:
        index = len(self._stems) if start.revises is None else start.revises
        revision = 0
        if start.revises is not None:
            revision = self._known_stem(start.revises, "a revision").revision + 1
        elif index >= MAX_STEMS:
            raise self.contract_error(f"it announced more than {MAX_STEMS} stems")
        stem = self._resolve_stem(start, index, revision)
        if revision == 0:
            self._stems.append(stem)
            self._done.append(0)
        else:
            self._check_revision(self._stems[index], stem)
            self._stems[index] = stem
            self._done[index] = 0
        return stem

    def _resolve_stem(self, start: StemStart, index: int, revision: int) -> ResolvedStem:
        timeline = self._request.timeline
        stem = ResolvedStem(
            index=index,
            revision=revision,
            name=start.name,
            role=start.role,
            colour=start.colour or colour_of(start.role),
            channels=start.channels,
            frames=timeline.frames if start.frames is None else start.frames,
            start_frame=timeline.start_frame if start.start_frame is None else start.start_frame,
        )
        self._check_fields(stem, _StemFields, f"stem {index}")
        if not stem.name.strip():
            raise self.contract_error(f"stem {index} has no name")
        if stem.frames == 0:
            raise self.contract_error("it has no frames", stem)
        return stem

    def _check_revision(self, before: ResolvedStem, after: ResolvedStem) -> None:
        """A track that is already in the project keeps its place and form."""
        for what in ("channels", "frames", "start_frame"):
            if getattr(before, what) != getattr(after, what):
                raise self.contract_error(
                    f"a revision changed its {what} from {getattr(before, what)} to {getattr(after, what)}",
                    before,
                )

    def _check_audio(self, piece: StemAudio) -> StemAudio | None:
        import numpy as np

        stem = self._known_stem(piece.stem, "audio")
        samples = piece.samples
        if not isinstance(samples, np.ndarray) or samples.dtype != np.float32:
            kind = samples.dtype if isinstance(samples, np.ndarray) else type(samples).__name__
            raise self.contract_error(f"a piece is {kind}, not an array of float32", stem)
        if samples.ndim != 2 or samples.shape[1] != stem.channels:
            raise self.contract_error(
                f"a piece has shape {samples.shape}, not (frames, {stem.channels})", stem
            )
        if not samples.flags.c_contiguous:
            raise self.contract_error("a piece is not contiguous in memory", stem)
        frames = samples.shape[0]
        done = self._done[stem.index] + frames
        if done > stem.frames:
            raise self.contract_error(f"it went {done - stem.frames} frames past its {stem.frames}", stem)
        if not np.isfinite(samples).all():
            raise self.contract_error("a piece contains NaN or infinity", stem)
        self._done[stem.index] = done
        return piece if frames else None

    def _check_steps(self, steps: StageProgress) -> StageProgress:
        self._check_fields(steps, _StepFields, "its progress")
        if steps.step > steps.steps:
            raise self.contract_error(f"its progress says step {steps.step} of {steps.steps}")
        return steps

    def _check_notes(self, score: StemNotes) -> StemNotes | None:
        stem = self._known_stem(score.stem, "notes")
        for note in score.notes:
            if not isinstance(note, Note):
                raise self.contract_error(f"its score contains {type(note).__name__}, not Note", stem)
            self._check_fields(note, Note, f"a note of stem {stem.index}")
            if note.start + note.frames > stem.frames:
                raise self.contract_error(
                    f"a note from frame {note.start} to {note.start + note.frames} is outside it", stem
                )
        return score if score.notes else None

    def _check_remark(self, remark: Remark) -> Remark:
        self._remarks += 1
        if self._remarks > MAX_REMARKS:
            raise self.contract_error(f"it made more than {MAX_REMARKS} remarks")
        self._check_convert(remark.sentence, Sentence, "a remark")
        self._check_convert(remark.models, ModelNames, "the models of a remark")
        return remark

    def _check_report(self, report: TaskReport) -> TaskReport:
        values = dict(report.values)
        self._check_convert(values, Values, "its report")
        if not _is_plain(values, 0):
            raise self.contract_error(
                "its report contains more than plain values (text, finite numbers, lists, maps)"
            )
        return report

    def _known_stem(self, index: int, what: str) -> ResolvedStem:
        if type(index) is not int or not 0 <= index < len(self._stems):
            raise self.contract_error(f"it yielded {what} for stem {index!r}, which was not announced")
        return self._stems[index]

    def _check_fields(self, value: Any, kind: type[msgspec.Struct], what: str) -> None:
        self._check_convert({name: getattr(value, name) for name in kind.__struct_fields__}, kind, what)

    def _check_convert(self, value: Any, kind: Any, what: str) -> None:
        try:
            msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            raise self.contract_error(f"{what} is out of bounds: {error}") from error


_MAX_DEPTH = 16
"""How deep the values of a report may nest; the wire takes a little more."""


def _is_plain(value: object, depth: int) -> bool:
    """Whether the wire takes a value as it is: numbers of numpy, for one, it does not."""
    if depth > _MAX_DEPTH:
        return False
    if type(value) is float:
        return math.isfinite(value)
    if type(value) is int:
        return abs(value) <= MAX_INTEGER
    if isinstance(value, Mapping):
        return all(type(key) is str and _is_plain(inner, depth + 1) for key, inner in value.items())
    if isinstance(value, (list, tuple)):
        return all(_is_plain(inner, depth + 1) for inner in value)
    return value is None or type(value) in (str, bool)
