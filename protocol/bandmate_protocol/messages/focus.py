"""What the musician is looking at, and acting on it from elsewhere."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from bandmate_protocol.messages._base import Message, MessagePart
from bandmate_protocol.messages.timeline import Timeline
from bandmate_protocol.units import (
    Bpm,
    Colour,
    Index,
    JobId,
    Label,
    Name,
    RequestId,
    Seed,
    Sentence,
    Values,
    WholeFrames,
    Word,
)


class Transport(MessagePart, frozen=True, kw_only=True):
    """Where the DAW's playhead is."""

    position: WholeFrames
    """Where the playhead is, from the project's start."""
    playing: bool = False
    recording: bool = False
    looping: bool = False
    bpm: Bpm | None = None
    """At the playhead."""


class TrackRef(MessagePart, frozen=True, kw_only=True):
    """A track of the project."""

    id: Name
    """Stable while the project is open, such as REAPER's GUID."""
    index: Index
    name: Label
    colour: Colour | None = None


class ItemRef(MessagePart, frozen=True, kw_only=True):
    """An item on a track."""

    id: Name
    """Stable while the project is open."""
    track: Name
    """Its track's `id`."""
    start_frame: WholeFrames
    """In the project."""
    frames: WholeFrames
    """Its length in the project."""
    name: Label = ""


class Context(Message, frozen=True, kw_only=True):
    """A bridge reports what its user is working on. Each message replaces the last."""

    project: Name
    """An id of the bridge's own, the same for as long as the project is open."""
    project_name: Label = ""
    focused: bool = True
    """This project is in the foreground."""
    timeline: Timeline | None = None
    """The selection, or what a task would work on without one."""
    transport: Transport | None = None
    tracks: Annotated[tuple[TrackRef, ...], Meta(max_length=1024)] = ()
    """The selected ones."""
    items: Annotated[tuple[ItemRef, ...], Meta(max_length=1024)] = ()
    """The selected ones."""
    ruler_start: Annotated[float, Meta(ge=-1e9, le=1e9, extra={"unit": "s"})] = 0.0
    """What the DAW's ruler shows at frame 0, in seconds."""


class WatchProjects(Message, frozen=True, kw_only=True):
    """Asks for the connected projects, and for every change from then on."""

    request: RequestId


class ConnectedProject(MessagePart, frozen=True, kw_only=True):
    """What a bridge reported last about its project."""

    project: Name
    """What `invoke` calls it."""
    project_name: Label = ""
    focused: bool = True
    """This project is in the foreground."""
    timeline: Timeline | None = None
    """The selection, or what a task would work on without one."""
    tracks: Annotated[tuple[Label, ...], Meta(max_length=1024)] = ()
    """The names of the selected ones."""


class Projects(Message, frozen=True, kw_only=True):
    """The connected projects, the one that an `invoke` reaches first; the answer to `watch_projects`."""

    request: RequestId
    projects: Annotated[tuple[ConnectedProject, ...], Meta(max_length=256)] = ()


MAX_POSITIONS = 1_024

TargetText = Annotated[str, Meta(max_length=4_096, description="as the musician wrote it")]

TargetPosition = Annotated[str, Meta(max_length=4_096, description="such as `9.1`, `1:30` or `4s`")]
"""A position as the musician wrote it: a bar and beat, or a time."""

TargetLength = Annotated[float, Meta(ge=-1e9, le=1e9)]


class JobTarget(MessagePart, frozen=True, kw_only=True):
    """What a task works on in place of the selection, and how its result lies in the project."""

    track: TargetText | None = None
    """The track, by name, number or id."""
    at: TargetPosition | None = None
    """Where the range begins, such as `9.1`, `1:30` or `4s`."""
    bars: TargetLength | None = None
    """The length of the range in bars. At most one of `bars`, `beats` and `seconds` is given."""
    beats: TargetLength | None = None
    """The length of the range in beats."""
    seconds: TargetLength | None = None
    """The length of the range in seconds."""
    begins: Annotated[tuple[TargetPosition, ...], Meta(max_length=MAX_POSITIONS)] = ()
    """Where each range begins, if there are several."""
    ends: Annotated[tuple[TargetPosition, ...], Meta(max_length=MAX_POSITIONS)] = ()
    """Where each range ends; as many as `begins`."""
    sections: Annotated[tuple[TargetText, ...], Meta(max_length=MAX_POSITIONS)] = ()
    """The sections of the project that are the ranges, by name, such as `Chorus` or `Verse:2`.

    A bridge that knows them takes them from the project as it is now, in place of `begins` and `ends`."""
    key: TargetText | None = None
    """The key, such as `A minor`, where the task wants one."""
    alone: bool = False
    """What the other tracks play is ignored."""
    flat: bool = False
    """Several new tracks get no folder track."""
    midi: bool = False
    """The notes are wanted too."""
    take: bool = False
    """The result becomes a take, where the task leaves that open."""
    stems: bool = False
    """The result comes as a stem for each part, where the task leaves that open."""
    mute_source: bool = False
    """The items that were worked on are muted afterwards."""
    tempo_map: bool = False
    """A detected tempo becomes the project's, if that has no tempo map."""
    midi_track: TargetText | None = None
    """The track whose MIDI items are played, by name, number or id, if the task plays given notes."""


class Invoke(Message, frozen=True, kw_only=True):
    """The server asks a bridge to run a task on its selection, for a surface or the console.

    A surface sends it to the server, which passes it on to the bridge in focus.
    """

    request: RequestId
    task: Word
    """The name of a task in the catalogue."""
    params: Values = field(default_factory=dict)
    """What differs from the task's defaults; options of an engine may be among them, as in `submit`."""
    engine: Word | None = None
    """None leaves the choice to the server."""
    seed: Seed | None = None
    project: Name | None = None
    """The project to act on; the one in focus if omitted."""
    where: JobTarget | None = None
    """Overrides the selection, for bridges that can."""
    wants_outcome: bool = False
    """Asks for a second `invoked` once the job is done and its result is in the project, or could not be put there.

    Bridges that cannot say so send the first one only."""


class Invoked(Message, frozen=True, kw_only=True):
    """A bridge's answer to `invoke`: the job that it started, or why it did not.

    A second one for the same request, if that wanted it, says what became of the job's result.
    """

    request: RequestId
    job: JobId | None = None
    sentence: Sentence = ""
    """Empty when it worked."""
    placed: bool = False
    """The result is in the project now."""
