"""Tracks, groups and channels of a DAWproject, in the order in which a mixer shows them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bandmate_bridge.dawproject.parameters import linear_gain, read_mute, read_pan, read_volume
from bandmate_bridge.xml_projects.mixer_tracks import ReadSend, ReadTrack
from bandmate_bridge.xml_projects.xml_tree import Element


def read_tracks(project: Element) -> list[ReadTrack]:
    """All tracks but the master; a channel without a track counts as one."""
    structure = project.first("Structure")
    if structure is None:
        return []
    masters = {
        channel.get("id")
        for channel in structure.walk()
        if channel.name == "Channel" and channel.get("role") == "master"
    }
    return [_read_track(*found, masters) for found in _walk(structure, 0, "")]


def channel_around(tracks: Sequence[ReadTrack], place: int | None) -> str | None:
    """The channel of the group in which a track below the one of a place comes to lie; None for none."""
    if place is None:
        return None
    if tracks[place].is_group:
        return tracks[place].channel or None
    around = (one for one in reversed(tracks[:place]) if one.depth < tracks[place].depth)
    group = next(around, None)
    return group.channel or None if group else None


def _walk(parent: Element, depth: int, group: str) -> Iterator[tuple[Element, int, str]]:
    """Tracks with their depth and the id of the channel of the group around them."""
    for element in parent.all("Track", "Channel") if depth == 0 else parent.all("Track"):
        channel = _channel_of(element)
        if channel is not None and channel.get("role") == "master":
            continue
        yield element, depth, group
        yield from _walk(element, depth + 1, channel.get("id") if channel else group)


def _channel_of(element: Element) -> Element | None:
    return element if element.name == "Channel" else element.first("Channel")


def _read_track(element: Element, depth: int, group: str, masters: set[str]) -> ReadTrack:
    channel = _channel_of(element)
    volume, pan = (channel.first(name) if channel else None for name in ("Volume", "Pan"))
    output = channel.get("destination") if channel else ""
    goes = not output or output == group or output in masters
    sends = _read_sends(channel)
    if not goes:
        sends.append(ReadSend(output, 1.0, 0.0))
    return ReadTrack(
        id=element.get("id"),
        channel=channel.get("id") if channel else "",
        name=element.get("name"),
        colour=element.get("color"),
        depth=depth,
        is_group=element.first("Track") is not None,
        volume=read_volume(channel),
        pan=read_pan(channel),
        muted=read_mute(channel) or not element.flag("loaded", default=True),
        soloed=channel is not None and channel.flag("solo", default=False),
        volume_parameter=volume.get("id") if volume else "",
        pan_parameter=pan.get("id") if pan else "",
        sends=tuple(sends),
        goes_to_group=goes,
        element=element,
    )


def _read_sends(channel: Element | None) -> list[ReadSend]:
    around = channel.first("Sends") if channel else None
    found: list[ReadSend] = []
    for send in around.all("Send") if around else ():
        enabled = send.first("Enable")
        if send.get("destination") and (enabled is None or enabled.flag("value", default=True)):
            volume = send.first("Volume")
            value = volume.number("value") if volume else None
            level = 1.0 if volume is None or value is None else linear_gain(value, volume.get("unit"))
            found.append(ReadSend(send.get("destination"), level, read_pan(send), send.get("type") == "pre"))
    return found
