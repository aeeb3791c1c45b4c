"""Small MIDI files with known notes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import mido

TICKS = 480
Played = tuple[float, float, int, int]
"""Start and end in quarter notes, pitch and velocity."""
TUNE: list[Played] = [
    (at * 1.0, at + 0.75, pitch, 70 + at) for at, pitch in enumerate((67, 64, 60, 72, 71, 67, 62, 65))
]
BEAT: list[Played] = [(at * 0.5, at * 0.5 + 0.25, 36 if at % 2 == 0 else 42, 100) for at in range(16)]
CHORDS: list[Played] = [
    (4.0 * bar, 4.0 * bar + 4.0, pitch, 80)
    for bar, chord in enumerate([(57, 60, 64), (53, 57, 60), (55, 60, 64), (55, 59, 62)] * 2)
    for pitch in chord
]


def note_track(
    notes: Sequence[Played],
    name: str = "",
    channel: int = 0,
    program: int | None = None,
    events: Sequence[tuple[float, mido.Message | mido.MetaMessage]] = (),
) -> mido.MidiTrack:
    """A track; ``events`` are further messages by their quarter note."""
    timed: list[tuple[float, int, mido.Message | mido.MetaMessage]] = []
    if name:
        timed.append((0, 0, mido.MetaMessage("track_name", name=name)))
    if program is not None:
        timed.append((0, 0, mido.Message("program_change", channel=channel, program=program)))
    timed += [(at, 1, message) for at, message in events]
    for start, end, pitch, velocity in notes:
        timed.append((start, 3, mido.Message("note_on", channel=channel, note=pitch, velocity=velocity)))
        timed.append((end, 2, mido.Message("note_off", channel=channel, note=pitch)))
    track, now = mido.MidiTrack(), 0
    for at, _, message in sorted(timed, key=lambda event: event[:2]):
        tick = round(at * TICKS)
        track.append(message.copy(time=tick - now))
        now = tick
    return track


def conductor(
    tempos: Sequence[tuple[float, float]] = ((0, 96),), metre: tuple[int, int] | None = (4, 4)
) -> mido.MidiTrack:
    """A track of tempos (quarter note, bpm) and a metre."""
    events: list[tuple[float, mido.MetaMessage]] = [
        (at, mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(bpm))) for at, bpm in tempos
    ]
    if metre:
        meter = mido.MetaMessage("time_signature", numerator=metre[0], denominator=metre[1])
        events.insert(0, (0, meter))
    return note_track([], events=events)


def write_midi(path: Path, *tracks: mido.MidiTrack, kind: int = 1) -> Path:
    file = mido.MidiFile(type=kind, ticks_per_beat=TICKS)
    file.tracks += tracks
    file.save(path)
    return path


def midi_notes(path: Path) -> dict[str, list[Played]]:
    """The notes of each named track of a file, in quarter notes."""
    found: dict[str, list[Played]] = {}
    midi = mido.MidiFile(path)
    for track in midi.tracks:
        now, begun = 0, {}
        notes: list[Played] = []
        for message in track:
            now += message.time
            if message.type == "note_on" and message.velocity:
                begun[message.note] = (now, message.velocity)
            elif message.type in ("note_on", "note_off") and message.note in begun:
                start, velocity = begun.pop(message.note)
                quarters = midi.ticks_per_beat
                notes.append((start / quarters, now / quarters, message.note, velocity))
        if notes:
            found[track.name] = sorted(notes)
    return found
