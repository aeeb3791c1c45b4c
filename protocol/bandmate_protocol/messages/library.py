"""The library: jobs rated, noted, kept, dropped and restored, and news of the list."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from bandmate_protocol.messages._base import Message
from bandmate_protocol.units import Bytes, DurationSeconds, JobId, NoteText, Rating, RequestId

MAX_DROPPED_JOBS = 1_000
"""Jobs that one message may drop or restore."""

JobIds = Annotated[tuple[JobId, ...], Meta(min_length=1, max_length=MAX_DROPPED_JOBS)]


class Annotate(Message, frozen=True, kw_only=True):
    """Changes what a person says about a job; the answer is a `job_list` with that job.

    Each field is changed alone: two programs that set a rating and a note do not undo each other.
    """

    request: RequestId
    job: JobId
    rating: Rating | None = None
    """None leaves it; 0 takes it away."""
    note: NoteText | None = None
    """None leaves it; an empty text takes it away."""
    note_before: NoteText | None = None
    """The note that the new one replaces. If the job has another one by now, the request is refused
    (`job_changed`), and nobody's words are lost. None replaces any note."""
    kept: bool | None = None
    """None leaves it."""


class DropJobs(Message, frozen=True, kw_only=True):
    """Takes jobs out of the list; their audio is deleted a while later, until when `restore_jobs` brings them back.

    Audio that another job, a pin or a kept job needs stays, and so does a job whose audio another job is heard
    together with. A job that is kept, waits or runs cannot be dropped (`job_in_use`).
    """

    request: RequestId
    jobs: JobIds
    preview: bool = False
    """Only says what dropping would free."""
    now: bool = False
    """Deletes the audio at once: nothing brings these jobs back."""


class JobsDropped(Message, frozen=True, kw_only=True):
    """The answer to `drop_jobs`."""

    request: RequestId
    jobs: JobIds
    disk_bytes: Bytes
    """Audio that dropping these jobs together frees."""
    needed: Annotated[tuple[JobId, ...], Meta(max_length=MAX_DROPPED_JOBS)] = ()
    """Those whose audio stays for now, because other jobs are heard together with it."""
    undo_seconds: DurationSeconds = 0.0
    """How long `restore_jobs` works at least; 0 where the audio is gone."""


class RestoreJobs(Message, frozen=True, kw_only=True):
    """Brings dropped jobs back; the answer is a `job_list` with them.

    If one of them is gone, none is restored (`no_such_job`).
    """

    request: RequestId
    jobs: JobIds


class WatchJobs(Message, frozen=True, kw_only=True):
    """Asks to be told of changes in the list of jobs: `jobs_changed` comes at once, then after changes.

    A connection has one watch, the latest.
    """

    request: RequestId


class JobsChanged(Message, frozen=True, kw_only=True):
    """Jobs were added, removed, annotated, or are in another state. `list_jobs` has them as they are now."""

    request: RequestId
