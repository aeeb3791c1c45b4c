"""How loud a band or its parts are beside other audio: one table for `generate` and `accompany`."""

from __future__ import annotations

import math
from dataclasses import replace

from bandmate_plugins._engines.sketch.players.band import Band, BandPart
from bandmate_plugins._engines.sketch.words.loudness import LoudnessWish

MAX_LUFS, MIN_LUFS = -8.0, -60.0
_BACKING_LU = -2.0
"""How loud a whole band is, relative to the audio that it plays along with."""
_PART_LU = {"drums": -5.0, "bass": -6.0, "keys": -9.0, "lead": -6.0, "percussion": -14.0}
"""How loud single parts are, relative to the mix that they are added to."""
_SOLO_LU = 3.0
"""How much louder single parts are beside one other part than beside a mix."""


def place_band(band: Band, *, named: bool, beside_solo: bool = False) -> tuple[float, Band]:
    """How loud a band is relative to the audio beside it, in LU, and the band with the levels of its parts.

    `named`: the prompt names the parts that play, rather than a style or a band.
    """
    if not named:
        return _BACKING_LU, band
    more = _SOLO_LU if beside_solo else 0.0
    levels = [_part_level(part) + more + part.asked_lu for part in band.parts]
    parts = tuple(replace(part, level=level) for part, level in zip(band.parts, levels, strict=True))
    return 10 * math.log10(sum(10 ** (level / 10) for level in levels)), replace(band, parts=parts)


def target_loudness(beside_lufs: float | None, place_lu: float, own_lufs: float, asked_lu: float) -> float:
    """The loudness to play at, in LUFS.

    `beside_lufs` is that of the other audio, None where there is none or where it is not to be matched;
    `own_lufs` is the loudness without it; `asked_lu` is what the musician adds or takes away.
    """
    lufs = own_lufs if beside_lufs is None else beside_lufs + place_lu
    return min(max(lufs + asked_lu, MIN_LUFS), MAX_LUFS)


def level_remarks(wish: LoudnessWish, *, is_beside: bool) -> list[str]:
    """That a word for the level has no effect where nothing else plays."""
    if is_beside or not wish.words:
        return []
    return [f"No other audio sets the level, so {', '.join(wish.words)} does not change it; --level does."]


def _part_level(part: BandPart) -> float:
    if part.kind == "drums" and part.role != "drums":
        return _PART_LU["percussion"]
    return _PART_LU.get(part.role, _PART_LU[part.kind])
