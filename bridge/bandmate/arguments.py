"""From the arguments of a call to what the bridge works with."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bandmate_bridge.requests.piped_audio import check_audio_file
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.requests.timing import MusicLength
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

Position = str | float
"""A place in time: text as on the command line (`"9.1"` is a bar and a beat, `"12.5s"`), or seconds."""

SectionNames = str | Sequence[str]
"""A section by name, such as `"chorus"`, `"Verse 2"` or `"B:2"`, or several."""

PathLike = str | os.PathLike[str]

_METRE = re.compile(r"([0-9]{1,3})/([0-9]{1,3})")


def music_length(bars: float | None, beats: float | None, seconds: float | None) -> MusicLength:
    """Raises BandmateError (`bad_params`) for more than one length, or one that is none."""
    given = {"bars": bars, "beats": beats, "seconds": seconds}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("Give one length: {names}, not both.", names=" or ".join(named)),
            "Leave one of them out.",
        )
    for name, value in given.items():
        if value is not None and not value > 0:
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say("A length of {value} {name} is no length.", value=value, name=name),
                "Give a number above 0.",
            )
    return MusicLength(bars, beats, seconds)


def metre_pair(metre: str | tuple[int, int] | None) -> tuple[int, int] | None:
    """Numerator and denominator. Raises BandmateError (`bad_params`) for text that is no metre."""
    if metre is None or isinstance(metre, tuple):
        return metre
    found = _METRE.fullmatch(metre.strip())
    if found is None:
        raise RequestError(
            ErrorCode.BAD_PARAMS, say("{metre!r} is no metre.", metre=metre), "Write it as 4/4 or 7/8."
        )
    return int(found[1]), int(found[2])


def given_ranges(
    start: Position | None,
    end: Position | None,
    ranges: Sequence[tuple[Position, Position]] = (),
    section: SectionNames = (),
) -> GivenRanges:
    """The ranges of a call, none for all of the audio. Raises BandmateError (`bad_position`)."""
    if names := section_names(section):
        check_section_alone(start, end, *ranges)
        return GivenRanges(sections=names)
    if (start is None) != (end is None):
        raise RequestError(
            ErrorCode.BAD_POSITION,
            "A range needs a start and an end.",
            'Give both, such as start="4s", end="8s".',
        )
    if start is not None and end is not None:
        if ranges:
            raise RequestError(
                ErrorCode.BAD_POSITION, "Give start and end, or ranges, not both.", "Leave one of them out."
            )
        ranges = ((start, end),)
    return GivenRanges(tuple((position_text(begin), position_text(stop)) for begin, stop in ranges))


def section_names(section: SectionNames) -> tuple[str, ...]:
    """The names of sections, of which one may be given as plain text."""
    return (section,) if isinstance(section, str) else tuple(section)


def check_section_alone(*others: object) -> None:
    """Raises BandmateError (`bad_position`) where a range is given by name and by position too."""
    if any(other is not None for other in others):
        raise RequestError(
            ErrorCode.BAD_POSITION, "Give section or positions, not both.", "Leave one of them out."
        )


def position_text(position: Position) -> str:
    """As the command line writes it; numbers are seconds."""
    return position if isinstance(position, str) else f"{position:.9f}s"


def check_ranges_given(ranges: GivenRanges) -> None:
    """Raises BandmateError (`bad_position`) when no range was given."""
    if ranges.is_empty:
        raise RequestError(
            ErrorCode.BAD_POSITION,
            "The task needs a range.",
            'Give one, such as start="4s", end="8s", or several as ranges=[...].',
        )


def audio_file(path: PathLike) -> Path:
    """A file to send. Raises BandmateError (`file_unusable`) for what is no audio file."""
    file = Path(path)
    check_audio_file(file)
    return file


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    """Only what was given."""
    return {name: value for name, value in values.items() if value is not None}
