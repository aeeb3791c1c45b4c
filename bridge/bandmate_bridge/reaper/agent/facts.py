"""What the scripts say of a project, and the project that it makes.

The scripts send what REAPER says, in REAPER's own words: tempo points, and items as the text that REAPER
saves for them. Here this becomes a project as the project-file bridge knows it, so that both bridges choose
ranges, hear items and lay jobs by the same code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bandmate_bridge.requests.timing import DEFAULT_BARS
from bandmate_bridge.rpp import Project, Track, open_project_id
from bandmate_bridge.rpp.chunks import parse_project
from bandmate_bridge.rpp.lines import number_text, quote_text
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Context, ItemRef, TrackRef, Transport
from bandmate_protocol.texts import say

_LABEL_CHARS = 256
_MAX_REFS = 1024
_MIN_SELECTION_SECONDS = 1e-4

TimeSpan = tuple[float, float]


class TempoFact(msgspec.Struct, frozen=True):
    """A tempo or metre marker. Metre 0 where it stays."""

    seconds: float
    bpm: float
    numerator: int = 0
    denominator: int = 0
    linear: bool = False
    flags: int = 0
    """As REAPER has them: 1 sets the metre, 2 does not set the tempo, 4 may cut the bar before short."""


class TrackFact(msgspec.Struct, frozen=True):
    """A track that is selected, or has selected items."""

    guid: str
    number: int
    """From 1."""
    name: str = ""
    selected: bool = False
    razor: tuple[TimeSpan, ...] = ()
    items: tuple[str, ...] = ()
    """As REAPER writes them: the selected ones, and what plays beside them where a task listens to that."""
    muted: bool = False


class ProjectFact(msgspec.Struct, frozen=True):
    """The project as a whole."""

    id: str
    file: str = ""
    """Empty for one that was never saved."""
    media: str = ""
    """Where its audio goes."""
    rate: int = 48_000
    bar_offset: int = 0
    time_offset: float = 0.0
    """What the ruler shows at the project's start, in seconds."""


class ReaperFacts(msgspec.Struct, frozen=True):
    """What a musician has before them, in seconds."""

    project: ProjectFact
    bpm: float = 120.0
    numerator: int = 4
    denominator: int = 4
    points: tuple[TempoFact, ...] = ()
    selection: TimeSpan | None = None
    cursor: float = 0.0
    position: float = 0.0
    playing: bool = False
    recording: bool = False
    looping: bool = False
    tracks: tuple[TrackFact, ...] = ()

    @classmethod
    def from_message(cls, values: object) -> ReaperFacts:
        """From a message. Raises RequestError (`bad_message`)."""
        try:
            return msgspec.convert(values, cls)
        except msgspec.ValidationError as error:
            raise RequestError(
                ErrorCode.BAD_MESSAGE,
                say("Bandmate cannot read the message from REAPER's scripts: {error}.", error=error),
                "Run `bandmate install reaper`, so that both have the same version.",
            ) from error

    @property
    def ranges(self) -> tuple[TimeSpan, ...]:
        """Razor edits, else the time selection; empty when there is neither."""
        razors = sorted({span for track in self.tracks for span in track.razor})
        if razors:
            return tuple(razors)
        if self.selection and self.selection[1] - self.selection[0] > _MIN_SELECTION_SECONDS:
            return (self.selection,)
        return ()

    @property
    def span(self) -> TimeSpan | None:
        """From the first range's start to the last one's end."""
        ranges = self.ranges
        return (ranges[0][0], max(end for _, end in ranges)) if ranges else None


def build_project(facts: ReaperFacts, span: TimeSpan | None = None) -> Project:
    """The project, with the given span as its time selection. Raises RequestError (`not_a_project`)."""
    path = Path(facts.project.file or str(Path(facts.project.media or ".") / "unsaved.rpp"))
    selection = span if span is not None else facts.span
    begin, end = selection or (0.0, 0.0)
    metre = f"{facts.numerator} {facts.denominator}"
    lines = [
        '<REAPER_PROJECT 0.1 "7.0" 0',
        f"  PROJOFFS {number_text(facts.project.time_offset)} {facts.project.bar_offset} 0",
        f"  SAMPLERATE {facts.project.rate} 1 0",
        f"  TEMPO {number_text(facts.bpm)} {metre}",
        f"  CURSOR {number_text(facts.cursor)}",
        f"  SELECTION {number_text(begin)} {number_text(end)}",
        "  <TEMPOENVEX",
        *(f"    {_point_line(point)}" for point in facts.points),
        "  >",
    ]
    for track in facts.tracks:
        lines += [
            f"  <TRACK {track.guid}",
            f"    NAME {quote_text(track.name or f'Track {track.number}')}",
            f"    TRACKID {track.guid}",
        ]
        lines += [f"    SEL {int(track.selected)}", f"    MUTESOLO {int(track.muted)} 0 0"]
        for item in track.items:
            lines += [f"    {line}" for line in item.strip().splitlines()]
        lines.append("  >")
    text = "\n".join([*lines, ">", ""])
    return Project(path, parse_project(text.encode("utf-8", "surrogateescape"), path.name), None)


def music_range(facts: ReaperFacts, project: Project, bars: float = DEFAULT_BARS) -> tuple[int, int]:
    """The frames that new music fills: the selection, else bars from the one at the edit cursor."""
    timeline = project.range() if facts.span is not None else project.range_at_cursor(bars)
    return timeline.start_frame, timeline.end_frame


def build_context(facts: ReaperFacts) -> Context:
    """What the server is told of the project. Raises RequestError."""
    project = build_project(facts)
    position = max(round(facts.position * facts.project.rate), 0)
    chosen = [track for track in facts.tracks if track.selected]
    return Context(
        project=open_project_id(Path(facts.project.file))
        if facts.project.file
        else _project_id(facts.project.id),
        project_name=(Path(facts.project.file).name or "unsaved project")[:_LABEL_CHARS],
        timeline=project.range_in_view(DEFAULT_BARS),
        transport=Transport(
            position=position,
            playing=facts.playing,
            recording=facts.recording,
            looping=facts.looping,
            bpm=project.tempo_map.bpm_at(position),
        ),
        tracks=tuple(
            TrackRef(id=track.guid, index=max(track.number - 1, 0), name=track.name[:_LABEL_CHARS])
            for track in chosen[:_MAX_REFS]
        ),
        items=_item_refs(project.tracks)[:_MAX_REFS],
        ruler_start=project.ruler_start,
    )


def _item_refs(tracks: Sequence[Track]) -> tuple[ItemRef, ...]:
    return tuple(
        ItemRef(
            id=item.guid,
            track=track.guid,
            start_frame=max(item.start_frame, 0),
            frames=item.frames,
            name=item.name[:_LABEL_CHARS],
        )
        for track in tracks
        for item in track.items
        if item.guid and item.selected
    )


def _project_id(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def _point_line(point: TempoFact) -> str:
    shape = 0 if point.linear else 1
    text = f"PT {number_text(point.seconds)} {number_text(point.bpm)} {shape}"
    if point.numerator <= 0 or point.denominator <= 0:
        return f"{text} 0 0 {point.flags}" if point.flags else text
    return f"{text} {65536 * point.denominator + point.numerator} 0 {point.flags | 1}"
