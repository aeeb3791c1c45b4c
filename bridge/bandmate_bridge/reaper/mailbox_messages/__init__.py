"""Every message between REAPER's scripts and the agent, one file per topic. These Structs are their only definition.

`python -m bandmate_bridge.reaper.mailbox_reference` writes what is made from them: docs/reaper-mailbox.md, the
JSON Schema, and the list of fields by which the scripts read what the agent sends.
"""

from bandmate_bridge.reaper.mailbox_messages.greeting import (
    AgentAlive,
    AgentHello,
    ScriptsBye,
    ScriptsHello,
    ServerState,
)
from bandmate_bridge.reaper.mailbox_messages.job_results import (
    AnalysisMarks,
    FilesGrown,
    JobCancelled,
    JobDone,
    JobMoved,
    MarkFact,
    NoteFact,
    NotesWritten,
    StemPlace,
    StemsStarted,
    StemWritten,
    TempoMark,
    TextFact,
    WorkFailed,
)
from bandmate_bridge.reaper.mailbox_messages.message_base import (
    MAILBOX_VERSION,
    MailboxMessage,
    MailboxPart,
    kind_of,
)
from bandmate_bridge.reaper.mailbox_messages.model_pulls import (
    AskModel,
    FetchModel,
    FollowPull,
    ModelAsked,
    ModelOffer,
    PullEnd,
    PullEnded,
    PullMoved,
)
from bandmate_bridge.reaper.mailbox_messages.project_facts import (
    MarkerFact,
    ProjectFact,
    ReaperFacts,
    SpotFact,
    TempoFact,
    TrackFact,
)
from bandmate_bridge.reaper.mailbox_messages.task_forms import (
    DescribeServer,
    EngineForm,
    EngineModels,
    FormField,
    ModelEntry,
    ServerCatalogue,
    TaskForm,
)
from bandmate_bridge.reaper.mailbox_messages.task_requests import (
    AttachJob,
    CancelWork,
    ContextChanged,
    FileSending,
    JobAccepted,
    JobsPlanned,
    KnownJob,
    PreviewLine,
    PreviewTask,
    RedoJob,
    RefuseInvoke,
    RequestDropped,
    RunTask,
    TaskInvoked,
    TaskRequest,
)

ScriptMessage = (
    ScriptsHello
    | ScriptsBye
    | DescribeServer
    | PreviewTask
    | RunTask
    | AttachJob
    | RedoJob
    | CancelWork
    | ContextChanged
    | RefuseInvoke
    | AskModel
    | FetchModel
    | FollowPull
)
"""What the scripts may send."""

AgentMessage = (
    AgentHello
    | AgentAlive
    | ServerState
    | ServerCatalogue
    | PreviewLine
    | JobsPlanned
    | FileSending
    | JobAccepted
    | RequestDropped
    | TaskInvoked
    | JobMoved
    | StemsStarted
    | FilesGrown
    | StemWritten
    | NotesWritten
    | JobDone
    | JobCancelled
    | WorkFailed
    | ModelAsked
    | ModelOffer
    | PullMoved
    | PullEnded
)
"""What the agent may send."""

__all__ = [
    "MAILBOX_VERSION",
    "AgentAlive",
    "AgentHello",
    "AgentMessage",
    "AnalysisMarks",
    "AskModel",
    "AttachJob",
    "CancelWork",
    "ContextChanged",
    "DescribeServer",
    "EngineForm",
    "EngineModels",
    "FetchModel",
    "FileSending",
    "FilesGrown",
    "FollowPull",
    "FormField",
    "JobAccepted",
    "JobCancelled",
    "JobDone",
    "JobMoved",
    "JobsPlanned",
    "KnownJob",
    "MailboxMessage",
    "MailboxPart",
    "MarkFact",
    "MarkerFact",
    "ModelAsked",
    "ModelEntry",
    "ModelOffer",
    "NoteFact",
    "NotesWritten",
    "PreviewLine",
    "PreviewTask",
    "ProjectFact",
    "PullEnd",
    "PullEnded",
    "PullMoved",
    "ReaperFacts",
    "RedoJob",
    "RefuseInvoke",
    "RequestDropped",
    "RunTask",
    "ScriptMessage",
    "ScriptsBye",
    "ScriptsHello",
    "ServerCatalogue",
    "ServerState",
    "SpotFact",
    "StemPlace",
    "StemWritten",
    "StemsStarted",
    "TaskForm",
    "TaskInvoked",
    "TaskRequest",
    "TempoFact",
    "TempoMark",
    "TextFact",
    "TrackFact",
    "WorkFailed",
    "kind_of",
]
