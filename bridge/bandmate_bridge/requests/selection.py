"""What of a project a task works on: the track, the item, and the ranges of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bandmate_bridge.requests.ranges import GivenRanges, TimeSpan
from bandmate_bridge.requests.sections import project_ranges
from bandmate_bridge.rpp import (
    Item,
    ItemPlace,
    PlayableItem,
    Project,
    Track,
    item_bar_text,
    overlapping_items,
    resolve_item,
)
from bandmate_bridge.rpp.take_reach import take_with_context
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_CROSSFADE_SECONDS = 0.1
"""How far neighbours may reach over each other to be taken for crossfaded."""


@dataclass(frozen=True, slots=True)
class SelectedItems:
    """An item of a project that can be heard, or several of one track, and what of them is meant."""

    project: Project
    heard: PlayableItem
    """The item; the first of several."""
    times: tuple[TimeSpan, ...]
    """Empty for all of it."""
    further: tuple[PlayableItem, ...] = ()
    """The other items, where there are several."""

    @property
    def all_items(self) -> tuple[PlayableItem, ...]:
        """All items, in their order."""
        return self.heard, *self.further

    @property
    def item_places(self) -> tuple[ItemPlace, ...]:
        """Where the items lie in the project."""
        return tuple(self.project.item_place(each.track, each.item) for each in self.all_items)

    @property
    def model_place(self) -> ItemPlace | None:
        """The item that a result can stand for; of several, gain and fades are in the audio already."""
        return None if self.further else self.item_places[0]

    @property
    def whole_span(self) -> TimeSpan:
        """From the first range's start to the last one's end, or all of the items."""
        if not self.times:
            return self.heard.position, max(each.end for each in self.all_items)
        return self.times[0][0], self.times[-1][1]


def select_items(
    project: Project,
    track: str | None,
    ranges: GivenRanges,
    *,
    needs_range: bool,
    several: bool = False,
    whole: bool = False,
) -> SelectedItems:
    """The item that a task works on, or, where that takes ``several``, all items of the range or the track.

    Without ranges it is the time selection where that lies on the track's audio; else, unless the task
    ``needs_range``, the track's only item, its selected one, or all. For a task on ``whole`` items, a time selection
    says which items they are, and not which part of them. Raises RequestError: `no_such_track`,
    `bad_position`, `input_unusable`, `file_unusable`; the sentence says what would have worked.
    """
    chosen = choose_track(project, track)
    _check_has_items(chosen)
    ranges = project_ranges(project, ranges, several=needs_range)
    times = ranges.times(project.tempo_map, project.ruler_start) or _time_selection(project, chosen)
    meant = _items_in_ranges(project, chosen, times) if several else []
    if whole and ranges.is_empty:
        times = []
    if len(meant) > 1:
        _check_order_is_known(chosen)
        heard = [resolve_item(chosen, item, project.tempo_map) for item in meant]
        return SelectedItems(project, heard[0], tuple(times), tuple(heard[1:]))
    if times:
        item = _item_around(project, chosen, times)
    elif meant:
        (item,) = meant
    elif needs_range:
        raise RequestError(
            ErrorCode.BAD_POSITION,
            "No range of the track given.",
            "Give --from and --to, such as --from 11.1 --to 13.1, or select the time in REAPER and save."
            if project.keeps_selections
            else "Give --from and --to, such as --from 11.1 --to 13.1.",
        )
    else:
        item = _only_item(project, chosen)
    take = (
        take_with_context(chosen.items, item) if needs_range and _covers_item(item, times, project) else None
    )
    return SelectedItems(project, resolve_item(chosen, item, project.tempo_map, take), tuple(times))


def select_each_item(project: Project, track: str | None, ranges: GivenRanges) -> list[SelectedItems]:
    """The items of a track that ranges lie in, each with what of the ranges is inside it, by position.

    For tasks that change items in place. Where the ranges touch one item at most, it is as `select_items` finds it,
    with the same errors. Raises RequestError.
    """
    chosen = choose_track(project, track)
    _check_has_items(chosen)
    named = project_ranges(project, ranges, several=True)
    times = named.times(project.tempo_map, project.ruler_start) or _time_selection(project, chosen)
    inside = _times_by_item(project, chosen, times)
    if len(inside) < 2:
        return [select_items(project, track, ranges, needs_range=True)]
    _check_order_is_known(chosen)
    return [
        SelectedItems(project, resolve_item(chosen, item, project.tempo_map), tuple(spans))
        for item, spans in inside
    ]


def _times_by_item(
    project: Project, track: Track, times: Sequence[TimeSpan]
) -> list[tuple[Item, list[TimeSpan]]]:
    """The items that sound in some ranges, and what of each range lies inside them."""
    found: list[tuple[Item, list[TimeSpan]]] = []
    for item in sorted(track.items, key=lambda one: one.chunk.number("POSITION")):
        position = item.chunk.number("POSITION")
        stop = position + item.chunk.number("LENGTH")
        spans = [
            (max(start, position), min(end, stop))
            for start, end in times
            if item
            in _keep_sounding(overlapping_items(track.items, start, end, project.sample_rate), start, end)
        ]
        if spans:
            found.append((item, spans))
    return found


def _covers_item(item: Item, times: Sequence[TimeSpan], project: Project) -> bool:
    frame = 1.0 / project.sample_rate
    position, end = item.chunk.number("POSITION"), item.chunk.number("POSITION") + item.chunk.number("LENGTH")
    return len(times) == 1 and times[0][0] <= position + frame and times[0][1] >= end - frame


def choose_track(project: Project, wanted: str | None) -> Track:
    """The track that was named; else the one of the selected item, the selected one, or the only one.

    Raises RequestError (`no_such_track`, `ambiguous_track`).
    """
    if wanted is not None:
        return project.find_track(wanted)
    tracks = project.tracks
    for fits in (
        [track for track in tracks if any(item.selected for item in track.items)],
        [track for track in tracks if track.selected and track.items],
        [track for track in tracks if track.items],
    ):
        if len(fits) == 1:
            return fits[0]
    named = ", ".join(f"{track.number} {track.title}" for track in tracks if track.items)
    if not named:
        remedy = "The project has no items."
    elif project.keeps_selections:
        remedy = say(
            "Name one with --track, or select one in REAPER and save; these have audio: {named}.", named=named
        )
    else:
        remedy = say("Name one with --track; these have audio: {named}.", named=named)
    raise RequestError(ErrorCode.NO_SUCH_TRACK, "No track given.", remedy)


def _check_has_items(track: Track) -> None:
    if not track.items:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            say("The track {title} is empty.", title=track.title),
            "Name a track that contains audio.",
        )


def _time_selection(project: Project, track: Track) -> list[TimeSpan]:
    span = project.time_selection
    if span is None:
        return []
    start, end = span.start_frame / project.sample_rate, span.end_frame / project.sample_rate
    return [(start, end)] if overlapping_items(track.items, start, end, project.sample_rate) else []


def _items_in_ranges(project: Project, track: Track, times: Sequence[TimeSpan]) -> list[Item]:
    """The items that sound in the ranges; without ranges those that are selected, else all of the track."""
    sounding = sorted(
        (item for item in track.items if item.takes and not item.muted),
        key=lambda item: item.chunk.number("POSITION"),
    )
    if not times:
        return [item for item in sounding if item.selected] or sounding
    start, end = times[0][0], times[-1][1]
    found = overlapping_items(sounding, start, end, project.sample_rate)
    inside = [item for item in found if not _only_overlaps_edge(item, start, end)]
    return found if len(inside) > 1 else inside


def _only_overlaps_edge(item: Item, start: float, end: float) -> bool:
    """Whether an item lies beyond a range but for what may be a crossfade."""
    position = item.chunk.number("POSITION")
    stop = position + item.chunk.number("LENGTH")
    return (position < start or stop > end) and min(stop, end) - max(position, start) <= _CROSSFADE_SECONDS


def _check_order_is_known(track: Track) -> None:
    """Raises RequestError (`input_unusable`) where it is not known which of the items sound."""
    if track.has_lanes:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            say(
                "The track {title} has fixed item lanes, and only REAPER knows which of its items play.",
                title=track.title,
            ),
            "Choose a range inside one item, or glue the comp (Item, Glue items).",
        )


def _only_item(project: Project, track: Track) -> Item:
    selected = [item for item in track.items if item.selected]
    for fits in (track.items, selected):
        if len(fits) == 1:
            return fits[0]
    places = ", ".join(item_bar_text(item, project.tempo_map) for item in track.items[:10])
    raise RequestError(
        ErrorCode.BAD_POSITION,
        say(
            "The track {title} has {count} items, at {places}{more}.",
            title=track.title,
            count=len(track.items),
            places=places,
            more=", ..." if len(track.items) > 10 else "",
        ),
        "Choose one with --from and --to inside it, or glue them in the DAW first (in REAPER: Item, Glue items).",
    )


def _item_around(project: Project, track: Track, times: Sequence[TimeSpan]) -> Item:
    """The one item that all of the ranges lie in."""
    start, end = times[0][0], times[-1][1]
    fits = _keep_sounding(overlapping_items(track.items, start, end, project.sample_rate), start, end)
    if not fits:
        raise RequestError(
            ErrorCode.BAD_POSITION,
            say("The track {title} has no items in that range.", title=track.title),
            say("Its items run {places_text}.", places_text=_places_text(project, track.items)),
        )
    if len(fits) > 1:
        raise RequestError(
            ErrorCode.BAD_POSITION,
            say("The range crosses {count} items on the track {title}.", count=len(fits), title=track.title),
            say(
                "They run {places_text}; choose one at a time, or glue them first (in REAPER: Item, Glue items).",
                places_text=_places_text(project, fits),
            ),
        )
    (item,) = fits
    frame = 1.0 / project.sample_rate
    position = item.chunk.number("POSITION")
    if start < position - frame or end > position + item.chunk.number("LENGTH") + frame:
        raise RequestError(
            ErrorCode.BAD_POSITION,
            say("The range extends beyond the item on the track {title}.", title=track.title),
            say("It runs {places_text}.", places_text=_places_text(project, fits)),
        )
    return item


def _keep_sounding(items: list[Item], start: float, end: float) -> list[Item]:
    """Leaves out what is muted, and what only reaches into the range by a crossfade."""
    sounding = [item for item in items if not item.muted] or items
    inside: list[Item] = []
    for item in sounding:
        position = item.chunk.number("POSITION")
        shared = min(position + item.chunk.number("LENGTH"), end) - max(position, start)
        if shared > min(_CROSSFADE_SECONDS, (end - start) / 2):
            inside.append(item)
    return inside or sounding


def _places_text(project: Project, items: Sequence[Item]) -> str:
    def said(frame: int) -> str:
        bar, beat = project.tempo_map.bar_beat_at(frame)
        return f"{bar}.{beat + 1:.4g}"

    named = [f"from {said(item.start_frame)} to {said(item.end_frame)}" for item in items[:5]]
    return ", ".join(named) + (", ..." if len(items) > 5 else "")
