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
from bandmate_plugins.request import AudioInput, JobCancelled, NoOptions, NoParams, TaskContext, TaskRequest
from bandmate_plugins.task import EngineTask, Task
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Note, Timeline

__all__ = [
    "AudioInput",
    "Engine",
    "EngineTask",
    "ErrorCode",
    "JobCancelled",
    "LoadedEngine",
    "Model",
    "NoOptions",
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
