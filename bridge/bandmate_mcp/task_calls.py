"""A task in a project, on a file, or in the project in focus: one request for all of these places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bandmate import Project, ProjectResult, Result, Session
from bandmate.arguments import section_names, without_none
from bandmate_mcp.calls import ToolCall
from bandmate_mcp.focused_project import run_in_focus
from bandmate_mcp.task_params import checked_params
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import JobTarget
from bandmate_protocol.texts import say


@dataclass(frozen=True)
class TaskCall:
    """What a tool was asked for. Arguments that were left out are None."""

    task: str
    project: str | None = None
    file: str | None = None
    output: str | None = None
    overwrite: bool = False
    """The user agreed that the file ``output`` is replaced."""
    makes_new: bool = False
    """The task needs no recording; with an ``output`` and no project it makes a file."""
    where: Mapping[str, Any] = field(default_factory=dict)
    """Track and range: `track`, `at`, `bars`, `seconds`, `start`, `end`, `section`, `alone`."""
    tempo: Mapping[str, Any] = field(default_factory=dict)
    """What a project decides by itself: `bpm`, `metre`."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """Parameters of the task, and `key`."""
    engine: str | None = None
    seed: int | None = None
    params: Mapping[str, Any] | None = None
    """Further ones, by the catalogue's names."""

    def run(self, call: ToolCall) -> dict[str, Any]:
        """Waits for the result. Raises BandmateError as the API does."""
        _check_places(self)
        given = without_none(self.given)
        own = {*self.given, *self.where, *self.tempo, "engine", "seed"}
        further = checked_params(call.session.describe(), self.task, self.params, own)
        if self.project is not None:
            return self._run_in_project(call, given | further)
        if self.file is not None or (self.makes_new and self.output is not None):
            return self._run_on_file(call, given | further)
        target = job_target(without_none(self.where), given.pop("key", None))
        return run_in_focus(call, self.task, given | further, target, self.engine, self.seed)

    def _run_in_project(self, call: ToolCall, values: dict[str, Any]) -> dict[str, Any]:
        for name in without_none(self.tempo):
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say("{name} cannot be given with a project, whose tempo map counts.", name=name),
                say("Leave {name} out.", name=name),
            )
        assert self.project is not None, "checked by the caller"
        project = call.session.open(self.project)
        method = getattr(Project, self.task)
        result: ProjectResult = method(
            project,
            **without_none(self.where),
            **values,
            engine=self.engine,
            seed=self.seed,
            progress=call.listener,
        )
        return project_answer(result)

    def _run_on_file(self, call: ToolCall, values: dict[str, Any]) -> dict[str, Any]:
        where = without_none(self.where)
        where.pop("alone", None)
        for name in ("track", "at"):
            if name in where:
                raise RequestError(
                    ErrorCode.BAD_PARAMS,
                    say("{name} is a place in a project.", name=name),
                    say("Give `project`, or leave {name} out.", name=name),
                )
        sources = () if self.file is None else (self.file,)
        method = getattr(Session, self.task)
        job = method(
            call.session,
            *sources,
            **where,
            **without_none(self.tempo),
            **values,
            engine=self.engine,
            seed=self.seed,
            progress=call.listener,
        )
        return file_answer(job.wait(), self.output, overwrite=self.overwrite)


def project_answer(result: ProjectResult) -> dict[str, Any]:
    """What came into a project, and how it is undone."""
    return {
        "project": str(result.project),
        "lines": list(result.lines),
        "remarks": list(result.remarks),
        "files": [str(file) for file in result.files],
        "job": result.job,
        "engine": result.engine,
        "seed": result.seed,
        "undo": "One undo step where REAPER has the project open; "
        f"else the file before is {result.project.name}-bandmate-bak.",
    }


def file_answer(result: Result, output: str | None, *, overwrite: bool = False) -> dict[str, Any]:
    """What a job made, saved where that was asked for. Raises BandmateError as `Result.save`."""
    files = result.save(output, replace=overwrite) if output is not None else []
    return {
        "job": result.job,
        "engine": result.engine,
        "seed": result.seed,
        "files": [str(file) for file in files],
        "stems": [
            {
                "name": stem.name,
                "role": stem.role,
                "seconds": round(stem.frames / stem.sample_rate, 3),
                "loudness_lufs": stem.loudness_lufs,
                "true_peak_dbtp": stem.true_peak_dbtp,
                "notes": len(stem.notes),
            }
            for stem in result.stems
        ],
        "remarks": list(result.remarks),
    }


def job_target(where: Mapping[str, Any], key: str | None) -> JobTarget:
    """Track and range as the bridge of an open project reads them. Raises RequestError (`bad_position`)."""
    start, end = where.get("start"), where.get("end")
    if (start is None) != (end is None):
        raise RequestError(
            ErrorCode.BAD_POSITION, "A range needs a start and an end.", 'Such as start "9.1", end "13.1".'
        )
    return JobTarget(
        track=where.get("track"),
        at=where.get("at"),
        bars=where.get("bars"),
        seconds=where.get("seconds"),
        begins=() if start is None else (start,),
        ends=() if end is None else (end,),
        sections=section_names(where.get("section", ())),
        key=key,
        alone=where.get("alone", False),
    )


def _check_places(call: TaskCall) -> None:
    """Raises RequestError (`bad_params`) for a call that names two places."""
    if call.project is not None and (call.file is not None or call.output is not None):
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            "The result goes into a project or to files, not both.",
            "Leave out `project`, or `file` and `output`.",
        )
    if call.output is not None and call.file is None and not call.makes_new:
        raise RequestError(
            ErrorCode.BAD_PARAMS, "There is no recording to work on.", "Give `file` with `output`."
        )
