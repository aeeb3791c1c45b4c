"""What a project says about itself: sample rate, selections, cursor, where its audio goes."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_protocol.tempo import nearest_frame

DEFAULT_RATE = 48_000
MIN_RATE = 8_000
MAX_RATE = 384_000


@dataclass(frozen=True, slots=True)
class ProjectRate:
    """The sample rate that the project's frames are counted in."""

    hertz: int
    fixed: bool
    """The project names its rate; otherwise REAPER takes the audio device's."""
    remark: str = ""
    """What to tell the user when the rate is a guess."""


@dataclass(frozen=True, slots=True)
class FrameSpan:
    """From `start_frame` to `end_frame`, which is exclusive."""

    start_frame: int
    end_frame: int


def read_rate(root: RppChunk) -> ProjectRate:
    """The project's rate; the stored one, or 48 kHz, where the project leaves it to the device."""
    stored = root.integer("SAMPLERATE")
    sensible = MIN_RATE <= stored <= MAX_RATE
    if sensible and root.integer("SAMPLERATE", 1) != 0:
        return ProjectRate(stored, fixed=True)
    hertz = stored if sensible else DEFAULT_RATE
    return ProjectRate(
        hertz,
        fixed=False,
        remark=f"The project leaves its sample rate to the audio device; Bandmate assumes {hertz} Hz.",
    )


def read_span(root: RppChunk, key: str, rate: int) -> FrameSpan | None:
    """`SELECTION` (time selection) or `SELECTION2` (loop points); None when it is empty."""
    return span_between(root.number(key), root.number(key, 1), rate)


def span_between(start_seconds: float, end_seconds: float, rate: int) -> FrameSpan | None:
    """The frames between two times from the project's start on; None when there are none."""
    start, end = (nearest_frame(seconds * rate) for seconds in (start_seconds, end_seconds))
    return FrameSpan(max(start, 0), end) if end > max(start, 0) else None


def read_cursor(root: RppChunk, rate: int) -> int:
    """The edit cursor, in frames."""
    return cursor_frame(root.number("CURSOR"), rate)


def cursor_frame(seconds: float, rate: int) -> int:
    """The frame of an edit cursor; the first one where it lies before the project."""
    return max(nearest_frame(seconds * rate), 0)


def read_first_bar(root: RppChunk) -> int:
    """The number that the ruler gives to the project's first bar."""
    return 1 + root.integer("PROJOFFS", 1)


def read_record_path(root: RppChunk) -> str:
    """The project's media folder as written; empty when it has none of its own."""
    return root.word("RECORD_PATH")
