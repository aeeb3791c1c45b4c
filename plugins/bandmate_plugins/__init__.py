"""What the author of a plugin needs: hooks, the contracts of tasks and engines, and what they exchange."""

from bandmate_plugins.engine import Engine, LoadedEngine, Readiness
from bandmate_plugins.hooks import hookimpl
from bandmate_plugins.model import Model
from bandmate_plugins.outputs import (
    Output,
    Remark,
    StageProgress,
    StemAudio,
    StemNotes,
    StemStart,
    TaskReport,
)
from bandmate_plugins.request import AudioInput, JobCancelled, TaskContext, TaskRequest
from bandmate_plugins.task import NoParams, Task
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Note, Timeline

__all__ = [
    "AudioInput",
    "Engine",
    "ErrorCode",
    "JobCancelled",
    "LoadedEngine",
    "Model",
    "NoParams",
    "Note",
    "Output",
    "Readiness",
    "Remark",
    "RequestError",
    "StageProgress",
    "StemAudio",
    "StemNotes",
    "StemStart",
    "Task",
    "TaskContext",
    "TaskReport",
    "TaskRequest",
    "Timeline",
    "hookimpl",
]
