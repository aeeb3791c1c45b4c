"""Where an item lies in a project, so that the same item is found again once the file was read anew.

An id alone does not do: projects of REAPER before version 4, and those that programs write, have none, and
REAPER 4.56 to 5.27 let a duplicated track keep the ids of its items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bandmate_bridge.rpp.items import Item
from bandmate_bridge.rpp.tracks import Track

_TOLERANCE_SECONDS = 1e-6
"""Seconds within which two times are the same."""


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """Times are exact seconds."""

    guid: str
    """The item's id; empty where it has none, or where another item has the same one."""
    position: float
    length: float
    track: str
    """The id of its track."""
    track_name: str = ""
    track_number: int = 0
    index: int = 0
    """Its place among the items of the track."""


def place_item(tracks: Sequence[Track], track: Track, item: Item) -> ItemPlace:
    """The place of an item on one of the ``tracks`` of its project."""
    equals = sum(one.guid == item.guid for each in tracks for one in each.items)
    return ItemPlace(
        guid=item.guid if equals == 1 else "",
        position=item.chunk.number("POSITION"),
        length=item.chunk.number("LENGTH"),
        track=track.guid,
        track_name=track.name,
        track_number=track.number,
        index=next(at for at, one in enumerate(track.items) if one.chunk is item.chunk),
    )


def find_placed(tracks: Sequence[Track], place: ItemPlace) -> tuple[Track, Item] | None:
    """The item of a place, with its track; None where it is gone, was moved or cut, or cannot be told apart.

    An id that was the item's alone finds it on every track, as the user may have moved it there.
    """
    if place.guid:
        found = [(track, item) for track in tracks for item in track.items if item.guid == place.guid]
        if len(found) == 1:
            return found[0] if _item_fits(found[0][1], place) else None
    same = [track for track in tracks if _is_track(track, place)]
    if len(same) > 1:
        same = [track for track in same if track.number == place.track_number]
    fits = {
        index: (track, item)
        for track in same
        for index, item in enumerate(track.items)
        if _item_fits(item, place) and (not place.guid or item.guid == place.guid)
    }
    return next(iter(fits.values())) if len(fits) == 1 else fits.get(place.index)


def _item_fits(item: Item, place: ItemPlace) -> bool:
    chunk = item.chunk
    return (
        abs(chunk.number("POSITION") - place.position) < _TOLERANCE_SECONDS
        and abs(chunk.number("LENGTH") - place.length) < _TOLERANCE_SECONDS
    )


def _is_track(track: Track, place: ItemPlace) -> bool:
    """Whether it is the place's track: by its id, else by number and name, which both have to fit."""
    if track.guid != place.track:
        return False
    return track.has_id or track.name == place.track_name
