"""What `bandmate run` does with its options, by what the task works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bandmate_bridge.audiofiles.formats import AskedFormat
from bandmate_bridge.cli.options.audio import Common, check_music, check_output
from bandmate_bridge.cli.options.input_files import audio_file
from bandmate_bridge.cli.report import report
from bandmate_bridge.cli.run_on_audio import Task, run_in_project, run_in_reaper, run_on_file, selected_in
from bandmate_bridge.display import Display
from bandmate_bridge.outputs.into_project import Layout, ProjectOutput
from bandmate_bridge.outputs.output import Output
from bandmate_bridge.requests.audio_jobs import Order, Wanted, sent
from bandmate_bridge.requests.timing import USUAL_BARS, Feel, Length
from bandmate_bridge.rpp import Project
from bandmate_bridge.runs import generate as make
from bandmate_bridge.runs.any_task import has_param, report_of, task_named, typed_params
from bandmate_bridge.runs.on_audio import Onto, Said, laying_of, order_of, output_on_file
from bandmate_bridge.runs.play import listen
from bandmate_protocol.messages import TaskInfo, Timeline

_USUAL_RATE = 48_000


@dataclass(frozen=True)
class Asked:
    """The options as click read them."""

    task: str
    sets: Mapping[str, str]
    common: Common
    output: str | None
    seed: int | None
    play: bool
    as_json: bool
    bpm: float | None
    metre: tuple[int, int] | None
    key: str | None
    rate: int | None
    take: bool
    midi: bool
    files: AskedFormat
    """The format of files."""

    @property
    def reports(self) -> bool:
        """No place for audio was named."""
        return self.output is None and self.common.into is None and not self.play


def run_any(asked: Asked) -> None:
    """Runs the task and says what came of it."""
    _check(asked)
    with Display() as display, make.connect(display) as client:
        info = task_named(client, asked.task)
        params = typed_params(info, asked.sets)
    if _has_source(asked, info):
        _on_audio(asked, info, params)
    else:
        _new_music(asked, info, params)


def _check(asked: Asked) -> None:
    common = asked.common
    if not asked.reports:
        check_output(common, asked.output)
    check_music(common, asked.bpm, asked.metre)
    if common.into is None and asked.take:
        raise click.UsageError("--take is about a project; name that by --into song.rpp.")
    if len(common.words) > (0 if common.into else 1):
        raise click.UsageError(
            f"'{common.words[-1]}' is too much: a task takes one FILE, and parameters by --set NAME=VALUE."
        )


def _has_source(asked: Asked, info: TaskInfo) -> bool:
    """Whether the task works on audio here. Raises click.UsageError where that is missing, or too much."""
    common = asked.common
    if info.source == "none":
        if common.words:
            raise click.UsageError(f"The task {info.name} works on no audio: leave out {common.words[0]!r}.")
        return False
    if common.into is not None:
        return info.source == "required" or common.track is not None
    if info.source == "required" and not common.words:
        raise click.UsageError(f"The task {info.name} works on audio: give a FILE, or --into song.rpp.")
    return bool(common.words)


def _on_audio(asked: Asked, info: TaskInfo, params: Mapping[str, Any]) -> None:
    common = asked.common
    if has_param(info, "mix") and "mix" not in params:
        params = {**params, "mix": False}
    wanted = Wanted(
        info.name,
        params,
        engine=common.engine,
        seed=asked.seed,
        key=asked.key,
        in_place=asked.take,
        ranged=has_param(info, "ranges"),
    )
    said = Said(asked.bpm, asked.metre)
    task = Task(
        wanted,
        common,
        asked.output,
        said,
        midi=asked.midi,
        play=asked.play,
        as_json=asked.as_json,
        asked=asked.files,
    )
    if common.into is None and asked.output is not None:
        run_on_file(task)
    elif common.into is None or info.ability == "analyse":
        _report(asked, task)
    elif not run_in_reaper(task, take=asked.take, midi=asked.midi):
        selected = selected_in(task)
        title = _title(info, params)
        layout = None if asked.take else Layout(title, below=selected.heard.track.guid, midi=asked.midi)
        run_in_project(task, selected, Onto(title, layout, mixed=asked.take))


def _report(asked: Asked, task: Task) -> None:
    """Shows what a task says of a file, or of an item."""
    file = Path(asked.common.words[0]) if asked.common.into is None else None
    if file is not None:
        file = audio_file(file)
    selected = selected_in(task) if file is None else None
    with Display() as display, make.connect(display) as client:
        make.check_engine(client, asked.common.engine)
        if selected is not None:
            order = laying_of(client, selected, task.wanted, display).order
        else:
            assert file is not None, "without a project there is a file"
            probed = sent(client, file, display)
            order = order_of(client, file, probed, asked.common.ranges, task.wanted, task.said, display)
        result = report_of(client, order, display)
    report(result, as_json=asked.as_json)


def _new_music(asked: Asked, info: TaskInfo, params: Mapping[str, Any]) -> None:
    common = asked.common
    wanted = Wanted(info.name, params, engine=common.engine, seed=asked.seed, key=asked.key)
    task = Task(wanted, common, asked.output, Said(), play=asked.play, as_json=asked.as_json)
    if common.into is not None and run_in_reaper(task, midi=asked.midi):
        return
    output, timeline = _place(asked, _title(info, params))
    if output is not None:
        output.check(1)
        if has_param(info, "mix") and "mix" not in params:
            params = {**params, "mix": output.mixed}
    order = Order(info.name, timeline, params, (), common.engine, asked.seed)
    with Display() as display, make.connect(display) as client:
        make.check_engine(client, common.engine)
        if output is not None:
            result = make.fill(client, order, output, display)
        else:
            result = report_of(client, order, display)
    report(result, as_json=asked.as_json)
    if asked.play:
        listen(result.received)


def _place(asked: Asked, title: str) -> tuple[Output | None, Timeline]:
    """Where new music goes, and the range that it fills."""
    common = asked.common
    if common.into is not None:
        project = Project.load(common.into)
        layout = Layout(title, track=common.track, midi=asked.midi)
        return ProjectOutput(project, layout, force=common.force), _range(project, asked)
    if not common.ranges.empty and (common.ranges.spans or common.at is not None):
        raise click.UsageError("Positions are places in a project or a FILE: give a length here.")
    feel = Feel(asked.bpm, asked.metre, asked.key)
    timeline = feel.timeline(common.ranges.length, asked.rate or _USUAL_RATE)
    if asked.output is None:
        return None, timeline
    where = Path(asked.output)
    output = output_on_file(
        where, asked.output, force=common.force, patches=False, midi=asked.midi, asked=asked.files
    )
    return output, timeline


def _range(project: Project, asked: Asked) -> Timeline:
    ranges = asked.common.ranges
    if ranges.spans:
        begin, end = ranges.spans[0]
        return project.range(begin, end=end, key=asked.key)
    length = ranges.length
    if ranges.at is not None and length == Length():
        length = Length(bars=USUAL_BARS)
    return project.range(
        ranges.at, bars=length.bars, beats=length.beats, seconds=length.seconds, key=asked.key
    )


def _title(info: TaskInfo, params: Mapping[str, Any]) -> str:
    """What a folder of tracks is called."""
    return str(params.get("prompt") or info.title)
