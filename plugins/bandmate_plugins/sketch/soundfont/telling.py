"""What the musician and programs are told about where the sound came from."""

from __future__ import annotations

from typing import Any

from bandmate_plugins.sketch.band import Band
from bandmate_plugins.sketch.prompt import Wish
from bandmate_plugins.sketch.soundfont.choice import Chosen

_SHORT_HASH = 12


def wished_sound(params: Any, wish: Wish) -> str:
    """`auto`, `own` or `soundfont`: the parameter, else the prompt's word."""
    said = str(getattr(params, "sound", "auto"))
    return said if said != "auto" else wish.sound or "auto"


def sound_remarks(band: Band, chosen: Chosen) -> list[str]:
    """Which SoundFont played what, or why none did."""
    if chosen.bank is None:
        return [chosen.sentence] if chosen.sentence else []
    played = _played(band, chosen)
    if not played:
        return []
    which = f"{chosen.bank.path.name} ({chosen.bank.sha256[:_SHORT_HASH]})"
    own = [part.name for part in band.parts if part.name not in played]
    rest = f"; own synthesis: {', '.join(own)}" if own else ""
    return [f"From the SoundFont {which}: {', '.join(played)}{rest}."]


def sound_report(band: Band, chosen: Chosen) -> dict[str, Any]:
    """The same for programs."""
    played = _played(band, chosen)
    if chosen.bank is None or not played:
        return {"sound": "own"}
    return {
        "sound": "soundfont",
        "soundfont": {"file": chosen.bank.path.name, "sha256": chosen.bank.sha256, "parts": played},
    }


def _played(band: Band, chosen: Chosen) -> list[str]:
    bank = chosen.bank
    if bank is None:
        return []
    found = []
    for part in band.parts:
        sound = part.instrument or part.kit
        if sound is not None and bank.has(sound):
            found.append(part.name)
    return found
