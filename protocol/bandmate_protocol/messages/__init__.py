"""Every message of the protocol, one file per topic. These Structs are the only definition of the wire."""

from bandmate_protocol.messages._base import Message, MessagePart, type_of
from bandmate_protocol.messages.catalogue import (
    FORM_ORDER,
    Ability,
    Catalogue,
    Describe,
    EngineInfo,
    InputNeed,
    ModelInfo,
    PluginInfo,
    ResultKind,
    TaskInfo,
)
from bandmate_protocol.messages.fault import Error
from bandmate_protocol.messages.focus import (
    ConnectedProject,
    Context,
    Invoke,
    Invoked,
    ItemRef,
    JobTarget,
    Projects,
    TrackRef,
    Transport,
    WatchProjects,
)
from bandmate_protocol.messages.handshake import Hello, Limits, Ping, Pong, Role, Welcome
from bandmate_protocol.messages.inputs import (
    Fade,
    FadeShape,
    Have,
    Input,
    Missing,
    Probe,
    Probed,
    Upload,
    Uploaded,
)
from bandmate_protocol.messages.slots import (
    SLOT_COUNT,
    ClearSlot,
    ListSlots,
    Slot,
    SlotNumber,
    Slots,
    StoreSlot,
)
from bandmate_protocol.messages.stems import (
    MAX_AUDIO_BYTES,
    Audio,
    Cancelled,
    Credit,
    Done,
    Failed,
    Note,
    Notes,
    Stem,
    StemEnd,
)
from bandmate_protocol.messages.suggestion import Suggest, Suggested
from bandmate_protocol.messages.timeline import (
    MAX_GIVEN_NOTES,
    MAX_GIVEN_PARTS,
    NOTES_OFF,
    ChordMark,
    GivenPart,
    SectionMark,
    TempoPoint,
    Timeline,
)
from bandmate_protocol.messages.wording import Wording
from bandmate_protocol.messages.work import (
    Accepted,
    Attach,
    Attached,
    Cancel,
    HeldStem,
    JobList,
    JobState,
    JobStem,
    JobSummary,
    ListJobs,
    Pin,
    Pinned,
    Progress,
    ProgressUnit,
    Redo,
    Submit,
)

ClientMessage = (
    Hello
    | Ping
    | Pong
    | Describe
    | Context
    | WatchProjects
    | Invoke
    | Invoked
    | Have
    | Upload
    | Probe
    | Submit
    | Cancel
    | Attach
    | Redo
    | ListJobs
    | ListSlots
    | StoreSlot
    | ClearSlot
    | Suggest
    | Pin
    | Credit
    | Error
)
"""What a client may send."""

ServerMessage = (
    Welcome
    | Ping
    | Pong
    | Catalogue
    | Projects
    | Invoke
    | Invoked
    | Missing
    | Uploaded
    | Probed
    | Accepted
    | Progress
    | Attached
    | JobList
    | Slots
    | Suggested
    | Pinned
    | Stem
    | Audio
    | StemEnd
    | Notes
    | Done
    | Failed
    | Cancelled
    | Error
)
"""What a server may send."""

__all__ = [
    "FORM_ORDER",
    "MAX_AUDIO_BYTES",
    "MAX_GIVEN_NOTES",
    "MAX_GIVEN_PARTS",
    "NOTES_OFF",
    "SLOT_COUNT",
    "Ability",
    "Accepted",
    "Attach",
    "Attached",
    "Audio",
    "Cancel",
    "Cancelled",
    "Catalogue",
    "ChordMark",
    "ClearSlot",
    "ClientMessage",
    "ConnectedProject",
    "Context",
    "Credit",
    "Describe",
    "Done",
    "EngineInfo",
    "Error",
    "Fade",
    "FadeShape",
    "Failed",
    "GivenPart",
    "Have",
    "HeldStem",
    "Hello",
    "Input",
    "InputNeed",
    "Invoke",
    "Invoked",
    "ItemRef",
    "JobList",
    "JobState",
    "JobStem",
    "JobSummary",
    "JobTarget",
    "Limits",
    "ListJobs",
    "ListSlots",
    "Message",
    "MessagePart",
    "Missing",
    "ModelInfo",
    "Note",
    "Notes",
    "Pin",
    "Ping",
    "Pinned",
    "PluginInfo",
    "Pong",
    "Probe",
    "Probed",
    "Progress",
    "ProgressUnit",
    "Projects",
    "Redo",
    "ResultKind",
    "Role",
    "SectionMark",
    "ServerMessage",
    "Slot",
    "SlotNumber",
    "Slots",
    "Stem",
    "StemEnd",
    "StoreSlot",
    "Submit",
    "Suggest",
    "Suggested",
    "TaskInfo",
    "TempoPoint",
    "Timeline",
    "TrackRef",
    "Transport",
    "Upload",
    "Uploaded",
    "WatchProjects",
    "Welcome",
    "Wording",
    "type_of",
]
