"""Who plays: the places in a band that a prompt asks for, before anyone sits down."""

from __future__ import annotations

from dataclasses import dataclass, replace

import msgspec

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library import EnsembleSeat, Genre
from bandmate_plugins._engines.sketch.words.decisions import (
    choose_genre,
    choose_instrument,
    part_kinds,
)
from bandmate_plugins._engines.sketch.words.drum_cast import cast_drums
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.prompt import instrument_part

MAX_PARTS = 12
"""Stems of a band."""
_HANDS_APART = 14
"""Semitones between a pianist's hands."""
_SEAT_KINDS = {
    "melody": "lead",
    "voice": "keys",
    "chords": "keys",
    "piano": "keys",
    "bass": "bass",
    "drums": "drums",
}


def planned_stems(wish: ParsedPrompt) -> list[tuple[str, str]]:
    """The names and roles of the stems that a prompt asks for."""
    group = [(seat.title, _seat_role(seat)) for seat in group_seats(wish)]
    return [*group, *((one.title, one.role) for one in assign_seats(wish))][:MAX_PARTS]


@dataclass(frozen=True)
class BandSeat:
    """A place in the band."""

    title: str
    role: str
    kind: str
    number: int
    """Counted among those of its kind."""
    sound: str
    """The name of the instrument or the kit."""
    single_drum: str = ""
    copy: int = 0
    """Which of several of its instrument it is: `two violins`."""
    copies: int = 1


def group_seats(wish: ParsedPrompt) -> list[EnsembleSeat]:
    """Who of the group that a prompt names plays."""
    if wish.ensemble is None:
        return []
    return [
        backing_seat(seat) if wish.backs_melody else seat
        for seat in library.ensembles()[wish.ensemble].seats
        if seat.instrument not in wish.without_instruments
        and not (seat.plays == "drums" and "drums" in wish.without)
        and not (seat.plays == "bass" and "bass" in wish.without)
    ]


def left_hand_seat(seat: EnsembleSeat) -> EnsembleSeat:
    """The seat of a pianist who plays the chords only."""
    return msgspec.structs.replace(seat, plays="chords", register=seat.register - _HANDS_APART)


def backing_seat(seat: EnsembleSeat) -> EnsembleSeat:
    """A seat that leaves the melody to someone else: it plays a voice of the chords, or all of them."""
    if seat.plays == "piano":
        return left_hand_seat(seat)
    if seat.plays == "melody":
        return msgspec.structs.replace(seat, plays="voice", voice=-1, voices=3, register=seat.register - 12)
    return seat


def seat_kind(seat: EnsembleSeat) -> str:
    """The kind of part that a player of a group plays: `drums`, `bass`, `keys` or `lead`."""
    return _SEAT_KINDS[seat.plays]


def _seat_role(seat: EnsembleSeat) -> str:
    return "drums" if seat.plays == "drums" else library.instruments()[seat.instrument].role


def assign_seats(wish: ParsedPrompt) -> list[BandSeat]:
    """The places besides those of a group."""
    genre = choose_genre(wish)
    group = group_seats(wish)
    in_group = {seat.instrument for seat in group}
    seats: list[BandSeat] = []
    for kind in part_kinds(wish):
        if kind == "drums":
            grouped = any(seat.plays == "drums" for seat in group)
            seats += [seat for seat in _drum_seats(wish, genre) if seat.single_drum or not grouped]
            continue
        asked = [name for name in wish.instruments if instrument_part(wish, name) == kind]
        asked = [name for name in asked if name not in in_group]
        usual = None if wish.ensemble else choose_instrument(wish, genre, kind)
        for number, name in enumerate(asked or ([usual] if usual else [])):
            seats += _instrument_seats(name, kind, number, wish)
    return seats[: MAX_PARTS - len(group)]


def _instrument_seats(name: str, kind: str, number: int, wish: ParsedPrompt) -> list[BandSeat]:
    """A place for each of an instrument; the second that plays chords has the melody, if nobody else has."""
    instrument, copies = library.instruments()[name], _copies(name, kind, wish)
    seats = [
        BandSeat(
            instrument.title if copy == 0 else f"{instrument.title} {copy + 1}",
            instrument.role, kind, number + copy, name, copy=copy, copies=copies,
        )
        for copy in range(copies)
    ]  # fmt: skip
    if kind == "keys" and copies > 1 and "lead" not in part_kinds(wish):
        seats[1] = replace(seats[1], kind="lead", number=0)
    return seats


def _copies(name: str, kind: str, wish: ParsedPrompt) -> int:
    """How many play an instrument in the seats of a kind; the style's lead guitar is one of a band's two guitars."""
    count = wish.counts.get(name, 1)
    if count > 1 and kind == "keys" and "lead" in part_kinds(wish):
        leads = [one for one in wish.instruments if instrument_part(wish, one) == "lead"]
        usual = choose_instrument(wish, choose_genre(wish), "lead")
        families = library.word_lists().families.values()
        if not leads and any({name, usual} <= set(family) for family in families):
            return count - 1
    return count


def _drum_seats(wish: ParsedPrompt, genre: Genre) -> list[BandSeat]:
    """The whole kit, single drums, or both."""
    cast = cast_drums(wish)
    kit = [BandSeat("Drums", "drums", "drums", 0, wish.kit or genre.drums.kit)] if cast.kit else []
    return [*kit, *(_single_drum_seat(name, wish, genre) for name in cast.alone)]


def _single_drum_seat(name: str, wish: ParsedPrompt, genre: Genre) -> BandSeat:
    drum = library.single_drums()[name]
    sound = drum.instrument or wish.drum_kits.get(name) or drum.kit or wish.kit or genre.drums.kit
    return BandSeat(drum.title, drum.role, "drums", 0, sound, name)
