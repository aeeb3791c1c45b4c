"""Acoustic instruments from a SoundFont, where the extra `soundfonts` and such a file are there."""

from bandmate_plugins.sketch.soundfont.bank import Bank
from bandmate_plugins.sketch.soundfont.choice import Chosen, choose

__all__ = ["Bank", "Chosen", "choose"]
