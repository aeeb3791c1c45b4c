"""Colours as REAPER writes them on Linux and Windows: 0x1000000 for "has one", then blue, green, red."""

from __future__ import annotations

_HAS_COLOUR = 0x1000000


def to_native(colour: str) -> int:
    """The number for `#rrggbb`."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return _HAS_COLOUR | blue << 16 | green << 8 | red


def from_native(value: int) -> str | None:
    """`#rrggbb`, or None where the track has no colour of its own."""
    if not value & _HAS_COLOUR:
        return None
    return f"#{value & 0xFF:02x}{value >> 8 & 0xFF:02x}{value >> 16 & 0xFF:02x}"
