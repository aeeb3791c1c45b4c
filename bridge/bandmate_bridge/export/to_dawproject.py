"""A REAPER project as a DAWproject."""

from __future__ import annotations

from pathlib import Path

from bandmate_bridge.dawproject.arriving_audio import ArrivingAudio
from bandmate_bridge.dawproject.blank_project import ProjectContent, TrackContent
from bandmate_bridge.dawproject.new_project import new_dawproject
from bandmate_bridge.dawproject.project import DawProject
from bandmate_bridge.export.item_clips import ItemWriter
from bandmate_bridge.export.losses import Losses
from bandmate_bridge.export.mixer_tracks import count_effects, mixer_tracks, nested, track_automation
from bandmate_bridge.rpp import Project
from bandmate_bridge.rpp.chunks import RppChunk


def to_dawproject(project: Project, path: Path) -> tuple[DawProject, Losses]:
    """The project, to be saved at ``path``, and what the format does not hold of it.

    Raises RequestError (`engine_unavailable`) for audio that cannot be looked into here.
    """
    losses, audio = Losses(), ArrivingAudio(None)
    rate = project.sample_rate
    writer = ItemWriter(project, audio, losses)
    flat = mixer_tracks(project.tracks, losses)
    played = {
        made.id: TrackContent(writer.lanes(track), track_automation(track, made, losses))
        for track, made in zip(project.tracks, flat, strict=True)
    }
    root = project.root
    _count_project(project, root, losses)
    content = ProjectContent(
        tracks=nested(flat, project.tracks),
        played={track: one for track, one in played.items() if one.lanes or one.automation},
        markers=[
            (marker.frame / rate, marker.name, marker.colour)
            for marker in sorted(project.markers, key=lambda one: one.frame)
        ],
        master_volume=max(root.number("MASTER_VOLUME", 0, 1.0), 0.0),
        master_pan=min(max(root.number("MASTER_VOLUME", 1), -1.0), 1.0),
    )
    made = new_dawproject(
        path,
        sample_rate=rate,
        tempo=project.tempo_map.points,
        title=project.path.stem,
        content=content,
        audio=audio,
    )
    return made, losses


def _count_project(project: Project, root: RppChunk, losses: Losses) -> None:
    regions = sum(marker.end_frame is not None for marker in project.markers)
    losses.changed["regions are markers where they begin"] += regions
    losses.left_out["effects and instruments"] += count_effects(root)
    lanes = sum(track.has_lanes for track in project.tracks)
    losses.changed["tracks with fixed lanes have all of their items"] += lanes
    losses.changed["rulers that begin elsewhere begin at bar 1"] += bool(
        project.ruler_start or root.integer("PROJOFFS", 1)
    )
