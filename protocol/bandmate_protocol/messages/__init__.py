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
from bandmate_protocol.messages.doctor import Doctor, Finding, Findings
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
from bandmate_protocol.messages.library import (
    MAX_DROPPED_JOBS,
    Annotate,
    DropJobs,
    JobsChanged,
    JobsDropped,
    RestoreJobs,
    WatchJobs,
)
from bandmate_protocol.messages.settings import (
    ChangeSetting,
    ListSettings,
    RestartServer,
    ServerRestarting,
    Setting,
    SettingList,
    SettingSource,
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
    DRUM_CHANNEL,
    MAX_AUDIO_BYTES,
    MAX_BEND_POINTS,
    Audio,
    BendPoint,
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
from bandmate_protocol.messages.surfaces import (
    MAX_CONTROLS,
    Controls,
    ForgetControl,
    LearnControl,
    Learned,
    LearningStopped,
    ListControls,
    ListSurfaces,
    MappedControl,
    MidiController,
    OscPeer,
    StopLearning,
    SurfaceControl,
    Surfaces,
)
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
    | Annotate
    | DropJobs
    | RestoreJobs
    | WatchJobs
    | ListSlots
    | StoreSlot
    | ClearSlot
    | Suggest
    | Doctor
    | ListSettings
    | ChangeSetting
    | RestartServer
    | ListControls
    | ListSurfaces
    | LearnControl
    | StopLearning
    | ForgetControl
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
    | JobsDropped
    | JobsChanged
    | Slots
    | Suggested
    | Findings
    | SettingList
    | ServerRestarting
    | Controls
    | Surfaces
    | Learned
    | LearningStopped
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
    "DRUM_CHANNEL",
    "FORM_ORDER",
    "MAX_AUDIO_BYTES",
    "MAX_BEND_POINTS",
    "MAX_CONTROLS",
    "MAX_DROPPED_JOBS",
    "MAX_GIVEN_NOTES",
    "MAX_GIVEN_PARTS",
    "NOTES_OFF",
    "SLOT_COUNT",
    "Ability",
    "Accepted",
    "Annotate",
    "Attach",
    "Attached",
    "Audio",
    "BendPoint",
    "Cancel",
    "Cancelled",
    "Catalogue",
    "ChangeSetting",
    "ChordMark",
    "ClearSlot",
    "ClientMessage",
    "ConnectedProject",
    "Context",
    "Controls",
    "Credit",
    "Describe",
    "Doctor",
    "Done",
    "DropJobs",
    "EngineInfo",
    "Error",
    "Fade",
    "FadeShape",
    "Failed",
    "Finding",
    "Findings",
    "ForgetControl",
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
    "JobsChanged",
    "JobsDropped",
    "LearnControl",
    "Learned",
    "LearningStopped",
    "Limits",
    "ListControls",
    "ListJobs",
    "ListSettings",
    "ListSlots",
    "ListSurfaces",
    "MappedControl",
    "Message",
    "MessagePart",
    "MidiController",
    "Missing",
    "ModelInfo",
    "Note",
    "Notes",
    "OscPeer",
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
    "RestartServer",
    "RestoreJobs",
    "ResultKind",
    "Role",
    "SectionMark",
    "ServerMessage",
    "ServerRestarting",
    "Setting",
    "SettingList",
    "SettingSource",
    "Slot",
    "SlotNumber",
    "Slots",
    "Stem",
    "StemEnd",
    "StopLearning",
    "StoreSlot",
    "Submit",
    "Suggest",
    "Suggested",
    "SurfaceControl",
    "Surfaces",
    "TaskInfo",
    "TempoPoint",
    "Timeline",
    "TrackRef",
    "Transport",
    "Upload",
    "Uploaded",
    "WatchJobs",
    "WatchProjects",
    "Welcome",
    "Wording",
    "type_of",
]
