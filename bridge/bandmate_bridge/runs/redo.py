"""Which job to redo, and where its result belongs."""

from __future__ import annotations

from bandmate_bridge.client import Client
from bandmate_bridge.files import free_name
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
from bandmate_bridge.outputs import ledger
from bandmate_bridge.outputs.into_file import patch_output_of
from bandmate_bridge.outputs.into_item import ItemOutput, ItemSpot
from bandmate_bridge.outputs.into_project import ProjectOutput, TrackLayout
from bandmate_bridge.outputs.output import ResultOutput, file_output_of
from bandmate_bridge.path_text import text_path
from bandmate_bridge.projects import load_project
from bandmate_bridge.rpp import Project
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import JobSummary
from bandmate_protocol.texts import say

_MAX_JOBS_READ = 100


def job_to_redo(client: Client, prefix: str | None) -> JobSummary:
    """The job of that id, else the newest that this command line asked for.

    Raises RequestError (`no_such_job`, `ambiguous_job`).
    """
    if prefix is not None:
        job = client.job(prefix)
        if not _is_own_job(job):
            raise RequestError(
                ErrorCode.NO_SUCH_JOB,
                say(
                    "Job {job} was started by another client, so its result has no place here.",
                    job=job.job,
                ),
                "Redo it there.",
            )
        return job
    for job in client.jobs(_MAX_JOBS_READ):
        if _is_own_job(job):
            return job
    raise RequestError(
        ErrorCode.NO_SUCH_JOB, "There is no job to redo yet.", "`bandmate generate` starts the first one."
    )


def _is_own_job(job: JobSummary) -> bool:
    """Whether this command line asked for it. What REAPER asked for, its own action redoes."""
    origin = origin_of(job)
    elsewhere = origin is None or isinstance(origin, ReaperOrigin | HelperOrigin)
    return not elsewhere and job.timeline is not None


def redo_output(job: JobSummary, *, force: bool = False) -> ResultOutput:
    """Where the result of a redo goes: a further take in the project, else a new name beside the old file.

    Raises RequestError (`file_unusable`, `not_a_project`, ...) when that place is gone.
    """
    match origin_of(job):
        case ProjectOrigin() as origin:
            project, entry = _project_of(job, origin)
            return ProjectOutput(project, original_layout(origin, project), force=force, joins=entry)
        case ItemOrigin() as origin:
            project, entry = _project_of(job, origin)
            spot = ItemSpot.from_origin(origin)
            return ItemOutput(project, spot, mixed=origin.mixed, force=force, joins=entry)
        case PatchOrigin() as origin:
            return patch_output_of(job, free_name(text_path(origin.output)))
        case (FileOrigin() | FolderOrigin()) as origin:
            return _redo_file_output(job, origin)
    raise RequestError(
        ErrorCode.NO_SUCH_JOB, "The job does not record where its result belongs.", "Run the task again."
    )


def _redo_file_output(job: JobSummary, origin: FileOrigin | FolderOrigin) -> ResultOutput:
    path = text_path(origin.output)
    if not path.parent.is_dir():
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say(
                "The folder {parent}, where job {job} put its result, no longer exists.",
                parent=path.parent,
                job=job.job,
            ),
            say("`bandmate generate ... --seed {seed}` makes it again elsewhere.", seed=job.seed),
        )
    output = file_output_of(origin, free_name(path))
    output.check(1)
    return output


def original_layout(origin: ProjectOrigin, project: Project, *, midi: bool = False) -> TrackLayout:
    """How a job's result was to lie in a project; on new tracks where the track that was meant is gone."""
    track = origin.track or None
    if track is not None:
        try:
            project.find_track(track)
        except RequestError:
            track = None
    return TrackLayout(
        origin.title,
        track=track,
        flat=origin.flat,
        midi=midi or origin.midi,
        below=origin.below or None,
        mixed=origin.mixed,
        like=next(iter(origin.like), None),
        mute=origin.mute,
    )


def _project_of(
    job: JobSummary, origin: ProjectOrigin | ItemOrigin
) -> tuple[Project, ledger.LedgerEntry | None]:
    """The project that a job's result went to: an edit may have gone to a copy beside the one it was asked
    for.
    """
    entry = ledger.recall_result(job.job)
    return load_project(text_path(entry.project if entry else origin.project)), entry
