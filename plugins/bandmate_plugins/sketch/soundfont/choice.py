"""Whether a SoundFont plays, which one, and what the musician is told about it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bandmate_plugins.sketch.soundfont.bank import Bank
from bandmate_plugins.sketch.soundfont.file import DamagedError
from bandmate_plugins.sketch.soundfont.find import SETTING, candidates, folders

_EXTRA = "The extra `soundfonts` is not installed (pip install 'bandmate[server,soundfonts]')"
_FEWEST_PRESETS = 64
"""A SoundFont found in a folder must have so many instruments: a single piano is no band."""


@dataclass(frozen=True)
class Chosen:
    """The bank to play from, or None for the engine's own synthesis; and a sentence if that needs saying."""

    bank: Bank | None = None
    sentence: str = ""


def choose(wish: str) -> Chosen:
    """`own`, `soundfont` or `auto`; what was asked for and cannot be had is said, and own synthesis plays.

    `auto` takes the SoundFont that the musician chose, by the setting or by putting it into Bandmate's own
    folder. One that merely came with the system is taken when a SoundFont is asked for: it would make
    the music depend on the machine, and its start slow, for someone who never wanted it.
    """
    setting = os.environ.get(SETTING, "").strip()
    if wish == "own" or (wish == "auto" and setting.lower() == "none"):
        return Chosen()
    asked = wish == "soundfont" or bool(setting)
    render = _renderer()
    if render is None:
        return Chosen(None, f"{_EXTRA}, so it is all own synthesis.") if asked else Chosen()
    if setting and setting.lower() != "none":
        return _opened(Path(setting).expanduser())
    for path in candidates(folders() if asked else folders()[:1]):
        found = _opened(path)
        if found.bank is not None and len(found.bank.melodic) >= _FEWEST_PRESETS:
            return found
    if not asked:
        return Chosen()
    places = ", ".join(str(folder) for folder in folders()[:3])
    return Chosen(
        None, f"There is no SoundFont, so it is all own synthesis. Put one into {places}, or set {SETTING}."
    )


def _opened(path: Path) -> Chosen:
    try:
        about = path.stat()
        return Chosen(_bank(path, about.st_mtime_ns, about.st_size))
    except (OSError, DamagedError) as error:
        reason = (error.strerror or "it cannot be read") if isinstance(error, OSError) else str(error)
        return Chosen(None, f"The SoundFont {path} cannot be used ({reason}), so it is all own synthesis.")


@lru_cache(maxsize=2)
def _bank(path: Path, changed: int, size: int) -> Bank:
    """The bank of a file as it is now."""
    del changed, size
    render = _renderer()
    assert render is not None, "looked for before"
    return Bank(path, render)


@lru_cache(maxsize=1)
def _renderer() -> Callable[[bytes, bytes], bytes] | None:
    try:
        from midirenderer import render_wave_from
    except ImportError:
        return None
    render: Callable[[bytes, bytes], bytes] = render_wave_from
    return render
