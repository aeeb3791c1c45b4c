"""How long audio files are, whatever their headers say of it."""

from bandmate_server.audio.containers.examine import AudioContainer, counted_container, mended_container
from bandmate_server.audio.containers.ogg import ogg_end_problem

__all__ = ["AudioContainer", "counted_container", "mended_container", "ogg_end_problem"]
