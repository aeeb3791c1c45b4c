"""Jobs: submitted, listed, read, annotated, cancelled, run again, dropped and restored."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta
from starlette.responses import Response

from bandmate_protocol.codec import encode_message
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import (
    Accepted,
    Annotate,
    Attach,
    Attached,
    Cancelled,
    Done,
    DropJobs,
    Failed,
    JobList,
    JobsDropped,
    JobSummary,
    ListJobs,
    Progress,
    Redo,
    RestoreJobs,
    Stem,
    Submit,
)
from bandmate_protocol.texts import say
from bandmate_protocol.units import JobId, Sentence
from bandmate_server.jobs import Job
from bandmate_server.rest.answers import accepted_answer, bytes_answer, json_answer, json_bytes
from bandmate_server.rest.limits import OWNER
from bandmate_server.rest.operation import Call, Operation
from bandmate_server.services import Services
from bandmate_server.sessions import job_lists, requests
from bandmate_server.sessions.submissions import SubmissionKey

_JOB = {"job": JobId}
_KEY = {
    "Idempotency-Key": "A text of your own, such as a UUID: the same request under the same key, also after a break or "
    "a restart of the server, is answered with the job of the first."
}
_MAX_KEY = 200
_ENDS = msgspec.msgpack.Decoder(Done | Failed | Cancelled)


class JobDetails(JobSummary, frozen=True, kw_only=True):
    """A job as the list has it, and how it goes or went."""

    reason: Sentence = ""
    """Why this engine."""
    progress: Progress | None = None
    """While it runs."""
    announced: Annotated[tuple[Stem, ...], Meta(max_length=1024)] = ()
    """The stems of a running job, as soon as they are known; their audio can be read while it grows."""
    end: Done | Failed | Cancelled | None = None
    """How it ended: the report and remarks, or the reason."""


class DropQuery(msgspec.Struct, frozen=True):
    """How a job is dropped."""

    preview: bool = False
    """Only says what dropping would free."""
    now: bool = False
    """Deletes the audio at once: nothing brings the job back."""


async def submit_job(call: Call) -> Response:
    """Submits a job. Its audio can be read from `stems` while it is being made."""
    message: Submit = call.body
    accepted, _ = await requests.submit_job(call.services, OWNER, message, _key_of(call))
    return accepted_answer(accepted)


async def list_jobs(call: Call) -> Response:
    """The newest jobs that fit all of the filters. `before` with the last id of a page asks for the next one."""
    message: ListJobs = call.query
    listed = job_lists.list_jobs(call.services, message)
    headers = {}
    if listed.jobs and len(listed.jobs) == message.most:
        url = call.request.url.include_query_params(before=listed.jobs[-1].job)
        headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return json_answer(listed, headers=headers)


async def get_job(call: Call) -> Response:
    """One job: its recipe, its state and progress, its finished stems, and how it ended."""
    job_id = call.path["job"]
    revision = call.services.desk.revision_of(job_id)
    return bytes_answer(
        call.memory.body_of(job_id, revision, lambda: json_bytes(_job_details(call.services, job_id)))
    )


async def annotate_job(call: Call) -> Response:
    """Changes the stars, the note, or whether the job is kept; each field alone."""
    message: Annotate = call.body
    job_lists.annotate_job(call.services, message)
    return json_answer(_job_details(call.services, message.job))


async def cancel_job(call: Call) -> Response:
    """Cancels a job. One that runs ends within moments; one that has ended stays as it is."""
    call.services.desk.cancel(call.path["job"])
    return json_answer(_job_details(call.services, call.path["job"]), 202)


async def redo_job(call: Call) -> Response:
    """Runs a job's recipe again, with another seed unless one is given."""
    message: Redo = call.body
    accepted, _ = await requests.redo_job(call.services, OWNER, message, _key_of(call))
    return accepted_answer(accepted)


async def resume_job(call: Call) -> Response:
    """Starts an interrupted job again; does nothing to any other."""
    message = Attach(request="rest", job=call.path["job"])
    attached, _ = requests.attach_job(call.services, message)
    return json_answer(attached, 202)


async def drop_job(call: Call) -> Response:
    """Takes a job out of the list; its audio is deleted a while later, until when it can be restored."""
    query: DropQuery = call.query
    message = DropJobs(request="rest", jobs=(call.path["job"],), preview=query.preview, now=query.now)
    return json_answer(await job_lists.drop_jobs(call.services, message))


async def drop_jobs(call: Call) -> Response:
    """Drops several jobs together, or says what that would free."""
    message: DropJobs = call.body
    return json_answer(await job_lists.drop_jobs(call.services, message))


async def restore_jobs(call: Call) -> Response:
    """Brings dropped jobs back."""
    message: RestoreJobs = call.body
    return json_answer(job_lists.restore_jobs(call.services, message))


def _key_of(call: Call) -> SubmissionKey | None:
    """The client's key for what it submits. Raises RequestError (`bad_params`)."""
    given = call.request.headers.getlist("idempotency-key")
    if not given:
        return None
    key = given[0]
    if len(given) > 1 or not 1 <= len(key) <= _MAX_KEY or not (key.isascii() and key.isprintable()):
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("`Idempotency-Key` is not one text of 1 to {most} printable characters.", most=_MAX_KEY),
            "A UUID does well.",
        )
    return SubmissionKey(key, encode_message(call.body))


def _job_details(services: Services, job_id: str) -> JobDetails:
    """Raises RequestError (`no_such_job`)."""
    feed = services.desk.events_of(job_id)
    job = feed.job
    summary = job_lists.summary_of(services, job)
    return JobDetails(
        **msgspec.structs.asdict(summary),
        reason=job.reason,
        progress=feed.progress if job.state == "running" else None,
        announced=tuple(feed.stems) if job.state == "running" else (),
        end=end_of(job),
    )


def end_of(job: Job) -> Done | Failed | Cancelled | None:
    """How a job ended; None before that. Raises RequestError (`file_unusable`).

    The server wrote it: the checks of what peers send would take most of the time that a client's poll takes.
    """
    try:
        return _ENDS.decode(job.end) if job.end else None
    except msgspec.DecodeError as error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("How job {job} ended cannot be read.", job=job.id),
            "Run the job again with the same seed.",
        ) from error


OPERATIONS = (
    Operation(
        "POST",
        "/jobs",
        submit_job,
        "jobs",
        {201: Accepted},
        body=Submit,
        problems=(422, 429, 507),
        headers=_KEY,
    ),
    Operation("GET", "/jobs", list_jobs, "jobs", {200: JobList}, query=ListJobs),
    Operation(
        "POST", "/jobs/drop", drop_jobs, "jobs", {200: JobsDropped}, body=DropJobs, problems=(404, 409)
    ),
    Operation(
        "POST", "/jobs/restore", restore_jobs, "jobs", {200: JobList}, body=RestoreJobs, problems=(404,)
    ),
    Operation("GET", "/jobs/{job}", get_job, "jobs", {200: JobDetails}, _JOB),
    Operation(
        "PATCH", "/jobs/{job}", annotate_job, "jobs", {200: JobDetails}, _JOB, body=Annotate, problems=(409,)
    ),
    Operation(
        "DELETE", "/jobs/{job}", drop_job, "jobs", {200: JobsDropped}, _JOB, DropQuery, problems=(409,)
    ),
    Operation("POST", "/jobs/{job}/cancel", cancel_job, "jobs", {202: JobDetails}, _JOB),
    Operation(
        "POST",
        "/jobs/{job}/redo",
        redo_job,
        "jobs",
        {201: Accepted},
        _JOB,
        body=Redo,
        problems=(422, 429, 507),
        headers=_KEY,
    ),
    Operation("POST", "/jobs/{job}/resume", resume_job, "jobs", {202: Attached}, _JOB),
)
