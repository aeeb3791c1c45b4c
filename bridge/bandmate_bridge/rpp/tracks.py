"""Tracks: reading them, and finding the one that is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from bandmate_bridge.rpp.chunks import RppChunk
from bandmate_bridge.rpp.colours import from_native
from bandmate_bridge.rpp.items import Item, read_item
from bandmate_bridge.rpp.lines import readable_text
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_MAX_NAMED = 20
_FIXED_LANES = 2
"""Of `FREEMODE`; 1 is free item positioning."""


@dataclass(frozen=True, slots=True)
class Track:
    """One track."""

    number: int
    """From 1, as REAPER shows it."""
    guid: str
    name: str
    """Empty where the user gave none."""
    colour: str | None
    depth: int
    """How many folders it lies in."""
    is_folder: bool
    selected: bool
    muted: bool
    items: tuple[Item, ...]
    chunk: RppChunk = field(repr=False, compare=False)
    """Where it stands in the file."""

    @property
    def has_id(self) -> bool:
        """The file has an id for it; else `guid` was made from its number."""
        return self.guid.startswith("{")

    @property
    def title(self) -> str:
        """Its name, or what REAPER shows for a track without one."""
        return self.name or f"Track {self.number}"

    @property
    def has_lanes(self) -> bool:
        """Fixed item lanes (REAPER 7) are on: which of its items sound, lanes and comps decide."""
        return self.chunk.integer("FREEMODE") == _FIXED_LANES

    @property
    def is_frozen(self) -> bool:
        """REAPER plays a render of it, and takes its items away when the track is unfrozen."""
        return self.chunk.chunk("FREEZE") is not None or any(
            item.chunk.index("FREEZE") is not None for item in self.items
        )

    def check_not_frozen(self) -> None:
        """Raises RequestError (`input_unusable`) for a frozen track: a change of its items is lost later."""
        if self.is_frozen:
            raise RequestError(
                ErrorCode.INPUT_UNUSABLE,
                say(
                    "The track {title} is frozen; unfreezing it would discard the change.",
                    title=self.title,
                ),
                "Unfreeze it in REAPER (Track, Unfreeze tracks), or put the result on a new track.",
            )

    def check_writable(self) -> None:
        """Raises RequestError (`input_unusable`) where a new item or a split could break a comp of lanes, or
        would be lost with a freeze.
        """
        self.check_not_frozen()
        if self.has_lanes:
            raise RequestError(
                ErrorCode.INPUT_UNUSABLE,
                say("The track {title} has fixed item lanes, and its comp could break.", title=self.title),
                "Put the result on a new track, or copy the item to a track without lanes.",
            )


def read_tracks(root: RppChunk, sample_rate: int, folder: Path) -> tuple[Track, ...]:
    """All tracks in order; ``folder`` is the project's."""
    found: list[Track] = []
    depth = 0
    for number, chunk in enumerate(root.chunks("TRACK"), start=1):
        found.append(_read_track(chunk, number, depth, sample_rate, folder))
        depth = max(depth + folder_step(chunk), 0)
    return tuple(found)


def folder_step(track: RppChunk) -> int:
    """How the depth changes after this track: 1 opens a folder, -n ends that many."""
    return track.integer("ISBUS", 1)


def _read_track(chunk: RppChunk, number: int, depth: int, sample_rate: int, folder: Path) -> Track:
    head = chunk.head
    return Track(
        number=number,
        guid=chunk.word("TRACKID") or (head[0] if head else f"track-{number}"),
        name=readable_text(chunk.word("NAME")),
        colour=from_native(chunk.integer("PEAKCOL")),
        depth=depth,
        is_folder=chunk.integer("ISBUS") == 1,
        selected=chunk.integer("SEL") != 0,
        muted=chunk.integer("MUTESOLO") != 0,
        items=tuple(read_item(item, sample_rate, folder) for item in chunk.chunks("ITEM")),
        chunk=chunk,
    )


def find_track(tracks: Sequence[Track], wanted: str) -> Track:
    """The track of that name (exactly, else whatever the case), number from 1, or id; or folder and name.

    Raises RequestError (`no_such_track`, `ambiguous_track`); the sentence says which tracks there are.
    """
    for fits in (
        [track for track in tracks if track.title == wanted],
        [track for track in tracks if track.title.casefold() == wanted.casefold()],
        [track for track in tracks if wanted in (str(track.number), track.guid)],
        _tracks_on_path(tracks, wanted),
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise _ambiguous_error(tracks, fits, wanted)
    sentence = f"There is no track named '{wanted}'."
    raise RequestError(
        ErrorCode.NO_SUCH_TRACK, sentence, _nearest_hint(tracks, wanted) + _track_list_text(tracks)
    )


def track_paths(tracks: Sequence[Track]) -> list[str]:
    """Each track's name after those of the folders that it lies in: `jazz trio/Drums`."""
    paths: list[str] = []
    inside: list[str] = []
    for track in tracks:
        inside = [*inside[: track.depth], track.title]
        paths.append("/".join(inside))
    return paths


def _tracks_on_path(tracks: Sequence[Track], wanted: str) -> list[Track]:
    """The tracks in a folder: `jazz trio/Drums`, from whichever folder on."""
    if "/" not in wanted:
        return []
    sought = "/" + wanted.casefold().strip("/")
    paths = track_paths(tracks)
    return [
        track for track, path in zip(tracks, paths, strict=True) if ("/" + path.casefold()).endswith(sought)
    ]


def _nearest_hint(tracks: Sequence[Track], wanted: str) -> str:
    """Which track may have been meant: one spelt nearly so, or the only one with that in its name."""
    by_name = {track.title.casefold(): track for track in tracks}
    sought = wanted.casefold().strip()
    close = get_close_matches(sought, by_name, n=1, cutoff=0.75)
    close = close or [name for name in by_name if sought and sought in name]
    return f"Did you mean {by_name[close[0]].title}? " if len(close) == 1 else ""


def _ambiguous_error(tracks: Sequence[Track], fits: Sequence[Track], wanted: str) -> RequestError:
    numbers = ", ".join(str(track.number) for track in fits[:-1]) + f" and {fits[-1].number}"
    return RequestError(
        ErrorCode.AMBIGUOUS_TRACK,
        say(
            "{count} tracks are named '{wanted}': numbers {numbers}.",
            count=len(fits),
            wanted=wanted,
            numbers=numbers,
        ),
        _remedy_for_several(tracks, fits),
    )


def _remedy_for_several(tracks: Sequence[Track], fits: Sequence[Track]) -> str:
    """How to name one of several tracks: by its number, or by its folder if that tells it apart."""
    number = fits[0].number
    paths = dict(zip((track.number for track in tracks), track_paths(tracks), strict=True))
    own = [paths[track.number] for track in fits]
    path = next((one for one in own if "/" in one and own.count(one) == 1), None)
    if path is None:
        return say("Give its number, such as --track {number}.", number=number)
    return say(
        'Give its number, such as --track {number}, or its folder too, such as --track "{path}".',
        number=number,
        path=path,
    )


def _track_list_text(tracks: Sequence[Track]) -> str:
    if not tracks:
        return "The project has no tracks."
    named = ", ".join(f"{track.number} {track.title}" for track in tracks[:_MAX_NAMED])
    more = len(tracks) - _MAX_NAMED
    return f"The tracks are: {named}" + (f" and {more} more." if more > 0 else ".")
