"""How long audio files are, whatever their headers say of it."""

from bandmate_server.audio.containers.examine import AudioContainer, counted, mended
from bandmate_server.audio.containers.ogg import ogg_end_problem

__all__ = ["AudioContainer", "counted", "mended", "ogg_end_problem"]
