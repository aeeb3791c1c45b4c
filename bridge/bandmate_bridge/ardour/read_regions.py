"""Playlists and their regions.

Regions lie in layers: an opaque one hides what is below it. The playlist of a track that is not the one that sounds is
another take of what it plays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bandmate_bridge.ardour.session_clock import SessionClock
from bandmate_bridge.xml_projects.xml_tree import Element

_EVENT_TIME = re.compile(r"[ab]-?[0-9]+")
_LEAST = 1.0
"""Superclocks: less of a region is nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A region of a playlist. Times in superclocks."""

    element: Element
    name: str
    kind: str
    """`audio` or `midi`."""
    start: float
    end: float
    offset: float
    """Where in its sources it begins; ticks of them for MIDI."""
    sources: tuple[str, ...]
    """Their ids: one for each channel."""
    layer: int
    muted: bool
    opaque: bool
    gain: float
    fade_in: float
    fade_out: float
    has_envelope: bool

    @property
    def audio(self) -> tuple[tuple[str, ...], float]:
        """What tells whether two regions play the same at the same place."""
        return self.sources, self.offset - self.start


@dataclass(frozen=True, slots=True)
class VisiblePart:
    """What is heard of a region."""

    region: Region
    start: float
    end: float

    @property
    def is_whole(self) -> bool:
        """Nothing of the region is hidden."""
        return self.start == self.region.start and self.end == self.region.end

    def cut(self, start: float, end: float) -> VisiblePart:
        """The same between two times."""
        return replace(self, start=start, end=end)


@dataclass(frozen=True, slots=True, eq=False)
class Playlist:
    """What a track plays, or could play."""

    element: Element
    id: str
    name: str
    track: str
    """The id of the track that it was made for."""
    regions: tuple[Region, ...]


def read_playlists(session: Element, data: bytes, clock: SessionClock) -> dict[str, Playlist]:
    """All playlists by their ids, also those that no track plays. ``data``: the text that the session was read from."""
    return {
        one.get("id"): Playlist(
            one,
            one.get("id"),
            one.get("name"),
            one.get("orig-track-id"),
            tuple(region for node in one.all("Region") if (region := _read_region(node, data, clock))),
        )
        for around in session.all("Playlists", "UnusedPlaylists")
        for one in around.all("Playlist")
    }


def _read_region(node: Element, data: bytes, clock: SessionClock) -> Region | None:
    span = clock.read_span(node.get("length"))
    kind = node.get("type") or "audio"
    offset = clock.read_time(node.get("start")) if kind == "audio" else _ticks(node.get("start"))
    if span is None or offset is None or span[1] - span[0] < _LEAST or kind not in ("audio", "midi"):
        return None
    gain = node.number("scale-amplitude")
    return Region(
        element=node,
        name=node.get("name"),
        kind=kind,
        start=span[0],
        end=span[1],
        offset=offset,
        sources=tuple(_sources(node)),
        layer=int(node.number("layering-index") or 0),
        muted=node.flag("muted", default=False),
        opaque=node.flag("opaque", default=True),
        gain=1.0 if gain is None else gain,
        fade_in=_fade(node, "FadeIn", "fade-in-active", data, clock),
        fade_out=_fade(node, "FadeOut", "fade-out-active", data, clock),
        has_envelope=node.flag("envelope-active", default=False),
    )


def _ticks(text: str) -> float | None:
    found = re.fullmatch(r"b([0-9]{1,12})", text.strip())
    return float(found[1]) if found else 0.0 if text.strip() == "a0" else None


def _sources(node: Element) -> Iterator[str]:
    number = 0
    while source := node.get(f"source-{number}"):
        yield source
        number += 1


def _fade(node: Element, name: str, active: str, data: bytes, clock: SessionClock) -> float:
    """How long a fade is; the last point of its curve says it."""
    fade = node.first(name)
    curve = fade.first("AutomationList") if fade else None
    events = curve.first("events") if curve else None
    if events is None or not node.flag(active, default=True):
        return 0.0
    text = data[events.tag_end : events.content_end].decode(errors="replace")
    times = [clock.read_time(time) for time in _EVENT_TIME.findall(text)]
    return max((time for time in times if time is not None), default=0.0)


def visible_parts(regions: Iterable[Region]) -> list[VisiblePart]:
    """What is heard of regions, from the earliest on: what lies below an opaque one is hidden. Muted ones are whole."""
    found: list[VisiblePart] = []
    covered: list[tuple[float, float]] = []
    for region in sorted(regions, key=lambda one: -one.layer):
        if region.muted:
            found.append(VisiblePart(region, region.start, region.end))
            continue
        found += [VisiblePart(region, *span) for span in _without((region.start, region.end), covered)]
        if region.opaque:
            covered.append((region.start, region.end))
    return sorted(found, key=lambda part: part.start)


def _without(span: tuple[float, float], covered: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    left = [span]
    for begin, end in covered:
        left = [
            (first, last)
            for one in left
            for first, last in ((one[0], min(one[1], begin)), (max(one[0], end), one[1]))
            if last - first >= _LEAST
        ]
    return left


def other_takes(part: VisiblePart, playlists: Iterable[Sequence[VisiblePart]]) -> list[VisiblePart]:
    """What other playlists of the track play, as one piece, where a part is heard; the same audio counts once."""
    found: list[VisiblePart] = []
    known = {part.region.audio}
    for parts in playlists:
        for one in parts:
            covers = one.start - _LEAST < part.start and part.end < one.end + _LEAST
            if covers and one.region.kind == "audio" and one.region.audio not in known:
                known.add(one.region.audio)
                found.append(one.cut(part.start, part.end))
    return found
