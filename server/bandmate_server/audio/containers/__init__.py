"""How long audio files are, whatever their headers say of it."""

from bandmate_server.audio.containers.examine import Container, counted, mended
from bandmate_server.audio.containers.ogg import how_it_ends

__all__ = ["Container", "counted", "how_it_ends", "mended"]
