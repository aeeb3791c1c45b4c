"""What was read of an XML project, as tracks and items of a REAPER project."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from bandmate_bridge.rpp.chunks import RppChunk, draft_chunk
from bandmate_bridge.rpp.colours import to_native
from bandmate_bridge.rpp.lines import number_text, quote_text
from bandmate_bridge.rpp.tempo_envelope import EnvelopePoint, TempoEnvelope
from bandmate_bridge.rpp.write_midi import TickedNote, note_lines
from bandmate_bridge.xml_projects.heard_clips import (
    Arrangement,
    AudioPiece,
    Automation,
    MediaReference,
    NotesPiece,
    Piece,
)
from bandmate_bridge.xml_projects.mixer_tracks import ReadTrack
from bandmate_bridge.xml_projects.song_clock import SongClock

TICKS = 96_000
"""To a quarter note: notes keep their place to the frame."""
_NO_COLOUR = 16576
_SAME_PLACE = 1e-6
_TAPE = ("repitch", "resample", "varispeed", "tape", "raw", "speed")
"""What algorithms are called that change the pitch with the speed."""
_KINDS = {".flac": "FLAC", ".mp3": "MP3", ".ogg": "VORBIS", ".oga": "VORBIS", ".opus": "OPUS"}

LocateMedia = Callable[[MediaReference], Path]


def tempo_lines(envelope: TempoEnvelope) -> list[str | RppChunk]:
    """What a REAPER project says of its tempo."""
    lines = [_point_line(point) for point in envelope.points]
    line = f"TEMPO {number_text(envelope.bpm)} {envelope.metre[0]} {envelope.metre[1]}"
    return [line, *([draft_chunk("TEMPOENVEX", "ACT 1 -1", *lines)] if lines else [])]


def _point_line(point: EnvelopePoint) -> str:
    text = f"PT {number_text(point.seconds)} {number_text(point.bpm)} {0 if point.linear else 1}"
    return text if point.metre is None else f"{text} {65536 * point.metre[1] + point.metre[0]} 0 5"


def colour_number(colour: str, without: int) -> int:
    """A colour as REAPER counts them; `without` for one that cannot be read."""
    digits = colour.removeprefix("#")[:6]
    try:
        return to_native(f"#{int(digits, 16):06x}") if len(digits) == 6 else without
    except ValueError:
        return without


class DocumentWriter:
    """Writes tracks and what they play as chunks of a REAPER project; `clips` has the piece of each item."""

    def __init__(
        self,
        tracks: Sequence[ReadTrack],
        read: Arrangement,
        clock: SongClock,
        locate: LocateMedia,
        ticks: int,
    ) -> None:
        self.clips: dict[str, Piece] = {}
        self.item_of_take: dict[str, str] = {}
        self._tracks = tracks
        self._read = read
        self._clock = clock
        self._locate = locate
        self._ticks = ticks
        known = {track.id for track in tracks if track.id}
        for track, pieces in read.pieces.items():
            if track not in known:
                read.unread["clips outside of tracks"] += len(pieces)

    def tracks(self) -> list[RppChunk]:
        """A chunk for each track, with its items."""
        return [self._track(place, track) for place, track in enumerate(self._tracks)]

    def _track(self, place: int, track: ReadTrack) -> RppChunk:
        following = self._tracks[place + 1].depth if place + 1 < len(self._tracks) else 0
        step = following - track.depth
        folder = "1 1" if step > 0 else f"2 {step}" if step < 0 else "0 0"
        automation = self._read.automation.get(track.id, []) if track.id else []
        envelopes = [
            *_envelope("VOLENV2", automation, track.volume_parameter, lambda value: value),
            *_envelope("PANENV2", automation, track.pan_parameter, lambda value: 2 * value - 1),
        ]
        pieces = self._read.pieces.get(track.id, []) if track.id else []
        return draft_chunk(
            f"TRACK {track.id or f'track-{place + 1}'}",
            f"NAME {quote_text(track.name)}",
            f"PEAKCOL {colour_number(track.colour, _NO_COLOUR)}",
            f"AUTOMODE {1 if envelopes else 0}",
            f"VOLPAN {number_text(track.volume)} {number_text(track.pan)} -1 -1 1",
            f"MUTESOLO {int(track.muted)} {int(track.soloed)} 0",
            f"ISBUS {folder}",
            f"MAINSEND {int(track.goes_to_group)} 0",
            *self._receives(track),
            *envelopes,
            *(chunk for piece in _with_takes(pieces) for chunk in self._item(track, piece)),
        )

    def _receives(self, track: ReadTrack) -> list[str]:
        return [
            f"AUXRECV {source} {3 if send.before_fader else 0} {number_text(send.volume)} {number_text(send.pan)} 0"
            for source, other in enumerate(self._tracks)
            for send in other.sends
            if track.channel and send.target == track.channel
        ]

    def _item(self, track: ReadTrack, takes: Sequence[Piece]) -> list[RppChunk]:
        piece = takes[0]
        inside: list[str | RppChunk] = []
        for index, take in enumerate(takes):
            lines = self._take(take, first=index == 0)
            inside += [*(["TAKE"] if index else []), *lines]
        guid = self._new_id(track, piece)
        self.clips[guid] = piece
        for take in takes[1:]:
            self.item_of_take[self._new_id(track, take)] = guid
        fades = piece.sound.fades
        fade_in = fades.fade_in if fades and abs(fades.start - piece.start) < _SAME_PLACE else 0.0
        fade_out = fades.fade_out if fades and abs(fades.end - piece.end) < _SAME_PLACE else 0.0
        length = piece.end - piece.start
        return [
            draft_chunk(
                "ITEM",
                f"POSITION {number_text(piece.start)}",
                "SNAPOFFS 0",
                f"LENGTH {number_text(length)}",
                f"LOOP {int(isinstance(piece, AudioPiece) and piece.loop is not None)}",
                "ALLTAKES 0",
                f"FADEIN 1 {number_text(min(fade_in, length))} 0 1 0 0 0",
                f"FADEOUT 1 {number_text(min(fade_out, length))} 0 1 0 0 0",
                f"MUTE {int(not piece.sound.enabled)} 0",
                f"IGUID {guid}",
                *inside,
            )
        ]

    def _new_id(self, track: ReadTrack, piece: Piece) -> str:
        played = (piece.media.path, piece.offset) if isinstance(piece, AudioPiece) else ("notes", 0.0)
        text = f"{track.id} {piece.start:.6f} {played[0]} {played[1]:.6f}"
        number = 0
        while True:
            digest = (
                hashlib.sha256(f"{text} {number}".encode("utf-8", "surrogateescape")).hexdigest()[:32].upper()
            )
            guid = f"{{{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}}}"
            if guid not in self.clips and guid not in self.item_of_take:
                return guid
            number += 1

    def _take(self, piece: Piece, *, first: bool) -> list[str | RppChunk]:
        sound = piece.sound
        volume = f"{number_text(sound.pan)} {number_text(sound.gain)} -1"
        head = [
            f"NAME {quote_text(sound.name)}",
            f"VOLPAN 1 {volume}" if first else f"TAKEVOLPAN {volume}",
        ]
        if isinstance(piece, NotesPiece):
            return [*head, "SOFFS 0 0", "PLAYRATE 1 1 0 -1 0 0.0025", self._midi_source(piece)]
        keeps_pitch = not any(word in piece.media.algorithm.lower() for word in _TAPE)
        file = self._locate(piece.media)
        kind = _KINDS.get(file.suffix.lower(), "WAVE")
        source = draft_chunk(f"SOURCE {kind}", f"FILE {quote_text(str(file))}")
        offset = piece.offset
        if piece.loop is not None:
            begin, end = piece.loop
            source = draft_chunk(
                "SOURCE SECTION",
                f"LENGTH {number_text(end - begin)}",
                f"STARTPOS {number_text(begin)}",
                source,
            )
            offset -= begin
        return [
            *head,
            f"SOFFS {number_text(offset)}",
            f"PLAYRATE {number_text(piece.rate)} {int(keeps_pitch)} {number_text(sound.semitones)} -1 0 0.0025",
            "CHANMODE 0",
            source,
        ]

    def _midi_source(self, piece: NotesPiece) -> RppChunk:
        first, last = (self._clock.time("beats", at) for at in (piece.start, piece.end))
        notes = [
            TickedNote(
                round((note.start - first) * self._ticks),
                round((note.end - first) * self._ticks),
                note.channel,
                note.pitch,
                note.velocity,
            )
            for note in piece.notes
        ]
        lines = note_lines(notes, max(round((last - first) * self._ticks), 1))
        return draft_chunk("SOURCE MIDI", f"HASDATA 1 {self._ticks} QN", *lines, "IGNTEMPO 0 120 4 4")


def _envelope(
    name: str, automation: Sequence[Automation], parameter: str, value: Callable[[float], float]
) -> list[RppChunk]:
    for one in automation:
        if parameter and one.parameter == parameter and one.points:
            points = [
                f"PT {number_text(seconds)} {number_text(value(at))} {0 if linear else 1}"
                for seconds, at, linear in one.points
            ]
            return [draft_chunk(name, "ACT 1 -1", *points)]
    return []


def _with_takes(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Each piece with its other takes: disabled ones of exactly the same span, which follow the one that sounds."""
    found: list[list[Piece]] = []
    spans: dict[tuple[int, int], list[Piece]] = {}
    for piece in sorted(pieces, key=lambda one: not one.sound.enabled):
        span = round(piece.start / _SAME_PLACE), round(piece.end / _SAME_PLACE)
        others = spans.get(span)
        if others is not None and not piece.sound.enabled and others[0].sound.enabled:
            others.append(piece)
            continue
        spans[span] = [piece]
        found.append(spans[span])
    return sorted(found, key=lambda takes: takes[0].start)
