"""What the scripts say of a project, and the project that it makes.

The scripts send what REAPER says, in REAPER's own words: tempo points, and items as the text that REAPER
saves for them. Here this becomes a project as the project-file bridge knows it, so that both bridges choose
ranges, hear items and lay jobs by the same code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from bandmate_bridge.reaper.mailbox_messages import MarkerFact, ReaperFacts, TempoFact
from bandmate_bridge.requests.timing import DEFAULT_BARS
from bandmate_bridge.rpp import (
    EnvelopePoint,
    Marker,
    OpenProject,
    OpenTrack,
    Project,
    TempoEnvelope,
    Track,
    open_project_id,
)
from bandmate_protocol.messages import Context, ItemRef, Timeline, TrackRef, Transport
from bandmate_protocol.tempo import nearest_frame

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


def build_project(facts: ReaperFacts) -> OpenProject:
    """The project, with what is selected as its time selection. Raises RequestError (`not_a_project`)."""
    told = facts.project
    return OpenProject(
        Path(told.file or str(Path(told.media or ".") / "unsaved.rpp")),
        sample_rate=told.sample_rate,
        tempo=TempoEnvelope(
            facts.bpm,
            (facts.numerator, facts.denominator),
            [_envelope_point(point) for point in facts.points],
            first_bar=1 + told.bar_offset,
            ruler_start=told.time_offset_seconds,
        ),
        tracks=[
            OpenTrack(
                track.guid,
                track.name or f"Track {track.number}",
                track.items,
                track.selected,
                track.muted,
                track.gain,
            )
            for track in facts.tracks
        ],
        selection_seconds=selected_span(facts),
        cursor_seconds=facts.cursor_seconds,
        markers=[_marker(mark, number, told.sample_rate) for number, mark in enumerate(facts.markers, 1)],
    )


def music_range(facts: ReaperFacts, project: Project, bars: float = DEFAULT_BARS) -> Timeline:
    """What new music fills: the selection, else bars from the one at the edit cursor."""
    return project.range() if selected_span(facts) is not None else project.range_at_cursor(bars)


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


def _marker(mark: MarkerFact, number: int, rate: int) -> Marker:
    end = None if mark.end_seconds is None else nearest_frame(mark.end_seconds * rate)
    return Marker(number, mark.name, nearest_frame(mark.start_seconds * rate), end)


def _envelope_point(point: TempoFact) -> EnvelopePoint:
    metre = (point.numerator, point.denominator) if point.numerator and point.denominator else None
    return EnvelopePoint(max(point.seconds, 0.0), point.bpm, point.linear, metre, point.flags)
