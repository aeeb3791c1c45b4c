"""Acoustic instruments from a SoundFont, where the extra `soundfonts` and such a file are there."""

from bandmate_plugins.sketch.soundfont.bank import Bank
from bandmate_plugins.sketch.soundfont.choice import NONE, Chosen, choose
from bandmate_plugins.sketch.soundfont.file import DamagedError

__all__ = ["NONE", "Bank", "Chosen", "DamagedError", "choose"]
