"""The library as clients ask for it: lists, annotations, drops; a RequestError becomes an `error` to the client."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from bandmate_protocol.codec import MAX_VALUES
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import (
    Annotate,
    DropJobs,
    JobList,
    JobsDropped,
    JobSummary,
    ListJobs,
    RestoreJobs,
    Timeline,
)
from bandmate_protocol.texts import say
from bandmate_protocol.units import JOB_ID_LENGTH
from bandmate_server.jobs import Job
from bandmate_server.jobs.dropping import DROP_UNDO_MS
from bandmate_server.jobs.job_filters import JobFilters
from bandmate_server.jobs.library import merged_annotation
from bandmate_server.services import Services

_BRIEF_PROMPT_LENGTH = 400


def list_jobs(services: Services, message: ListJobs) -> JobList:
    """The newest jobs that fit, as many as one frame holds: a job with a long tempo map can be large.

    The notes that were given to a job come only with that job alone.
    """
    filters = JobFilters.of_message(message)
    library = services.store.library
    jobs = services.store.newest_jobs(message.most, filters, skip=message.skip, before=message.before)
    whole = len(message.prefix) == JOB_ID_LENGTH
    return JobList(
        request=message.request,
        jobs=_fitting_summaries(services, jobs, brief=message.brief, whole=whole),
        total=library.count_jobs(filters),
        disk_bytes=library.costs.total_bytes(),
    )


def summary_of(services: Services, job: Job) -> JobSummary:
    """One job as a list of it alone has it."""
    return _fitting_summaries(services, [job], brief=False, whole=True)[0]


def annotate_job(services: Services, message: Annotate) -> JobList:
    """Changes what people said about a job. Raises RequestError (`no_such_job`, `job_changed`)."""
    job = services.desk.events_of(message.job).job
    library = services.store.library
    before = library.annotation_of(job.id)
    if message.note_before is not None and message.note is not None and message.note_before != before.note:
        raise RequestError(
            ErrorCode.JOB_CHANGED,
            say("The note of job {job} was changed in the meantime.", job=job.id),
            "Read the other note, then save yours again.",
        )
    after = merged_annotation(before, message.rating, message.note, message.kept)
    library.annotate(job.id, job.submit, job.engine, after)
    return _list_of(services, message.request, [job])


async def drop_jobs(services: Services, message: DropJobs) -> JobsDropped:
    """Drops jobs, or says what that would free. Raises RequestError (`no_such_job`, `job_in_use`)."""
    jobs = _find_jobs(services, message.jobs)
    dropper = services.dropper
    if message.preview:
        effect = dropper.preview(jobs)
    else:
        effect = await dropper.drop_now(jobs) if message.now else dropper.drop(jobs)
    return JobsDropped(
        request=message.request,
        jobs=message.jobs,
        disk_bytes=effect.freed_bytes,
        needed=effect.needed,
        undo_seconds=0.0 if message.now else DROP_UNDO_MS / 1000,
    )


def restore_jobs(services: Services, message: RestoreJobs) -> JobList:
    """Brings dropped jobs back. Raises RequestError (`no_such_job`)."""
    try:
        jobs = _find_jobs(services, message.jobs)
    except RequestError as error:
        raise RequestError(
            ErrorCode.NO_SUCH_JOB,
            say("{sentence} Its audio was deleted, so it cannot be restored.", sentence=error.sentence),
            "Run it again from its recipe, if you saved that.",
        ) from error
    services.dropper.restore(jobs)
    return _list_of(services, message.request, jobs)


def _find_jobs(services: Services, ids: Sequence[str]) -> list[Job]:
    """Each job once, with its latest state. Raises RequestError (`no_such_job`)."""
    return [services.desk.events_of(job).job for job in dict.fromkeys(ids)]


def _list_of(services: Services, request: str, jobs: Sequence[Job]) -> JobList:
    summaries = _fitting_summaries(services, jobs, brief=False, whole=len(jobs) == 1)
    return JobList(request=request, jobs=summaries, disk_bytes=services.store.library.costs.total_bytes())


def _fitting_summaries(
    services: Services, jobs: Sequence[Job], *, brief: bool, whole: bool
) -> tuple[JobSummary, ...]:
    ids = [job.id for job in jobs]
    library = services.store.library
    said, costs = library.annotations_of(ids), library.costs.bytes_of_each(ids)
    removed = library.costs.removed_stems(ids)
    summaries: list[JobSummary] = []
    # A value takes a byte at least, so that this many bytes keep both limits of a frame.
    room = MAX_VALUES
    for job in jobs:
        summary = services.desk.summary_of(job)
        summary = _brief_summary(summary) if brief else summary if whole else _without_notes(summary)
        if job.id in said:
            summary = msgspec.structs.replace(summary, **vars(said[job.id]))
        summary = msgspec.structs.replace(
            summary, disk_bytes=costs.get(job.id, 0), removed_stems=removed.get(job.id, ())
        )
        room -= len(msgspec.msgpack.encode(summary))
        if room < 0 and summaries:
            break
        summaries.append(summary)
    return tuple(summaries)


def _brief_summary(summary: JobSummary) -> JobSummary:
    """What a table shows of a job."""
    prompt = str(summary.params.get("prompt") or "")[:_BRIEF_PROMPT_LENGTH]
    subject = summary.origin.get("subject", "")[:_BRIEF_PROMPT_LENGTH]
    return msgspec.structs.replace(
        summary,
        params={"prompt": prompt} if prompt else {},
        options={},
        timeline=summary.timeline and _range_of(summary.timeline),
        inputs=(),
        origin={"subject": subject} if subject else {},
        stems=(),
    )


def _range_of(timeline: Timeline) -> Timeline:
    return Timeline(
        sample_rate=timeline.sample_rate,
        start_frame=timeline.start_frame,
        end_frame=timeline.end_frame,
        tempo=timeline.tempo[:1],
    )


def _without_notes(summary: JobSummary) -> JobSummary:
    """The parts stay, so that a client knows that there are notes."""
    if summary.timeline is None or not summary.timeline.parts:
        return summary
    parts = tuple(msgspec.structs.replace(part, notes=()) for part in summary.timeline.parts)
    return msgspec.structs.replace(summary, timeline=msgspec.structs.replace(summary.timeline, parts=parts))
