"""New takes for parts of an item: it is split where they begin and end, and its old takes stay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bandmate_bridge.rpp.chunks import RppChunk, RppDocument, draft_chunk, lay_out
from bandmate_bridge.rpp.insertions import NewPart, NewTake
from bandmate_bridge.rpp.items import chosen_part, take_parts
from bandmate_bridge.rpp.playable_item import ENVELOPES, PlayableItem
from bandmate_bridge.rpp.split import copy_chunk, ensure_id, renew_ids, split_item
from bandmate_bridge.rpp.write_items import ITEM_DEPTH, audio_take, next_iid, unchoose_takes
from bandmate_bridge.rpp.write_like import take_sound
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_TOLERANCE_SECONDS = 1e-7
"""Seconds under which an edge is the item's own."""


def cut_times(heard: PlayableItem, parts: Sequence[NewPart]) -> list[float]:
    """The times, in seconds, at which an item has to be cut for its parts; none at its own ends.

    Raises RequestError (`bad_position`) when a cut falls into one of the item's fades, which then would
    sound otherwise than before.
    """
    edges = sorted({edge for part in parts for edge in (part.start, part.end)})
    cuts = [
        edge for edge in edges if heard.position + _TOLERANCE_SECONDS < edge < heard.end - _TOLERANCE_SECONDS
    ]
    if not cuts:
        return []
    item = heard.item
    for name, seconds, room in (
        ("in", item.fade_in_seconds, cuts[0] - heard.position),
        ("out", item.fade_out_seconds, heard.end - cuts[-1]),
    ):
        if seconds > room + _TOLERANCE_SECONDS:
            raise RequestError(
                ErrorCode.BAD_POSITION,
                say(
                    "The item on {title} has a {seconds:.3f} s fade {name}, and the range cuts into it.",
                    title=heard.track.title,
                    name=name,
                    seconds=seconds,
                ),
                "Shorten the fade in the DAW, or choose a range outside it.",
            )
    return cuts


def insert_parts(
    document: RppDocument, heard: PlayableItem, parts: Sequence[NewPart], folder: Path
) -> list[RppChunk]:
    """Splits the item and adds each part's takes to its piece; the first of them sounds.

    ``parts``: in order, none over another. Returns their pieces. Raises as `cut_times`.
    """
    cuts = cut_times(heard, parts)
    newline = document.newline
    pieces = split_item(heard.track.chunk, heard.item.chunk, cuts, next_iid(document.root), newline)
    begins = [heard.position, *cuts]
    found: list[RppChunk] = []
    for part in parts:
        index = max(
            at for at, begin in enumerate(begins) if begin <= part.start + _TOLERANCE_SECONDS or at == 0
        )
        found.append(pieces[index])
        ensure_id(pieces[index], newline)
        add_takes_like(pieces[index], part.takes, folder, newline)
    return found


def add_takes_like(item: RppChunk, takes: Sequence[NewTake], folder: Path, newline: str) -> None:
    """Adds takes at rate 1 after those that an item has; the first of them sounds.

    What REAPER does after reading the file it does to them as to the take that sounded: volume and pan,
    envelopes, effects, the mix to mono.
    """
    parts = take_parts(item)
    like = chosen_part(item) if parts else RppChunk("")
    unchoose_takes(item)
    for index, take in enumerate(takes):
        is_first = index == 0 and not parts
        lines = audio_take(take, folder, first=is_first, sound=take_sound(like))
        if not is_first:
            lines.insert(0, "TAKE" if index else "TAKE SEL")
        item.children.extend(lay_out(draft_chunk("ITEM", *lines), ITEM_DEPTH, newline).children)
        for chunk in like.chunks("TAKEFX", *ENVELOPES):
            copy = copy_chunk(chunk)
            renew_ids(RppChunk("", [copy]), {})
            item.children.append(copy)
