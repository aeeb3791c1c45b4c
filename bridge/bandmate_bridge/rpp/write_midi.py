"""Notes as a MIDI item inside the project.

Ticks are 960 to a quarter note and run through the project's tempo map, so a note keeps its place in a ramp.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from bandmate_bridge.rpp.chunks import RppChunk, draft_chunk
from bandmate_bridge.rpp.guids import new_guid
from bandmate_bridge.rpp.insertions import NewMidi
from bandmate_bridge.rpp.lines import number_text
from bandmate_bridge.rpp.write_items import item_frame, take_lines
from bandmate_protocol.tempo import TempoMap, nearest_frame

TICKS = 960
"""To a quarter note."""

_OFF, _ON, _ALL_OFF = 0x80, 0x90, "b0 7b 00"


def midi_item(midi: NewMidi, tempo_map: TempoMap, iid: int) -> RppChunk:
    """A draft of an item that holds the notes."""
    start = float(midi.start_frame)
    bpm, (numerator, denominator) = tempo_map.bpm_at(start), tempo_map.metre_at(start)
    source = draft_chunk(
        "SOURCE MIDI",
        f"HASDATA 1 {TICKS} QN",
        "CCINTERP 32",
        *midi_events(midi, tempo_map),
        f"GUID {new_guid()}",
        f"IGNTEMPO 0 {number_text(bpm)} {numerator} {denominator}",
    )
    item = item_frame(midi.start_frame, midi.frames, tempo_map.sample_rate, iid)
    item.children.extend(take_lines(midi.name, "SOFFS 0 0", source, first=True))
    return item


def midi_events(midi: NewMidi, tempo_map: TempoMap) -> list[str]:
    """The `E` lines of a part: its notes at the ticks of the project's tempo map; see `note_lines`."""
    start = tempo_map.quarters_at(midi.start_frame)

    def tick(frame: int) -> int:
        return nearest_frame((tempo_map.quarters_at(midi.start_frame + frame) - start) * TICKS)

    notes = [
        TickedNote(tick(note.start), tick(note.start + note.frames), note.channel, note.pitch, note.velocity)
        for note in sorted(midi.notes, key=attrgetter("start"), reverse=True)
    ]
    return note_lines(notes, max(tick(midi.frames), 1))


@dataclass(frozen=True, slots=True)
class TickedNote:
    """A note in ticks from the start of its item."""

    on: int
    off: int
    channel: int
    pitch: int
    velocity: int


def note_lines(notes: Sequence[TickedNote], last: int) -> list[str]:
    """The `E` lines: ticks since the event before, then the message in hexadecimal; the one at ``last`` ends the
    item.

    Notes outside the item are left out or cut; a note is cut where the same pitch sounds again.
    """
    events: list[tuple[int, int, str]] = []
    following: dict[tuple[int, int], int] = {}
    for note in sorted(notes, key=attrgetter("on"), reverse=True):
        voice = (note.channel, note.pitch)
        if note.on >= following.get(voice, last):
            continue
        off = min(max(note.off, note.on + 1), following.get(voice, last))
        following[voice] = note.on
        # At one tick, ends come before beginnings.
        events.append((note.on, 1, f"{_ON | note.channel:02x} {note.pitch:02x} {note.velocity:02x}"))
        events.append((off, 0, f"{_OFF | note.channel:02x} {note.pitch:02x} 00"))
    events.sort()
    events.append((last, 2, _ALL_OFF))
    ticks = [0, *(event[0] for event in events)]
    return [f"E {event[0] - before} {event[2]}" for before, event in zip(ticks, events, strict=False)]
