"""How far a take's recording goes on in the items beside it: an item that was split still has its context."""

from __future__ import annotations

from collections.abc import Sequence

from bandmate_bridge.rpp.items import Item, Take

_TOLERANCE_SECONDS = 1e-6
"""Seconds."""


def recording_reach(items: Sequence[Item], item: Item, take: Take) -> tuple[float, float]:
    """From where to where, in seconds, the same recording plays on: over the item and over those that touch
    it and go on where it ends, or end where it begins.
    """
    others = [one for one in items if one.chunk is not item.chunk and continues_take(one, item, take)]
    start, end = _item_start(item), _item_end(item)
    while (
        before := next((one for one in others if abs(_item_end(one) - start) < _TOLERANCE_SECONDS), None)
    ) is not None:
        start = _item_start(before)
        others.remove(before)
    while (
        after := next((one for one in others if abs(_item_start(one) - end) < _TOLERANCE_SECONDS), None)
    ) is not None:
        end = _item_end(after)
        others.remove(after)
    return start, end


def take_with_context(items: Sequence[Item], item: Item) -> Take | None:
    """The take that sounds if what is beside the item goes on from it; else another one of which that is
    true, else the one that sounds.

    So a range that has a new take already is made anew from the recording around it.
    """
    for take in (item.take, *reversed(item.takes)):
        if take is not None and recording_reach(items, item, take) != (_item_start(item), _item_end(item)):
            return take
    return item.take


def continues_take(one: Item, item: Item, take: Take) -> bool:
    """Whether another item plays the same recording as if the take went on through it, or came from it."""
    found = one.take
    if found is None or not _same_recording(found, take):
        return False
    expected = take.offset_seconds + (_item_start(one) - _item_start(item)) * take.play_rate
    return abs(found.offset_seconds - expected) < _TOLERANCE_SECONDS


def _same_recording(one: Take, other: Take) -> bool:
    return (
        one.source is not None
        and one.source == other.source
        and one.play_rate == other.play_rate
        and one.preserve_pitch == other.preserve_pitch
        and one.pitch_semitones == other.pitch_semitones
        and one.channel_mode == other.channel_mode
        and not one.has_stretch_markers
    )


def _item_start(item: Item) -> float:
    return item.chunk.number("POSITION")


def _item_end(item: Item) -> float:
    return item.chunk.number("POSITION") + item.chunk.number("LENGTH")
