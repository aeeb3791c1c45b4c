"""The notes that a MIDI region plays of its file."""

from __future__ import annotations

from pathlib import Path

from bandmate_bridge.ardour.session_clock import TICKS
from bandmate_bridge.midi.midi_reader import read_midi_file
from bandmate_bridge.xml_projects.heard_clips import HeardNote
from bandmate_protocol.errors import RequestError

_SAME_TICKS = 0.5


def heard_notes(
    file: Path, region_start: float, offset: float, span: tuple[float, float]
) -> tuple[HeardNote, ...] | None:
    """The notes that begin in a span, in beats of the session; None for a file that is missing or cannot be read.

    ``region_start``, ``span``: in ticks of the session. ``offset``: ticks of the file where the region begins.
    """
    try:
        music = read_midi_file(file)
    except RequestError:
        return None
    shift = region_start - offset
    first, last = (end - _SAME_TICKS for end in span)
    return tuple(
        HeardNote(
            (note.start * TICKS + shift) / TICKS,
            min(note.end * TICKS + shift, span[1]) / TICKS,
            note.pitch,
            note.velocity,
            note.channel,
        )
        for track in music.tracks
        for note in track.notes
        if first <= note.start * TICKS + shift < last
    )
