"""How loud tracks and items play in a project's mix: their volumes and pans, and those of the folders around them.

A pan is a factor too: what it takes from the power of a sound in the middle, by REAPER's stereo balance without pan
law (one side is turned down by the pan, the other stays). Envelopes of volume and pan count by their mean over a span,
sends by their levels. Effects and the master are not counted.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_bridge.rpp.fader_envelopes import TimeSpan, envelope_gain, has_envelopes
from bandmate_bridge.rpp.items import Item, chosen_part
from bandmate_bridge.rpp.lines import as_float
from bandmate_bridge.rpp.track_routing import read_sends, routed_gains, soloed_away
from bandmate_bridge.rpp.tracks import Track
from bandmate_bridge.rpp.write_like import item_gain, take_sound

INAUDIBLE_GAIN = 10 ** (-50 / 20)
"""What plays softer than this is not heard in a mix."""


def track_gains(tracks: Sequence[Track], span: TimeSpan) -> dict[int, float]:
    """The factor at which each track plays in a span of the project, by its number.

    It is 0 where a track, or all that it plays into, is muted, and where a solo of others silences it.
    """
    faders = [0.0 if track.muted else _fader_gain(track.chunk, span) for track in tracks]
    silent = soloed_away(tracks, read_sends(tracks))
    gains = routed_gains(tracks, faders, _pan_gain)
    return {
        track.number: 0.0 if place in silent else gain
        for place, (track, gain) in enumerate(zip(tracks, gains, strict=True))
    }


def playing_gain(item: Item) -> float:
    """The factor at which an item's sounding take plays: the volumes and the pan of the item and the take."""
    words = take_sound(chosen_part(item.chunk)).volume.split()
    return item_gain(item) * _pan_gain(as_float(words[0], 0.0) if words else 0.0)


def _fader_gain(track: RppChunk, span: TimeSpan) -> float:
    volume, pan = max(track.number("VOLPAN", 0, 1.0), 0.0), track.number("VOLPAN", 1)
    if not has_envelopes(track):
        return volume * _pan_gain(pan)
    return envelope_gain(track, span, volume, pan, _pan_gain)


def _pan_gain(pan: float) -> float:
    turned_down = 1.0 - min(abs(pan), 1.0)
    return math.sqrt((1.0 + turned_down * turned_down) / 2)
