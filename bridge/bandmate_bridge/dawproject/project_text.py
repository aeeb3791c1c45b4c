"""The text of a project, with what is put into it: tracks, clips and markers, and nothing else changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bandmate_bridge.dawproject.new_clips import (
    NewClip,
    NewMarker,
    NewTrack,
    clip_element,
    clips_element,
    marker_element,
    track_element,
)
from bandmate_bridge.xml_projects.song_clock import SongClock, TimeUnit, unit_of
from bandmate_bridge.xml_projects.xml_tree import (
    Edit,
    Element,
    NewElement,
    apply_edits,
    insert_after,
    insert_inside,
    newline_of,
    parse_xml,
    set_attributes,
)

_OWN_ID = re.compile(rb"""\s+id\s*=\s*(?:"[^"]*"|'[^']*')""")
_NUMBERED = re.compile(r"id([0-9]{1,9})")
_ORDER = {
    "Project": ("Application", "Transport", "Structure", "Arrangement", "Scenes"),
    "Arrangement": ("Lanes", "Markers", "TempoAutomation", "TimeSignatureAutomation"),
}


@dataclass(frozen=True, slots=True)
class ClipPlace:
    """A timeline that takes clips, or a clip in it."""

    element: Element
    parents: tuple[Element, ...]
    """From the root to the element around it."""
    unit: TimeUnit
    track: str

    @property
    def depth(self) -> int:
        """How deep it lies in the document."""
        return len(self.parents)


class ProjectText:
    """`project.xml`, read again after each change."""

    def __init__(self, data: bytes, called: str) -> None:
        """Raises RequestError (`not_a_project`)."""
        self._called = called
        self.data = data
        self.root = parse_xml(data, called)

    def _apply(self, *edits: Edit) -> None:
        self.data = apply_edits(self.data, edits)
        self.root = parse_xml(self.data, self._called)

    def new_ids(self) -> Iterator[str]:
        """Ids that no element has, in the form that DAWs give them."""
        used = {one.get("id") for one in self.root.walk()}
        numbers = [int(found[1]) for id_ in used if (found := _NUMBERED.fullmatch(id_))]
        number = max(numbers, default=-1)
        while True:
            number += 1
            if f"id{number}" not in used:
                yield f"id{number}"

    def master_channel(self) -> str | None:
        """The id of the master's channel."""
        structure = self.root.first("Structure")
        for one in structure.walk() if structure else ():
            if one.name == "Channel" and one.get("role") == "master" and one.get("id"):
                return one.get("id")
        return None

    def add_tracks(self, tracks: Sequence[NewTrack], below: Element | None = None) -> None:
        """Adds tracks: right below one of the project, inside it if that is a group, else before the master."""
        structure = self._ensure(("Structure",))
        if below is None:
            last = [one for one in structure.children if not _is_master(one)]
            if last:
                self._apply(insert_after(self.data, last[-1], [*map(track_element, tracks)], 2))
            elif structure.children:
                text = "".join(track_element(one).render(2, newline_of(self.data)) for one in tracks)
                self._apply(Edit(structure.tag_end, structure.tag_end, text))
            else:
                self._apply(insert_inside(self.data, structure, [*map(track_element, tracks)], 1))
            return
        depth = _depth_of(self.root, below)
        elements = [*map(track_element, tracks)]
        if below.name == "Track" and below.first("Track") is not None:
            channel = below.first("Channel")
            at = channel.end if channel else below.tag_end
            text = "".join(one.render(depth + 1, newline_of(self.data)) for one in elements)
            self._apply(Edit(at, at, text))
        else:
            self._apply(insert_after(self.data, below, elements, depth))

    def add_clips(self, track: str, clips: Sequence[NewClip], clock: SongClock) -> None:
        """Adds clips to the track of an id."""
        place = next(
            (one for one in self._places() if one.track == track and one.element.name == "Clips"), None
        )
        if place is not None:
            made = [clip_element(clip, place.unit, clock) for clip in clips]
            self._apply(insert_inside(self.data, place.element, made, place.depth))
            return
        self.add_lanes(track, [clips], clock)

    def add_lanes(self, track: str, lanes: Sequence[Sequence[NewClip]], clock: SongClock) -> None:
        """Adds a timeline for the clips of each of ``lanes`` to a track."""
        self.add_timelines(
            track,
            lambda unit: [
                clips_element(clips, unit, clock, f"Take {index + 1}" if index else "")
                for index, clips in enumerate(lanes)
            ],
        )

    def add_timelines(self, track: str, make: Callable[[TimeUnit], Sequence[NewElement]]) -> None:
        """Adds timelines to a track; ``make`` gives them for the unit of its lanes."""
        place = next(
            (one for one in self._places() if one.track == track and one.element.name == "Lanes"), None
        )
        if place is not None:
            self._apply(insert_inside(self.data, place.element, make(place.unit), place.depth))
            return
        lanes = self._ensure(("Arrangement", "Lanes"))
        unit = unit_of(lanes, "beats")
        around = NewElement("Lanes", *make(unit), track=track, id=next(self.new_ids()))
        self._apply(insert_inside(self.data, lanes, [around], 2))

    def add_markers(self, markers: Sequence[NewMarker], clock: SongClock) -> None:
        """Adds markers."""
        arrangement = self._ensure(("Arrangement",))
        there = arrangement.first("Markers")
        unit: TimeUnit = unit_of(there, "beats") if there else "beats"
        made = [marker_element(marker, unit, clock) for marker in markers]
        if there is not None:
            self._apply(insert_inside(self.data, there, made, 2))
        elif made:
            self._insert_ordered(
                arrangement, NewElement("Markers", *made, timeUnit=unit, id=next(self.new_ids())), 2
            )

    def find_clip(self, start: int) -> ClipPlace | None:
        """The clip that begins at a byte, if it lies on a track and in no other clip."""
        for place in self._places():
            if place.element.name == "Clips":
                for clip in place.element.all("Clip"):
                    if clip.start == start:
                        return ClipPlace(clip, (*place.parents, place.element), place.unit, place.track)
        return None

    def disable(self, clip: Element) -> None:
        """Keeps a clip from sounding."""
        self._apply(set_attributes(self.data, clip, {"enable": "false"}))

    def replace_clip(
        self,
        place: ClipPlace,
        pieces: Sequence[ClipSpan],
        made: Sequence[NewClip],
        lanes: Sequence[Lane],
        clock: SongClock,
    ) -> None:
        """Puts pieces of a clip and new clips in its place, and others on timelines of their own behind its own."""
        newline = newline_of(self.data)
        clip, timeline = place.element, place.parents[-1]
        margin, outer = (newline + "  " * deep for deep in (place.depth, place.depth - 1))
        kept = {name: timeline.get(name) for name in ("track", "timeUnit") if timeline.get(name)}
        numbers = self.new_ids()
        behind = ""
        for lane in lanes:
            texts = [*(self._piece(clip, span, enabled=False) for span in lane.pieces)]
            inside = "".join(margin + text for text in [*texts, *self._clip_texts(place, lane.made, clock)])
            around = NewElement("Clips", **kept, id=next(numbers), name=lane.name).render(
                place.depth - 1, newline
            )
            behind += f"{around.removesuffix('/>')}>{inside}{outer}</Clips>"
        here = [*(self._piece(clip, span) for span in pieces), *self._clip_texts(place, made, clock)]
        self._apply(Edit(clip.start, clip.end, margin.join(here)), Edit(timeline.end, timeline.end, behind))

    def _clip_texts(self, place: ClipPlace, clips: Sequence[NewClip], clock: SongClock) -> list[str]:
        return [
            clip_element(clip, place.unit, clock).render(place.depth, newline_of(self.data)).lstrip()
            for clip in clips
        ]

    def _piece(self, clip: Element, span: ClipSpan, *, enabled: bool = True) -> str:
        """The text of a clip that shows only a part of it. Only the first one keeps the ids of what is inside."""
        changes = {**span.attributes, **({} if enabled else {"enable": "false"})}
        tag = set_attributes(self.data, clip, changes).text
        inside = self.data[clip.tag_end : clip.end]
        return tag + (inside if span.keeps_ids else _OWN_ID.sub(b"", inside)).decode()

    def _places(self) -> Iterator[ClipPlace]:
        """Timelines of tracks that hold clips or lanes, outside of all clips."""
        arrangement = self.root.first("Arrangement")
        lanes = arrangement.first("Lanes") if arrangement else None
        if arrangement is None or lanes is None:
            return
        waiting = [ClipPlace(lanes, (self.root, arrangement), unit_of(lanes, "beats"), lanes.get("track"))]
        while waiting:
            place = waiting.pop(0)
            yield place
            if place.element.name == "Lanes":
                waiting += [
                    ClipPlace(
                        child,
                        (*place.parents, place.element),
                        unit_of(child, place.unit),
                        child.get("track") or place.track,
                    )
                    for child in place.element.all("Lanes", "Clips")
                ]

    def _ensure(self, path: Sequence[str]) -> Element:
        """The element of a path from the root; made where it is missing, in the order of the format."""
        here, depth = self.root, 1
        for name in path:
            if here.first(name) is None:
                attributes = {"timeUnit": "beats"} if name == "Lanes" else {}
                if name != "Structure":
                    attributes["id"] = next(self.new_ids())
                self._insert_ordered(here, NewElement(name, **attributes), depth)
                here = self.root
                for step in path[: depth - 1]:
                    here = here.first(step) or here
            found = here.first(name)
            assert found is not None, "it was just made"
            here, depth = found, depth + 1
        return here

    def _insert_ordered(self, parent: Element, child: NewElement, depth: int) -> None:
        order = _ORDER[parent.name]
        before = order[: order.index(child.name)]
        last = [one for one in parent.children if one.name in before]
        if last:
            self._apply(insert_after(self.data, last[-1], [child], depth))
        elif parent.children:
            text = child.render(depth, newline_of(self.data))
            self._apply(Edit(parent.tag_end, parent.tag_end, text))
        else:
            self._apply(insert_inside(self.data, parent, [child], depth - 1))


@dataclass(frozen=True, slots=True)
class ClipSpan:
    """A part of a clip as the attributes that change."""

    attributes: dict[str, str | None]
    keeps_ids: bool = False


@dataclass(frozen=True, slots=True)
class Lane:
    """A timeline beside the one that sounds: parts of a clip, and new clips."""

    name: str
    pieces: Sequence[ClipSpan] = ()
    made: Sequence[NewClip] = ()


def _is_master(element: Element) -> bool:
    channel = element if element.name == "Channel" else element.first("Channel")
    return channel is not None and channel.get("role") == "master"


def _depth_of(root: Element, wanted: Element) -> int:
    waiting = [(root, 0)]
    while waiting:
        here, depth = waiting.pop()
        if here.start == wanted.start:
            return depth
        waiting += [(child, depth + 1) for child in here.children if child.start <= wanted.start < child.end]
    raise AssertionError("the element is in the document")
