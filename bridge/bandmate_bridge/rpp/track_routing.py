"""How a track's sound gets to the master: through folders and sends, and past tracks that are soloed.

`AUXRECV` in a track's chunk is a receive: the number of the sending track from 0, the mode (0 after its fader, 1 before
its effects, 3 after these and before its fader), volume, pan and mute. Of `MUTESOLO`, the second word is solo (not 0),
and the third says that the track is heard whatever is soloed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_bridge.rpp.lines import as_float, as_int
from bandmate_bridge.rpp.tracks import Track

_AFTER_FADER = 0
_MOST_STEPS = 64
_MOST_GAIN = 64.0


@dataclass(frozen=True, slots=True)
class TrackSend:
    """A send, by the places of its tracks in their order."""

    source: int
    target: int
    volume: float
    pan: float
    is_after_fader: bool


def read_sends(tracks: Sequence[Track]) -> list[TrackSend]:
    """All sends between tracks that are not muted."""
    found: list[TrackSend] = []
    for target, track in enumerate(tracks):
        for words in track.chunk.lines("AUXRECV"):
            values = [*words, *["0"] * 5][:5]
            source, muted = as_int(values[0], -1), as_int(values[4], 0)
            if not muted and 0 <= source < len(tracks) and source != target:
                send = TrackSend(
                    source,
                    target,
                    max(as_float(values[2], 1.0), 0.0),
                    as_float(values[3], 0.0),
                    as_int(values[1], 0) == _AFTER_FADER,
                )
                found.append(send)
    return found


def parent_folders(tracks: Sequence[Track]) -> list[int | None]:
    """For each track, the place of the folder that it lies in; None for none."""
    parents: list[int | None] = []
    open_folders: list[int] = []
    for place, track in enumerate(tracks):
        del open_folders[track.depth :]
        parents.append(open_folders[-1] if open_folders else None)
        open_folders.append(place)
    return parents


def soloed_away(tracks: Sequence[Track], sends: Sequence[TrackSend]) -> frozenset[int]:
    """The places of the tracks that a solo of others silences.

    A soloed folder is heard with its tracks, and a soloed track with those that send to it.
    """
    if not any(_is_soloed(track.chunk) for track in tracks):
        return frozenset()
    parents = parent_folders(tracks)
    heard = {place for place, track in enumerate(tracks) if _is_soloed(track.chunk)}
    for place, parent in enumerate(parents):
        if parent in heard:
            heard.add(place)
    while more := {send.source for send in sends if send.target in heard} - heard:
        heard |= more
    heard |= {place for place, track in enumerate(tracks) if track.chunk.integer("MUTESOLO", 2) != 0}
    return frozenset(range(len(tracks))) - heard


def plays_into_folder(track: RppChunk) -> bool:
    """Whether a track's sound goes to its folder, or to the master; not only to where it is sent."""
    return track.integer("MAINSEND", 0, 1) != 0


def routed_gains(
    tracks: Sequence[Track], faders: Sequence[float], pan_gain: Callable[[float], float]
) -> list[float]:
    """The factor at which the items of each track play in the master, for faders of these gains.

    What takes several ways is added by its power: through effects, the ways are no copies of each other. A loop of
    sends is followed until `_MOST_STEPS`, and counts `_MOST_GAIN` at most.
    """
    parents, sends = parent_folders(tracks), read_sends(tracks)
    levels = [(send.volume * pan_gain(send.pan)) ** 2 for send in sends]
    straight = [plays_into_folder(track.chunk) for track in tracks]
    faded = [fader * fader for fader in faders]
    # The power that comes out of the master for a power of 1 behind the fader of each track.
    powers = [0.0] * len(tracks)
    for _ in range(_MOST_STEPS):
        following = [
            0.0 if not goes else 1.0 if parent is None else faded[parent] * powers[parent]
            for goes, parent in zip(straight, parents, strict=True)
        ]
        for send, level in zip(sends, levels, strict=True):
            if send.is_after_fader:
                following[send.source] += level * faded[send.target] * powers[send.target]
        following = [min(power, _MOST_GAIN**2) for power in following]
        if following == powers:
            break
        powers = following
    totals = [fader * power for fader, power in zip(faded, powers, strict=True)]
    for send, level in zip(sends, levels, strict=True):
        if not send.is_after_fader and faders[send.source] > 0:
            totals[send.source] += level * faded[send.target] * powers[send.target]
    return [math.sqrt(total) for total in totals]


def _is_soloed(track: RppChunk) -> bool:
    return track.integer("MUTESOLO", 1) != 0
