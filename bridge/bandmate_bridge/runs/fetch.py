"""Brings a job's result here, again or for the first time: as it was asked for, or to another place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bandmate_bridge.analysis.report import report_lines
from bandmate_bridge.audiofiles.formats import OPEN_FORMAT, FormatRequest
from bandmate_bridge.client import Client
from bandmate_bridge.client.requests import accepted_from_summary
from bandmate_bridge.files import names_folder
from bandmate_bridge.history.job_list import requested_place, visible_jobs
from bandmate_bridge.jobs.job_origin import (
    FileOrigin,
    FolderOrigin,
    HelperOrigin,
    ItemOrigin,
    PatchOrigin,
    ProjectOrigin,
    ReaperOrigin,
    origin_of,
)
from bandmate_bridge.jobs.job_run import JobRun, ReportSink
from bandmate_bridge.outputs import ledger
from bandmate_bridge.outputs.into_file import patch_output_of
from bandmate_bridge.outputs.into_item import ItemOutput, ItemSpot
from bandmate_bridge.outputs.into_project import ProjectOutput, TrackLayout
from bandmate_bridge.outputs.new_project import NewProjectOutput
from bandmate_bridge.outputs.output import ResultOutput, asked_format
from bandmate_bridge.progress import ProgressCallback
from bandmate_bridge.projects import load_project
from bandmate_bridge.rpp import Project
from bandmate_bridge.runs.on_audio import output_on_file
from bandmate_bridge.runs.redo import original_layout
from bandmate_bridge.runs.run_result import RunResult
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import JobSummary
from bandmate_protocol.texts import say

_MAX_JOBS_READ = 100
_WITHOUT_RESULT = ("failed", "cancelled")


@dataclass(frozen=True)
class FetchDestination:
    """Where a result shall go, as far as that was said; else it goes where it was asked for."""

    output: str | None = None
    """A file, or a folder with a slash at its end."""
    into: Path | None = None
    """A project."""
    at: str | None = None
    """A position in it; where the job lies on its own timeline when left out."""
    track: str | None = None
    """A track of it that takes the mix."""
    midi: bool = False
    force: bool = False
    asked: FormatRequest = OPEN_FORMAT
    """The format of files."""


def job_to_fetch(client: Client, prefix: str | None) -> JobSummary:
    """The job of that id, else the newest one that has something to fetch, or will have.

    Raises RequestError: `no_such_job`, `ambiguous_job`, `interrupted` for one that has nothing to fetch.
    """
    if prefix is not None:
        job: JobSummary | None = client.job(prefix)
    else:
        newest = visible_jobs(client, _MAX_JOBS_READ)
        job = next((each for each in newest if each.state not in _WITHOUT_RESULT), None)
    if job is None:
        raise RequestError(
            ErrorCode.NO_SUCH_JOB,
            "There is no job to fetch yet.",
            "`bandmate generate` starts the first one.",
        )
    if job.state in _WITHOUT_RESULT:
        why = f" failed: {job.sentence}" if job.state == "failed" else " was cancelled."
        raise RequestError(
            ErrorCode.INTERRUPTED,
            say("There is nothing to fetch: job {job}{why}", job=job.job, why=why),
            say("`bandmate redo {job} --seed {seed}` runs it again.", job=job.job, seed=job.seed),
        )
    return job


def is_report(client: Client, job: JobSummary) -> bool:
    """Whether a job makes no audio."""
    if job.stems or job.state == "done":
        return not job.stems
    tasks = {task.name: task for task in client.describe().tasks}
    return job.task in tasks and tasks[job.task].result == "report"


def fetch_report(client: Client, job: JobSummary, progress: ProgressCallback) -> RunResult:
    """Takes up a job that makes no audio. Raises RequestError as the job failed."""
    client.attach(job.job)
    accepted = accepted_from_summary(job)
    outcome = JobRun(client, job.job, ReportSink(), progress, cancels=False).finish()
    lines = report_lines(outcome.done.report)
    return RunResult(lines=lines, accepted=[accepted], outcomes=[outcome], received=[[]])


def fetch_output(job: JobSummary, said: FetchDestination) -> ResultOutput:
    """Where the result goes; checked, as far as that can be before it is here.

    Raises RequestError: `file_exists`, `file_unusable`, `not_a_project`, `no_such_track`, ...
    """
    output = _named_output(job, said) or _original_output(job, said)
    output.check(1)
    return output


def _named_output(job: JobSummary, said: FetchDestination) -> ResultOutput | None:
    """The place that the command names."""
    if said.into is not None:
        project = load_project(said.into)
        layout = TrackLayout(_track_title(job), track=said.track, midi=said.midi, mixed=_is_mix(job))
        start = project.position(said.at) if said.at is not None else None
        return ProjectOutput(project, layout, force=said.force, start=start)
    if said.output is None:
        return None
    if isinstance(origin_of(job), PatchOrigin) and not names_folder(said.output):
        return patch_output_of(job, Path(said.output), force=said.force)
    return output_on_file(
        Path(said.output),
        said.output,
        force=said.force,
        patches=False,
        midi=_wants_midi(job, said),
        asked=said.asked,
        title=_track_title(job),
    )


def _original_output(job: JobSummary, said: FetchDestination) -> ResultOutput:
    origin, place = origin_of(job), requested_place(job)
    if place is None or origin is None or isinstance(origin, ReaperOrigin | HelperOrigin):
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("Job {job} does not record where its result belongs.", job=job.job),
            "Choose a place: -o out.wav, -o folder/, or --into song.rpp.",
        )
    if isinstance(origin, ProjectOrigin | ItemOrigin):
        return _project_output(job, origin, place, said)
    _check_parent(job, place)
    if isinstance(origin, PatchOrigin):
        return patch_output_of(job, place, force=said.force)
    where = f"{place}/" if isinstance(origin, FolderOrigin) else str(place)
    return output_on_file(
        place,
        where,
        force=said.force,
        patches=False,
        midi=_wants_midi(job, said),
        asked=asked_format(origin),
    )


def _project_output(
    job: JobSummary, origin: ProjectOrigin | ItemOrigin, place: Path, said: FetchDestination
) -> ResultOutput:
    if isinstance(origin, ProjectOrigin) and origin.new and not place.exists():
        return NewProjectOutput(place, origin.title, midi=said.midi or origin.midi)
    project = load_project(place)
    _check_not_inserted(job, project)
    if isinstance(origin, ItemOrigin):
        return ItemOutput(project, ItemSpot.from_origin(origin), mixed=origin.mixed, force=said.force)
    return ProjectOutput(project, original_layout(origin, project, midi=said.midi), force=said.force)


def _check_not_inserted(job: JobSummary, project: Project) -> None:
    """A second copy of what is in the project is nothing that anybody wants without saying so."""
    entry = ledger.recall_result(job.job)
    if entry is not None and any(
        placed.item and project.find_item(placed.item, placed.track) for placed in entry.placed
    ):
        raise RequestError(
            ErrorCode.FILE_EXISTS,
            say("The result of job {job} is already in {name}.", job=job.job, name=project.path.name),
            say(
                "-o folder/ fetches its audio as files, --into {name} inserts it again, and `bandmate redo "
                "{job}` makes another take.",
                name=project.path.name,
                job=job.job,
            ),
        )


def _check_parent(job: JobSummary, place: Path) -> None:
    if not place.parent.is_dir():
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say(
                "The folder {parent}, where the result of job {job} belongs, no longer exists.",
                parent=place.parent,
                job=job.job,
            ),
            "Choose another place: -o out.wav or -o folder/.",
        )


def _track_title(job: JobSummary) -> str:
    origin = origin_of(job)
    title = origin.title if isinstance(origin, ProjectOrigin | ItemOrigin | ReaperOrigin) else ""
    return title or str(job.params.get("prompt", "")).strip() or job.task


def _is_mix(job: JobSummary) -> bool:
    """Whether one piece of audio was asked for: then the track is called by what it is."""
    origin = origin_of(job)
    mixed = isinstance(origin, ProjectOrigin | ItemOrigin) and origin.mixed
    return mixed or job.params.get("mix") is True


def _wants_midi(job: JobSummary, said: FetchDestination) -> bool:
    origin = origin_of(job)
    asked = isinstance(origin, FileOrigin | FolderOrigin | ProjectOrigin) and origin.midi
    return said.midi or asked
