"""Values of mixer parameters and expressions in the units of the format."""

from __future__ import annotations

import math

from bandmate_bridge.xml_projects.xml_tree import Element

_MAX_GAIN = 1_000.0


def linear_gain(value: float, unit: str) -> float:
    """A volume as a factor."""
    gain = 10 ** (min(value, 60.0) / 20) if unit == "decibel" else value / 100 if unit == "percent" else value
    return min(max(gain, 0.0), _MAX_GAIN)


def pan_position(value: float, unit: str) -> float:
    """A pan from -1 (left) to 1; `normalized` runs from 0 to 1."""
    position = 2 * value - 1 if unit == "normalized" else value / 50 - 1 if unit == "percent" else value
    return min(max(position, -1.0), 1.0)


def read_volume(channel: Element | None) -> float:
    """The volume of a channel or a send as a factor; 1 without one."""
    volume = channel.first("Volume") if channel else None
    if volume is None:
        return 1.0
    if volume.get("value").strip() == "-inf" and volume.get("unit") == "decibel":
        return 0.0
    value = volume.number("value")
    return 1.0 if value is None or math.isnan(value) else linear_gain(value, volume.get("unit"))


def read_pan(channel: Element | None) -> float:
    """The pan of a channel, from -1 to 1; 0 without one."""
    pan = channel.first("Pan") if channel else None
    value = pan.number("value") if pan else None
    return 0.0 if pan is None or value is None else pan_position(value, pan.get("unit"))


def read_mute(channel: Element | None) -> bool:
    """Whether a channel is muted."""
    mute = channel.first("Mute") if channel else None
    return mute is not None and mute.flag("value", default=False)
