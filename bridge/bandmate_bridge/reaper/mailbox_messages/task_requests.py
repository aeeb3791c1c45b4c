"""What the scripts ask for, and what becomes of it before a job runs."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from bandmate_bridge.reaper.mailbox_messages.message_base import (
    ByteCount,
    FilePath,
    Identifier,
    JobCount,
    JobNumber,
    MailboxMessage,
    Text,
)
from bandmate_bridge.reaper.mailbox_messages.project_facts import ReaperFacts, SpotFact
from bandmate_protocol.messages import JobTarget
from bandmate_protocol.units import JobId, SampleRate, Seed, Values

_MAX_STEMS = 65_536
_DEFAULT_BARS = 8.0


class TaskRequest(MailboxMessage, frozen=True, kw_only=True):
    """A task on what is selected in REAPER, or on what another program names."""

    id: Identifier
    task: Text
    """Its name in the catalogue."""
    facts: ReaperFacts
    """What is selected, and what the task works on."""
    params: Values = field(default_factory=dict)
    """What differs from the form's defaults; options of the engine are among them."""
    engine: Text | None = None
    """None leaves the choice to the server."""
    seed: Seed | None = None
    takes: bool = False
    """The result takes the place of the range, as takes of the item."""
    mixed: bool = False
    """One piece of audio is wanted, not a stem for each part."""
    midi: bool = False
    """The notes are wanted too."""
    bars: Annotated[float, Meta(ge=0, le=1e6, extra={"unit": "bars"})] = _DEFAULT_BARS
    """The length of new music without a selection."""
    where: JobTarget | None = None
    """What another program named in place of the selection."""


class PreviewTask(TaskRequest, frozen=True, kw_only=True, tag="preview"):
    """Asks what a task would work on."""


class RunTask(TaskRequest, frozen=True, kw_only=True, tag="run"):
    """Asks for a task: one job for each selected item, or one for the range."""

    invoke: Identifier = ""
    """The request of the `invoke` that it fulfils."""
    again: bool = False
    """An earlier agent was asked too: its jobs are taken up, and the rest is asked for."""


class KnownJob(MailboxMessage, frozen=True, kw_only=True):
    """A job that the scripts know."""

    id: Identifier = ""
    job: JobId
    media: FilePath
    """The folder for its audio."""
    title: Text = ""
    spot: SpotFact | None = None
    """Where in the item its parts belong, if they come as takes."""
    sample_rate: SampleRate = 48_000
    """Of the project."""
    expected: JobCount = 1
    """How many stems it has at least."""
    midi: bool = False
    """The notes are wanted too."""


class AttachJob(KnownJob, frozen=True, kw_only=True, tag="attach"):
    """Takes up a job that an earlier agent followed."""

    files: Annotated[dict[str, FilePath], Meta(max_length=_MAX_STEMS)] = field(default_factory=dict)
    """The files that were begun already, by the numbers of their stems."""


class RedoJob(KnownJob, frozen=True, kw_only=True, tag="redo"):
    """Makes a job once more with another seed."""

    seed: Seed | None = None
    """None leaves the choice to the server."""


class CancelWork(MailboxMessage, frozen=True, kw_only=True, tag="cancel"):
    """Cancels a job, or the part of a request that has not become a job yet."""

    id: Identifier = ""
    job: JobId | None = None
    ask: Identifier | None = None
    """The id of the `run`."""


class ContextChanged(MailboxMessage, frozen=True, kw_only=True, tag="context"):
    """What is selected now, for surfaces."""

    id: Identifier = ""
    facts: ReaperFacts


class RefuseInvoke(MailboxMessage, frozen=True, kw_only=True, tag="refuse"):
    """Tells a surface why an `invoke` was not fulfilled."""

    id: Identifier = ""
    request: Identifier
    """Of the `invoke`."""
    sentence: Text


class PreviewLine(MailboxMessage, frozen=True, kw_only=True, tag="preview"):
    """What a task would work on: bars, tempo and length, in one line."""

    re: Identifier
    text: Text


class JobsPlanned(MailboxMessage, frozen=True, kw_only=True, tag="planned"):
    """How many jobs a `run` comes to."""

    re: Identifier
    count: JobCount


class FileSending(MailboxMessage, frozen=True, kw_only=True, tag="sending"):
    """How much of a file has gone to the server."""

    re: Identifier
    """The id of the `run`."""
    text: Text
    done_bytes: ByteCount
    total_bytes: ByteCount


class JobAccepted(MailboxMessage, frozen=True, kw_only=True, tag="accepted"):
    """The server has accepted a job."""

    re: Identifier
    """The id of the `run` or `redo`."""
    job: JobId
    task: Text
    engine: Text
    reason: Text = ""
    """Why this engine."""
    seed: Seed
    ahead: JobCount = 0
    """Jobs before it in the queue."""
    index: JobNumber = 0
    item: Identifier = ""
    """The GUID of the item that it works on."""
    items: Annotated[tuple[Identifier, ...], Meta(max_length=65_536)] = ()
    """Of all items, where it works on several as one."""
    track: Identifier = ""
    """The GUID of the item's track, or of the one that was named for new music."""
    title: Text = ""
    """Names the folder track, the take and the undo step."""
    spot: SpotFact | None = None
    """Where in the item its parts belong, if they come as takes."""


class RequestDropped(MailboxMessage, frozen=True, kw_only=True, tag="dropped"):
    """The part of a request that had not become a job is cancelled."""

    re: Identifier


class TaskInvoked(MailboxMessage, frozen=True, kw_only=True, tag="invoke"):
    """A surface or another program asks for a task. The answer is `run` with its request, or `refuse`."""

    request: Identifier
    task: Text
    params: Values = field(default_factory=dict)
    engine: Text | None = None
    seed: Seed | None = None
    where: JobTarget | None = None
    """What to work on and how the result lies; None for the selection and the panel's settings."""
