"""Acoustic instruments from a SoundFont, where the extra `soundfonts` and such a file are there."""

from bandmate_plugins._engines.sketch.sound.soundfont.bank import SoundFontBank
from bandmate_plugins._engines.sketch.sound.soundfont.choice import OWN_SYNTHESIS, ChosenBank, choose_bank
from bandmate_plugins._engines.sketch.sound.soundfont.file import DamagedError

__all__ = ["OWN_SYNTHESIS", "ChosenBank", "DamagedError", "SoundFontBank", "choose_bank"]
