"""What can go wrong, for a program (the code) and for a person (the sentences).

BandmateError
├── ProtocolError
│   ├── LocalProtocolError     this side broke the protocol: a bug in the caller
│   └── RemoteProtocolError    the other side did
└── RequestError               what was asked for cannot be done; the sentence says what can
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any


class ErrorCode(StrEnum):
    """Every code that crosses the wire, with its meaning beside it."""

    BAD_MESSAGE = "bad_message"
    """A frame that is not a message of the protocol, or breaks one of its bounds."""
    UNKNOWN_TYPE = "unknown_type"
    """A message of a type that this peer does not know."""
    UNEXPECTED_MESSAGE = "unexpected_message"
    """A message that has no place in the present state, such as a second `hello`."""
    UNSUPPORTED_PROTOCOL = "unsupported_protocol"
    """The two peers share no version of the protocol."""
    QUOTA_EXCEEDED = "quota_exceeded"
    """More than the server allows one connection: jobs, uploads, bytes."""
    NO_SUCH_TASK = "no_such_task"
    """No installed plugin has a task of that name."""
    NO_SUCH_ENGINE = "no_such_engine"
    """No installed plugin has an engine of that name, or it cannot do the task."""
    NO_SUCH_JOB = "no_such_job"
    """The server has no job of that id."""
    AMBIGUOUS_JOB = "ambiguous_job"
    """The start of a job's id fits several."""
    JOB_IN_USE = "job_in_use"
    """The job is kept, waits or runs, and cannot be dropped."""
    JOB_CHANGED = "job_changed"
    """Somebody else changed the job's note in the meantime."""
    NOT_READY = "not_ready"
    """What was asked for is still being made; the sentence says how to get it now, or when to ask again."""
    BAD_PARAMS = "bad_params"
    """A parameter that the task does not have, or a value out of its range."""
    BAD_TIMELINE = "bad_timeline"
    """A range that is empty, or a tempo map that does not cover it."""
    NOT_CONFIRMED = "not_confirmed"
    """The change deletes something; the sentence says what. The same request with `confirmed` carries it out."""
    RANGE_TOO_LONG = "range_too_long"
    """A range longer than the `range_seconds` of `welcome`."""
    INPUT_MISSING = "input_missing"
    """A job names audio that the server does not hold."""
    INPUT_UNUSABLE = "input_unusable"
    """Audio that is empty, of a strange format, not finite, or shorter than the slice asked for."""
    ENGINE_UNAVAILABLE = "engine_unavailable"
    """The engine exists but cannot run here: weights missing, device too small."""
    ENGINE_FAILED = "engine_failed"
    """The engine raised, or broke its contract."""
    OUT_OF_MEMORY = "out_of_memory"
    """The device ran out of memory, also on the smallest tier."""
    WORKER_DIED = "worker_died"
    """The worker process ended in the middle of the job."""
    WORKER_STUCK = "worker_stuck"
    """The worker made no progress and did not answer."""
    INTERRUPTED = "interrupted"
    """The server ended while the job ran; attaching to the job starts it again."""
    DISK_FULL = "disk_full"
    """The server's disk, or the client's, has no room left."""
    NO_TARGET = "no_target"
    """No bridge with a project in focus is connected."""
    NOT_ALLOWED = "not_allowed"
    """Wrong token, or an origin or host that is not allowed."""
    NO_SERVER = "no_server"
    """No server answers, and none could be started."""
    PORT_BUSY = "port_busy"
    """Another program listens on the port that the server was told to take."""
    BAD_POSITION = "bad_position"
    """A position or length that cannot be read, or lies outside the project."""
    NOT_A_PROJECT = "not_a_project"
    """A file that is not a REAPER project, or is cut short."""
    PROJECT_CHANGED = "project_changed"
    """The project file changed on the disk between reading and writing it."""
    PROJECT_OPEN = "project_open"
    """REAPER has the project open and would overwrite the edit."""
    NO_SUCH_TRACK = "no_such_track"
    """The project has no track of that name."""
    AMBIGUOUS_TRACK = "ambiguous_track"
    """The project has several tracks of that name."""
    FILE_EXISTS = "file_exists"
    """A file would be overwritten; audio never is."""
    FILE_UNUSABLE = "file_unusable"
    """A file that cannot be read or written."""
    INTERNAL = "internal"
    """A fault of Bandmate's own; the log has the details."""


class BandmateError(Exception):
    """Base of every error that is meant to reach a person.

    ``code`` is for programs, ``sentence`` says what happened, ``remedy`` what would have worked (may be
    empty). Both are plain text; what `bandmate_protocol.texts.say` made of them is kept in ``texts``.
    ``models`` names the models that would help, as the task `pull` knows them.
    """

    job: str = ""
    """The job that it ended, where there is one."""

    def __init__(
        self, code: ErrorCode, sentence: str, remedy: str = "", *, models: Iterable[str] = ()
    ) -> None:
        super().__init__(str(sentence))
        self.models = tuple(map(str, models))
        self.code = code
        self.texts = (sentence, remedy)

    @property
    def sentence(self) -> str:
        """What happened, as plain text."""
        return str(self.texts[0])

    @property
    def remedy(self) -> str:
        """What would have worked, as plain text; may be empty."""
        return str(self.texts[1])

    @remedy.setter
    def remedy(self, remedy: str) -> None:
        self.texts = (self.texts[0], remedy)

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".rstrip()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.code, *self.texts), {"models": self.models}


class ProtocolError(BandmateError):
    """Base of both sides' breaches of the protocol."""


class LocalProtocolError(ProtocolError):
    """Raised when this side tries what the protocol forbids: a bug in the calling code."""

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(ErrorCode.UNEXPECTED_MESSAGE, sentence, remedy)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self.texts


class RemoteProtocolError(ProtocolError):
    """Raised when the other side sent what the protocol forbids.

    ``type`` and ``request`` are those of the refused message where they could be read.
    """

    def __init__(
        self,
        code: ErrorCode,
        sentence: str,
        remedy: str = "",
        *,
        type: str | None = None,  # noqa: A002 -- its name on the wire
        request: str | None = None,
    ) -> None:
        super().__init__(code, sentence, remedy)
        self.type = type
        self.request = request

    def __reduce__(self) -> tuple[Any, ...]:
        return self.__class__, (self.code, *self.texts), self.__dict__


class RequestError(BandmateError):
    """Raised when a well-formed request cannot be done as asked."""
