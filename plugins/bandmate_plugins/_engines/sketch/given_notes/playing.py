"""Given notes as a part plays them: exactly, or with the small differences of a player."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from msgspec.structs import replace

from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_NAMES
from bandmate_protocol.messages import DRUM_CHANNEL, Note

_PITCHED_MS, _DRUM_MS = 7.0, 4.0
"""How far humanised notes lie from their places: the standard deviation."""
_MOST_DEVIATIONS = 2.0
_VELOCITY_SHARE = 0.07


@dataclass(frozen=True)
class PlayableNotes:
    """The notes of a part."""

    notes: tuple[Note, ...]
    """In order of time, inside the range."""
    outside_range: int = 0
    """Notes that begin after the range or end it; the first are left out, the others end with it."""
    unknown_drums: tuple[int, ...] = ()
    """Notes that are no drum, and are left out."""


def playable_notes(notes: Sequence[Note], frames: int, channel: int) -> PlayableNotes:
    """Notes as a part on a channel can play them in a range of so many frames."""
    inside = [note for note in notes if note.start < frames]
    cut = sum(note.start + note.frames > frames for note in inside)
    drums = channel == DRUM_CHANNEL
    unknown = sorted({note.pitch for note in inside if drums and note.pitch not in DRUM_NAMES})
    kept = sorted(
        (
            replace(
                note,
                frames=max(min(note.frames, frames - note.start), 1),
                channel=channel,
            )
            for note in inside
            if note.pitch not in unknown
        ),
        key=lambda note: (note.start, note.pitch),
    )
    return PlayableNotes(tuple(kept), len(notes) - len(inside) + cut, tuple(unknown))


def humanise_notes(
    notes: Sequence[Note], frames: int, rate: int, rng: np.random.Generator
) -> tuple[Note, ...]:
    """Notes a few milliseconds early or late and a little softer or louder, inside a range of so many frames."""
    made: list[Note] = []
    for note in notes:
        most = _DRUM_MS if note.channel == DRUM_CHANNEL else _PITCHED_MS
        late, hard = np.clip(rng.standard_normal(2), -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
        start = min(max(note.start + round(late * most * rate / 1000), 0), frames - 1)
        made.append(
            replace(
                note,
                start=start,
                frames=max(min(note.frames, frames - start), 1),
                velocity=min(max(round(note.velocity * (1 + hard * _VELOCITY_SHARE)), 1), 127),
            )
        )
    return tuple(sorted(made, key=lambda note: (note.start, note.pitch)))
