"""Who of a group with a name (`library.ensembles`) plays what of a recording."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import msgspec

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.cover.players import (
    ChordVoices,
    CoverBassist,
    CoverDrummer,
    CoverKeys,
    CoverLead,
    CoverSheet,
    CoverSingleDrum,
)
from bandmate_plugins._engines.sketch.library import EnsembleSeat, NamedEnsemble
from bandmate_plugins._engines.sketch.players.band import Band, BandPart
from bandmate_plugins._engines.sketch.players.musician import Musician
from bandmate_plugins._engines.sketch.players.two_hands import TwoHands
from bandmate_plugins._engines.sketch.words.drum_cast import silent_drums
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt

Hire = Callable[[], Musician]


def match_ensemble(prompt: str) -> tuple[NamedEnsemble | None, ParsedPrompt]:
    """The group that a prompt names, if any, and all that the prompt asks for."""
    wish = parse_prompt(prompt)
    return library.ensembles()[wish.ensemble] if wish.ensemble else None, wish


def whole_band(group: NamedEnsemble, wish: ParsedPrompt) -> ParsedPrompt:
    """The wish for a whole band, for a group to take its players from; single drums play with any group."""
    drummer = any(seat.plays == "drums" for seat in group.seats) or "drums" in wish.parts or wish.kit
    without = wish.without if drummer else wish.without | {"drums"}
    return replace(wish, instruments=[], parts=[], assigned={}, band=True, ensemble=None, without=without)


def ensemble_parts(
    group: NamedEnsemble, band: Band, sheet: CoverSheet, wish: ParsedPrompt
) -> tuple[BandPart, ...]:
    """The parts of a group; those that the prompt names besides it play along."""
    own = {part.kind: part for part in band.parts if not part.single_drum}
    made = [
        _drum_part(seat, own["drums"], sheet, wish)
        if seat.plays == "drums"
        else _pitched_part(seat, number, own, sheet)
        for number, seat in enumerate(group.seats)
        if not (seat.plays == "drums" and ("drums" in wish.without or "drums" not in own))
    ]
    drums_named = "drums" in wish.parts or wish.kit
    if drums_named and "drums" in own and all(part.kind != "drums" for part in made):
        made.insert(0, _drum_part(EnsembleSeat(title="Drums", plays="drums"), own["drums"], sheet, wish))
    singles = [part for part in band.parts if part.single_drum]
    return (*made, *(replace(part, hire=partial(CoverSingleDrum, part.hire, sheet)) for part in singles))


def _drum_part(seat: EnsembleSeat, own: BandPart, sheet: CoverSheet, wish: ParsedPrompt) -> BandPart:
    hire = partial(CoverDrummer, own.hire, sheet, silent_drums(wish))
    return BandPart(
        seat.title, "drums", own.role, hire, own.sound_name, None,
        own.kit, own.level + seat.level, 9,
    )  # fmt: skip


def _pitched_part(seat: EnsembleSeat, number: int, own: dict[str, BandPart], sheet: CoverSheet) -> BandPart:
    instrument = msgspec.structs.replace(library.instruments()[seat.instrument], pan=seat.pan)
    lead, keys, bass = (own[kind].hire if kind in own else None for kind in ("lead", "keys", "bass"))
    register = seat.register
    hire: Hire
    if seat.plays == "melody":
        hire = partial(CoverLead, lead, sheet, instrument, register)
    elif seat.plays == "voice":
        hire = partial(ChordVoices, sheet, instrument, register, seat.voices, seat.voice)
    elif seat.plays == "chords":
        hire = partial(CoverKeys, keys, sheet, instrument, register)
    elif seat.plays == "piano":
        hire = partial(_make_pianist, lead, keys, sheet, instrument, register)
    else:
        assert bass is not None, "a band has a bass"
        hire = partial(CoverBassist, bass, sheet, instrument)
    kind = "bass" if seat.plays == "bass" and instrument.part == "bass" else "lead"
    channel = number if number < 9 else number + 1
    return BandPart(
        seat.title, kind, instrument.role, hire, seat.instrument, instrument, None, seat.level, channel
    )


def _make_pianist(
    lead: Hire | None, keys: Hire | None, sheet: CoverSheet, instrument: library.Instrument, register: int
) -> TwoHands:
    return TwoHands(
        CoverLead(lead, sheet, instrument, register), CoverKeys(keys, sheet, instrument, register - 14)
    )
