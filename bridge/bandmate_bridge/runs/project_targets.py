"""Where each task's results go in a project, unless the user wants it otherwise."""

from __future__ import annotations

from bandmate_bridge.outputs.into_project import TrackLayout
from bandmate_bridge.requests.selection import SelectedItems
from bandmate_bridge.runs.on_audio import ProjectTarget


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
    """A track below the item's, with the recording in it; the item is muted."""
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
