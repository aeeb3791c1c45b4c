"""A session as the document of a REAPER project, by the writer that DAWprojects use, so that all that reads one reads
the other.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bandmate_bridge.ardour.media_sources import SessionMedia, SourceFile, read_sources
from bandmate_bridge.ardour.read_notes import heard_notes
from bandmate_bridge.ardour.read_regions import (
    Playlist,
    VisiblePart,
    other_takes,
    read_playlists,
    visible_parts,
)
from bandmate_bridge.ardour.read_routes import Route, has_automation, read_routes
from bandmate_bridge.ardour.read_tempo import read_tempo
from bandmate_bridge.ardour.session_clock import SessionClock
from bandmate_bridge.rpp.chunks import RppDocument, draft_chunk
from bandmate_bridge.rpp.lines import number_text, quote_text
from bandmate_bridge.xml_projects.document_writer import TICKS, DocumentWriter, tempo_lines
from bandmate_bridge.xml_projects.heard_clips import (
    Arrangement,
    AudioPiece,
    ClipSound,
    Fades,
    MediaReference,
    NotesPiece,
    Piece,
)
from bandmate_bridge.xml_projects.song_clock import SongClock
from bandmate_bridge.xml_projects.xml_tree import Element
from bandmate_protocol.tempo import TempoMap

_NO_MARKERS = {"IsSessionRange", "IsAutoLoop", "IsAutoPunch", "IsXrun", "IsCueMarker", "IsHidden"}


@dataclass(frozen=True, slots=True)
class ReadSession:
    """What was read of a session."""

    document: RppDocument
    tempo: TempoMap
    clock: SessionClock
    routes: Sequence[Route]
    playlists: Mapping[str, Playlist]
    parts: Mapping[str, VisiblePart]
    """What of which region each item is, by the item's id."""
    sources: Mapping[str, SourceFile]
    item_of_take: Mapping[str, str]
    """The item's id, by that which it would have if another of its takes sounded."""
    unread: Counter[str]


class _SessionReader:
    def __init__(self, session: Element, data: bytes, folder: Path, rate: int, called: str) -> None:
        self._session = session
        self._rate = rate
        tempo = read_tempo(session, called)
        self._envelope = tempo.envelope
        self._clock = tempo.clock
        self.sources = read_sources(session)
        self._media = SessionMedia(folder, self.sources, _search_folders(session))
        self.routes = read_routes(session)
        self.playlists = read_playlists(session, data, self._clock)
        self._parts: dict[int, VisiblePart] = {}
        self._files: dict[str, Path] = {}
        self._tempo = tempo.envelope.tempo_map(rate)
        self.unread: Counter[str] = Counter(
            {
                "places where the count of bars begins anew": tempo.bar_marks,
                "tracks with automation of volume or pan": has_automation(self.routes),
            }
        )

    def read(self) -> ReadSession:
        arrangement = Arrangement(unread=self.unread)
        for route in self.routes:
            if route.playlist in self.playlists:
                arrangement.pieces[route.id] = self._pieces(route)
        song = SongClock(self._tempo)
        writer = DocumentWriter([one.track for one in self.routes], arrangement, song, self._locate, TICKS)
        root = draft_chunk(
            'REAPER_PROJECT 0.1 "7.0" 0',
            f"SAMPLERATE {self._rate} 1 0",
            *tempo_lines(self._envelope),
            *self._marker_lines(),
            *writer.tracks(),
        )
        parts = {
            guid: self._parts[id(piece)] for guid, piece in writer.clips.items() if id(piece) in self._parts
        }
        return ReadSession(
            RppDocument(root),
            self._tempo,
            self._clock,
            self.routes,
            self.playlists,
            parts,
            self.sources,
            writer.item_of_take,
            +self.unread,
        )

    def _pieces(self, route: Route) -> list[Piece]:
        playlist = self.playlists[route.playlist]
        others = [
            visible_parts(region for region in one.regions if not region.muted)
            for one in self.playlists.values()
            if one.track == route.id and one is not playlist
        ]
        found: list[Piece] = []
        for part in visible_parts(playlist.regions):
            piece = self._piece(part, sounds=True)
            if piece is None:
                continue
            self._parts[id(piece)] = part
            found.append(piece)
            if part.region.kind == "audio" and not part.region.muted:
                takes = (self._piece(one, sounds=False) for one in other_takes(part, others))
                found += [one for one in takes if one is not None]
        return found

    def _piece(self, part: VisiblePart, *, sounds: bool) -> Piece | None:
        region, clock = part.region, self._clock
        sound = ClipSound(
            name=region.name,
            enabled=sounds and not region.muted,
            gain=region.gain,
            fades=Fades(
                clock.seconds(region.start),
                clock.seconds(region.fade_in),
                clock.seconds(region.end),
                clock.seconds(region.fade_out),
            ),
        )
        start, end = clock.seconds(part.start), clock.seconds(part.end)
        if region.kind == "midi":
            return self._notes(part, sound)
        self.unread["regions with a gain curve"] += region.has_envelope
        file = self._media.audio_of(region.sources)
        if file is None:
            self.unread["regions without a source"] += 1
            return None
        offset = clock.seconds(region.offset + part.start - region.start)
        # An item's id is made of the path: sources keep theirs, where a file of theirs may be made anew.
        media = MediaReference(" ".join(region.sources), True, 0.0, self._rate)
        self._files[media.path] = file
        return AudioPiece(region.element.start, sound, start, end, media, offset, whole_clip=part.is_whole)

    def _notes(self, part: VisiblePart, sound: ClipSound) -> Piece | None:
        region, clock = part.region, self._clock
        file = self._media.source_file(region.sources[0]) if region.sources else None
        if file is None:
            self.unread["regions without a source"] += 1
            return None
        span = clock.ticks_at(part.start), clock.ticks_at(part.end)
        notes = heard_notes(file, clock.ticks_at(region.start), region.offset, span)
        if notes is None:
            self.unread["MIDI files that are missing, damaged or empty"] += 1
        seconds = clock.seconds(part.start), clock.seconds(part.end)
        return NotesPiece(region.element.start, sound, *seconds, notes or ())

    def _locate(self, media: MediaReference) -> Path:
        return self._files[media.path]

    def _marker_lines(self) -> list[str]:
        lines: list[str] = []
        places = [one for around in self._session.all("Locations") for one in around.all("Location")]
        number = 0
        for place in places:
            flags = set(place.get("flags").split(","))
            start, end = (self._clock.read_time(place.get(name)) for name in ("start", "end"))
            if flags & _NO_MARKERS or start is None:
                continue
            number += 1
            name = quote_text(place.get("name"))
            is_range = "IsMark" not in flags and end is not None and end > start
            lines.append(self._marker_line(number, start, name, is_range=is_range))
            if is_range and end is not None:
                lines.append(self._marker_line(number, end, '""', is_range=True))
        return lines

    def _marker_line(self, number: int, at: float, name: str, *, is_range: bool) -> str:
        seconds = number_text(max(self._clock.seconds(at), 0.0))
        return f"MARKER {number} {seconds} {name} {int(is_range)} 0 1 R"


def read_session(session: Element, data: bytes, folder: Path, rate: int, called: str) -> ReadSession:
    """Reads a session: its root, and the text that it was read from. ``folder``: where the session lies.

    Raises RequestError (`not_a_project`).
    """
    return _SessionReader(session, data, folder, rate, called).read()


def _search_folders(session: Element) -> list[Path]:
    """Further folders with media, as the session's settings name them."""
    found: list[Path] = []
    for config in session.all("Config"):
        for option in config.all("Option"):
            if option.get("name") in ("audio-search-path", "midi-search-path", "raid-path"):
                found += [Path(one) for one in option.get("value").split(os.pathsep) if one]
    return found
