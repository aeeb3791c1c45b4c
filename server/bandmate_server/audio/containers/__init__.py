"""How long audio files are, whatever their headers say of it."""

from bandmate_server.audio.containers.examine import Container, counted, mended

__all__ = ["Container", "counted", "mended"]
