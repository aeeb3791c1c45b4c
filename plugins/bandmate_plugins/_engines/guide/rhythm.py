"""The rhythm of a band as strokes of a drum kit: what its drums play, and when its other players begin a note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bandmate_protocol.messages import DRUM_CHANNEL, GivenPart, Note

_KICK, _CLOSED_HAT = 36, 42
_STROKE_SECONDS = 0.1
_SOFTER = 0.7
"""Velocity of a stroke that stands for a note of another player."""


def rhythm_part(notes: Mapping[str, Sequence[Note]], rate: int) -> GivenPart:
    """The notes of parts, by role, as one part for drums.

    Drums stay as they are; where a bass begins a note there is a kick, for the others a closed hi-hat, unless that drum
    is struck there anyway. The hi-hat is left out where there are drums: they have the beat already.
    """
    drums = [note for part in notes.values() for note in part if note.channel == DRUM_CHANNEL]
    strokes = {(note.start, note.pitch): note for note in drums}
    for role, part in notes.items():
        pitched = [note for note in part if note.channel != DRUM_CHANNEL]
        if role == "bass":
            _add_strokes(strokes, pitched, _KICK, rate)
        elif not drums:
            _add_strokes(strokes, pitched, _CLOSED_HAT, rate)
    ordered = sorted(strokes.values(), key=lambda note: (note.start, note.pitch))
    return GivenPart(name="Groove", notes=tuple(ordered))


def _add_strokes(strokes: dict[tuple[int, int], Note], notes: Iterable[Note], pitch: int, rate: int) -> None:
    for note in notes:
        velocity = max(round(note.velocity * _SOFTER), 1)
        stroke = Note(
            start=note.start,
            frames=round(_STROKE_SECONDS * rate),
            pitch=pitch,
            velocity=velocity,
            channel=DRUM_CHANNEL,
        )
        strokes.setdefault((note.start, pitch), stroke)
