"""What a task yields while it runs. The host streams, meters and stores it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bandmate_protocol.messages import Note, ProgressUnit

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples


RECIPE = "recipe"


@dataclass(frozen=True, slots=True)
class StemStart:
    """Announces a stem; stems are numbered in the order in which they are first announced.

    If possible, announce all of them before the first audio, so that tracks appear at once.
    """

    name: str
    """For people; the track's name."""
    role: str
    """`drums`, `bass`, `keys`, `lead`, `vocals`, `other`, `mix`, ...; gives the colour unless that is set."""
    channels: int = 2
    frames: int | None = None
    """The whole length at the project's rate; the range's length if omitted."""
    start_frame: int | None = None
    """Where in the project it starts; the range's start if omitted."""
    colour: str | None = None
    """`#rrggbb`."""
    revises: int | None = None
    """The number of an earlier stem whose audio starts over; it keeps that number, and its place, length and
    channels. Notes given before are void too."""


@dataclass(frozen=True, slots=True)
class StemAudio:
    """Audio of a stem, in order and without gaps; pieces of several stems may alternate."""

    stem: int
    samples: Samples
    """float32, shape (frames, channels), nominally within -1 to 1, at the project's sample rate."""


@dataclass(frozen=True, slots=True)
class StageProgress:
    """Progress: `step` of `steps` in a stage with a name for people; a download counts bytes."""

    stage: str
    step: int
    steps: int
    unit: ProgressUnit = "steps"


@dataclass(frozen=True, slots=True)
class StemNotes:
    """Notes of a stem, in frames from the stem's start, inside the stem. Several add up."""

    stem: int
    notes: Sequence[Note]


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence that the musician should read when the job is done."""

    sentence: str
    models: tuple[str, ...] = ()
    """Models that would make the result better, by their short names: clients offer to fetch them."""


@dataclass(frozen=True, slots=True)
class TaskReport:
    """Results for programs: text, finite numbers, lists and maps by name. Several are merged.

    A map under `RECIPE` holds parameters that the job filled in itself: they are kept with the job, so that
    a redo, and a repaint of what it made, run with them. Maps of several reports are merged too.
    """

    values: Mapping[str, Any] = field(default_factory=dict)


Output = StemStart | StemAudio | StageProgress | StemNotes | Remark | TaskReport
