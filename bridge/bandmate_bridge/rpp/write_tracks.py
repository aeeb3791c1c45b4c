"""Tracks as REAPER writes them, and where they go."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bandmate_bridge.rpp.chunks import RppChunk, RppDocument, draft_chunk, lay_out
from bandmate_bridge.rpp.colours import to_native
from bandmate_bridge.rpp.guids import new_guid
from bandmate_bridge.rpp.lines import quote_text
from bandmate_bridge.rpp.tracks import folder_step

TRACK_DEPTH = 1
_NO_COLOUR = 16576
"""What REAPER writes for a track without a colour."""
_AFTER_TRACKS = ("EXTENSIONS", "EXTSTATE")
"""Chunks that REAPER writes after the tracks."""


def new_track(name: str, colour: str | None, *items: RppChunk) -> RppChunk:
    """A draft of a track with REAPER's defaults, the same for versions 5 to 7."""
    guid = new_guid()
    return draft_chunk(
        f"TRACK {guid}",
        f"NAME {quote_text(name)}",
        f"PEAKCOL {to_native(colour) if colour else _NO_COLOUR}",
        "BEAT -1",
        "AUTOMODE 0",
        "VOLPAN 1 0 -1 -1 1",
        "MUTESOLO 0 0 0",
        "IPHASE 0",
        "PLAYOFFS 0 1",
        "ISBUS 0 0",
        "BUSCOMP 0 0 0 0 0",
        "SHOWINMIX 1 0.6667 0.5 1 0.5 0 0 0",
        "SEL 0",
        "REC 0 0 1 0 0 0 0 0",
        "VU 2",
        "TRACKHEIGHT 0 0 0 0 0 0",
        "INQ 0 0 0 0.5 100 0 0 100",
        "NCHAN 2",
        "FX 1",
        f"TRACKID {guid}",
        "PERF 0",
        "MIDIOUT -1",
        "MAINSEND 1 0",
        *items,
    )


def as_folder(name: str, colour: str | None, tracks: Sequence[RppChunk]) -> list[RppChunk]:
    """A parent of that name, then the drafts of tracks, the last one closing the folder."""
    parent = new_track(name, colour)
    _set_folder(parent, "1 1")
    _set_folder(tracks[-1], "2 -1")
    return [parent, *tracks]


def _set_folder(track: RppChunk, state: str) -> None:
    index = track.index("ISBUS")
    assert index is not None, "a new track says what folder it is"
    track.put(index, f"ISBUS {state}")


def append_tracks(document: RppDocument, drafts: Sequence[RppChunk]) -> None:
    """Puts tracks after the last one, outside every folder.

    Only where the project ends inside a folder does another line change: the one that now has to close it.
    """
    root = document.root
    _close_folders(root)
    at = _end_of_tracks(root)
    root.children[at:at] = [lay_out(track, TRACK_DEPTH, document.newline) for track in drafts]


def insert_tracks_below(document: RppDocument, track: RppChunk, drafts: Sequence[RppChunk]) -> None:
    """Puts tracks right after one of the project: in the same folder, or, after a folder's own track, inside.

    ``drafts`` end at the depth where they begin. Only where the track is the last of a folder does its line
    change: the new ones then close that folder.
    """
    root = document.root
    at = next(index for index, child in enumerate(root.children) if child is track) + 1
    laid = [lay_out(draft, TRACK_DEPTH, document.newline) for draft in drafts]
    ends = folder_step(track)
    if ends < 0:
        _set_folder(track, "0 0")
        last = folder_step(laid[-1]) + ends
        _set_folder(laid[-1], f"2 {last}")
    root.children[at:at] = laid


def insert_item(track: RppChunk, item: RppChunk, newline: str) -> RppChunk:
    """Puts an item among those of a track of the project, in order; returns it as it stands there."""
    laid = lay_out(item, TRACK_DEPTH + 1, newline)
    position, at = item.number("POSITION"), len(track.children)
    for index, child in enumerate(track.children):
        if isinstance(child, RppChunk) and child.name == "ITEM":
            if child.number("POSITION") > position:
                at = index
                break
            at = index + 1
    track.children.insert(at, laid)
    return laid


def _end_of_tracks(root: RppChunk) -> int:
    indices = [
        index
        for index, child in enumerate(root.children)
        if isinstance(child, RppChunk) and child.name == "TRACK"
    ]
    if indices:
        return indices[-1] + 1
    for index, child in enumerate(root.children):
        if isinstance(child, RppChunk) and child.name in _AFTER_TRACKS:
            return index
    return len(root.children)


def _close_folders(root: RppChunk) -> None:
    """REAPER leaves folders open at the project's end; a track after them would fall into one."""
    tracks = list(root.chunks("TRACK"))
    depths = [0]
    for track in tracks:
        depths.append(max(depths[-1] + folder_step(track), 0))
    if depths[-1] == 0:
        return
    (before, _), last = list(pairwise(depths))[-1], tracks[-1]
    index = last.index("ISBUS")
    if index is not None:
        # A last track that opens an empty folder is a plain one.
        last.put(index, f"ISBUS 2 -{before}" if before else "ISBUS 0 0")
