"""What acoustic instruments are played from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec

from bandmate_plugins._models.soundfont_places import SETTING
from bandmate_plugins._models.soundfonts import KNOWN_SOUNDFONTS
from bandmate_plugins._platform.installation import how_to_add
from bandmate_protocol.texts import say
from bandmate_server.doctor.finding import Finding

_ABOUT = "SoundFont"


def check_soundfonts() -> Iterator[Finding]:
    """Which SoundFont `auto` plays, or how to get one."""
    if find_spec("midirenderer") is None:
        sentence = "The extra `soundfonts` is not installed, so all instruments are synthesised."
        yield Finding(
            "note", _ABOUT, sentence, f"Only if you want sampled instruments: {how_to_add('soundfonts')}"
        )
        return
    from bandmate_plugins._engines.sketch.sound.soundfont import choose_bank

    chosen = choose_bank("auto")
    if chosen.bank is not None:
        said = say("acoustic instruments are played from {path}", path=chosen.bank.path)
        yield Finding(
            "note" if chosen.sentence else "good", _ABOUT, f"{said}. {chosen.sentence}".removesuffix(". ")
        )
    elif chosen.sentence:
        yield Finding(
            "note", _ABOUT, chosen.sentence, say("Correct {setting}, or unset it.", setting=SETTING)
        )
    elif os.environ.get(SETTING):
        yield Finding("good", _ABOUT, say("not used, as {setting} says", setting=SETTING))
    else:
        yield Finding(
            "note", _ABOUT, "None is installed, so all instruments are synthesised.", how_to_install()
        )


def how_to_install() -> str:
    """Sentences that say where SoundFonts come from."""
    packages = " or ".join(f"`apt install {known.package}`" for known in KNOWN_SOUNDFONTS[:3])
    return say(
        "On Debian and Ubuntu: {packages}. Elsewhere, `bandmate models add FILE` takes a SoundFont, and "
        "`bandmate models list` names free ones.",
        packages=packages,
    )
