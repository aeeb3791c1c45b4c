"""What the scripts say of a project, and the project that it makes.

The scripts send what REAPER says, in REAPER's own words: tempo points, and items as the text that REAPER
saves for them. Here this becomes a project as the project-file bridge knows it, so that both bridges choose
ranges, hear items and lay jobs by the same code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from bandmate_bridge.reaper.mailbox_messages import ReaperFacts, TempoFact
from bandmate_bridge.requests.timing import DEFAULT_BARS
from bandmate_bridge.rpp import Project, Track, open_project_id
from bandmate_bridge.rpp.chunks import parse_project
from bandmate_bridge.rpp.lines import number_text, quote_text
from bandmate_protocol.messages import Context, ItemRef, TrackRef, Transport

_LABEL_CHARS = 256
_MAX_REFS = 1024
_MIN_SELECTION_SECONDS = 1e-4

TimeSpan = tuple[float, float]
"""Start and end in seconds."""


def selected_ranges(facts: ReaperFacts) -> tuple[TimeSpan, ...]:
    """Razor edits, else the time selection; empty when there is neither."""
    razors = sorted({span for track in facts.tracks for span in track.razor_seconds})
    if razors:
        return tuple(razors)
    selection = facts.selection_seconds
    if selection and selection[1] - selection[0] > _MIN_SELECTION_SECONDS:
        return (selection,)
    return ()


def selected_span(facts: ReaperFacts) -> TimeSpan | None:
    """From the first range's start to the last one's end."""
    ranges = selected_ranges(facts)
    return (ranges[0][0], max(end for _, end in ranges)) if ranges else None


def build_project(facts: ReaperFacts, span: TimeSpan | None = None) -> Project:
    """The project, with the given span as its time selection. Raises RequestError (`not_a_project`)."""
    path = Path(facts.project.file or str(Path(facts.project.media or ".") / "unsaved.rpp"))
    selection = span if span is not None else selected_span(facts)
    begin, end = selection or (0.0, 0.0)
    metre = f"{facts.numerator} {facts.denominator}"
    lines = [
        '<REAPER_PROJECT 0.1 "7.0" 0',
        f"  PROJOFFS {number_text(facts.project.time_offset_seconds)} {facts.project.bar_offset} 0",
        f"  SAMPLERATE {facts.project.sample_rate} 1 0",
        f"  TEMPO {number_text(facts.bpm)} {metre}",
        f"  CURSOR {number_text(facts.cursor_seconds)}",
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
    timeline = project.range() if selected_span(facts) is not None else project.range_at_cursor(bars)
    return timeline.start_frame, timeline.end_frame


def build_context(facts: ReaperFacts) -> Context:
    """What the server is told of the project. Raises RequestError."""
    project = build_project(facts)
    position = max(round(facts.position_seconds * facts.project.sample_rate), 0)
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
