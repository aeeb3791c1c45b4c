"""Whether a SoundFont plays, which one, and what the musician is told about it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bandmate_plugins._engines.sketch.players.band import BandPart
from bandmate_plugins._engines.sketch.sound.soundfont.bank import SoundFontBank, file_sha256
from bandmate_plugins._engines.sketch.sound.soundfont.file import DamagedError
from bandmate_plugins._models.soundfont_places import SETTING, find_soundfonts, soundfont_folders
from bandmate_plugins._platform.installation import how_to_add
from bandmate_protocol.texts import say

OWN_SYNTHESIS = "none"
"""In place of a hash: the engine's own synthesis."""
SHORT_HASH = 12
_MIN_PRESETS = 64
"""A SoundFont found in a folder must have so many instruments: a single piano is no band."""

_KEPT_BANKS = 4
"""The one that plays, and damaged ones before it."""


@dataclass(frozen=True)
class ChosenBank:
    """The bank to play from, or None for the engine's own synthesis; and a sentence if that needs saying."""

    bank: SoundFontBank | None = None
    sentence: str = ""


class _UnusableError(Exception):
    """Raised for a SoundFont that cannot be played from; the text is the beginning of a sentence."""


def choose_bank(wish: str, before: str = "", parts: Sequence[BandPart] = ()) -> ChosenBank:
    """`own`, `soundfont` or `auto`; what was asked for and cannot be had is said, and own synthesis plays.

    `auto` takes the SoundFont that the setting names, else the first in the usual folders, else none.
    `before` is what a piece was played from that is to be played again: a SHA-256, or `OWN_SYNTHESIS` for own
    synthesis. It is taken wherever it lies; if it is not there, another plays and a sentence says so.
    A file that cannot render a note for each of the `parts` is passed over, and the sentence names it.
    """
    if before == OWN_SYNTHESIS and wish != "soundfont":
        return ChosenBank()
    found = _default_bank(wish, parts)
    if not before or before == OWN_SYNTHESIS or (found.bank is not None and found.bank.sha256 == before):
        return found
    same = None if _excludes_soundfonts(wish) else _bank_by_hash(before, parts)
    return same or ChosenBank(found.bank, _substitute_sentence(before, found))


def _extra_missing() -> str:
    return (
        f"SoundFonts need the extra `soundfonts`. {how_to_add('soundfonts')} Until then, the engine uses its "
        "own synthesis."
    )


def _soundfont_setting() -> str:
    return os.environ.get(SETTING, "").strip()


def _excludes_soundfonts(wish: str) -> bool:
    return wish == "own" or (wish == "auto" and _soundfont_setting().lower() == OWN_SYNTHESIS)


def _default_bank(wish: str, parts: Sequence[BandPart]) -> ChosenBank:
    setting = _soundfont_setting()
    if _excludes_soundfonts(wish):
        return ChosenBank()
    asked = wish == "soundfont" or bool(setting)
    if _find_renderer() is None:
        return ChosenBank(None, _extra_missing()) if asked else ChosenBank()
    if setting and setting.lower() != OWN_SYNTHESIS:
        try:
            return ChosenBank(_open_bank(Path(setting).expanduser(), parts))
        except _UnusableError as error:
            return ChosenBank(None, f"{error}, so everything is synthesised.")
    return _first_usable(parts) or _no_bank(asked)


def _first_usable(parts: Sequence[BandPart]) -> ChosenBank | None:
    """The first SoundFont of the usual folders that plays; the sentence names one that does not."""
    unusable = ""
    for path in find_soundfonts(soundfont_folders()):
        try:
            bank = _open_bank(path, parts, _MIN_PRESETS)
        except _UnusableError as error:
            unusable = unusable or str(error)
            continue
        if bank is not None:
            return ChosenBank(bank, f"{unusable}, so {bank.path.name} plays." if unusable else "")
    return ChosenBank(None, f"{unusable}, so everything is synthesised.") if unusable else None


def _no_bank(asked: bool) -> ChosenBank:
    if not asked:
        return ChosenBank()
    places = ", ".join(str(folder) for folder in soundfont_folders()[:3])
    return ChosenBank(
        None, f"There is no SoundFont, so everything is synthesised. Put one into {places}, or set {SETTING}."
    )


def _bank_by_hash(sha256: str, parts: Sequence[BandPart]) -> ChosenBank | None:
    """The SoundFont with that hash, wherever it lies."""
    if _find_renderer() is None:
        return None
    for path in find_soundfonts(soundfont_folders()):
        try:
            about = path.stat()
            if _cached_hash(path, about.st_mtime_ns, about.st_size) == sha256:
                return ChosenBank(_open_bank(path, parts))
        except OSError:
            continue
        except _UnusableError as error:
            return ChosenBank(None, f"{error}, so everything is synthesised.")
    return None


def _substitute_sentence(before: str, found: ChosenBank) -> str:
    if found.bank is None:
        here = found.sentence or "Here everything is synthesised."
    else:
        here = f"Here {found.bank.path.name} ({found.bank.sha256[:SHORT_HASH]}) plays."
    gone = f"It was played from a SoundFont that is not installed ({before[:SHORT_HASH]}), so it sounds different."
    return f"{gone} {here}"


def _open_bank(path: Path, parts: Sequence[BandPart], fewest: int = 0) -> SoundFontBank | None:
    """The bank of a file, or None when it has too few instruments. Raises _UnusableError."""
    try:
        about = path.stat()
        bank = _cached_bank(path, about.st_mtime_ns, about.st_size)
        if len(bank.melodic_programs) < fewest:
            return None
        bank.check_sounds(
            (part.sound_name, sound) for part in parts if (sound := part.instrument or part.kit)
        )
    except (OSError, DamagedError) as error:
        reason = (error.strerror or "it cannot be read") if isinstance(error, OSError) else str(error)
        raise _UnusableError(
            say("The SoundFont {path} cannot be used ({reason})", path=path, reason=reason)
        ) from error
    return bank


@lru_cache(maxsize=_KEPT_BANKS)
def _cached_bank(path: Path, changed: int, size: int) -> SoundFontBank:
    """The bank of a file as it is now."""
    del changed, size
    render = _find_renderer()
    assert render is not None, "looked for before"
    return SoundFontBank(path, render)


@lru_cache(maxsize=32)
def _cached_hash(path: Path, changed: int, size: int) -> str:
    del changed, size
    return file_sha256(path)


@lru_cache(maxsize=1)
def _find_renderer() -> Callable[[bytes, bytes], bytes] | None:
    try:
        from midirenderer import render_wave_from
    except ImportError:
        return None
    render: Callable[[bytes, bytes], bytes] = render_wave_from
    return render
