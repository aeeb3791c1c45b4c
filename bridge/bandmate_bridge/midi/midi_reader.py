"""Standard MIDI files as music: the notes of each track and channel, tempo and metre (RP-001)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bandmate_bridge.midi.note_pairs import MAX_EVENTS, SourceEvent, SourceNote, pair_notes
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import DRUM_CHANNEL
from bandmate_protocol.texts import say
from bandmate_protocol.units import one_line

if TYPE_CHECKING:
    import mido

_MAX_FILE_BYTES = 1 << 24
_MIN_BPM, _MAX_BPM = 1.0, 2_000.0
_IGNORED = ("aftertouch", "polytouch")


@dataclass(frozen=True, slots=True)
class MidiTrackNotes:
    """The notes that a track has on one channel."""

    name: str
    """The track's; empty where it has none."""
    number: int
    """Of the track among those with notes, from 1."""
    channel: int
    program: int | None
    notes: tuple[SourceNote, ...]


@dataclass(frozen=True, slots=True)
class MidiTempo:
    """Where a tempo or metre begins, in quarter notes."""

    quarters: float
    bpm: float | None = None
    metre: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class MidiMusic:
    """What is in a file."""

    file: Path
    tracks: tuple[MidiTrackNotes, ...]
    tempo: tuple[MidiTempo, ...]
    """In order; empty where the file says nothing of it."""
    stuck: int = 0
    """Notes that nothing ends; they sound to the end of their track."""
    has_aftertouch: bool = False
    remarks: tuple[str, ...] = ()
    """What else was not read."""


def read_midi_file(file: Path) -> MidiMusic:
    """Reads a standard MIDI file of type 0 or 1.

    Raises RequestError (`file_unusable`) for what is not one, for SMPTE time, for files of type 2, and for a file
    without notes.
    """
    import mido

    _check_file(file)
    try:
        midi = mido.MidiFile(file, clip=True)
    except Exception as error:
        raise _unusable(
            say("{name} cannot be read as MIDI: {reason}.", name=file.name, reason=_reason(error)),
            "Give a standard MIDI file (.mid), such as your DAW exports.",
        ) from error
    _check_kind(midi, file)
    found = [_track_notes(track, midi.ticks_per_beat) for track in midi.tracks]
    tracks = tuple(_number_tracks([notes for notes, _ in found]))
    if not tracks:
        raise _unusable(say("{name} has no notes.", name=file.name), "Export the part again, with its notes.")
    pressed = any(message.type in _IGNORED for track in midi.tracks for message in track)
    return MidiMusic(
        file,
        tracks,
        tuple(_tempo_events(midi, file)),
        sum(stuck for _, stuck in found),
        has_aftertouch=pressed,
    )


def _check_file(file: Path) -> None:
    if not file.is_file():
        raise _unusable(say("There is no file {file}.", file=file), "Name a MIDI file, such as part.mid.")
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            head = opened.read(4)
    except OSError as error:
        raise _unusable(
            say("{file} cannot be read: {reason}.", file=file, reason=error.strerror or error),
            "Give a file that you are allowed to read.",
        ) from error
    if head != b"MThd":
        raise _unusable(
            say("{name} is not a MIDI file.", name=file.name)
            if size
            else say("{name} is empty.", name=file.name),
            "Give a standard MIDI file (.mid), such as your DAW exports.",
        )
    if size > _MAX_FILE_BYTES:
        raise _unusable(
            say("{name} is larger than {size:g} MB.", name=file.name, size=_MAX_FILE_BYTES / (1 << 20)),
            "Export only the part that is to be played.",
        )


def _check_kind(midi: mido.MidiFile, file: Path) -> None:
    if midi.type == 2:
        raise _unusable(
            say("{name} is a MIDI file of type 2, whose tracks do not play together.", name=file.name),
            "Export it as type 0 or 1.",
        )
    if midi.ticks_per_beat == 0:
        raise _unusable(
            say("{name} has no ticks for its beats.", name=file.name),
            "Export it again, with another resolution.",
        )
    # The highest bit of the division, its sign, says that ticks are parts of SMPTE frames.
    if midi.ticks_per_beat < 0:
        raise _unusable(
            say("{name} counts time in SMPTE frames, not in beats.", name=file.name),
            "Export it with ticks for each quarter note, as is usual.",
        )


def _track_notes(track: mido.MidiTrack, resolution: int) -> tuple[list[MidiTrackNotes], int]:
    """The notes of each channel of a track, and how many of them nothing ends."""
    name, now = "", 0
    events: dict[int, list[SourceEvent]] = {}
    programs: dict[int, int] = {}
    for message in track:
        now += message.time
        if message.type == "track_name" and not name:
            name = _track_name(message.name)
        elif message.type == "program_change":
            programs.setdefault(message.channel, message.program)
        elif message.type in ("note_on", "note_off", "control_change", "pitchwheel"):
            events.setdefault(message.channel, []).append((now, message.bytes(), False))
    found, stuck = [], 0
    for channel, heard in sorted(events.items()):
        _check_count(heard)
        paired = pair_notes([*heard, (now, (), False)], resolution, as_played=True)
        stuck += paired.stuck
        if paired.notes:
            notes = tuple(sorted(paired.notes, key=lambda note: (note.start, note.pitch)))
            found.append(MidiTrackNotes(name, 0, channel, programs.get(channel), notes))
    return found, stuck


def _check_count(events: Sequence[SourceEvent]) -> None:
    if len(events) >= MAX_EVENTS:
        raise _unusable(
            say("A track has more than {most} events.", most=MAX_EVENTS),
            "Export only the part that is to be played.",
        )


def _number_tracks(found: Sequence[Sequence[MidiTrackNotes]]) -> Iterator[MidiTrackNotes]:
    """The notes by track, those that have several channels named by them."""
    number = 0
    for channels in found:
        number += bool(channels)
        for notes in channels:
            name = notes.name
            if len(channels) > 1:
                which = "drums" if notes.channel == DRUM_CHANNEL else f"channel {notes.channel + 1}"
                name = f"{name} {which}" if name else which.capitalize()
            yield MidiTrackNotes(name, number, notes.channel, notes.program, notes.notes)


def _tempo_events(midi: mido.MidiFile, file: Path) -> Iterator[MidiTempo]:
    """Changes of tempo and metre, wherever they stand in the file."""
    events = []
    for track in midi.tracks:
        now = 0
        for message in track:
            now += message.time
            if message.type in ("set_tempo", "time_signature"):
                events.append((now, message))
    for tick, message in sorted(events, key=lambda event: event[0]):
        quarters = tick / midi.ticks_per_beat
        if message.type == "time_signature":
            if message.numerator and message.denominator <= 128:
                yield MidiTempo(quarters, metre=(message.numerator, message.denominator))
            continue
        bpm = 60e6 / message.tempo if message.tempo else 0.0
        if not _MIN_BPM <= bpm <= _MAX_BPM:
            raise _unusable(
                say("{name} has a tempo of {bpm:g} bpm.", name=file.name, bpm=bpm),
                say("Give the tempo with --bpm, from {low:g} to {high:g}.", low=_MIN_BPM, high=_MAX_BPM),
            )
        yield MidiTempo(quarters, bpm=bpm)


def _track_name(text: str) -> str:
    """A name, which files have in Latin-1 or, without saying so, in UTF-8."""
    with contextlib.suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")
    return one_line(text)


def _reason(error: Exception) -> str:
    if isinstance(error, EOFError):
        return "it is cut short"
    return (str(error) or type(error).__name__).rstrip(".")


def _unusable(sentence: str, remedy: str) -> RequestError:
    return RequestError(ErrorCode.FILE_UNUSABLE, sentence, remedy)
