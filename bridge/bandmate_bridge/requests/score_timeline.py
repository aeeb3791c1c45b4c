"""What a score is made of: the timeline of a project, a MIDI file or a job, with its chords and its notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bandmate_bridge.requests.chord_markers import chord_marks
from bandmate_bridge.requests.given_notes import (
    NotesSource,
    file_notes,
    notes_span,
    place_notes,
    tempo_of_notes,
    track_notes,
    written_notes,
)
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.sections import new_music_range, with_sections
from bandmate_bridge.rpp import Project
from bandmate_plugins._score.spelling import respell_chord
from bandmate_plugins._theory.harmony_cells import beat_cells
from bandmate_plugins._theory.keys import parse_key
from bandmate_plugins._theory.note_harmony import TimedNote, harmony_of
from bandmate_plugins._theory.placed_chords import MAX_REPORTED_BARS, place_given_chart
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import (
    DRUM_CHANNEL,
    MAX_GIVEN_NOTES,
    ChordMark,
    GivenPart,
    JobSummary,
    Note,
    Timeline,
)
from bandmate_protocol.tempo import TempoMap, nearest_frame
from bandmate_protocol.texts import say

_RATE = 48_000
_MAX_CHORDS = 4_096


def project_score(
    project: Project, sections: Sequence[str] = (), midi_track: str | None = None, key: str | None = None
) -> Timeline:
    """A project's range with the chords and notes that are written there.

    The range is that of `sections`, else the time selection, else from the start to the end of the last item. Chords
    are those of markers or regions, else of the notes. Raises RequestError: `bad_position`, `no_such_track`, and
    `input_unusable` where neither chords nor notes are written.
    """
    tempo = project.tempo_map
    if sections:
        timeline = new_music_range(project, GivenRanges(sections=tuple(sections)), key)
    elif project.time_selection is not None:
        timeline = with_sections(project.range(key=key), project)
    else:
        timeline = with_sections(tempo.timeline_between(0, _project_end(project), key=key), project)
    rate = project.sample_rate
    span = timeline.start_frame / rate, timeline.end_frame / rate
    marks = chord_marks(project, span, lambda seconds: seconds * rate)
    source = written_notes(project) if midi_track is None else track_notes(project, midi_track)
    timeline = msgspec.structs.replace(timeline, chords=marks)
    if source is None and not marks:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            "The project has neither chords nor notes to write down.",
            "Add MIDI items, or have `bandmate analyse` write chord markers.",
        )
    return timeline if source is None else _with_notes(timeline, source, tempo, 0.0, needs_any=not marks)


def midi_score(file: Path, midi_track: str | None = None, key: str | None = None) -> Timeline:
    """All of a MIDI file, in its own tempo and metre. Raises RequestError (`file_unusable`, `no_such_track`)."""
    source = file_notes(file, midi_track)
    tempo = tempo_of_notes(source, None, None, _RATE)
    start, end = notes_span(source, tempo)
    return _with_notes(tempo.timeline_between(start, end, key=key), source, tempo, 0.0, needs_any=True)


def job_score(
    job: JobSummary, notes: Mapping[str, Sequence[Note]], report: Mapping[str, Any], only: str | None = None
) -> Timeline:
    """A job's range with the notes of its stems, by their names, and the chords that it was given or says it followed.

    A stem that several players share has a part for each. `only` leaves the part or the stem of that name. Raises
    RequestError (`input_unusable`) where there are neither chords nor notes.
    """
    timeline = job.timeline
    if timeline is not None:
        timeline = place_given_chart(str(job.params.get("chords") or ""), timeline)
        timeline = place_given_chart("" if timeline.chords else _followed_chart(report), timeline)
        timeline = msgspec.structs.replace(timeline, key=timeline.key or _told_key(report))
    players = dict(zip(report.get("channels", ()), report.get("parts", ()), strict=False))
    parts = tuple(
        part
        for name, given in notes.items()
        for part in _player_parts(name, given, players)
        if only is None or only.casefold() in (name.casefold(), part.name.casefold())
    )
    if timeline is None or not (parts or timeline.chords):
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            say("Job {job} has neither chords nor notes to write down.", job=job.job),
            "Choose a job of the embedded band, or one with chords.",
        )
    timeline = msgspec.structs.replace(timeline, parts=parts or timeline.parts)
    return _with_harmony(timeline)


def _followed_chart(report: Mapping[str, Any]) -> str:
    """The chords that a job followed, bar by bar, as a chart; empty where it followed none, or too many to be told."""
    followed = report.get("follow") or {}
    bars = followed.get("chords") or []
    if len(bars) >= MAX_REPORTED_BARS:
        return ""
    symbols = (("N.C." if one == "N" else str(one) for one in bar["chords"]) for bar in bars)
    return " | ".join(["", *map(" ".join, symbols), ""]).strip()


def _told_key(report: Mapping[str, Any]) -> str | None:
    key = parse_key(str(report.get("key") or ""))
    return key.name if key else None


def _player_parts(name: str, notes: Sequence[Note], players: Mapping[int, str]) -> Iterator[GivenPart]:
    """The notes of a stem, a part for each channel that plays in it: in a mix, a player has one of its own."""
    channels = sorted({note.channel for note in notes})
    for number, channel in enumerate(channels, 1):
        inside = tuple(note for note in notes if note.channel == channel)[:MAX_GIVEN_NOTES]
        player = players.get(channel, f"{name} {number}")
        yield GivenPart(name=name if len(channels) == 1 else player, notes=inside)


def _project_end(project: Project) -> int:
    """Where the last item or region ends; of a marker, the end of its bar."""
    tempo = project.tempo_map
    ends = [item.end_frame for track in project.tracks for item in track.items]
    for marker in project.markers:
        bar, _ = tempo.bar_beat_at(marker.frame)
        ends.append(marker.end_frame or nearest_frame(tempo.position_of(bar + 1)))
    if not ends:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            "The project is empty.",
            "Add MIDI items, or have `bandmate analyse` write chord markers.",
        )
    return max(ends)


def _with_notes(
    timeline: Timeline, source: NotesSource, tempo: TempoMap, origin: float, *, needs_any: bool
) -> Timeline:
    try:
        timeline, _ = place_notes(source, timeline, tempo, origin)
    except RequestError:
        if needs_any:
            raise
    return _with_harmony(timeline)


def _with_harmony(timeline: Timeline) -> Timeline:
    """The timeline with the key and chords that its notes spell, where it has none."""
    tempo = TempoMap.from_timeline(timeline)
    start = timeline.start_frame
    timed = [
        TimedNote(
            tempo.quarters_at(start + note.start),
            tempo.quarters_at(start + note.start + note.frames),
            note.pitch,
            max(note.velocity, 1),
        )
        for part in timeline.parts
        for note in part.notes
        if note.channel != DRUM_CHANNEL
    ]
    if not timed or (timeline.key and timeline.chords):
        return timeline
    found = harmony_of(timed, beat_cells(tempo, start, timeline.end_frame))
    key = timeline.key or found.key
    spelled_in = parse_key(key) if key else None
    marks = tuple(
        ChordMark(
            position=max(nearest_frame(tempo.position_at(place)), 0), symbol=respell_chord(symbol, spelled_in)
        )
        for place, symbol in found.chords[:_MAX_CHORDS]
    )
    return msgspec.structs.replace(timeline, key=key, chords=timeline.chords or marks)
