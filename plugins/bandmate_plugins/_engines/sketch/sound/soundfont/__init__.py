"""Acoustic instruments from a SoundFont, where the extra `soundfonts` and such a file are there."""

from bandmate_plugins._engines.sketch.sound.soundfont.bank import Bank
from bandmate_plugins._engines.sketch.sound.soundfont.choice import NONE, Chosen, choose
from bandmate_plugins._engines.sketch.sound.soundfont.file import DamagedError

__all__ = ["NONE", "Bank", "Chosen", "DamagedError", "choose"]
