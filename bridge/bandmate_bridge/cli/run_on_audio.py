"""Runs what a command on audio asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace

import click

from bandmate_bridge.audiofiles.formats import OPEN_FORMAT, AskedFormat
from bandmate_bridge.cli.options.audio import Common
from bandmate_bridge.cli.options.input_files import audio_file
from bandmate_bridge.cli.report import report
from bandmate_bridge.cli.routed import went_to_reaper
from bandmate_bridge.display import Display
from bandmate_bridge.requests.audio_jobs import Wanted
from bandmate_bridge.requests.placement import project_remarks
from bandmate_bridge.requests.selection import Selected, select
from bandmate_bridge.rpp import Project
from bandmate_bridge.runs import generate as make
from bandmate_bridge.runs.on_audio import (
    Onto,
    Said,
    check_item,
    on_file,
    on_item,
    output_on_file,
)
from bandmate_bridge.runs.play import listen
from bandmate_bridge.watch.routed import Route


@dataclass(frozen=True)
class Task:
    """A command's task, and what is its own of where the result goes."""

    wanted: Wanted
    common: Common
    output: str | None
    said: Said
    needs_range: bool = False
    patches: bool = False
    """A file that comes out is the one that went in, with the range in it."""
    midi: bool = False
    play: bool = False
    as_json: bool = False
    asked: AskedFormat = OPEN_FORMAT
    """The format of files."""


def selected_in(task: Task) -> Selected:
    """The item of the project that is meant."""
    common = task.common
    assert common.into is not None, "asked only with a project"
    ranges = common.ranges
    several = not task.wanted.in_place
    project = Project.load(common.into)
    return select(project, common.track, ranges, needs_range=task.needs_range, several=several)


def run_in_project(task: Task, selected: Selected, onto: Onto, *, remark: str = "") -> None:
    """The result goes into the project. ``remark``: what there is to say of that."""
    onto = replace(onto, force=task.common.force)
    check_item(selected, task.wanted, onto)
    with Display() as display, make.connect(display) as client:
        make.check_engine(client, task.common.engine)
        result = on_item(client, selected, task.wanted, onto, display)
    if not task.wanted.in_place:
        result.decided = [*project_remarks(selected.project), *result.decided]
    result.decided += [remark] if remark else []
    _tell(result, task)


def run_in_reaper(task: Task, **lies: object) -> bool:
    """Has the result go into the project inside REAPER, where that has it open; whether it did.

    ``lies``: how the result lies. What only the command line can do with a result is done in the file.
    """
    common = task.common
    assert common.into is not None, "asked only with a project"
    if common.force or task.play:
        return False
    route = Route(
        common.into,
        task.wanted.task,
        task.wanted.params,
        where_of(task) | lies,
        common.engine,
        task.wanted.seed,
    )
    return went_to_reaper(route, as_json=task.as_json)


def ran_elsewhere(task: Task, **lies: object) -> bool:
    """Runs it where no project is written by us: on files, or inside REAPER (``lies`` as there).

    Whether it did.
    """
    if task.common.into is None:
        run_on_file(task)
        return True
    return run_in_reaper(task, **lies)


def where_of(task: Task) -> dict[str, object]:
    """What the options say of the place, as the agent reads it; only what was said."""
    common = task.common
    said = {
        "track": common.track, "at": common.at, "bars": common.bars, "beats": common.beats,
        "seconds": common.seconds, "begins": list(common.begins), "ends": list(common.ends),
        "key": task.wanted.key,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value not in (None, [])}


def run_on_file(task: Task) -> None:
    """The result goes to files."""
    common = task.common
    ranges = common.ranges
    if task.needs_range and ranges.empty:
        raise click.UsageError("Say which part: --from 4s --to 8s.")
    (file, _) = common.place(prompt=True)
    assert file is not None, "there is no project"
    assert task.output is not None, "it was checked"
    file = audio_file(file)
    output = output_on_file(
        file, task.output, force=common.force, patches=task.patches, midi=task.midi, asked=task.asked
    )
    output.check(1)
    with Display() as display, make.connect(display) as client:
        make.check_engine(client, common.engine)
        wanted = replace(task.wanted, params=dict(task.wanted.params) | _mix(output.mixed, task))
        result = on_file(client, file, ranges, wanted, task.said, output, display)
    _tell(result, task)


def _mix(mixed: bool, task: Task) -> dict[str, object]:
    return {"mix": mixed} if "mix" in task.wanted.params else {}


def _tell(result: make.Result, task: Task) -> None:
    report(result, as_json=task.as_json)
    if task.play:
        listen(result.received)
