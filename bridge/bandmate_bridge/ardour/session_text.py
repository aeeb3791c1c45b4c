"""The text of a session, with what is put into it; read again after each change, and nothing else changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bandmate_bridge.ardour.new_elements import Ids
from bandmate_bridge.ardour.read_regions import Playlist, Region
from bandmate_bridge.xml_projects.xml_tree import (
    Edit,
    Element,
    NewElement,
    apply_edits,
    insert_after,
    insert_inside,
    parse_xml,
    set_attributes,
)

REMEDY = "Open the session in Ardour, save it, and try again."
_OWN_ID = re.compile(r'(?<=\sid=")[0-9]+(?=")')
_ANY_ID = re.compile(rb'\sid="([0-9]{1,18})"')
_BEFORE = {
    "Sources": "Metadata",
    "Regions": "Sources",
    "Locations": "Regions",
    "Routes": "Bundles",
    "Playlists": "Routes",
    "UnusedPlaylists": "Playlists",
}
"""Behind what an element of a session comes that it lacks."""


class _Written(NewElement):
    """An element that is text already."""

    def __init__(self, text: str) -> None:
        super().__init__("")
        self._text = text

    def render(self, depth: int, newline: str = "\n") -> str:
        return f"{newline}{'  ' * depth}{self._text}"


@dataclass(frozen=True, slots=True)
class RegionPart:
    """A part of a region that stays. Times in superclocks."""

    start: int
    end: int
    is_first: bool
    is_last: bool


class SessionText:
    """The bytes of a session file, and its root."""

    def __init__(self, data: bytes, called: str) -> None:
        """Raises RequestError (`not_a_project`)."""
        self._called = called
        self.data = data
        self.root = parse_xml(data, called, REMEDY)
        self._last_id = max(
            int(self.root.number("id-counter") or 0), *(int(one) for one in _ANY_ID.findall(data)), 0
        )

    def new_ids(self) -> Ids:
        """Ids that nothing has."""
        while True:
            self._last_id += 1
            yield self._last_id

    def apply(self, *edits: Edit) -> None:
        """Makes changes, and counts the session's ids on to those that were given."""
        self.data = apply_edits(self.data, edits)
        self.root = parse_xml(self.data, self._called, REMEDY)
        counted = self.root.number("id-counter") or 0
        if counted <= self._last_id:
            edit = set_attributes(self.data, self.root, {"id-counter": str(self._last_id + 1)})
            self.data = apply_edits(self.data, [edit])
            self.root = parse_xml(self.data, self._called, REMEDY)

    def append(self, added: Mapping[str, Sequence[str]], *edits: Edit) -> None:
        """Adds elements at the end of sections such as `Sources`, by the section's name, and makes further changes."""
        for name in added:
            self._ensure(name)
        appended = []
        for name, texts in added.items():
            section = self.root.first(name)
            assert section is not None, "it was just made"
            if texts:
                appended.append(insert_inside(self.data, section, [*map(_Written, texts)], 1))
        self.apply(*appended, *edits)

    def _ensure(self, name: str) -> None:
        """Makes a section that is missing. Only in a session that Ardour did not write are its ids not kept."""
        if self.root.first(name) is None:
            before = self.root.first(_BEFORE[name]) or self.root.children[-1]
            self.apply(insert_after(self.data, before, [NewElement(name)], 1))

    def element_text(self, element: Element) -> str:
        """An element as it stands."""
        return self.data[element.start : element.end].decode()

    def changed_text(self, element: Element, edits: Sequence[Edit]) -> str:
        """An element with changes inside it."""
        moved = [Edit(one.start - element.start, one.end - element.start, one.text) for one in edits]
        return apply_edits(self.data[element.start : element.end], moved).decode()

    def renamed(self, text: str, name: str, id_: int) -> str:
        """The text of an element under another name and id, with new ids for all that is in it."""
        ids = self.new_ids()
        head, closing, rest = text.partition(">")
        plain = _Attributes(head + closing).put("name", name).put("id", str(id_)).text
        return plain + _OWN_ID.sub(lambda _: str(next(ids)), rest)

    def region_part(self, region: Region, part: RegionPart) -> str:
        """A part of a region: what is cut off has no fade."""
        position = region.element.get("length").partition("@")[2]
        at = position if part.is_first else f"a{part.start}"
        changes: dict[str, str | None] = {"length": f"a{part.end - part.start}@{at}"}
        if not part.is_first:
            changes["start"] = f"a{round(region.offset + part.start - region.start)}"
            changes["fade-in-active"] = "0"
        if not part.is_last:
            changes["fade-out-active"] = "0"
        element = region.element
        edit = set_attributes(self.data, element, changes)
        return edit.text + self.data[element.tag_end : element.end].decode()


@dataclass(frozen=True, slots=True)
class _Attributes:
    text: str

    def put(self, name: str, value: str) -> _Attributes:
        data = self.text.encode()
        element = Element("", {}, 0, len(data))
        return _Attributes(set_attributes(data, element, {name: value}).text)


def free_playlist_names(track: str, playlists: Mapping[str, Playlist]) -> Iterator[str]:
    """Names as Ardour gives them to further playlists of a track."""
    taken = {one.name for one in playlists.values()}
    number = 1
    while True:
        number += 1
        name = f"{track}.{number}"
        if name not in taken:
            yield name
