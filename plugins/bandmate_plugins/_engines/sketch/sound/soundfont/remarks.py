"""What the musician and programs are told about where the sound came from."""

from __future__ import annotations

from typing import Any

from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.players.band import Band
from bandmate_plugins._engines.sketch.sound.soundfont.choice import OWN_SYNTHESIS, SHORT_HASH, ChosenBank
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._tasks.repaint import SourceJob
from bandmate_plugins.outputs import RECIPE
from bandmate_protocol.texts import say


def requested_sound(sound: str, wish: ParsedPrompt) -> str:
    """`auto`, `own` or `soundfont`: the option, else the prompt's word."""
    return sound if sound != "auto" else wish.sound or "auto"


def earlier_soundfont(options: SketchOptions, recipe: SourceJob | None) -> str:
    """What a repaint, or the recording that it goes into, was played from before; as `choose_bank` takes it."""
    return options.soundfont or (recipe.soundfont if recipe is not None else "")


def sound_remarks(band: Band, chosen: ChosenBank) -> list[str]:
    """Which SoundFont played what, or why none did, or not the one of before."""
    said = [chosen.sentence] if chosen.sentence else []
    if chosen.bank is None:
        return said
    played = _parts_from_bank(band, chosen)
    if not played:
        return []
    if chosen.bank.fault:
        said.append(
            say(
                "The SoundFont {path} is damaged ({fault}), so the engine's own synthesis took over.",
                path=chosen.bank.path,
                fault=chosen.bank.fault,
            )
        )
    which = f"{chosen.bank.path.name} ({chosen.bank.sha256[:SHORT_HASH]})"
    own = [part.name for part in band.parts if part.name not in played]
    rest = f"; synthesised: {', '.join(own)}" if own else ""
    return [
        *said,
        say("From the SoundFont {which}: {names}{rest}.", which=which, names=", ".join(played), rest=rest),
    ]


def sound_report(band: Band, chosen: ChosenBank) -> dict[str, Any]:
    """The same for programs; the recipe holds what a redo has to play from."""
    played = _parts_from_bank(band, chosen)
    if chosen.bank is None or not played:
        return {"sound": "own", RECIPE: {"soundfont": OWN_SYNTHESIS}}
    return {
        RECIPE: {"soundfont": chosen.bank.sha256},
        "sound": "soundfont",
        "soundfont": {"file": chosen.bank.path.name, "sha256": chosen.bank.sha256, "parts": played},
    }


def _parts_from_bank(band: Band, chosen: ChosenBank) -> list[str]:
    bank = chosen.bank
    if bank is None:
        return []
    found = []
    for part in band.parts:
        sound = part.instrument or part.kit
        if sound is not None and bank.has_sound(sound):
            found.append(part.name)
    return found
