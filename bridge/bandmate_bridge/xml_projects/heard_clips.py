"""What clips come to in the arrangement: pieces of audio at one speed, and notes, each at its exact seconds.

A clip shows a part of a timeline; the timeline may be audio, notes, warped audio, lanes, or clips again. A loop is
followed pass by pass. Warped audio becomes a piece for each stretch of one speed; where it follows the beats of a ramp
of the tempo, a piece for each beat.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fades:
    """Of a clip, in seconds: they sound where a piece begins or ends with it."""

    start: float
    fade_in: float
    end: float
    fade_out: float


@dataclass(frozen=True, slots=True)
class ClipSound:
    """What a clip does to all that is in it."""

    name: str = ""
    colour: str = ""
    enabled: bool = True
    gain: float = 1.0
    pan: float = 0.0
    """-1 to 1."""
    semitones: float = 0.0
    fades: Fades | None = None


@dataclass(frozen=True, slots=True)
class MediaReference:
    """The file of an `Audio` element."""

    path: str
    external: bool
    seconds: float
    """How long the project says that it is."""
    sample_rate: int
    algorithm: str = ""


@dataclass(frozen=True, slots=True)
class AudioPiece:
    """Audio at one speed."""

    clip: int
    """Where in the text its outermost clip begins."""
    sound: ClipSound
    start: float
    end: float
    media: MediaReference
    offset: float
    """Seconds of the file at the start."""
    rate: float = 1.0
    """Seconds of the file in a second."""
    loop: tuple[float, float] | None = None
    """From where to where in the file, in seconds, it repeats; None plays on."""
    whole_clip: bool = True
    """The clip is nothing but this."""


@dataclass(frozen=True, slots=True)
class HeardNote:
    """A note in beats of the arrangement."""

    start: float
    end: float
    pitch: int
    velocity: int
    channel: int


@dataclass(frozen=True, slots=True)
class NotesPiece:
    """Notes that a clip plays."""

    clip: int
    sound: ClipSound
    start: float
    end: float
    notes: tuple[HeardNote, ...]


@dataclass(frozen=True, slots=True)
class Automation:
    """Points of a parameter of a mixer, in seconds."""

    parameter: str
    points: tuple[tuple[float, float, bool], ...]
    """Seconds, value, and whether it runs evenly to the next."""


Piece = AudioPiece | NotesPiece


@dataclass(slots=True)
class Arrangement:
    """What tracks play, by the id of the track."""

    pieces: dict[str, list[Piece]] = field(default_factory=dict)
    automation: dict[str, list[Automation]] = field(default_factory=dict)
    unread: Counter[str] = field(default_factory=Counter[str])
    """What could not be read, in the plural, with counts."""
