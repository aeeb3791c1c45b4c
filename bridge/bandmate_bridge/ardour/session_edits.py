"""Changes of a session as elements that it gains, and edits of those that it has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from bandmate_bridge.ardour.new_elements import Ids, NewRegion, location_element, region_element
from bandmate_bridge.ardour.read_regions import Playlist, VisiblePart
from bandmate_bridge.ardour.session_text import RegionPart, SessionText
from bandmate_bridge.rpp import Marker
from bandmate_bridge.xml_projects.xml_tree import Edit, Element, set_attributes

_LAST = 1 << 30
"""Higher ones are not places of the mixer."""


def add_region(playlist: Playlist, region: NewRegion, ids: Ids) -> Edit:
    """The edit that puts a region on top of a playlist."""
    return _inserted(playlist.element, region_element(on_top(region, playlist), ids))


def on_top(region: NewRegion, playlist: Playlist) -> NewRegion:
    """A region that nothing of a playlist hides."""
    return replace(region, layer=max((one.layer for one in playlist.regions), default=-1) + 1)


def _inserted(playlist: Element, text: str) -> Edit:
    if playlist.is_empty_tag:
        return Edit(playlist.tag_end - 2, playlist.end, f">\n      {text}\n    </{playlist.name}>")
    at = playlist.children[-1].end if playlist.children else playlist.tag_end
    return Edit(at, at, f"\n      {text}")


def copied_playlist(text: SessionText, playlist: Playlist, edits: Sequence[Edit], name: str, id_: int) -> str:
    """A further playlist of the same track, with changes."""
    return text.renamed(text.changed_text(playlist.element, edits), name, id_)


def replace_parts(
    text: SessionText,
    playlist: Playlist,
    part: VisiblePart,
    edges: Sequence[int],
    made: Mapping[int, NewRegion],
    ids: Ids,
) -> list[Edit]:
    """The edits that put regions in the place of some parts of another one, between its ``edges``, by their number.

    Of a region that others hide in part, all stays, and the new ones lie on top.
    """
    if not part.is_whole:
        texts = [region_element(on_top(region, playlist), ids) for region in made.values()]
        return [_inserted(playlist.element, "\n      ".join(texts))]
    region = part.region
    last = len(edges) - 2
    texts = [
        region_element(made[index], ids)
        if index in made
        else text.region_part(region, RegionPart(start, end, index == 0, index == last))
        for index, (start, end) in enumerate(pairwise(edges))
    ]
    return [Edit(region.element.start, region.element.end, "\n      ".join(texts))]


def move_playlist(text: SessionText, playlist: Playlist) -> tuple[Edit, str] | None:
    """The edit that takes a playlist away from those that tracks play, and its text; None where it is not there."""
    for around in text.root.all("Playlists"):
        if any(one.start == playlist.element.start for one in around.children):
            before = text.data[: playlist.element.start]
            start = len(before.rstrip(b" \t"))
            start -= start > 0 and before[start - 1 : start] == b"\n"
            return Edit(start, playlist.element.end, ""), text.element_text(playlist.element)
    return None


def switch_playlist(text: SessionText, route: Element, kind: str, id_: int) -> Edit:
    """The edit that has a track play another playlist."""
    return set_attributes(text.data, route, {f"{kind}-playlist": str(id_)})


def moved_down(routes: Sequence[Element], after: float, count: int, text: SessionText) -> list[Edit]:
    """The edits that make room for ``count`` tracks behind a place of the mixer."""
    found = []
    for route in routes:
        info = route.first("PresentationInfo")
        order = info.number("order") if info else None
        if info is not None and order is not None and after < order < _LAST:
            found.append(set_attributes(text.data, info, {"order": str(int(order) + count)}))
    return found


def location_texts(markers: Sequence[Marker], rate: float, ids: Ids) -> list[str]:
    """Marks, and ranges for markers with an end. ``rate``: superclocks of a frame."""
    found = []
    for marker in markers:
        start = round(marker.frame * rate)
        end = start if marker.end_frame is None else round(marker.end_frame * rate)
        flags = "IsMark" if marker.end_frame is None else "IsRangeMarker"
        found.append(location_element(next(ids), marker.name, start, end, flags))
    return found


def lengthened_session(text: SessionText, end: int, ids: Ids) -> tuple[list[Edit], list[str]]:
    """What lets the range of a session reach to an end, unless the user has fixed that: edits, and new locations."""
    if not text.root.flag("session-range-is-free", default=True):
        return [], []
    for around in text.root.all("Locations"):
        for one in around.all("Location"):
            if "IsSessionRange" in one.get("flags").split(","):
                at = one.get("end")
                known = int(at[1:]) if at[:1] == "a" and at[1:].isdecimal() else None
                if known is None or known >= end:
                    return [], []
                return [set_attributes(text.data, one, {"end": f"a{end}"})], []
    return [], [location_element(next(ids), "session", 0, end, "IsSessionRange")]
