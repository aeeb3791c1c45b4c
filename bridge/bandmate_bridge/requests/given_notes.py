"""Notes that the musician gives, from a MIDI file or from the MIDI items of a project, put on a timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec

from bandmate_bridge.midi.midi_reader import MidiMusic, MidiTempo, MidiTrackNotes, read_midi_file
from bandmate_bridge.midi.note_pairs import BendPoints, SourceNote
from bandmate_bridge.requests.given_score import is_score_file, read_score_file, score_tempo
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.sections import new_music_range, with_sections
from bandmate_bridge.rpp import Item, Project, Track, end_after
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import (
    MAX_BEND_POINTS,
    MAX_GIVEN_NOTES,
    MAX_GIVEN_PARTS,
    NOTES_OFF,
    BendPoint,
    GivenPart,
    Note,
    TempoPoint,
    Timeline,
)
from bandmate_protocol.tempo import TempoMap, nearest_frame
from bandmate_protocol.texts import say

ONLY = "only"
"""The use of notes that are all that is played."""
USES = (ONLY, "melody", "chords", "bass", "drums", "along")
_DEFAULT_BPM, _DEFAULT_METRE = 120.0, (4, 4)
_MAX_NAMED = 20
_TIE = 1e-6
_LEGATO_BEATS = 0.1
_MOST_CENTS = 9_600.0
_WRITTEN_VELOCITY = 88
"""Of notes of a score, which says nothing of it."""


@dataclass(frozen=True, slots=True)
class QuarterNote:
    """A note in quarter notes from the start of its source."""

    start: float
    end: float
    pitch: int
    velocity: int
    channel: int
    bend: BendPoints = ()


@dataclass(frozen=True, slots=True)
class NotesPart:
    """The notes of a track."""

    name: str
    notes: tuple[QuarterNote, ...]
    program: int | None = None
    use: str = ""
    """What it is in a band, where it is not what the others are."""


@dataclass(frozen=True)
class NotesSource:
    """Notes and where they come from."""

    title: str
    """Such as `part.mid`."""
    parts: tuple[NotesPart, ...]
    tempo: tuple[MidiTempo, ...] = ()
    """What the source says of tempo and metre; the project has its own."""
    remarks: tuple[str, ...] = ()
    in_project: bool = False
    """Its quarter notes are those of the project."""
    ends: float = 0.0
    """Where it ends, in quarter notes, if that is later than its last note."""

    @property
    def start(self) -> float:
        """Where the first note begins, in quarter notes."""
        return min(note.start for part in self.parts for note in part.notes)

    @property
    def end(self) -> float:
        """Where the last note, or the source, ends, in quarter notes."""
        return max([self.ends, *(note.end for part in self.parts for note in part.notes)])

    @property
    def has_bpm(self) -> bool:
        """Whether it says a tempo."""
        return any(point.bpm is not None for point in self.tempo)

    @property
    def has_metre(self) -> bool:
        """Whether it says a metre."""
        return any(point.metre is not None for point in self.tempo)


def file_notes(file: Path, track: str | None = None) -> NotesSource:
    """The notes of a MIDI file or a score, or of one of its tracks, by name or number.

    Raises RequestError (`file_unusable`, `no_such_track`, `ambiguous_track`).
    """
    music = _read_score_music(file) if is_score_file(file) else read_midi_file(file)
    chosen = music.tracks if track is None else _find_tracks(music, track)
    parts = tuple(
        NotesPart(
            one.name,
            tuple(
                QuarterNote(note.start, note.end, note.pitch, note.velocity, note.channel, note.bend)
                for note in one.notes
            ),
            one.program,
        )
        for one in chosen
    )
    return NotesSource(file.name, parts, music.tempo, tuple(_file_remarks(music)))


def _read_score_music(file: Path) -> MidiMusic:
    """A score as if it were a MIDI file, a track for each voice. Raises RequestError (`file_unusable`)."""
    score = read_score_file(file)
    tracks = tuple(
        MidiTrackNotes(
            part.name,
            number,
            0,
            None,
            tuple(
                SourceNote(float(note.start), float(note.end), note.pitch, _WRITTEN_VELOCITY, 0)
                for note in part.notes
            ),
        )
        for number, part in enumerate(score.parts, 1)
    )
    if not tracks:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{name} has no notes.", name=file.name),
            "Give its chords with --chords, or a score with a melody.",
        )
    return MidiMusic(file, tracks, score_tempo(score), remarks=tuple(score.remarks))


def files_notes(files: Sequence[Path], track: str | None = None, uses: Sequence[str] = ()) -> NotesSource:
    """The notes of several MIDI files that begin together, in the tempo of the first.

    `uses` says what the notes of each file are, if they are not all the same. Raises RequestError as `file_notes`.
    """
    sources = [file_notes(file, track) for file in files]
    if len(sources) == 1:
        return sources[0]
    kinds = [*uses, *[""] * (len(sources) - len(uses))]
    parts = [
        replace(part, use=use, name=part.name or file.stem)
        for file, source, use in zip(files, sources, kinds, strict=True)
        for part in source.parts
    ]
    return NotesSource(
        ", ".join(source.title for source in sources),
        tuple(parts),
        sources[0].tempo,
        tuple(remark for source in sources for remark in source.remarks),
    )


def track_notes(project: Project, wanted: str) -> NotesSource:
    """The notes of a project's track: of its selected MIDI items, else of all that are not muted.

    Raises RequestError (`no_such_track`, `ambiguous_track`, `input_unusable`).
    """
    track = project.find_track(wanted)
    items = [item for item in track.items if item.is_midi and not item.muted]
    items = [item for item in items if item.selected] or items
    if not items:
        raise _no_notes(
            say("The track {title} has no MIDI items.", title=track.title),
            "Name a track with MIDI items, or give a file with --midi-in.",
        )
    return _project_source(project, [(track, items)], say("the track {title}", title=track.title))


def selected_notes(project: Project) -> NotesSource:
    """The notes of the MIDI items that are selected in a project, a part for each track.

    Raises RequestError (`input_missing`, `input_unusable`).
    """
    found = [
        (track, [item for item in track.items if item.selected and item.is_midi]) for track in project.tracks
    ]
    found = [(track, items) for track, items in found if items]
    if not found:
        raise RequestError(
            ErrorCode.INPUT_MISSING,
            "No MIDI item is selected.",
            "Select the MIDI items whose notes are to be played, or set MIDI notes to off.",
        )
    return _project_source(project, found, "the selected MIDI items")


def written_notes(project: Project) -> NotesSource | None:
    """The notes of the selected MIDI items of a project, else of all that sound, a part for each track.

    None where there are none. Raises UnplayableItemError where they cannot be read.
    """
    tracks = [track for track in project.tracks if not track.muted and not track.has_lanes]
    found = [(track, [one for one in track.items if one.is_midi and not one.muted]) for track in tracks]
    selected = [(track, [one for one in items if one.selected]) for track, items in found]
    chosen = [(track, items) for track, items in selected if items] or found
    chosen = [(track, items) for track, items in chosen if items]
    try:
        return _project_source(project, chosen, "the MIDI items of the project") if chosen else None
    except RequestError:
        return None


def tempo_of_notes(
    source: NotesSource, bpm: float | None, metre: tuple[int, int] | None, rate: int
) -> TempoMap:
    """The tempo map of a file's own tempo and metre, each replaced by what is given."""
    now_bpm, now_metre = bpm or _first_bpm(source), metre or _DEFAULT_METRE
    points = [TempoPoint(position=0.0, bpm=now_bpm, numerator=now_metre[0], denominator=now_metre[1])]
    position, quarters = 0.0, 0.0
    for event in source.tempo:
        position += (event.quarters - quarters) * 60 / now_bpm * rate
        quarters = event.quarters
        if bpm is None and event.bpm is not None:
            now_bpm = event.bpm
        begins_metre = metre is None and event.metre is not None and event.metre != now_metre
        if begins_metre and event.metre is not None:
            now_metre = event.metre
        point = TempoPoint(
            position=position,
            bpm=now_bpm,
            numerator=now_metre[0],
            denominator=now_metre[1],
            starts_bar=begins_metre and position > 0,
        )
        if position - points[-1].position < _TIE:
            points[-1] = msgspec.structs.replace(
                point, position=points[-1].position, starts_bar=point.starts_bar or points[-1].starts_bar
            )
        elif (now_bpm, now_metre) != (points[-1].bpm, (points[-1].numerator, points[-1].denominator)):
            points.append(point)
    return TempoMap(points, rate)


def notes_span(source: NotesSource, tempo: TempoMap, origin: float = 0.0) -> tuple[int, int]:
    """The frames of the whole bars that the notes fill, the quarter 0 of a file being at `origin`.

    Those of a project begin with the bar of the first note; those of a file at the origin.
    """
    last = tempo.position_at(origin + source.end)
    start = nearest_frame(tempo.position_at(origin))
    if source.in_project:
        bar, _ = tempo.bar_beat_at(tempo.position_at(source.start))
        start = max(nearest_frame(tempo.position_of(bar)), 0)
    bar, beat = tempo.bar_beat_at(last)
    # A note may be held a little over the barline that ends the music.
    end = nearest_frame(tempo.position_of(bar))
    if beat > _LEGATO_BEATS or end <= start:
        end = nearest_frame(tempo.position_of(bar + 1))
    return start, end


def project_notes_range(
    project: Project, source: NotesSource, ranges: GivenRanges, key: str | None
) -> tuple[Timeline, float]:
    """The range of a project that notes fill, and where their quarter 0 lies, in the project's quarters.

    A section, or a place and a length, decides if it is given; else the time selection, if notes of the project
    begin in it; else the bars of the notes. Notes of a file begin where that range does.
    Raises RequestError (`bad_position`).
    """
    timeline = _notes_range(project, source, ranges, key)
    origin = 0.0 if source.in_project else project.tempo_map.quarters_at(timeline.start_frame)
    return with_sections(timeline, project), origin


def _notes_range(project: Project, source: NotesSource, ranges: GivenRanges, key: str | None) -> Timeline:
    if ranges.sections or ranges.spans:
        return new_music_range(project, ranges, key)
    at, length = ranges.at, ranges.length
    tempo, selected = project.tempo_map, project.time_selection
    if at is None and length.is_open and selected is not None:
        inside = source.in_project and _begins_in(source, tempo, selected.start_frame, selected.end_frame)
        if inside or not source.in_project:
            return project.range(key=key)
    if at is None and not source.in_project:
        # Says what is missing.
        project.range(None, bars=length.bars, beats=length.beats, seconds=length.seconds)
    start = notes_span(source, tempo)[0] if at is None else project.position(at)
    origin = 0.0 if source.in_project else tempo.quarters_at(start)
    end = notes_span(source, tempo, origin)[1]
    if not length.is_open or end <= start:
        given = length.or_default()
        end = end_after(start, tempo, bars=given.bars, beats=given.beats, seconds=given.seconds)
    return tempo.timeline_between(start, end, key=key)


def _begins_in(source: NotesSource, tempo: TempoMap, start: int, end: int) -> bool:
    return any(
        start <= nearest_frame(tempo.position_at(note.start)) < end
        for part in source.parts
        for note in part.notes
    )


def place_notes(
    source: NotesSource, timeline: Timeline, tempo: TempoMap, origin: float = 0.0
) -> tuple[Timeline, list[str]]:
    """A timeline with the notes on it, and what is told of them.

    `origin` is where their quarter 0 lies, in quarters of `tempo`, a map of the timeline's project.

    Raises RequestError: `bad_position` where no note lies in the range, `bad_params` for too many.
    """
    if not source.parts:
        return timeline, list(source.remarks)
    placed = [_place_part(part, timeline, tempo, origin) for part in source.parts]
    parts = tuple(part for part, _, _ in placed if part.notes)
    count = sum(len(part.notes) for part in source.parts)
    outside, cut = sum(left for _, left, _ in placed), sum(cut for _, _, cut in placed)
    if not parts:
        raise RequestError(
            ErrorCode.BAD_POSITION,
            say("None of the {count} notes of {title} begins in the range.", count=count, title=source.title),
            "Choose a range in which they begin, or leave out the position and the length.",
        )
    _check_amount(source, parts)
    said = [*source.remarks]
    if outside:
        said.append(
            say(
                "Left out, as they begin outside the range: {outside} of {count} notes of {title}.",
                outside=outside,
                count=count,
                title=source.title,
            )
        )
    if cut:
        said.append(
            say(
                "Cut at the end of the range: {cut} of {count} notes of {title}.",
                cut=cut,
                count=count,
                title=source.title,
            )
        )
    return msgspec.structs.replace(timeline, parts=parts), said


def plays_notes(params: Mapping[str, Any]) -> bool:
    """Whether the parameters of a task ask for given notes to be played."""
    return bool(params.get("notes", NOTES_OFF) != NOTES_OFF)


def notes_in_project(project: Project, track: str | None) -> NotesSource:
    """The notes of a track, or of the selected MIDI items where no track is named. Raises RequestError."""
    return selected_notes(project) if track is None else track_notes(project, track)


def note_params(use: str, *, humanise: bool = False) -> dict[str, Any]:
    """The parameters of a task that plays notes."""
    return {"notes": use} | ({"humanise": True} if humanise else {})


def _place_part(
    part: NotesPart, timeline: Timeline, tempo: TempoMap, origin: float
) -> tuple[GivenPart, int, int]:
    """The notes of a part in the range; how many begin outside of it, and how many reach beyond its end."""
    placed, outside, cut = [], 0, 0
    for note in part.notes:
        start = nearest_frame(tempo.position_at(origin + note.start))
        end = nearest_frame(tempo.position_at(origin + note.end))
        if not timeline.start_frame <= start < timeline.end_frame:
            outside += 1
            continue
        # The end of a range is rounded, so a note that ends with it may seem a frame longer.
        cut += end > timeline.end_frame + 1
        end = min(max(end, start + 1), timeline.end_frame)
        placed.append(
            Note(
                start=start - timeline.start_frame,
                frames=end - start,
                pitch=note.pitch,
                velocity=max(note.velocity, 1),
                channel=note.channel,
                bend=_place_bend(note.bend, start, tempo, origin),
            )
        )
    notes = tuple(placed[: MAX_GIVEN_NOTES + 1])
    return GivenPart(name=part.name, program=part.program, use=part.use, notes=notes), outside, cut


def _place_bend(bend: BendPoints, start: int, tempo: TempoMap, origin: float) -> tuple[BendPoint, ...]:
    """The bends of a note that begins at a frame; of very many, as many as a note may have, evenly chosen."""
    if len(bend) > MAX_BEND_POINTS:
        step = (len(bend) - 1) / (MAX_BEND_POINTS - 1)
        bend = tuple(bend[round(number * step)] for number in range(MAX_BEND_POINTS))
    return tuple(
        BendPoint(
            frame=max(nearest_frame(tempo.position_at(origin + place)) - start, 0),
            cents=min(max(cents, -_MOST_CENTS), _MOST_CENTS),
        )
        for place, cents in bend
    )


def _check_amount(source: NotesSource, parts: Sequence[GivenPart]) -> None:
    count = sum(len(part.notes) for part in parts)
    if count > MAX_GIVEN_NOTES:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say(
                "{title} has more than {most} notes in the range, which is the most that can be played at once.",
                title=source.title.capitalize() if source.in_project else source.title,
                most=MAX_GIVEN_NOTES,
            ),
            "Choose one track with --midi-track, or a shorter range.",
        )
    if len(parts) > MAX_GIVEN_PARTS:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say(
                "{title} has {count} tracks with notes; at most {most} can be played at once.",
                title=source.title,
                count=len(parts),
                most=MAX_GIVEN_PARTS,
            ),
            "Choose one with --midi-track.",
        )


def _project_source(
    project: Project, found: Sequence[tuple[Track, Sequence[Item]]], title: str
) -> NotesSource:
    parts = []
    for track, items in found:
        notes = [note for item in items for note in project.played_notes(track, item, as_played=True)]
        parts.append(
            NotesPart(
                track.title,
                tuple(
                    QuarterNote(note.start, note.end, note.pitch, note.velocity, note.channel, note.bend)
                    for note in sorted(notes, key=lambda note: (note.start, note.pitch))
                ),
            )
        )
    parts = [part for part in parts if part.notes]
    if not parts:
        raise _no_notes(
            say("{title} have no notes that sound.", title=title.capitalize()),
            "Choose MIDI items with notes that are not muted.",
        )
    return NotesSource(title, tuple(parts), in_project=True)


def _find_tracks(music: MidiMusic, wanted: str) -> list[MidiTrackNotes]:
    """The track of that name, or all channels of the track of that number."""
    for fits in (
        [one for one in music.tracks if one.name == wanted],
        [one for one in music.tracks if one.name.casefold() == wanted.casefold()],
        [one for one in music.tracks if str(one.number) == wanted],
    ):
        numbers = {one.number for one in fits}
        if len(fits) == 1 or (len(numbers) == 1 and wanted in map(str, numbers)):
            return fits
        if fits:
            raise RequestError(
                ErrorCode.AMBIGUOUS_TRACK,
                say("{count} tracks of {name} are named '{wanted}'.", count=len(fits), name=music.file.name,
                    wanted=wanted),
                say("Give the number: {named}.", named=_track_list(music)),
            )  # fmt: skip
    raise RequestError(
        ErrorCode.NO_SUCH_TRACK,
        say("{name} has no track named '{wanted}'.", name=music.file.name, wanted=wanted),
        say("Its tracks with notes are: {named}.", named=_track_list(music)),
    )


def _track_list(music: MidiMusic) -> str:
    named = [f"{one.number} {one.name}".strip() for one in music.tracks[:_MAX_NAMED]]
    return ", ".join(named) + (", ..." if len(music.tracks) > _MAX_NAMED else "")


def _file_remarks(music: MidiMusic) -> list[str]:
    said: list[str] = []
    if music.stuck:
        said.append(
            say(
                "Held to the end of their track, as nothing ends them: {count} of {all} notes of {name}.",
                count=music.stuck,
                all=sum(len(track.notes) for track in music.tracks),
                name=music.file.name,
            )
        )
    if music.has_aftertouch:
        said.append(say("Aftertouch in {name} is not played.", name=music.file.name))
    return [*said, *music.remarks]


def _first_bpm(source: NotesSource) -> float:
    """What a file has before its first tempo event, if that is not at its start: the format's default."""
    first = next((point for point in source.tempo if point.bpm is not None), None)
    return first.bpm if first is not None and first.bpm and first.quarters == 0 else _DEFAULT_BPM


def _no_notes(sentence: str, remedy: str) -> RequestError:
    return RequestError(ErrorCode.INPUT_UNUSABLE, sentence, remedy)
