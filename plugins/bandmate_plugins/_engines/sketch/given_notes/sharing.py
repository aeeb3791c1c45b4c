"""Given notes for an ensemble: who of it plays which of them, and who plays along.

A single line is the melody, which the first player of it has, and the others play along. A single track of chords is
shared by the voices of a string quartet or another group of melody instruments, and is the pianist's in a trio with
drums. Of several tracks, the first is for the first player, and each of the others for who plays in its register.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from statistics import median

import msgspec

from bandmate_plugins._engines.sketch.given_notes.cast import CastPart
from bandmate_plugins._engines.sketch.given_notes.harmony import is_drum_part
from bandmate_plugins._engines.sketch.library import EnsembleSeat
from bandmate_plugins._engines.sketch.players.band import Band, BandPart, group_part
from bandmate_plugins._engines.sketch.players.seats import group_seats, left_hand_seat
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_protocol.messages import GivenPart, Note

_VOICES = frozenset({"melody", "voice", "bass"})
"""What players have in groups that share chords voice by voice."""
_FIRST = ("melody", "piano", "chords", "voice", "bass")
"""Who has the melody, the first of them that is there."""
_CHORDAL = 0.2
"""The share of notes that begin together from which on a track is chords and not a line."""


def shares_notes(parts: Sequence[GivenPart], wish: ParsedPrompt) -> bool:
    """Whether an ensemble has more players than tracks, so that it shares them and plays along."""
    if wish.ensemble is None:
        return False
    seats = group_seats(wish)
    drums = sum(is_drum_part(part) for part in parts)
    pitched = len(parts) - drums
    players = sum(seat.plays != "drums" for seat in seats)
    return 0 < pitched < players or (0 < pitched <= players < len(seats) and not drums)


def share_notes(parts: Sequence[GivenPart], band: Band, wish: ParsedPrompt) -> list[CastPart | BandPart]:
    """The players of an ensemble in their order, those with notes and those that play along."""
    seats = group_seats(wish)
    given = _notes_by_seat(parts, seats)
    cast: list[CastPart | BandPart] = []
    for number, player in enumerate(band.parts):
        if number not in given:
            cast.append(player)
            continue
        if seats[number].plays == "piano" and not is_chordal(given[number]):
            left = group_part(left_hand_seat(seats[number]), number, wish, band.chart)
            player = replace(player, hire=left.hire, plays_beneath=True)
        cast.append(CastPart(player, given[number]))
    return cast


def is_chordal(part: GivenPart) -> bool:
    """Whether many notes of a part begin together."""
    starts = [note.start for note in part.notes]
    return len(starts) - len(set(starts)) > _CHORDAL * len(starts)


def split_voices(part: GivenPart, count: int) -> list[GivenPart]:
    """The notes of chords from the highest voice to the lowest, for so many players.

    Of fewer notes than players, the lowest is for the last player; of more, the last one has all that are left.
    """
    voices: list[list[Note]] = [[] for _ in range(count)]
    ordered = sorted(part.notes, key=lambda note: (note.start, -note.pitch))
    for _, group in groupby(ordered, key=lambda note: note.start):
        chord = list(group)
        for place, note in enumerate(chord):
            is_lowest = len(chord) > 1 and place == len(chord) - 1
            voices[count - 1 if is_lowest else min(place, count - 1)].append(note)
    return [msgspec.structs.replace(part, name="", notes=tuple(voice)) for voice in voices]


def _notes_by_seat(parts: Sequence[GivenPart], seats: Sequence[EnsembleSeat]) -> dict[int, GivenPart]:
    pitched = [part for part in parts if not is_drum_part(part)]
    places = [number for number, seat in enumerate(seats) if seat.plays != "drums"]
    given: dict[int, GivenPart] = {}
    for part in parts:
        drummer = next((n for n, seat in enumerate(seats) if seat.plays == "drums" and n not in given), None)
        if is_drum_part(part) and drummer is not None:
            given[drummer] = part
    if len(pitched) == 1 and is_chordal(pitched[0]) and all(seats[n].plays in _VOICES for n in places):
        ordered = sorted(places, key=lambda n: -seats[n].register)
        voices = split_voices(pitched[0], len(places))
        return given | {n: voice for n, voice in zip(ordered, voices, strict=True) if voice.notes}
    first = min(places, key=lambda n: (_FIRST.index(seats[n].plays), n))
    for number, part in enumerate(pitched):
        free = [n for n in places if n not in given]
        middle = median(note.pitch for note in part.notes)
        near = min(free, key=lambda n: abs(seats[n].register - middle))
        given[near if number else first] = part
    return given
