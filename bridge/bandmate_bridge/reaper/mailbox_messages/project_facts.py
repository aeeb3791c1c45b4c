"""What REAPER says of the project: tempo, tracks, items as REAPER saves them, and what is selected."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from bandmate_bridge.reaper.mailbox_messages.message_base import (
    FilePath,
    Identifier,
    ItemChunk,
    MailboxPart,
    ProjectSeconds,
    Text,
    TimeSpan,
)
from bandmate_protocol.units import Bpm, SampleRate

_MAX_ENTRIES = 65_536

MetrePart = Annotated[int, Meta(ge=1, le=65_535, description="of the metre")]


class TempoFact(MailboxPart, frozen=True, kw_only=True):
    """A tempo or metre marker."""

    seconds: ProjectSeconds
    """Where it is."""
    bpm: Bpm
    numerator: Annotated[int, Meta(ge=0, le=65_535)] = 0
    """0 where the metre stays."""
    denominator: Annotated[int, Meta(ge=0, le=65_535)] = 0
    """0 where the metre stays."""
    linear: bool = False
    """The tempo moves evenly to that of the next marker."""
    flags: Annotated[int, Meta(ge=0, le=65_535)] = 0
    """REAPER's own bits: 1 sets the metre, 2 does not set the tempo, 4 may cut the bar before short."""


class MarkerFact(MailboxPart, frozen=True, kw_only=True):
    """A marker, or a region if it has an end."""

    name: Annotated[str, Meta(min_length=1, max_length=32)]
    """Longer names are left out: they are no chords, and few sections have them."""
    start_seconds: ProjectSeconds
    end_seconds: ProjectSeconds | None = None


class TrackFact(MailboxPart, frozen=True, kw_only=True):
    """A track that is selected or has selected items; every track where another program names one."""

    guid: Identifier
    number: Annotated[int, Meta(ge=-1, le=_MAX_ENTRIES)]
    """As REAPER counts, from 1; 0 if it is gone, -1 for the master track."""
    name: Text = ""
    selected: bool = False
    razor_seconds: Annotated[tuple[TimeSpan, ...], Meta(max_length=_MAX_ENTRIES)] = ()
    """Razor edits of the track itself."""
    items: Annotated[tuple[ItemChunk, ...], Meta(max_length=_MAX_ENTRIES)] = ()
    """The selected ones, and what plays at the same time where a task listens to it."""
    muted: bool = False
    """It, or a folder that it plays into."""
    gain: Annotated[float, Meta(ge=0, le=1_000)] = 1.0
    """The factor at which it plays: its volume and pan, and those of the folders that it plays into."""


class ProjectFact(MailboxPart, frozen=True, kw_only=True):
    """The project as a whole."""

    id: Identifier
    """Saved in the project once something was asked for in it; until then it is valid while the project is open."""
    file: FilePath = ""
    """Empty if it was never saved."""
    media: FilePath = ""
    """The folder for its audio."""
    sample_rate: SampleRate = 48_000
    bar_offset: Annotated[int, Meta(ge=-1_000_000, le=1_000_000, extra={"unit": "bars"})] = 0
    """Added to bars from the project's start where REAPER's ruler shows them."""
    time_offset_seconds: ProjectSeconds = 0.0
    """What the ruler shows at the project's start."""


class ReaperFacts(MailboxPart, frozen=True, kw_only=True):
    """What a musician has before them."""

    project: ProjectFact
    bpm: Bpm = 120.0
    """At the project's start."""
    numerator: MetrePart = 4
    denominator: MetrePart = 4
    points: Annotated[tuple[TempoFact, ...], Meta(max_length=_MAX_ENTRIES)] = ()
    """The tempo map."""
    markers: Annotated[tuple[MarkerFact, ...], Meta(max_length=_MAX_ENTRIES)] = ()
    """Of a request that names its target, or for a task that listens or follows chords: markers and regions, which
    may be named as chords or sections."""
    selection_seconds: TimeSpan | None = None
    """The time selection."""
    cursor_seconds: ProjectSeconds = 0.0
    """The edit cursor."""
    position_seconds: ProjectSeconds = 0.0
    """The playhead; the edit cursor while nothing plays."""
    playing: bool = False
    recording: bool = False
    looping: bool = False
    tracks: Annotated[tuple[TrackFact, ...], Meta(max_length=_MAX_ENTRIES)] = ()


class SpotFact(MailboxPart, frozen=True, kw_only=True):
    """Where in an item a job's parts belong. The scripts keep it and give it back."""

    item: Identifier
    """The item's GUID."""
    position_seconds: ProjectSeconds
    """Where the item was."""
    length_seconds: Annotated[float, Meta(ge=0, le=1e9, extra={"unit": "s"})]
    phase_seconds: ProjectSeconds
    """Where the job's frames lie between those counted from the project's start."""
    track: Identifier = ""
    """The GUID of the item's track; projects of REAPER 4 and 5 may have items of one GUID on several."""
