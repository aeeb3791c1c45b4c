"""Key and chords of given notes: those that they spell, else chords that suit them as a melody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from bandmate_plugins._engines.sketch.accompany.harmony import harmonise_melody, melody_key
from bandmate_plugins._engines.sketch.accompany.reading import melody_cells
from bandmate_plugins._listening.melody.lines import TranscribedNote
from bandmate_plugins._theory.harmony_cells import beat_cells
from bandmate_plugins._theory.keys import parse_key
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.note_harmony import NoteHarmony, TimedNote, harmony_of
from bandmate_plugins._theory.placed_chords import chords_report, chords_sentence
from bandmate_plugins.outputs import Output, Remark, TaskReport
from bandmate_protocol.messages import DRUM_CHANNEL, ChordMark, GivenPart, Note, Timeline
from bandmate_protocol.tempo import nearest_frame

_MAX_MARKS = 4_096


@dataclass(frozen=True)
class GivenHarmony:
    """What given notes decide."""

    timeline: Timeline
    """With their key and chords, where it had none."""
    key_reason: str = ""
    """Why its key was taken, where the notes decide it."""
    chords_remark: str = ""
    """Where its chords come from, where the notes decide them."""

    def outputs(self) -> Iterator[Output]:
        """The chords of the notes, bar by bar, for people and for programs."""
        if self.chords_remark:
            yield Remark(self.chords_remark)
            music = MusicalRange.from_timeline(self.timeline)
            yield TaskReport({"chord_bars": chords_report(music)})
            yield Remark(chords_sentence(music))


def is_drum_part(part: GivenPart) -> bool:
    """Whether all notes of a part are on the drum channel."""
    return all(note.channel == DRUM_CHANNEL for note in part.notes)


def with_note_harmony(timeline: Timeline, *, needs_chords: bool = True) -> GivenHarmony:
    """A timeline with the key of its notes, and their chords if it needs any; drums have neither."""
    notes = [note for part in timeline.parts if not is_drum_part(part) for note in part.notes]
    if not notes:
        return GivenHarmony(timeline)
    music = MusicalRange.from_timeline(timeline)
    found = _spelled_harmony(notes, music)
    key, marks, source = timeline.key or found.key, timeline.chords, ""
    if needs_chords and not marks:
        marks, source = _chord_marks(found, music), "The chords come from your notes."
        if not marks:
            key, marks = _melody_harmony(notes, music, key)
            source = "Your notes alone spell no chords, so these are chosen for them."
    given = msgspec.structs.replace(timeline, key=key, chords=marks[:_MAX_MARKS])
    return GivenHarmony(given, "" if timeline.key or not key else "from your notes", source if marks else "")


def _spelled_harmony(notes: Sequence[Note], music: MusicalRange) -> NoteHarmony:
    start, end = music.start_frame, music.end_frame
    quarters = music.tempo.quarters_at
    timed = [
        TimedNote(
            quarters(start + note.start),
            quarters(start + note.start + note.frames),
            note.pitch,
            note.velocity,
        )
        for note in notes
    ]
    return harmony_of(timed, beat_cells(music.tempo, start, end))


def _chord_marks(found: NoteHarmony, music: MusicalRange) -> tuple[ChordMark, ...]:
    return tuple(
        ChordMark(position=max(nearest_frame(music.tempo.position_at(place)), 0), symbol=symbol)
        for place, symbol in found.chords
    )


def _melody_harmony(
    notes: Sequence[Note], music: MusicalRange, key: str | None
) -> tuple[str | None, tuple[ChordMark, ...]]:
    """The key, and chords chosen for a line whose notes alone spell none."""
    start = music.start_frame
    line = sorted(
        (
            TranscribedNote(start + note.start, start + note.start + note.frames, note.pitch, note.velocity)
            for note in notes
        ),
        key=lambda note: note.start,
    )
    borders = [bar.start for bar in music.tempo.bars(start, music.end_frame)]
    cells = melody_cells(line, [*borders, float(music.end_frame)], music.tempo, music.sample_rate)
    found, clear = melody_key(cells, len(line))
    given = parse_key(key) if key else None
    if given is not None:
        found, clear = given, True
    chords = harmonise_melody(cells, found, clear)
    marks = tuple(
        ChordMark(position=max(nearest_frame(music.tempo.position_at(place)), 0), symbol=chord.symbol)
        for place, chord in chords
    )
    return key or (found.name if clear else None), marks
