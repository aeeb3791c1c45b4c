"""What can be put into a project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bandmate_bridge.rpp.items import Item
from bandmate_protocol.messages import Note
from bandmate_protocol.tempo import nearest_frame


@dataclass(frozen=True, slots=True)
class NewTake:
    """An audio file to be played from a point on."""

    name: str
    file: Path
    offset_seconds: float = 0.0
    """Where in the file the item's start lies."""


@dataclass(frozen=True, slots=True)
class NewStem:
    """One item on a track of its own (or on a named one): several takes are variations of the same thing."""

    name: str
    """The track's."""
    start_frame: int
    frames: int
    takes: Sequence[NewTake]
    chosen: int = 0
    """Which take sounds."""
    colour: str | None = None
    """`#rrggbb` for a new track."""
    fade_in_seconds: float = 0.0
    fade_out_seconds: float = 0.0
    like: Item | None = None
    """An item of the project that it stands for: it gets the volume, pan, envelopes and fades of that."""


@dataclass(frozen=True, slots=True)
class NewPart:
    """New takes for a part of an item. Times in seconds of the project."""

    start: float
    end: float
    takes: Sequence[NewTake]


@dataclass(frozen=True, slots=True)
class NewText:
    """Words that are shown from a frame of the project on."""

    text: str
    start_frame: int
    frames: int


@dataclass(frozen=True, slots=True)
class NewMidi:
    """Notes as an item in the project; their frames count from ``start_frame``."""

    name: str
    start_frame: int
    frames: int
    notes: Sequence[Note]
    colour: str | None = None


def rescale_notes(notes: Sequence[Note], rate: int, project_rate: int) -> Sequence[Note]:
    """Notes in frames of one rate as frames of another."""
    if rate == project_rate:
        return notes
    scale = project_rate / rate
    return [
        msgspec.structs.replace(
            note, start=nearest_frame(note.start * scale), frames=max(nearest_frame(note.frames * scale), 1)
        )
        for note in notes
    ]
