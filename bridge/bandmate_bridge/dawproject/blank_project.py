"""A whole new project: blank but for the master, or with tracks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from bandmate_bridge.dawproject.new_clips import (
    NewAutomation,
    NewClip,
    NewMarker,
    NewTrack,
    automation_element,
    clips_element,
    marker_element,
    track_element,
)
from bandmate_bridge.dawproject.new_tempo import metre_automation, tempo_automation, transport_element
from bandmate_bridge.rpp.lines import to_one_line
from bandmate_bridge.xml_projects.song_clock import SongClock
from bandmate_bridge.xml_projects.xml_tree import NewElement
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.version import __version__

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
MASTER_CHANNEL = "master-channel"


@dataclass(frozen=True, slots=True)
class TrackContent:
    """What a track plays."""

    lanes: Sequence[Sequence[NewClip]] = ()
    """The clips of each timeline."""
    automation: Sequence[NewAutomation] = ()


@dataclass(frozen=True, slots=True)
class ProjectContent:
    """What is in a new project."""

    tracks: Sequence[NewTrack] = ()
    """The outermost ones; they hold the others."""
    played: Mapping[str, TrackContent] = field(default_factory=dict)
    """By the track's id."""
    markers: Sequence[NewMarker] = ()
    master_volume: float = 1.0
    master_pan: float = 0.0


def blank_project(
    points: Sequence[TempoPoint],
    sample_rate: int,
    key: str | None = None,
    content: ProjectContent | None = None,
) -> bytes:
    """The text of `project.xml`.

    ``points``: the first at or before the start. The format has no key, so a ``key`` is a comment.
    """
    content = content or ProjectContent()
    tempo = TempoMap(points, sample_rate)
    master = NewTrack(
        "master",
        MASTER_CHANNEL,
        "Master",
        "audio notes",
        None,
        volume=content.master_volume,
        pan=content.master_pan,
        role="master",
    )
    automation = (tempo_automation(points, tempo), metre_automation(points, tempo))
    clock = SongClock(tempo)
    arrangement = NewElement(
        "Arrangement",
        NewElement("Lanes", *_lanes(content, clock), timeUnit="beats", id="lanes"),
        *_markers(content, clock),
        *(one for one in automation if one is not None),
        id="arrangement",
        comment=f"Key: {key}" if key else None,
    )
    project = NewElement(
        "Project",
        NewElement("Application", name="Bandmate", version=__version__),
        transport_element(points[0]),
        NewElement("Structure", *map(track_element, content.tracks), track_element(master)),
        arrangement,
        NewElement("Scenes"),
        version="1.0",
    )
    return (_DECLARATION + project.render(0) + "\n").encode()


def _lanes(content: ProjectContent, clock: SongClock) -> list[NewElement]:
    return [
        NewElement(
            "Lanes",
            *(
                clips_element(clips, "beats", clock, f"Take {number + 1}" if number else "")
                for number, clips in enumerate(played.lanes)
            ),
            *(automation_element(one, "beats", clock) for one in played.automation),
            track=track,
            id=f"{track}-lanes",
        )
        for track, played in content.played.items()
    ]


def _markers(content: ProjectContent, clock: SongClock) -> list[NewElement]:
    if not content.markers:
        return []
    made = [marker_element(marker, "beats", clock) for marker in content.markers]
    return [NewElement("Markers", *made, timeUnit="beats", id="markers")]


def metadata(title: str) -> bytes:
    """The text of `metadata.xml`."""
    title_element = f"<Title>{escape(to_one_line(title))}</Title>" if title else ""
    return f"{_DECLARATION}\n<MetaData>{title_element}</MetaData>\n".encode()
