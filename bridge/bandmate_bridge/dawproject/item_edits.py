"""Changes of a clip in place: it is split, parts of it are replaced, or it is disabled.

The format has no takes. What is replaced stays in the project as a disabled clip on a timeline beside the one that
sounds, and is read as another take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from bandmate_bridge.dawproject.new_clips import NewClip
from bandmate_bridge.dawproject.project_text import ClipPlace, ClipSpan, Lane, ProjectText
from bandmate_bridge.rpp.lines import number_text
from bandmate_bridge.xml_projects.heard_clips import AudioPiece, Piece
from bandmate_bridge.xml_projects.song_clock import SongClock, unit_of
from bandmate_protocol.errors import ErrorCode, RequestError

_SAME_SECONDS = 1e-7
_DIGITS = 12
_BOUNCE = "Bounce the clip in the DAW and export the project again, or put the result on a new track."


def disable_item(text: ProjectText, piece: Piece) -> None:
    """Disables the clip that an item is of."""
    place = text.find_clip(piece.clip)
    if place is not None:
        text.disable(place.element)


def replace_parts(
    text: ProjectText,
    piece: Piece,
    edges: Sequence[float],
    made: Mapping[int, Sequence[NewClip]],
    clock: SongClock,
) -> None:
    """Splits the clip of a piece at its ``edges`` and puts new clips in the place of some parts, by their number.

    Raises RequestError (`input_unusable`) for a clip that cannot be split.
    """
    place = _splittable(text, piece)
    spans = [_span(place, (start, end), edges, clock) for start, end in pairwise(edges)]
    kept = [span for index, span in enumerate(spans) if index not in made]
    if kept:
        kept[0] = replace(kept[0], keeps_ids=True)
    replaced = [spans[index] for index in sorted(made)]
    if not kept:
        replaced[0] = replace(replaced[0], keeps_ids=True)
    sounding = [made[index][0] for index in sorted(made)]
    most = max(len(takes) for takes in made.values())
    lanes = [Lane("Take 1", pieces=replaced)]
    for number in range(1, most):
        further = [made[index][number] for index in sorted(made) if number < len(made[index])]
        lanes.append(Lane(f"Take {number + 2}", made=further))
    text.replace_clip(place, kept, sounding, lanes, clock)


def _splittable(text: ProjectText, piece: Piece) -> ClipPlace:
    place = text.find_clip(piece.clip)
    if place is None or not isinstance(piece, AudioPiece):
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            "The item is no clip of its own in the DAWproject, so it cannot be split.",
            _BOUNCE,
        )
    if piece.loop is not None or not piece.whole_clip:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            "The clip is a loop, or plays several pieces of audio, so it cannot be split.",
            _BOUNCE,
        )
    return place


def _span(place: ClipPlace, span: tuple[float, float], edges: Sequence[float], clock: SongClock) -> ClipSpan:
    """The attributes of a part of a clip: where it begins, how long it is, and where in its content."""
    clip, unit = place.element, place.unit
    start, end = span
    is_first, is_last = start <= edges[0] + _SAME_SECONDS, end >= edges[-1] - _SAME_SECONDS
    changes: dict[str, str | None] = {"playStop": None}
    inner = unit_of(clip, unit, "contentTimeUnit")
    first = (
        clock.time(unit, edges[0]) if (clip.number("fadeInTime") or 0.0) < 0 else clip.number("time") or 0.0
    )
    begin = first if is_first else clock.time(unit, start)
    changes["time"] = _text(begin) if not is_first or first != clip.number("time") else clip.get("time")
    changes["duration"] = _text(clock.time(unit, end) - begin)
    if is_first and is_last and clip.number("duration") is not None:
        changes = {}
    if not is_first:
        later = clock.time(inner, start) - clock.time(inner, edges[0])
        changes["playStart"] = _text((clip.number("playStart") or 0.0) + later)
    if not is_first and clip.get("fadeInTime"):
        changes["fadeInTime"] = "0"
    if not is_last and clip.get("fadeOutTime"):
        changes["fadeOutTime"] = "0"
    return ClipSpan(changes)


def _text(time: float) -> str:
    return number_text(round(time, _DIGITS) + 0.0)
