"""How far a take's recording goes on in the items beside it: an item that was split still has its context."""

from __future__ import annotations

from collections.abc import Sequence

from bandmate_bridge.rpp.items import Item, Take

_CLOSE = 1e-6
"""Seconds."""


def reach_of(items: Sequence[Item], item: Item, take: Take) -> tuple[float, float]:
    """From where to where, in seconds, the same recording plays on: over the item and over those that touch
    it and go on where it ends, or end where it begins.
    """
    others = [one for one in items if one.chunk is not item.chunk and goes_on(one, item, take)]
    start, end = _start(item), _end(item)
    while (before := next((one for one in others if abs(_end(one) - start) < _CLOSE), None)) is not None:
        start = _start(before)
        others.remove(before)
    while (after := next((one for one in others if abs(_start(one) - end) < _CLOSE), None)) is not None:
        end = _end(after)
        others.remove(after)
    return start, end


def take_with_context(items: Sequence[Item], item: Item) -> Take | None:
    """The take that sounds if what is beside the item goes on from it; else another one of which that is
    true, else the one that sounds.

    So a range that has a new take already is made anew from the recording around it.
    """
    for take in (item.take, *reversed(item.takes)):
        if take is not None and reach_of(items, item, take) != (_start(item), _end(item)):
            return take
    return item.take


def goes_on(one: Item, item: Item, take: Take) -> bool:
    """Whether another item plays the same recording as if the take went on through it, or came from it."""
    found = one.take
    if found is None or not _same(found, take):
        return False
    expected = take.offset_seconds + (_start(one) - _start(item)) * take.play_rate
    return abs(found.offset_seconds - expected) < _CLOSE


def _same(one: Take, other: Take) -> bool:
    return (
        one.source is not None
        and one.source == other.source
        and one.play_rate == other.play_rate
        and one.preserve_pitch == other.preserve_pitch
        and one.pitch_semitones == other.pitch_semitones
        and one.channel_mode == other.channel_mode
        and not one.has_stretch_markers
    )


def _start(item: Item) -> float:
    return item.chunk.number("POSITION")


def _end(item: Item) -> float:
    return item.chunk.number("POSITION") + item.chunk.number("LENGTH")
