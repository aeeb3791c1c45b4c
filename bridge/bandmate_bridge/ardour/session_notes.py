"""Notes as MIDI files that Ardour plays from its session."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from bandmate_bridge.file_errors import file_errors
from bandmate_bridge.rpp import NewMidi
from bandmate_plugins._platform.midi_file import MidiPart, midi_bytes
from bandmate_protocol.tempo import TempoMap


def write_notes(file: Path, part: NewMidi, tempo: TempoMap) -> None:
    """Writes the notes of a part into a file that is there: as type 0, as Ardour plays one track of a file.

    Raises RequestError (`bad_timeline`, `disk_full`, ...).
    """
    import mido

    timeline = tempo.timeline_between(part.start_frame, part.start_frame + part.frames)
    notes = [note for note in part.notes if 0 <= note.start < part.frames]
    data = midi_bytes([MidiPart(part.name, part.start_frame, notes)], timeline)
    several = mido.MidiFile(file=BytesIO(data))
    one = mido.MidiFile(type=0, ticks_per_beat=several.ticks_per_beat)
    one.tracks.append(mido.merge_tracks(several.tracks))
    with file_errors(file), file.open("wb") as written:
        one.save(file=written)
