"""Frames of a job laid over an item: which frame of the file sounds when, and where the item may be cut.

A job on an item that plays its file at rate 1 runs on the file's own frames: frame n of the job is heard at
``phase + n / rate`` seconds, where the phase, under half a frame, is what the item's place in the project
is off that grid. An edge that was asked for in musical time is rounded once, to the nearest frame of this
grid, and the item is cut at the exact time of that frame. So each piece still plays the very frames of the
file that the whole item played at that time, and what lies outside a range stays as it was to the bit; what
comes back has whole frames of the file in the place of whole frames of the file. Where an item plays at
another speed (as tape does) the grid is the project's, with no phase, and so are the cuts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

from bandmate_bridge.rpp.playable_item import PlayableItem
from bandmate_bridge.rpp.unplayable_items import GLUE
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Input
from bandmate_protocol.tempo import nearest_frame
from bandmate_protocol.texts import say

_MAX_PASSES = 200
_SLACK_FRAMES = 1e-3
"""Frames that floats may be off."""


@dataclass(frozen=True, slots=True)
class FrameGrid:
    """Frames of a job in the project's time."""

    rate: int
    phase: float = 0.0
    """Seconds; the time of frame 0."""

    def time_of(self, frame: float) -> float:
        """When a frame is heard, in seconds."""
        return self.phase + frame / self.rate

    def frame_at(self, seconds: float) -> float:
        """The position in frames of a time; not rounded."""
        return (seconds - self.phase) * self.rate


@dataclass(frozen=True, slots=True)
class ItemMap:
    """An item on a grid, with the pass through its file that a range lies in.

    `first` to `last` are the frames of the job in which this pass is heard: inside the item, the section and
    the file, and not beyond the point where a loop begins again.
    """

    heard: PlayableItem
    grid: FrameGrid
    origin: float
    """The project's time, in seconds, at which frame 0 of the file would be heard in this pass."""
    file_rate: int
    file_frames: int
    first: int
    last: int
    reach_first: int
    """From here on the same recording is heard, in items beside this one too; before `first` or there."""
    reach_last: int
    """Up to here."""
    starts: bool
    """`first` is where the item itself begins, not only its audio."""
    ends: bool
    """`last` is where the item itself ends."""

    def build_input(self, role: str, sha256: str, first: int, last: int) -> Input:
        """The audio of the frames [first, last) of the job, as the server cuts it from the file."""
        start = self._file_frame(first)
        return Input(
            role=role,
            sha256=sha256,
            start_frame=start,
            frames=max(min(self._file_frame(last), self.file_frames) - start, 1),
            play_rate=self.heard.take.play_rate,
            preserve_pitch=self.heard.take.is_stretched,
            pitch_semitones=self.heard.take.pitch_semitones,
            at_frame=first,
            channels=self.heard.channels,
        )

    def _file_frame(self, frame: int) -> int:
        rate = self.file_rate * self.heard.take.play_rate
        return max(nearest_frame((self.grid.time_of(frame) - self.origin) * rate), 0)


TimeSpan = tuple[float, float]
"""Start and end in seconds, exact."""


def map_item(
    heard: PlayableItem, file_rate: int, file_frames: int, around: TimeSpan, rate: int | None = None
) -> ItemMap:
    """Lays an item on a grid.

    ``around``: the span in seconds that has to lie in one pass through the file. ``rate``: a grid of whole
    frames of that rate from the project's start; None takes the file's own where the item plays at rate 1,
    and must not be None where it does not. Raises RequestError (`bad_position`) when the span holds the
    place where a loop begins again.
    """
    speed = heard.take.play_rate
    section = _section_seconds(heard, file_rate, file_frames)
    lap = _loop_pass(heard, section, around, 1.0 / file_rate) if heard.item.loops else 0
    # What of the file is heard at the item's start, if it had run through the passes before.
    offset = heard.section_start + heard.take.offset_seconds - lap * section
    origin = heard.position - offset / speed
    grid = FrameGrid(rate) if rate is not None else _file_grid(origin, file_rate)
    audio_starts = max(origin + heard.section_start / speed, 0.0)
    audio_ends = origin + (heard.section_start + section) / speed
    frame = 1.0 / grid.rate
    starts, ends = audio_starts <= heard.position + frame, audio_ends >= heard.end - frame
    lowest, highest = math.ceil(grid.frame_at(audio_starts) - 0.5), nearest_frame(grid.frame_at(audio_ends))
    first = max(math.floor(grid.frame_at(heard.position) + _SLACK_FRAMES), lowest, 0)
    last = min(math.ceil(grid.frame_at(heard.end) - _SLACK_FRAMES), highest)
    if last <= first:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            say(
                "The item on {title} plays nothing of {name}: it starts after the end of the file.",
                title=heard.track.title,
                name=heard.file.name,
            ),
            "Choose another item.",
        )
    reach = (nearest_frame(grid.frame_at(edge)) for edge in heard.reach)
    wide = (min(max(next(reach), lowest, 0), first), max(min(next(reach), highest), last))
    return ItemMap(heard, grid, origin, file_rate, file_frames, first, last, *wide, starts, ends)


def loop_passes(heard: PlayableItem, file_rate: int, file_frames: int, span: TimeSpan) -> list[TimeSpan]:
    """A span of an item, in seconds, cut where a loop begins again: each part lies in one pass through it."""
    section = _section_seconds(heard, file_rate, file_frames)
    if not heard.item.loops or section <= 0:
        return [span]
    speed, offset = heard.take.play_rate, heard.take.offset_seconds
    first, last = ((offset + (at - heard.position) * speed) / section for at in span)
    near = 1e-6 / section
    begins = range(math.floor(first + near) + 1, math.ceil(last - near))
    if len(begins) > _MAX_PASSES:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            say(
                "The item on {title} repeats {count} times in the range.",
                title=heard.track.title,
                count=len(begins) + 1,
            ),
            say("Choose a shorter range. Or: {glue}", glue=GLUE),
        )
    cuts = [heard.position + (lap * section - offset) / speed for lap in begins]
    return list(pairwise([span[0], *cuts, span[1]]))


def _file_grid(origin: float, file_rate: int) -> FrameGrid:
    return FrameGrid(file_rate, origin - nearest_frame(origin * file_rate) / file_rate)


def _section_seconds(heard: PlayableItem, file_rate: int, file_frames: int) -> float:
    there = max(file_frames / file_rate - heard.section_start, 0.0)
    return there if heard.section_seconds is None else min(heard.section_seconds, there)


def _loop_pass(heard: PlayableItem, section: float, around: tuple[float, float], frame: float) -> int:
    """That adds less than one frame."""
    if section <= 0:
        return 0
    start, end = (
        heard.take.offset_seconds + (moment - heard.position) * heard.take.play_rate for moment in around
    )
    lap = math.floor((start + frame) / section)
    if end > (lap + 1) * section + frame:
        raise RequestError(
            ErrorCode.BAD_POSITION,
            say("The item on {title} is a loop that repeats inside the range.", title=heard.track.title),
            say("Choose a range inside one repetition. Or: {glue}", glue=GLUE),
        )
    return lap
