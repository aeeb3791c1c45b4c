"""Groups with a name and their seats, from `ensembles.toml`: who plays what of a piece."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from importlib import resources

import msgspec

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.cover.players import (
    ChordVoices,
    CoverBassist,
    CoverDrummer,
    CoverKeys,
    CoverLead,
    CoverPiano,
    CoverSheet,
)
from bandmate_plugins._engines.sketch.players.band import Band, BandPart, Musician
from bandmate_plugins._engines.sketch.words.prompt import ParsedPrompt, fold_term, parse_prompt

Hire = Callable[[], Musician]


class EnsembleSeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One player of a group."""

    title: str
    plays: str
    """`melody`, `voice`, `bass`, `chords`, `piano` (melody and chords) or `drums`."""
    instrument: str = ""
    voice: int = 0
    voices: int = 3
    register: int = 60
    """The MIDI note that it plays around."""
    level: float = 0.0
    """LU next to the others."""
    pan: float = 0.0


class NamedEnsemble(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A group that can be asked for by name."""

    words: tuple[str, ...]
    genre: str
    """What it plays where the prompt names no style."""
    seats: tuple[EnsembleSeat, ...]


@lru_cache(maxsize=1)
def named_ensembles() -> dict[str, NamedEnsemble]:
    """All groups by name."""
    file = resources.files("bandmate_plugins._engines.sketch.cover").joinpath("ensembles.toml")
    return msgspec.toml.decode(file.read_bytes(), type=dict[str, NamedEnsemble])


def match_ensemble(prompt: str) -> tuple[NamedEnsemble | None, ParsedPrompt]:
    """The group that a prompt names, and what the rest of the prompt asks for."""
    found = [
        (len(term), term, group)
        for group in named_ensembles().values()
        for term in map(fold_term, group.words)
        if f" {term} " in f" {fold_term(prompt)} "
    ]
    if not found:
        return None, parse_prompt(prompt)
    _, term, group = max(found, key=lambda one: one[0])
    wish = parse_prompt(_remove_term(prompt, term))
    wish.used.insert(0, term)
    if not wish.genres:
        wish.genres.append(group.genre)
    wish.genre = wish.genres[0]
    return group, wish


def backing_seat(seat: EnsembleSeat) -> EnsembleSeat:
    """A seat that leaves the melody to someone else: it plays a voice of the chords, or all of them."""
    if seat.plays == "piano":
        return msgspec.structs.replace(seat, plays="chords", register=seat.register - 14)
    if seat.plays == "melody":
        return msgspec.structs.replace(seat, plays="voice", voice=-1, voices=3, register=seat.register - 12)
    return seat


def ensemble_parts(
    group: NamedEnsemble, band: Band, sheet: CoverSheet, wish: ParsedPrompt
) -> tuple[BandPart, ...]:
    """The parts of a group; those that the prompt names besides it play along."""
    own = {part.kind: part for part in band.parts}
    made = [
        _drum_part(seat, own["drums"], sheet)
        if seat.plays == "drums"
        else _pitched_part(seat, number, own, sheet)
        for number, seat in enumerate(group.seats)
        if not (seat.plays == "drums" and ("drums" in wish.without or "drums" not in own))
    ]
    drums_named = "drums" in wish.parts or wish.drums or wish.kit
    if drums_named and "drums" in own and all(part.kind != "drums" for part in made):
        made.insert(0, _drum_part(EnsembleSeat(title="Drums", plays="drums"), own["drums"], sheet))
    return tuple(made)


def _remove_term(prompt: str, term: str) -> str:
    """A prompt less a group's name, however it is written; as it is where that cannot be told."""
    words = prompt.split()
    for length in range(len(term.split()), 0, -1):
        for at in range(len(words) - length + 1):
            if fold_term(" ".join(words[at : at + length])) == term:
                return " ".join([*words[:at], *words[at + length :]])
    return prompt


def _drum_part(seat: EnsembleSeat, own: BandPart, sheet: CoverSheet) -> BandPart:
    return BandPart(
        seat.title, "drums", own.role, partial(CoverDrummer, own.hire, sheet), own.sound_name, None,
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
) -> CoverPiano:
    return CoverPiano(
        CoverLead(lead, sheet, instrument, register), CoverKeys(keys, sheet, instrument, register - 14)
    )
