"""Tracks as a mixer shows them, with their channels."""

from __future__ import annotations

from dataclasses import dataclass

from bandmate_bridge.xml_projects.xml_tree import Element


@dataclass(frozen=True, slots=True)
class ReadSend:
    """A send to a channel, or the output of a channel to one that is no group around it."""

    target: str
    """The channel's id."""
    volume: float
    pan: float
    before_fader: bool = False


@dataclass(frozen=True, slots=True)
class ReadTrack:
    """A track with its channel."""

    id: str
    channel: str
    name: str
    colour: str
    depth: int
    is_group: bool
    volume: float
    pan: float
    muted: bool
    soloed: bool
    volume_parameter: str
    pan_parameter: str
    sends: tuple[ReadSend, ...]
    goes_to_group: bool
    """Its sound goes to the group around it, or to the master."""
    element: Element
