"""How loud tracks and items play in a project's mix: their volumes and pans, and those of the folders around them.

A pan is a factor too: what it takes from the power of a sound in the middle, by REAPER's stereo balance without pan
law (one side is turned down by the pan, the other stays). Envelopes, effects, sends and the master are not counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_bridge.rpp.items import Item, chosen_part
from bandmate_bridge.rpp.lines import as_float
from bandmate_bridge.rpp.tracks import Track
from bandmate_bridge.rpp.write_like import item_gain, take_sound

INAUDIBLE_GAIN = 10 ** (-50 / 20)
"""What plays softer than this is not heard in a mix."""


def track_gains(tracks: Sequence[Track]) -> dict[int, float]:
    """The factor at which each track plays, by its number: 0 where it or a folder around it is muted."""
    gains: dict[int, float] = {}
    folders: list[float] = []
    for track in tracks:
        del folders[track.depth :]
        own = 0.0 if track.muted else _chunk_gain(track.chunk)
        around = folders[-1] if folders and _plays_into_folder(track.chunk) else 1.0
        gains[track.number] = own * around
        folders.append(own * around)
    return gains


def playing_gain(item: Item) -> float:
    """The factor at which an item's sounding take plays: the volumes and the pan of the item and the take."""
    words = take_sound(chosen_part(item.chunk)).volume.split()
    return item_gain(item) * _pan_gain(as_float(words[0], 0.0) if words else 0.0)


def _chunk_gain(track: RppChunk) -> float:
    return max(track.number("VOLPAN", 0, 1.0), 0.0) * _pan_gain(track.number("VOLPAN", 1))


def _plays_into_folder(track: RppChunk) -> bool:
    """Whether a track's sound goes to its folder, or to the master; not only to where it is sent."""
    return track.integer("MAINSEND", 0, 1) != 0


def _pan_gain(pan: float) -> float:
    turned_down = 1.0 - min(abs(pan), 1.0)
    return math.sqrt((1.0 + turned_down * turned_down) / 2)
