"""What `bandmate run` does with its options, by what the task works on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bandmate_bridge.audiofiles.formats import FormatRequest
from bandmate_bridge.cli.connect import connect_client
from bandmate_bridge.cli.display import ProgressDisplay
from bandmate_bridge.cli.options.audio import CommonOptions, check_output, check_tempo_options
from bandmate_bridge.cli.options.input_files import readable_audio_file
from bandmate_bridge.cli.play import play_results
from bandmate_bridge.cli.report import print_result
from bandmate_bridge.cli.run_on_audio import (
    AudioCommand,
    run_in_project,
    run_in_reaper,
    run_on_file,
    select_each_in_project,
    select_in_project,
)
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.outputs.into_project import ProjectOutput, TrackLayout
from bandmate_bridge.outputs.output import ResultOutput
from bandmate_bridge.projects import load_project
from bandmate_bridge.requests.audio_jobs import TaskOptions, upload_and_probe
from bandmate_bridge.requests.sections import new_music_range
from bandmate_bridge.requests.surroundings import SurroundingMusic, gather_song
from bandmate_bridge.requests.task_info import has_param
from bandmate_bridge.requests.timing import TempoMetreKey
from bandmate_bridge.rpp import Project
from bandmate_bridge.runs.any_task import find_server_task, run_report, typed_values
from bandmate_bridge.runs.engine_names import check_engine
from bandmate_bridge.runs.generate import run_request
from bandmate_bridge.runs.on_audio import (
    GivenTempo,
    ProjectTarget,
    output_on_file,
    prepare_file_job,
    prepare_item_job,
)
from bandmate_protocol.messages import JobTarget, TaskInfo, Timeline
from bandmate_protocol.texts import say

_DEFAULT_RATE = 48_000


@dataclass(frozen=True)
class RunOptions:
    """The options as click read them."""

    task: str
    sets: Mapping[str, str]
    common: CommonOptions
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
    files: FormatRequest
    """The format of files."""

    @property
    def wants_report(self) -> bool:
        """No place for audio was named."""
        return self.output is None and self.common.into is None and not self.play


def run_named_task(asked: RunOptions) -> None:
    """Runs the task and says what came of it."""
    _check_options(asked)
    with ProgressDisplay() as display, connect_client(display) as client:
        catalogue = client.describe()
        info = find_server_task(catalogue, asked.task)
        params = typed_values(info, catalogue.engines, asked.sets)
    if _has_source(asked, info):
        _run_on_audio(asked, info, params)
    else:
        _make_new_music(asked, info, params)


def _check_options(asked: RunOptions) -> None:
    common = asked.common
    if not asked.wants_report:
        check_output(common, asked.output)
    check_tempo_options(common, asked.bpm, asked.metre)
    if common.into is None and asked.take:
        raise click.UsageError("--take needs a project; add --into song.rpp.")
    if len(common.words) > (0 if common.into else 1):
        raise click.UsageError(
            say(
                "Unexpected argument '{words}'; a task takes one FILE, and parameters as --set NAME=VALUE.",
                words=common.words[-1],
            )
        )


def _has_source(asked: RunOptions, info: TaskInfo) -> bool:
    """Whether the task works on audio here. Raises click.UsageError where that is missing, or too much."""
    common = asked.common
    if info.source == "none":
        if common.words:
            raise click.UsageError(
                say(
                    "The task {info} takes no audio. Remove {words!r}.",
                    info=info.name,
                    words=common.words[0],
                )
            )
        return False
    if common.into is not None:
        return info.source == "required" or common.track is not None
    if info.source == "required" and not common.words:
        raise click.UsageError(
            say("The task {info} needs audio. Give a FILE, or --into song.rpp.", info=info.name)
        )
    return bool(common.words)


def _run_on_audio(asked: RunOptions, info: TaskInfo, params: Mapping[str, Any]) -> None:
    common = asked.common
    if has_param(info, "mix") and "mix" not in params:
        params = {**params, "mix": False}
    in_place = common.into is not None and (asked.take or info.result == "take")
    wanted = TaskOptions(
        info.name,
        params,
        engine=common.engine,
        seed=asked.seed,
        key=asked.key,
        in_place=in_place,
        ranged=info.takes_ranges,
        listens=info.listens,
        follows_chords=info.follows_chords,
    )
    said = GivenTempo(asked.bpm, asked.metre)
    task = AudioCommand(
        wanted,
        common,
        asked.output,
        said,
        needs_range=info.takes_ranges and common.into is not None,
        midi=asked.midi,
        play=asked.play,
        as_json=asked.as_json,
        asked=asked.files,
    )
    if common.into is None and asked.output is not None:
        run_on_file(task)
    elif common.into is None or info.result == "report":
        _report_on_source(asked, task)
    elif not run_in_reaper(task, JobTarget(take=in_place, midi=asked.midi)):
        selected, *further = (
            select_each_in_project(task)
            if in_place and info.takes_ranges
            else [select_in_project(task, whole=info.whole_items)]
        )
        title, track = _folder_title(info, params), selected.heard.track.guid
        like = selected.model_place if info.result == "stems" else None
        layout = None if in_place else TrackLayout(title, below=track, like=like, midi=asked.midi)
        onto = ProjectTarget(title, layout, mixed=in_place and not info.takes_ranges)
        run_in_project(task, selected, onto, further=further)


def _report_on_source(asked: RunOptions, task: AudioCommand) -> None:
    """Shows what a task says of a file, or of an item."""
    file = Path(asked.common.words[0]) if asked.common.into is None else None
    if file is not None:
        file = readable_audio_file(file)
    selected = select_in_project(task) if file is None else None
    with ProgressDisplay() as display, connect_client(display) as client:
        check_engine(client, asked.common.engine)
        if selected is not None:
            order = prepare_item_job(client, selected, task.wanted, display).order
        else:
            assert file is not None, "without a project there is a file"
            probed = upload_and_probe(client, file, display)
            order = prepare_file_job(
                client, file, probed, asked.common.ranges, task.wanted, task.said, display
            )
        result = run_report(client, order, display)
    print_result(result, as_json=asked.as_json)


def _make_new_music(asked: RunOptions, info: TaskInfo, params: Mapping[str, Any]) -> None:
    common = asked.common
    wanted = TaskOptions(info.name, params, engine=common.engine, seed=asked.seed, key=asked.key)
    task = AudioCommand(wanted, common, asked.output, GivenTempo(), play=asked.play, as_json=asked.as_json)
    if common.into is not None and run_in_reaper(task, JobTarget(midi=asked.midi)):
        return
    output, timeline = _place_output(asked, info, _folder_title(info, params))
    if output is not None:
        output.check(1)
        if has_param(info, "mix") and "mix" not in params:
            params = {**params, "mix": output.mixed}
    with ProgressDisplay() as display, connect_client(display) as client:
        check_engine(client, common.engine)
        around = SurroundingMusic()
        if isinstance(output, ProjectOutput) and info.listens:
            around = gather_song(client, output.project, timeline, params, display)
        order = JobRequest(
            info.name,
            around.apply_to(timeline),
            params,
            around.inputs,
            common.engine,
            asked.seed,
            remarks=around.remarks,
        )
        result = (
            run_request(client, order, output, display)
            if output is not None
            else run_report(client, order, display)
        )
    print_result(result, as_json=asked.as_json)
    if asked.play:
        play_results(result.received)


def _place_output(asked: RunOptions, info: TaskInfo, title: str) -> tuple[ResultOutput | None, Timeline]:
    """Where new music goes, none for a report, and the range that it fills."""
    common = asked.common
    if common.into is not None:
        project = load_project(common.into)
        if info.result == "report":
            return None, _project_range(project, asked)
        layout = TrackLayout(title, track=common.track, midi=asked.midi)
        return ProjectOutput(project, layout, force=common.force), _project_range(project, asked)
    if common.ranges.spans or common.sections or common.at is not None:
        raise click.UsageError("Positions need a project or a FILE. Give a length instead.")
    feel = TempoMetreKey(asked.bpm, asked.metre, asked.key)
    timeline = feel.timeline(common.ranges.length, asked.rate or _DEFAULT_RATE)
    if asked.output is None:
        return None, timeline
    where = Path(asked.output)
    output = output_on_file(
        where,
        asked.output,
        force=common.force,
        patches=False,
        midi=asked.midi,
        asked=asked.files,
        title=title,
    )
    return output, timeline


def _project_range(project: Project, asked: RunOptions) -> Timeline:
    return new_music_range(project, asked.common.ranges, asked.key)


def _folder_title(info: TaskInfo, params: Mapping[str, Any]) -> str:
    """What a folder of tracks is called."""
    return str(params.get("prompt") or info.title)
