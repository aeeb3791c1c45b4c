"""Where each task's results go in a project, unless the user wants it otherwise."""

from __future__ import annotations

from bandmate_bridge.outputs.into_project import TrackLayout
from bandmate_bridge.requests.selection import SelectedItems
from bandmate_bridge.runs.on_audio import ProjectTarget
from bandmate_protocol.errors import ErrorCode, RequestError


def repaint_target(selected: SelectedItems, prompt: str) -> ProjectTarget:
    """A take on the range."""
    return ProjectTarget(prompt or f"{selected.heard.track.title} repainted")


def loop_target(selected: SelectedItems, prompt: str) -> ProjectTarget:
    """A take on the item, or on its range."""
    return ProjectTarget(prompt or f"{selected.heard.track.title} loop")


def cover_target(prompt: str, *, take: bool, stems: bool, midi: bool) -> ProjectTarget:
    """One new track, a track for each part (``stems``), or a take of the item (``take``)."""
    layout = None if take else TrackLayout(prompt, mixed=not stems, midi=midi)
    return ProjectTarget(prompt, layout, mixed=True)


def accompany_target(prompt: str, *, flat: bool, midi: bool) -> ProjectTarget:
    """New tracks, in a folder unless ``flat``."""
    return ProjectTarget(prompt, TrackLayout(prompt, flat=flat, midi=midi))


def extend_target(selected: SelectedItems, prompt: str) -> ProjectTarget:
    """A track below the item's, with the recording in it; the item is muted.

    Raises RequestError (`bad_position`) for a part of an item: the rest of it would be silent.
    """
    _check_whole(selected)
    track = selected.heard.track
    title = prompt or f"{track.title} extended"
    layout = TrackLayout(
        title, below=track.guid, mixed=True, like=selected.model_place, mute=selected.item_places
    )
    return ProjectTarget(title, layout, mixed=True)


def separate_target(selected: SelectedItems, *, mute_source: bool) -> ProjectTarget:
    """A folder of tracks below the source's."""
    track = selected.heard.track
    mutes = selected.item_places if mute_source else ()
    layout = TrackLayout(f"{track.title} stems", below=track.guid, like=selected.model_place, mute=mutes)
    return ProjectTarget(layout.title, layout)


def _check_whole(selected: SelectedItems) -> None:
    if not selected.times:
        return
    last = selected.further[-1] if selected.further else selected.heard
    start, end = selected.whole_span
    frame = 1 / selected.project.sample_rate
    if start > selected.heard.position + frame or end < last.end - frame:
        raise RequestError(
            ErrorCode.BAD_POSITION,
            "`extend` continues a whole item, but the range is only a part of it.",
            "Remove the range, the section or the time selection, or split the item there first.",
        )
