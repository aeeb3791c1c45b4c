"""A whole new project, without tracks but for the master."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from bandmate_bridge.dawproject.new_clips import NewTrack, track_element
from bandmate_bridge.dawproject.new_tempo import metre_automation, tempo_automation, transport_element
from bandmate_bridge.dawproject.xml_tree import NewElement
from bandmate_bridge.rpp.lines import to_one_line
from bandmate_protocol.messages import TempoPoint
from bandmate_protocol.tempo import TempoMap
from bandmate_protocol.version import __version__

_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
MASTER_CHANNEL = "master-channel"


def blank_project(points: Sequence[TempoPoint], sample_rate: int, key: str | None = None) -> bytes:
    """The text of `project.xml`.

    ``points``: the first at or before the start. The format has no key, so a ``key`` is a comment.
    """
    tempo = TempoMap(points, sample_rate)
    master = NewTrack("master", MASTER_CHANNEL, "Master", "audio notes", None, role="master")
    automation = (tempo_automation(points, tempo), metre_automation(points, tempo))
    arrangement = NewElement(
        "Arrangement",
        NewElement("Lanes", timeUnit="beats", id="lanes"),
        *(one for one in automation if one is not None),
        id="arrangement",
        comment=f"Key: {key}" if key else None,
    )
    project = NewElement(
        "Project",
        NewElement("Application", name="Bandmate", version=__version__),
        transport_element(points[0]),
        NewElement("Structure", track_element(master)),
        arrangement,
        NewElement("Scenes"),
        version="1.0",
    )
    return (_DECLARATION + project.render(0) + "\n").encode()


def metadata(title: str) -> bytes:
    """The text of `metadata.xml`."""
    title_element = f"<Title>{escape(to_one_line(title))}</Title>" if title else ""
    return f"{_DECLARATION}\n<MetaData>{title_element}</MetaData>\n".encode()
