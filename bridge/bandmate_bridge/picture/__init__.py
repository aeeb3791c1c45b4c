"""A picture of what `analyse` reports."""

from bandmate_bridge.picture.draw import draw

__all__ = ["draw"]
