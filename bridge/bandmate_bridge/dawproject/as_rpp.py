"""A DAWproject as the document of a REAPER project, so that all that reads one reads the other.

The document is never written to a file. Ids of items are made from the track, the place and the audio of the take that
sounds, as clips have none; an item is found by those of its other takes too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bandmate_bridge.dawproject.read_clips import ArrangementReader
from bandmate_bridge.dawproject.read_tempo import read_tempo
from bandmate_bridge.dawproject.read_tracks import read_tracks
from bandmate_bridge.rpp.chunks import RppDocument, draft_chunk
from bandmate_bridge.rpp.lines import number_text, quote_text
from bandmate_bridge.rpp.settings import DEFAULT_RATE, MAX_RATE, MIN_RATE
from bandmate_bridge.xml_projects.document_writer import (
    TICKS,
    DocumentWriter,
    LocateMedia,
    colour_number,
    tempo_lines,
)
from bandmate_bridge.xml_projects.heard_clips import AudioPiece, NotesPiece
from bandmate_bridge.xml_projects.mixer_tracks import ReadTrack
from bandmate_bridge.xml_projects.song_clock import SongClock, unit_of
from bandmate_bridge.xml_projects.xml_tree import Element
from bandmate_protocol.tempo import TempoMap


@dataclass(frozen=True, slots=True)
class ReadProject:
    """What was read of a project."""

    document: RppDocument
    tempo: TempoMap
    sample_rate: int
    rate_is_known: bool
    clips: Mapping[str, AudioPiece | NotesPiece]
    """What each item plays, by the item's id."""
    item_of_take: Mapping[str, str]
    """The item's id, by that which it would have if another of its takes sounded."""
    tracks: Sequence[ReadTrack]
    unread: Counter[str] = field(default_factory=Counter[str])


def read_document(
    project: Element, locate: LocateMedia, sample_rate: int | None = None, *, ticks: int = TICKS
) -> ReadProject:
    """The project as a document; ``locate`` gives the place of a file of audio on the disk.

    ``sample_rate``: of a project without audio. ``ticks``: of notes, to a quarter note.

    Raises RequestError (`not_a_project`) for an impossible tempo.
    """
    rate, known = _sample_rate(project, sample_rate)
    envelope = read_tempo(project)
    clock = SongClock(envelope.tempo_map(rate))
    read = ArrangementReader(project, clock).read(project.first("Arrangement"))
    tracks = read_tracks(project)
    writer = DocumentWriter(tracks, read, clock, locate, ticks)
    root = draft_chunk(
        'REAPER_PROJECT 0.1 "7.0" 0',
        f"SAMPLERATE {rate} 1 0",
        *tempo_lines(envelope),
        *_marker_lines(project, clock),
        *writer.tracks(),
    )
    read.unread["launcher clips"] += sum(
        slot.name == "ClipSlot" and slot.first("Clip") is not None
        for scenes in project.all("Scenes")
        for slot in scenes.walk()
    )
    return ReadProject(
        RppDocument(root), clock.tempo, rate, known, writer.clips, writer.item_of_take, tracks, +read.unread
    )


def _sample_rate(project: Element, given: int | None) -> tuple[int, bool]:
    """That of most audio files, as the format has no rate of its own."""
    rates = Counter(
        int(rate)
        for audio in project.walk()
        if audio.name == "Audio" and (rate := audio.number("sampleRate")) and MIN_RATE <= rate <= MAX_RATE
    )
    if given is not None:
        return given, True
    return (rates.most_common(1)[0][0], True) if rates else (DEFAULT_RATE, False)


def _marker_lines(project: Element, clock: SongClock) -> list[str]:
    arrangement = project.first("Arrangement")
    markers = arrangement.first("Markers") if arrangement else None
    if markers is None:
        return []
    unit = unit_of(markers, "beats")
    return [
        f"MARKER {number} {number_text(max(clock.seconds(unit, time), 0.0))} {quote_text(marker.get('name'))} 0 "
        f"{colour_number(marker.get('color'), 0)} 1 R"
        for number, marker in enumerate(markers.all("Marker"), 1)
        if (time := marker.number("time")) is not None
    ]
