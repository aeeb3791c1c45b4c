"""Who plays given notes: the players of the prompt, in turn, or one seat of its band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.given_notes.harmony import is_drum_part
from bandmate_plugins._engines.sketch.given_notes.programs import instrument_of_program
from bandmate_plugins._engines.sketch.players.band import Band, BandPart, seat_part
from bandmate_plugins._engines.sketch.players.seats import MAX_PARTS, BandSeat
from bandmate_plugins._engines.sketch.words.decisions import PARTS, choose_instrument
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._tasks.given_notes import NotesUse
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import GivenPart
from bandmate_protocol.texts import say

SEAT_KINDS: dict[NotesUse, str] = {"melody": "lead", "chords": "keys", "bass": "bass", "drums": "drums"}
_LOW_MIDDLE = 45
"""Parts whose middle note is below this (A2) are played by the style's bass if the prompt names nobody."""


@dataclass(frozen=True)
class CastPart:
    """A player with the notes that are given to it."""

    player: BandPart
    given: GivenPart


def named_players(band: Band, wish: ParsedPrompt) -> list[BandPart]:
    """The pitched players that a prompt names, in its order; none where it only names a style.

    A tuned drum, such as timpani, is one of them.
    """
    tuned = [part for part in band.parts if part.instrument is not None and part.kind == "drums"]
    pitched = [part for part in band.parts if part.instrument is not None and part.kind != "drums"]
    if wish.ensemble or (wish.parts and not wish.instruments):
        return [*pitched, *tuned]
    order = {name: number for number, name in enumerate(wish.instruments)}
    named = [part for part in pitched if part.sound_name in order]
    return [*sorted(named, key=lambda part: order[part.sound_name]), *tuned]


def cast_only(parts: Sequence[GivenPart], band: Band, wish: ParsedPrompt) -> list[CastPart]:
    """Players for parts that are played without a band.

    The players that the prompt names take the pitched parts in turn, the last one all that are left; a single
    part is played by all of them. Where it names none, the General MIDI program of a part decides, else the
    style. Drums are played by the kit, and so is everything if the prompt names drums alone.
    """
    named = named_players(band, wish)
    drums_only = not named and bool(wish.drums or wish.kit or "drums" in wish.parts)
    drums = [part for part in parts if drums_only or is_drum_part(part)]
    pitched = [part for part in parts if part not in drums]
    if "drums" in wish.without:
        drums = []
    cast: list[CastPart] = []
    if len(pitched) == 1 and named and not wish.ensemble:
        cast += [CastPart(player, pitched[0]) for player in named]
    else:
        for number, part in enumerate(pitched):
            player = named[min(number, len(named) - 1)] if named else _usual_player(part, band, wish)
            cast.append(CastPart(player, part))
    kit = _kit_player(band, wish)
    return _apart([*cast, *(CastPart(kit, part) for part in drums)])[:MAX_PARTS]


def seat_in_band(parts: Sequence[GivenPart], use: NotesUse, band: Band, wish: ParsedPrompt) -> CastPart:
    """The one player of a band that has the given part.

    Raises RequestError (`bad_params`) for several parts.
    """
    if len(parts) > 1:
        names = ", ".join(part.name or f"part {number}" for number, part in enumerate(parts, 1))
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            say("{count} parts are given, but only one can be the {use}: {names}.",
                count=len(parts), use=use, names=names),
            "Choose one of them, such as with --midi-track, or play only the notes.",
        )  # fmt: skip
    kind, part = SEAT_KINDS[use], parts[0]
    there = next((one for one in band.parts if one.kind == kind and not one.single_drum), None)
    if there is None:
        there = _kit_player(band, wish) if kind == "drums" else _style_player(kind, band, wish)
    by_program = _program_instrument(part) if kind != "drums" and not _is_named(there, wish) else None
    if by_program is not None:
        made = seat_part(_seat(by_program, kind), wish, band.chart, None)
        there = replace(made, level=there.level, channel=there.channel)
    return CastPart(there, part)


def with_seated(band: Band, played: BandPart, use: NotesUse) -> Band:
    """A band in which a given part is played; it takes the place of the first player of its kind."""
    kind, parts = SEAT_KINDS[use], list(band.parts)
    place = next((at for at, one in enumerate(parts) if one.kind == kind and not one.single_drum), None)
    if place is not None:
        parts[place] = played
    else:
        order = PARTS.index(kind)
        place = sum(PARTS.index(one.kind) <= order for one in parts)
        parts.insert(place, played)
    return replace(band, parts=tuple(parts[:MAX_PARTS]))


def _is_named(player: BandPart, wish: ParsedPrompt) -> bool:
    return player.sound_name in wish.instruments or wish.ensemble is not None


def _apart(cast: Sequence[CastPart]) -> list[CastPart]:
    """Each player on a channel of its own, and softer where several play the same instrument."""
    found: list[CastPart] = []
    channel = 0
    for one in cast:
        if one.player.kit is None:
            one = replace(one, player=replace(one.player, channel=channel))
            channel = (channel + (2 if channel == 8 else 1)) % 16
        found.append(one)
    return found


def _usual_player(part: GivenPart, band: Band, wish: ParsedPrompt) -> BandPart:
    name = _program_instrument(part)
    if name is not None:
        return seat_part(_seat(name, library.instruments()[name].part), wish, band.chart, None)
    pitches = sorted(note.pitch for note in part.notes)
    low = bool(pitches) and pitches[len(pitches) // 2] < _LOW_MIDDLE
    return _style_player("bass" if low else "keys", band, wish)


def _style_player(kind: str, band: Band, wish: ParsedPrompt) -> BandPart:
    """Who plays a kind of part in the style."""
    there = next((part for part in band.parts if part.kind == kind), None)
    if there is not None:
        return there
    genre = band.chart.genre
    line = {"bass": genre.bass, "keys": genre.keyboard, "lead": genre.lead}[kind]
    name = choose_instrument(wish, genre, kind) or line.instrument
    return seat_part(_seat(name, kind), wish, band.chart, None)


def _kit_player(band: Band, wish: ParsedPrompt) -> BandPart:
    there = next((part for part in band.parts if part.kind == "drums" and not part.single_drum), None)
    if there is not None:
        return there
    kit = wish.kit or band.chart.genre.drums.kit
    return seat_part(BandSeat("Drums", "drums", "drums", 0, kit), wish, band.chart, None)


def _seat(name: str, kind: str) -> BandSeat:
    instrument = library.instruments()[name]
    return BandSeat(instrument.title, instrument.role, kind, 0, name)


def _program_instrument(part: GivenPart) -> str | None:
    """The instrument for a part's General MIDI program; None without one."""
    if part.program is None or is_drum_part(part):
        return None
    return instrument_of_program(part.program)
