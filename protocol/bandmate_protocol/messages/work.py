"""Jobs: submitted, accepted, watched, cancelled, resumed."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, field

from bandmate_protocol.messages._base import Message, MessagePart
from bandmate_protocol.messages.inputs import Input
from bandmate_protocol.messages.timeline import Timeline
from bandmate_protocol.messages.wording import Wording
from bandmate_protocol.units import (
    Bytes,
    Count,
    DurationSeconds,
    Index,
    JobId,
    Label,
    Lufs,
    Milliseconds,
    NoteText,
    Rating,
    RequestId,
    SampleRate,
    Seed,
    Sentence,
    Sha256,
    Values,
    WholeFrames,
    Word,
)

ProgressUnit = Literal["steps", "bytes"]
"""What progress counts: steps of the work, or bytes of a download."""

JobState = Literal["queued", "running", "done", "failed", "cancelled", "interrupted"]


class Submit(Message, frozen=True, kw_only=True):
    """Submits a job."""

    request: RequestId
    task: Word
    """The name of a task in the catalogue."""
    timeline: Timeline
    """The range that the job fills."""
    params: Values = field(default_factory=dict)
    """What differs from the task's defaults; the task's schema says what there is.

    A name that is no parameter of the task counts as an option of its engine."""
    options: Values = field(default_factory=dict)
    """What differs from the engine's defaults; the engine's schema says what there is.

    An option of another engine than the one that runs the job has no effect, and a remark says so."""
    engine: Word | None = None
    """None leaves the choice to the server."""
    seed: Seed | None = None
    """None lets the server choose one; `accepted` says which."""
    inputs: Annotated[tuple[Input, ...], Meta(max_length=256)] = ()
    """Audio that the job works on or refers to."""
    origin: Annotated[dict[str, str], Meta(max_length=32)] = field(default_factory=dict)
    """What the client wants to remember about its request. Kept with the job and returned.

    The server reads two of them: `base`, the id of a job that the result is heard together with, which stays while this
    job does; and `subject`, the name of the music that the job works on, such as a file's, which `words` also finds."""


class Accepted(Message, frozen=True, kw_only=True):
    """The job is in the queue."""

    request: RequestId
    job: JobId
    task: Word
    """As asked."""
    engine: Word
    """The chosen engine; `none` for a task that needs no engine."""
    reason: Sentence
    """Why this engine."""
    reason_wording: Wording | None = None
    """How `reason` is made, where it has values in it."""
    seed: Seed
    ahead: Count = 0
    """Jobs ahead of this one."""


class Progress(Message, frozen=True, kw_only=True):
    """A job's progress. The latest message counts."""

    job: JobId
    attempt: Index
    stage: Label
    """The current stage, such as `Loading the model`."""
    step: Count
    """Steps of this stage that are done."""
    steps: Count
    """Steps of this stage in all; 0 when nobody knows."""
    unit: ProgressUnit = "steps"
    """What `step` and `steps` count."""
    stage_wording: Wording | None = None
    """How the stage's name is made, where it has values in it."""
    seconds_left: DurationSeconds | None = None
    """Estimated time to the end of the job."""


class Cancel(Message, frozen=True, kw_only=True):
    """Cancels a job; the answer is `cancelled`, or `done` if that came first."""

    job: JobId


class HeldStem(MessagePart, frozen=True, kw_only=True):
    """How much of a stem the client already has."""

    stem: Index
    attempt: Index
    revision: Index
    frames: WholeFrames
    """Without a gap from the start."""


class Attach(Message, frozen=True, kw_only=True):
    """Resumes a job, running or ended, from what the client already has.

    This restarts an interrupted job.
    """

    request: RequestId
    job: JobId
    held: Annotated[tuple[HeldStem, ...], Meta(max_length=1024)] = ()
    """What need not be sent again."""
    without_audio: bool = False
    """Stems are announced and ended, but no `audio` is sent: the client reads it by its hash."""


class Attached(Message, frozen=True, kw_only=True):
    """The answer to `attach`; the job's stems follow."""

    request: RequestId
    job: JobId
    state: JobState
    attempt: Index
    """The one that the coming messages belong to, or a lower one."""


class Redo(Message, frozen=True, kw_only=True):
    """Runs a job's recipe again, with another seed unless one is given."""

    request: RequestId
    job: JobId
    seed: Seed | None = None


class ListJobs(Message, frozen=True, kw_only=True):
    """Asks for the newest jobs that fit all of the filters."""

    request: RequestId
    most: Annotated[int, Meta(ge=1, le=1000)] = 20
    """How many."""
    prefix: Annotated[str, Meta(max_length=8, pattern=r"^[0-9a-z]*$(?!\n)")] = ""
    """What their ids start with; with all eight characters, that job."""
    before: JobId | None = None
    """Only jobs older than this one: the last of a list asks for the next page."""
    skip: Count = 0
    """Leaves out so many of the newest that fit, to read a list from the middle."""
    words: Label = ""
    """Each of these words is in the job's id, task, engine, prompt, note or the `subject` of its origin, whatever its
    case."""
    task: Word | None = None
    engine: Word | None = None
    state: JobState | None = None
    rating: Rating = 0
    """At least so many stars."""
    kept: bool | None = None
    """True for jobs that are kept, false for the others."""
    dropped: bool = False
    """True for jobs that were dropped and can still be restored, which are in no other list.

    A whole id as `prefix` finds them too."""
    since_ms: Milliseconds | None = None
    """Only jobs that were submitted then or later; since 1970-01-01 UTC."""
    brief: bool = False
    """Leaves out what a table does not show: stems, inputs, options, parameters but the prompt, of the origin all
    but `subject`, and of the timeline all but its range and first tempo."""


class JobStem(MessagePart, frozen=True, kw_only=True):
    """A finished stem of a job."""

    stem: Index
    name: Label
    """Of the track."""
    sha256: Sha256
    """Of its samples as interleaved f32le."""
    frames: WholeFrames
    sample_rate: SampleRate
    loudness_lufs: Lufs | None = None


class JobSummary(MessagePart, frozen=True, kw_only=True):
    """A job as the store has it."""

    job: JobId
    state: JobState
    task: Word
    engine: Word
    created_ms: Milliseconds
    """Since 1970-01-01 UTC."""
    finished_ms: Milliseconds | None = None
    """Since 1970-01-01 UTC; none before its end."""
    seed: Seed
    attempt: Index = 0
    params: Values = field(default_factory=dict)
    options: Values = field(default_factory=dict)
    """Of its engine."""
    timeline: Timeline | None = None
    inputs: Annotated[tuple[Input, ...], Meta(max_length=256)] = ()
    origin: Annotated[dict[str, str], Meta(max_length=32)] = field(default_factory=dict)
    """What came with `submit`."""
    stems: Annotated[tuple[JobStem, ...], Meta(max_length=1024)] = ()
    """The finished ones."""
    sentence: Sentence = ""
    """Why it failed."""
    rating: Rating = 0
    note: NoteText = ""
    kept: bool = False
    """Nothing removes the job or its audio until this is false again."""
    dropped_ms: Milliseconds | None = None
    """When it was dropped; since 1970-01-01 UTC. None for a job that was not."""
    removed_stems: Annotated[tuple[Index, ...], Meta(max_length=1024)] = ()
    """Finished stems whose audio is no longer on the server's disk; `redo` with the same seed makes it again."""
    disk_bytes: Bytes = 0
    """Audio that dropping this job alone would free: its stems and inputs, without what another job, a pin or a
    kept job needs."""


class JobList(Message, frozen=True, kw_only=True):
    """The answer to `list_jobs`, the newest first; also to `annotate` and `restore_jobs`."""

    request: RequestId
    jobs: Annotated[tuple[JobSummary, ...], Meta(max_length=1000)]
    total: Count | None = None
    """How many jobs fit the filters in all; None from a server that does not count them."""
    disk_bytes: Bytes = 0
    """Audio of all jobs and uploads on the server's disk, each file once."""


class Pin(Message, frozen=True, kw_only=True):
    """Protects audio from the retention budget while `owner` names it.

    Each message replaces what the same owner pinned before; an empty list releases all of it.
    """

    request: RequestId
    owner: Label
    """Such as a saved project."""
    sha256: Annotated[tuple[Sha256, ...], Meta(max_length=4096)] = ()
    """Uploaded files or finished stems."""


class Pinned(Message, frozen=True, kw_only=True):
    """The answer to `pin`: which of the hashes the server does not hold."""

    request: RequestId
    missing: Annotated[tuple[Sha256, ...], Meta(max_length=4096)] = ()
    """Those that cannot be kept."""
