"""The instrument for a General MIDI program (General MIDI Level 1, programs counted from 0)."""

from __future__ import annotations

from functools import lru_cache

from bandmate_plugins._engines.sketch import library

_FAMILY_SIZE = 8
_STAND_INS = {
    range(1, 4): "piano",
    range(4, 6): "electric_piano",
    range(17, 19): "organ",
    range(28, 29): "clean_guitar",
    range(29, 30): "distorted_guitar",
    range(31, 32): "clean_guitar",
    range(38, 40): "synth_bass",
    range(43, 44): "upright_bass",
    range(44, 46): "strings",
    range(49, 52): "strings",
    range(53, 55): "choir",
    range(55, 56): "brass",
    range(62, 64): "brass",
    range(80, 81): "square_lead",
    range(81, 88): "synth_lead",
    range(88, 96): "warm_pad",
    range(96, 104): "glass_pad",
    range(110, 111): "violin",
    range(111, 112): "oboe",
    range(112, 114): "bells",
    range(115, 119): "timpani",
}
"""What plays programs of which the library has no instrument of its own."""


@lru_cache(maxsize=128)
def instrument_of_program(program: int) -> str | None:
    """The library's instrument of that program, else a stand-in, else the nearest of the family; None for effects."""
    known = {
        one.program: name
        for name, one in reversed(list(library.instruments().items()))
        if one.program is not None
    }
    if program in known:
        return known[program]
    for programs, name in _STAND_INS.items():
        if program in programs:
            return name
    family = [each for each in known if each // _FAMILY_SIZE == program // _FAMILY_SIZE]
    return known[min(family, key=lambda each: abs(each - program))] if family else None
