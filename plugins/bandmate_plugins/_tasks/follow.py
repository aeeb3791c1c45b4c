"""The parameter `follow` of the tasks that make new music: what of the project leads it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bandmate_plugins._theory.chords import parse_chord
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Timeline
from bandmate_protocol.texts import say

FollowKind = Literal["chords", "groove", "melody"]
"""What can be followed."""

Follow = Annotated[
    Literal["auto", "chords", "groove", "melody", "off"],
    Meta(
        title="Follow",
        description="What leads the music: the project's chords, only its rhythm, or a melody from notes or audio; "
        "auto follows chords where they are known",
    ),
]

_WITHOUT_CHORDS = ("groove", "off")


def follows_chords(follow: str) -> bool:
    """Whether the chords of the project count."""
    return follow not in _WITHOUT_CHORDS


def check_follow(follow: str, chords: str) -> None:
    """Raises RequestError (`bad_params`) for a chart of chords that nothing is to follow."""
    if chords.strip() and not follows_chords(follow):
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("Chords are given, but Follow is `{follow}`, so nothing would play them.", follow=follow),
            "Set Follow to chords, or leave out the chords.",
        )


def has_readable_chords(timeline: Timeline) -> bool:
    """Whether a timeline has a chord, and not only symbols that cannot be read."""
    return any(parse_chord(mark.symbol) is not None for mark in timeline.chords)


def unreadable_chords(timeline: Timeline) -> list[str]:
    """The symbols of a timeline that are neither a chord nor `N`, each once."""
    symbols = dict.fromkeys(mark.symbol for mark in timeline.chords)
    return [symbol for symbol in symbols if symbol != "N" and parse_chord(symbol) is None]


def no_chords_error(timeline: Timeline) -> RequestError:
    """Why no chords can be followed: there are none, or the named ones cannot be read."""
    unread = unreadable_chords(timeline)
    remedy = 'Give them, such as --chords "Am F C G", add chord markers or MIDI to the project, or set Follow to auto.'
    if unread:
        shown = ", ".join(unread[:8])
        return RequestError(
            ErrorCode.BAD_PARAMS, say("These chords cannot be read: {shown}.", shown=shown), remedy
        )
    return RequestError(ErrorCode.BAD_PARAMS, "There are no chords to follow.", remedy)
