"""Key and chords of the MIDI notes that a project plays around a range."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bandmate_bridge.requests.ranges import TimeSpan
from bandmate_bridge.rpp import Item, PlayedNote, Project, Track
from bandmate_plugins._theory.harmony_cells import beat_cells
from bandmate_plugins._theory.note_harmony import TimedNote, harmony_of
from bandmate_protocol.messages import DRUM_CHANNEL, ChordMark
from bandmate_protocol.tempo import TempoMap, nearest_frame
from bandmate_protocol.texts import say

_DRUM_TRACK = re.compile(
    r"\b(drums?|drumkit|drum ?kit|kit|perc|percussion|beats?|kicks?|snares?|hats?|hi-?hats?|toms?|cymbals?"
    r"|claps?|congas?|bongos?|shakers?|tambourines?|cajon)\b",
    re.IGNORECASE,
)
_MAX_CHORDS = 4_096
_HELD_QUARTERS = 4.0
_OPEN_QUARTERS = 6.0
"""A bar and a half of 4/4."""


@dataclass(frozen=True)
class WrittenHarmony:
    """What notes say of a range."""

    key: str | None = None
    chords: tuple[ChordMark, ...] = ()
    is_held: bool = False
    """The notes end a bar or more before the range does, so the last chord is held."""

    def remarks(self, key: str | None) -> list[str]:
        """A sentence on what of it is used, where the musician gave a ``key`` or did not."""
        own = self.key if key is None else None
        held = "; after the last note the last chord is held" if self.is_held else ""
        if own and self.chords:
            return [
                say(
                    "The key, {own}, and the chords come from the MIDI notes there{held}.", own=own, held=held
                )
            ]
        if own:
            return [say("The key, {own}, comes from the MIDI notes there.", own=own)]
        return [say("The chords come from the MIDI notes there{held}.", held=held)] if self.chords else []


@dataclass
class WrittenNotes:
    """The notes of MIDI items, collected; drums are left out, as their pitches are none."""

    project: Project
    window: TimeSpan
    """From where to where they are read, in seconds."""
    notes: list[PlayedNote] = field(default_factory=list)

    def add(self, track: Track, item: Item) -> None:
        """Takes in an item of MIDI. Raises UnheardError where its notes cannot be read."""
        played = self.project.played_notes(track, item)
        if _DRUM_TRACK.search(track.name):
            return
        start, end = (self._tempo_map.quarters_at(edge * self._tempo_map.sample_rate) for edge in self.window)
        self.notes += [
            note for note in played if note.channel != DRUM_CHANNEL and note.end > start and note.start < end
        ]

    def harmony(self, span: TimeSpan, frame_at: Callable[[float], float]) -> WrittenHarmony:
        """Key and chords: ``span`` is the range that needs them, ``frame_at`` gives the frame of a second."""
        if not self.notes:
            return WrittenHarmony()
        timed = [TimedNote(note.start, note.end, note.pitch, note.velocity) for note in self.notes]
        rate = self._tempo_map.sample_rate
        cells = beat_cells(self._tempo_map, self.window[0] * rate, self.window[1] * rate)
        found = harmony_of(timed, cells)
        marks: list[ChordMark] = []
        for quarters, symbol in found.chords[:_MAX_CHORDS]:
            seconds = self._tempo_map.position_at(quarters) / self._tempo_map.sample_rate
            if seconds < span[1]:
                marks.append(ChordMark(position=max(nearest_frame(frame_at(seconds)), 0), symbol=symbol))
        used = tuple(_chords_from(marks, nearest_frame(frame_at(span[0]))))
        left = self._tempo_map.quarters_at(span[1] * self._tempo_map.sample_rate) - found.end
        return WrittenHarmony(found.key, used, is_held=bool(used) and left >= _HELD_QUARTERS)

    def leaves_open(self, span: TimeSpan) -> bool:
        """Whether nothing sounds for so long in a range that its chords there cannot be known from the notes."""
        start, end = (self._tempo_map.quarters_at(edge * self._tempo_map.sample_rate) for edge in span)
        sounding_until = start
        for note in sorted(self.notes, key=lambda each: each.start):
            if note.start > end or note.start - sounding_until > _OPEN_QUARTERS:
                break
            sounding_until = max(sounding_until, note.end)
        return end - sounding_until > _OPEN_QUARTERS

    @property
    def _tempo_map(self) -> TempoMap:
        return self.project.tempo_map


def _chords_from(marks: Sequence[ChordMark], start: int) -> list[ChordMark]:
    """The chord in force at a frame, and those after it."""
    first = max((number for number, mark in enumerate(marks) if mark.position <= start), default=0)
    return list(marks[first:])
