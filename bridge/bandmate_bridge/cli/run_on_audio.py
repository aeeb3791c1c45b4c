"""Runs what a command on audio asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import click
import msgspec

from bandmate_bridge.audiofiles.formats import OPEN_FORMAT, FormatRequest
from bandmate_bridge.cli.connect import connect_client
from bandmate_bridge.cli.display import ProgressDisplay
from bandmate_bridge.cli.options.audio import CommonOptions
from bandmate_bridge.cli.options.input_files import readable_audio_file
from bandmate_bridge.cli.play import play_results
from bandmate_bridge.cli.report import print_result
from bandmate_bridge.cli.routed import route_to_reaper
from bandmate_bridge.projects import load_project
from bandmate_bridge.requests.audio_jobs import TaskOptions
from bandmate_bridge.requests.placement import project_remarks
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.sections import section_target
from bandmate_bridge.requests.selection import SelectedItems, select_each_item, select_items
from bandmate_bridge.rpp import Project
from bandmate_bridge.runs.detected_sections import detected_ranges, needs_detection
from bandmate_bridge.runs.engine_names import check_engine
from bandmate_bridge.runs.on_audio import (
    GivenTempo,
    ProjectTarget,
    check_item,
    output_on_file,
    run_file_job,
    run_item_jobs,
)
from bandmate_bridge.runs.run_result import RunResult
from bandmate_bridge.watch.routed import ReaperRoute
from bandmate_protocol.messages import JobTarget


@dataclass(frozen=True)
class AudioCommand:
    """A command's task, and what is its own of where the result goes."""

    wanted: TaskOptions
    common: CommonOptions
    output: str | None
    said: GivenTempo
    needs_range: bool = False
    patches: bool = False
    """A file that comes out is the one that went in, with the range in it."""
    midi: bool = False
    play: bool = False
    as_json: bool = False
    asked: FormatRequest = OPEN_FORMAT
    """The format of files."""


def select_in_project(task: AudioCommand, *, whole: bool = False) -> SelectedItems:
    """The item of the project that is meant; ``whole``: as `select_items` takes it."""
    project, ranges = _project_and_ranges(task)
    several = not task.wanted.in_place
    return select_items(
        project, task.common.track, ranges, needs_range=task.needs_range, several=several, whole=whole
    )


def select_each_in_project(task: AudioCommand) -> list[SelectedItems]:
    """The items of the project that a task on ranges changes in place, each with its own part of the ranges."""
    project, ranges = _project_and_ranges(task)
    return select_each_item(project, task.common.track, ranges)


def _project_and_ranges(task: AudioCommand) -> tuple[Project, GivenRanges]:
    """The project, and the ranges with the positions of sections that are only detected."""
    common = task.common
    assert common.into is not None, "asked only with a project"
    ranges = common.ranges
    project = load_project(common.into)
    if needs_detection(project, ranges):
        with ProgressDisplay() as display, connect_client(display) as client:
            ranges = detected_ranges(client, project, common.track, ranges, display, several=task.needs_range)
    return project, ranges


def run_in_project(
    task: AudioCommand,
    selected: SelectedItems,
    onto: ProjectTarget,
    *,
    further: Sequence[SelectedItems] = (),
    remark: str = "",
) -> None:
    """The result goes into the project. ``further``: other items that are changed in the same way.

    ``remark``: what there is to say of that.
    """
    onto = replace(onto, force=task.common.force)
    for one in (selected, *further):
        check_item(one, task.wanted, onto)
    with ProgressDisplay() as display, connect_client(display) as client:
        check_engine(client, task.common.engine)
        result = run_item_jobs(client, [selected, *further], task.wanted, onto, display)
    if not task.wanted.in_place:
        result.decided = [*project_remarks(selected.project), *result.decided]
    result.decided += [remark] if remark else []
    _print_and_play(result, task)


def run_in_reaper(task: AudioCommand, lies: JobTarget) -> bool:
    """Has the result go into the project inside REAPER, where that has it open; whether it did.

    ``lies``: how the result lies. What only the command line can do with a result is done in the file.
    """
    common = task.common
    assert common.into is not None, "asked only with a project"
    if common.force or task.play:
        return False
    route = ReaperRoute(
        common.into,
        task.wanted.task,
        task.wanted.params,
        job_target(task, lies),
        common.engine,
        task.wanted.seed,
    )
    return route_to_reaper(route, as_json=task.as_json)


def ran_without_project(task: AudioCommand, lies: JobTarget) -> bool:
    """Runs it where no project is written by us: on files, or inside REAPER (``lies`` as there).

    Whether it did.
    """
    if task.common.into is None:
        run_on_file(task)
        return True
    return run_in_reaper(task, lies)


def job_target(task: AudioCommand, lies: JobTarget) -> JobTarget:
    """``lies`` with what the options say of the place."""
    common = task.common
    target = msgspec.structs.replace(
        lies,
        track=common.track,
        at=common.at,
        bars=common.bars,
        beats=common.beats,
        seconds=common.seconds,
        begins=common.begins,
        ends=common.ends,
        key=task.wanted.key,
    )
    if common.into is None:
        return target
    return section_target(target, common.into, common.sections, several=task.needs_range)


def run_on_file(task: AudioCommand) -> None:
    """The result goes to files."""
    common = task.common
    ranges = common.ranges
    if task.needs_range and ranges.is_empty:
        raise click.UsageError("Give a range: --from 4s --to 8s.")
    (file, _) = common.place(prompt=True)
    assert file is not None, "there is no project"
    assert task.output is not None, "it was checked"
    file = readable_audio_file(file)
    output = output_on_file(
        file,
        task.output,
        force=common.force,
        patches=task.patches,
        midi=task.midi,
        asked=task.asked,
        title=str(task.wanted.params.get("prompt") or ""),
    )
    output.check(1)
    with ProgressDisplay() as display, connect_client(display) as client:
        check_engine(client, common.engine)
        wanted = replace(task.wanted, params=dict(task.wanted.params) | _mix_param(output.mixed, task))
        result = run_file_job(client, file, ranges, wanted, task.said, output, display)
    _print_and_play(result, task)


def _mix_param(mixed: bool, task: AudioCommand) -> dict[str, object]:
    return {"mix": mixed} if "mix" in task.wanted.params else {}


def _print_and_play(result: RunResult, task: AudioCommand) -> None:
    print_result(result, as_json=task.as_json)
    if task.play:
        play_results(result.received)
