"""Runs a task on audio that is there: an item of a project, or a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bandmate_bridge.analysis.report import RecordingTempo, analyse_upload, steady_tempo_map
from bandmate_bridge.audiofiles.formats import OPEN_FORMAT, FormatRequest
from bandmate_bridge.client import Client
from bandmate_bridge.files import names_folder
from bandmate_bridge.history.recipes import RecordingRecipe, find_recipe
from bandmate_bridge.jobs.job_request import JobRequest
from bandmate_bridge.outputs.into_file import PatchOutput
from bandmate_bridge.outputs.into_item import ItemOutput, ItemSpot
from bandmate_bridge.outputs.into_project import ProjectOutput, TrackLayout
from bandmate_bridge.outputs.new_project import NewProjectOutput
from bandmate_bridge.outputs.output import FileOutput, FolderOutput, ResultOutput
from bandmate_bridge.outputs.save_project import check_in_place
from bandmate_bridge.progress import ProgressCallback, SubjectChanged
from bandmate_bridge.projects import load_project, names_project
from bandmate_bridge.requests.audio_jobs import (
    ItemJob,
    TaskOptions,
    check_selected,
    context_input,
    plan_file_job,
    plan_item_job,
    upload_and_probe,
)
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.sections import mark_sections, recording_ranges, with_sections
from bandmate_bridge.requests.selection import SelectedItems
from bandmate_bridge.requests.several_items import plan_items_job
from bandmate_bridge.requests.surroundings import gather_surroundings, written_surroundings
from bandmate_bridge.rpp import Project, resolve_item, time_text
from bandmate_bridge.runs.generate import run_request
from bandmate_bridge.runs.run_result import RunResult
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Probed
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.texts import say

_SAME_SECONDS = 1e-6
"""Seconds within which two positions are one."""


@dataclass(frozen=True)
class GivenTempo:
    """What was said of a file's music; None leaves it to be heard."""

    bpm: float | None = None
    metre: tuple[int, int] | None = None
    needs_music: bool = True
    """The task, or the range, asks for tempo and metre at all."""


@dataclass(frozen=True)
class ProjectTarget:
    """Where in a project results go: onto tracks, or as takes onto the range when there is no layout."""

    title: str
    layout: TrackLayout | None = None
    mixed: bool = False
    """One take of all parts."""
    force: bool = False


def check_item(selected: SelectedItems, wanted: TaskOptions, onto: ProjectTarget) -> None:
    """Raises RequestError for what can be seen to fail before anything is sent."""
    check_selected(selected, wanted)
    if onto.layout is not None:
        ProjectOutput(selected.project, onto.layout, force=onto.force).check(1)
    else:
        check_in_place(selected.project, selected.project.path, force=onto.force)


def run_item_job(
    client: Client,
    selected: SelectedItems,
    wanted: TaskOptions,
    onto: ProjectTarget,
    progress: ProgressCallback,
) -> RunResult:
    """Runs a task on an item of a project. Raises RequestError; then nothing is changed."""
    laying = prepare_item_job(client, selected, wanted, progress)
    return run_request(client, laying.order, output_in_project(selected, laying, onto), progress)


def run_item_jobs(
    client: Client,
    parts: Sequence[SelectedItems],
    wanted: TaskOptions,
    onto: ProjectTarget,
    progress: ProgressCallback,
) -> RunResult:
    """Runs a task that works in place on each of several items of a project, one after another.

    The project is saved after each. Raises RequestError; then the items before that one are changed.
    """
    joined = RunResult()
    if len(parts) > 1:
        joined.decided.append(
            say("The range crosses {count} items; each is changed by itself.", count=len(parts))
        )
    for number, part in enumerate(parts, 1):
        if len(parts) > 1:
            progress(SubjectChanged(f"{number} of {len(parts)}"))
        joined.add(run_item_job(client, part if number == 1 else _reread(part), wanted, onto, progress))
    return joined


def _reread(selected: SelectedItems) -> SelectedItems:
    """The same item in the project as it is in its file now."""
    project, heard = load_project(selected.project.path), selected.heard
    track = next(one for one in project.tracks if one.number == heard.track.number)
    item = next(
        one
        for one in track.items
        if one.guid == heard.item.guid and abs(one.chunk.number("POSITION") - heard.position) < _SAME_SECONDS
    )
    return replace(selected, project=project, heard=resolve_item(track, item, project.tempo_map))


def output_in_project(selected: SelectedItems, laying: ItemJob, onto: ProjectTarget) -> ResultOutput:
    """Where the results of a job on an item go."""
    if onto.layout is not None:
        return ProjectOutput(selected.project, onto.layout, force=onto.force)
    spot = spot_of_job(selected.project, laying, onto.title)
    return ItemOutput(selected.project, spot, mixed=onto.mixed, force=onto.force)


def prepare_item_job(
    client: Client, selected: SelectedItems, wanted: TaskOptions, progress: ProgressCallback
) -> ItemJob:
    """Sends the files of the items and lays the job on them, with what plays or is written beside them."""
    laying = _laid_on_items(client, selected, wanted, progress)
    timeline = with_sections(laying.order.timeline, selected.project, laying.laid.grid.frame_at)
    laying = replace(laying, order=replace(laying.order, timeline=timeline))
    if wanted.listens:
        around = gather_surroundings(client, selected, laying, progress)
    elif wanted.follows_chords:
        around = written_surroundings(selected, laying)
    else:
        return laying
    order = laying.order
    order = replace(
        order,
        timeline=around.apply_to(order.timeline),
        inputs=order.inputs + around.inputs,
        remarks=order.remarks + around.remarks,
    )
    return replace(laying, order=order)


def _laid_on_items(
    client: Client, selected: SelectedItems, wanted: TaskOptions, progress: ProgressCallback
) -> ItemJob:
    if selected.further:
        files = dict.fromkeys(piece.file for piece in selected.all_items)
        return plan_items_job(
            selected, wanted, {file: upload_and_probe(client, file, progress) for file in files}
        )
    file = selected.heard.file
    probed = upload_and_probe(client, file, progress)
    recipe = find_recipe(client, file) if wanted.ranged else None
    return plan_item_job(selected, _with_recipe(wanted, recipe), probed)


def _with_recipe(wanted: TaskOptions, recipe: RecordingRecipe | None) -> TaskOptions:
    """Says how the source was made, if it was made here and the task can make use of that."""
    # Given notes are in no prompt, so the band cannot write such a recording again.
    if recipe is None or not wanted.ranged or recipe.timeline.parts:
        return wanted
    return replace(wanted, params={"recipe": recipe.as_params(), **wanted.params})


def spot_of_job(project: Project, laying: ItemJob, title: str) -> ItemSpot:
    """Where the results of a job on an item belong."""
    heard = laying.laid.heard
    return ItemSpot(title, project.item_place(heard.track, heard.item), laying.laid.grid.phase)


def run_file_job(
    client: Client,
    file: Path,
    ranges: GivenRanges,
    wanted: TaskOptions,
    said: GivenTempo,
    output: ResultOutput,
    progress: ProgressCallback,
) -> RunResult:
    """Runs a task on a plain file, whose tempo is what was said or is heard first."""
    probed = upload_and_probe(client, file, progress)
    order = prepare_file_job(client, file, probed, ranges, wanted, said, progress)
    return run_request(client, order, output, progress)


def prepare_file_job(
    client: Client,
    file: Path,
    probed: Probed,
    ranges: GivenRanges,
    wanted: TaskOptions,
    said: GivenTempo,
    progress: ProgressCallback,
) -> JobRequest:
    """The job on a file that was sent."""
    beside = upload_and_probe(client, wanted.context, progress) if wanted.context else None
    recipe = find_recipe(client, wanted.context or file) if said.needs_music else None
    pulse = _find_tempo(client, beside or probed, probed.sample_rate, said, recipe, progress)
    sections = pulse.sections
    if ranges.sections:
        if beside is not None or not sections:
            sections = tuple(analyse_upload(client, probed, progress).named_sections())
        ranges = recording_ranges(ranges, sections, several=wanted.ranged, shown=time_text)
    wanted = replace(_with_recipe(wanted, recipe), key=wanted.key or pulse.key)
    order = plan_file_job(wanted, probed, pulse.tempo, ranges.times(pulse.tempo))
    order = replace(order, timeline=mark_sections(order.timeline, sections))
    played = context_input(beside, order) if beside else None
    return replace(order, inputs=(*order.inputs, played)) if played else order


def _find_tempo(
    client: Client,
    probed: Probed,
    rate: int,
    said: GivenTempo,
    recipe: RecordingRecipe | None,
    progress: ProgressCallback,
) -> RecordingTempo:
    """What was said; else what is known, as the file was made here; else what is heard.

    ``rate``: that of the timeline, which begins with the file.
    """
    if said.bpm is not None or not said.needs_music:
        return RecordingTempo(steady_tempo_map(rate, said.bpm, said.metre), None)
    own = probed.sample_rate == rate
    if recipe is not None and own and said.metre is None and recipe.fits_file(probed):
        return RecordingTempo(TempoMap.from_timeline(recipe.timeline), recipe.timeline.key)
    progress(SubjectChanged("Detecting the tempo"))
    heard = analyse_upload(client, probed, progress).recording_tempo(rate, said.metre)
    progress(SubjectChanged(""))
    return heard


def output_on_file(
    file: Path,
    where: str,
    *,
    force: bool,
    patches: bool,
    midi: bool = False,
    asked: FormatRequest = OPEN_FORMAT,
    title: str = "",
) -> FileOutput | FolderOutput | PatchOutput | NewProjectOutput:
    """The output that `-o` names; ``patches``: a file is the source with the range in it. ``title`` is for projects.

    Raises RequestError (`bad_params`) for a format that it cannot have.
    """
    path = Path(where)
    if names_folder(where):
        return FolderOutput(path, force=force, midi=midi, asked=asked)
    if names_project(where):
        if asked != OPEN_FORMAT:
            raise RequestError(
                ErrorCode.BAD_PARAMS, "The audio of a project is 32-bit WAV.", "Remove --bits and --format."
            )
        return NewProjectOutput(path, title, force=force, midi=midi)
    if not patches:
        return FileOutput(path, force=force, midi=midi, asked=asked)
    if asked != OPEN_FORMAT:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            "A repainted file keeps the format of its source.",
            "Remove --bits and --format, or name a folder, -o ranges/, for the new ranges only.",
        )
    return PatchOutput(file, path, force=force)
