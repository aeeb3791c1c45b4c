"""What the other tracks of a project play at the same time, for a task that listens to them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bandmate_bridge.client import Client
from bandmate_bridge.display import Display
from bandmate_bridge.project import Heard, hear, lay, overlapping
from bandmate_bridge.work.orders import CONTEXT_SECONDS, Laying, sent
from bandmate_bridge.work.selection import Selected, Times
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Input, Probed
from bandmate_protocol.tempo import whole

_MOST = 12
_SHORTEST_SECONDS = 0.25
_LARGEST_BYTES = 1 << 29


def others(client: Client, selected: Selected, laying: Laying, display: Display) -> tuple[Input, ...]:
    """The audio of other tracks over the job's range and what is around it.

    What is muted, what cannot be heard here, and tracks with fixed item lanes are left out: it is only
    listened to.
    """
    grid = laying.laid.grid
    timeline = laying.order.timeline
    window = (
        max(grid.time_of(timeline.start_frame) - CONTEXT_SECONDS, 0.0),
        grid.time_of(timeline.end_frame) + CONTEXT_SECONDS,
    )
    files: dict[Path, Probed] = {}
    found: list[Input] = []
    for heard in _audible(selected, window):
        if len(found) == _MOST:
            break
        try:
            if heard.file not in files:
                files[heard.file] = sent(client, heard.file, display)
            given = _slice(heard, files[heard.file], window, grid.rate)
        except RequestError:
            # A file that the server cannot read is no reason not to work on another one.
            continue
        if given is not None:
            found.append(given)
    return tuple(found)


def _audible(selected: Selected, window: Times) -> Iterator[Heard]:
    project = selected.project
    for track in project.tracks:
        if track.muted or track.has_lanes or track.number == selected.heard.track.number:
            continue
        for item in overlapping(track.items, *window, project.sample_rate):
            if item.muted:
                continue
            try:
                heard = hear(track, item, project.tempo_map)
            except RequestError:
                continue
            if heard.file.stat().st_size <= _LARGEST_BYTES:
                yield heard


def _slice(heard: Heard, probed: Probed, window: Times, rate: int) -> Input | None:
    span = max(window[0], heard.position), min(window[1], heard.end)
    laid = lay(heard, probed.sample_rate, probed.frames, span, rate)
    first, last = max(laid.first, whole(span[0] * rate)), min(laid.last, whole(span[1] * rate))
    if last - first < _SHORTEST_SECONDS * rate:
        return None
    return laid.input("context", probed.sha256, first, last)
