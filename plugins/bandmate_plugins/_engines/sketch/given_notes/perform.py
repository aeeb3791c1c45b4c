"""A band with given notes in it, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from bandmate_plugins._engines.sketch.accompany.giving_room import avoid_register
from bandmate_plugins._engines.sketch.given_notes.cast import (
    SEAT_KINDS,
    CastPart,
    cast_only,
    seat_in_band,
    with_seated,
)
from bandmate_plugins._engines.sketch.given_notes.harmony import GivenHarmony, with_note_harmony
from bandmate_plugins._engines.sketch.given_notes.playing import humanise_notes, playable_notes
from bandmate_plugins._engines.sketch.given_notes.sharing import share_notes, shares_notes
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.performance.remarks import join_words
from bandmate_plugins._engines.sketch.players.band import Band, BandPart
from bandmate_plugins._engines.sketch.players.chart import Chart
from bandmate_plugins._engines.sketch.players.seats import group_seats, seat_kind
from bandmate_plugins._engines.sketch.sound.channel import MAX_WRITTEN_SECONDS
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.prompt import instrument_part
from bandmate_plugins._tasks.generate import GenerateParams
from bandmate_plugins._tasks.given_notes import NotesUse
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.request import TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import NOTES_OFF, GivenPart, Note
from bandmate_protocol.texts import say


@dataclass(frozen=True)
class GivenNotesWish:
    """What is to be done with the notes of a request."""

    parts: tuple[GivenPart, ...]
    use: NotesUse
    """Of all parts that say nothing else."""
    humanise: bool
    is_shared: bool = False
    """Whether an ensemble plays them that has more players than there are tracks."""

    @property
    def is_empty(self) -> bool:
        """There are none to be played."""
        return self.use == NOTES_OFF or not self.parts

    @property
    def is_exact(self) -> bool:
        """All that is played is given, so that nothing is left to chance."""
        return self.use == "only" and not self.humanise and not self.is_empty and not self.is_shared

    def use_of(self, part: GivenPart) -> NotesUse:
        """What a part is."""
        return part.use if part.use in SEAT_KINDS else self.use

    def parts_used(self, use: NotesUse) -> list[GivenPart]:
        """The parts that are of one use."""
        return [part for part in self.parts if self.use_of(part) == use]

    @property
    def uses(self) -> list[NotesUse]:
        """All uses of the parts, in their order."""
        return list(dict.fromkeys(self.use_of(part) for part in self.parts))

    @property
    def needs_chords(self) -> bool:
        """Whether somebody plays along with the notes."""
        return self.use != "only" or self.is_shared

    @property
    def middle(self) -> float | None:
        """The MIDI note around which a given melody lies, which others keep away from; else None."""
        if self.is_empty:
            return None
        leading = [part for part in self.parts if self.use_of(part) in ("melody", "along")]
        pitches = sorted(note.pitch for part in leading for note in part.notes)
        return float(pitches[len(pitches) // 2]) if pitches else None

    def adapt_chart(self, adapt: Callable[[Chart], Chart]) -> Callable[[Chart], Chart]:
        """What changes a chart, and has the keys keep away from a given melody as well."""
        middle = self.middle
        if middle is None:
            return adapt

        def adapt_to_melody(chart: Chart) -> Chart:
            chart = adapt(chart)
            return replace(chart, genre=avoid_register(chart.genre, middle))

        return adapt_to_melody


def given_notes(request: TaskRequest[GenerateParams, SketchOptions], wish: ParsedPrompt) -> GivenNotesWish:
    """The notes of a request, and what they are in it; a wish for players along with a melody is changed to that."""
    parts, use = request.timeline.parts, request.params.notes
    shared = use == "only" and shares_notes(parts, wish)
    if use == "along" or (use == "melody" and wish.ensemble and not _has_melody_seat(wish)):
        wish.backs_melody = True
    if use == "along" and "lead" not in {
        *wish.parts,
        *(instrument_part(wish, one) for one in wish.instruments),
    }:
        wish.without.add("lead")
    return GivenNotesWish(parts, use, request.options.humanise, shared)


def _has_melody_seat(wish: ParsedPrompt) -> bool:
    return any(seat_kind(seat) == "lead" for seat in group_seats(wish))


def note_harmony(request: TaskRequest[GenerateParams, SketchOptions], given: GivenNotesWish) -> GivenHarmony:
    """The timeline of a request with the key and chords of its notes, where it has no others."""
    if given.is_empty or given.uses == ["drums"]:
        return GivenHarmony(request.timeline)
    tonal = tuple(part for part in given.parts if given.use_of(part) != "drums")
    found = with_note_harmony(
        msgspec.structs.replace(request.timeline, parts=tonal), needs_chords=given.needs_chords
    )
    return replace(found, timeline=msgspec.structs.replace(found.timeline, parts=given.parts))


@dataclass(frozen=True)
class GivenNotesBand:
    """A band that plays given notes."""

    band: Band
    remarks: tuple[str, ...] = ()
    report: dict[str, Any] = field(default_factory=dict)


def play_given_notes(
    given: GivenNotesWish, band: Band, wish: ParsedPrompt, music: MusicalRange
) -> GivenNotesBand:
    """Puts the notes into a band, or in place of it, as the request asks.

    Raises RequestError (`bad_params`) where nobody can play any of them.
    """
    if given.use == "along":
        count = sum(len(part.notes) for part in given.parts)
        sentence = say(
            "The band plays along with your {count} notes, which are not played themselves.", count=count
        )
        return GivenNotesBand(band, (sentence,), {"notes_as": given.use})
    if given.is_shared:
        seated = share_notes(given.parts, band, wish)
    elif given.use == "only":
        seated = list(cast_only(given.parts, band, wish))
    else:
        seated = [seat_in_band(given.parts_used(use), use, band, wish) for use in given.uses]
    said: list[str] = []
    played = _write_parts(seated, given, band, music, said)
    if not played:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            " ".join(["None of the notes can be played.", *said]),
            "Choose another part, or other instruments.",
        )
    said += _left_out(given, [one.given for one in seated if isinstance(one, CastPart)])
    if given.use == "only":
        along = [one for one in seated if isinstance(one, BandPart)]
        made = replace(band, parts=tuple(_in_order(seated, played)))
    else:
        along, made = [], band
        for use in given.uses:
            seat = next((part for part in played if part.kind == SEAT_KINDS[use]), None)
            made = with_seated(made, seat, use) if seat is not None else made
    how = "with small differences of time and strength" if given.humanise else "exactly as they are written"
    who = "; ".join(_player_text(part) for part in played)
    sentences = [say("Your notes are played {how}: {who}.", how=how, who=who)]
    if along:
        sentences.append(
            say("The others play along: {names}.", names=join_words([one.name for one in along]))
        )
    report = [
        {"part": part.name, "sound": part.sound_name, "notes": len(part.written or ())} for part in played
    ]
    return GivenNotesBand(
        made, (*sentences, *said), {"given_notes": report, "notes_as": ", ".join(given.uses)}
    )


def _in_order(seated: Sequence[CastPart | BandPart], played: Sequence[BandPart]) -> Iterator[BandPart]:
    """The players in the order of their seats: those with notes, as far as they can play any, and the others."""
    channels = {part.channel: part for part in played}
    for one in seated:
        if isinstance(one, BandPart):
            yield one
        elif one.player.channel in channels:
            yield channels[one.player.channel]


def _left_out(given: GivenNotesWish, used: Sequence[GivenPart]) -> list[str]:
    if given.is_shared:
        return []
    left_out = [part.name or "drums" for part in given.parts if not any(part is one for one in used)]
    return (
        [say("Left out, as nobody plays it here: {names}.", names=join_words(left_out))] if left_out else []
    )


def _write_parts(
    seated: Sequence[CastPart | BandPart],
    given: GivenNotesWish,
    band: Band,
    music: MusicalRange,
    said: list[str],
) -> list[BandPart]:
    """The players with their notes. Adds to what is said."""
    casts = [one for one in seated if isinstance(one, CastPart)]
    others = [one for one in seated if isinstance(one, BandPart)]
    others += [] if given.use == "only" else _other_players(band, given.uses)
    played: list[BandPart] = []
    for one in casts:
        doubled = sum(other.given is one.given for other in casts) > 1
        name = one.player.name if doubled or given.is_shared else one.given.name or one.player.name
        part = _written_part(_free_name(name, [*played, *others]), one, given, band, music, said)
        if part is not None:
            played.append(part)
    return played


def _other_players(band: Band, uses: Sequence[NotesUse]) -> list[BandPart]:
    """The players beside those that have the given notes."""
    there = [
        next((one for one in band.parts if one.kind == SEAT_KINDS[use] and not one.single_drum), None)
        for use in uses
    ]
    return [one for one in band.parts if not any(one is seated for seated in there)]


def _player_text(part: BandPart) -> str:
    sound = part.instrument.title if part.instrument is not None else part.kit.title if part.kit else ""
    return f"{part.name} ({len(part.written or ())} notes) by the {sound.lower()}"


def _free_name(name: str, others: Sequence[BandPart]) -> str:
    taken = {part.name for part in others}
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} {number}"
    return free


def _written_part(
    name: str, seated: CastPart, given: GivenNotesWish, band: Band, music: MusicalRange, said: list[str]
) -> BandPart | None:
    """The player with its notes; None where it can play none of them. Adds to what is said."""
    player = seated.player
    made = playable_notes(seated.given.notes, music.frames, player.channel)
    if made.outside_range:
        said.append(say("{name}: left out, or cut at the end of the range: {count} of {all} notes.",
                        name=name, count=made.outside_range, all=len(seated.given.notes)))  # fmt: skip
    if made.unknown_drums:
        numbers = ", ".join(map(str, made.unknown_drums[:12]))
        said.append(say("{name}: no drum has these note numbers, so they are left out: {numbers}.",
                        name=name, numbers=numbers))  # fmt: skip
    if not made.notes:
        return None
    said += _unusual_notes(name, player, made.notes, music.sample_rate)
    notes = made.notes
    if given.humanise:
        notes = humanise_notes(
            notes, music.frames, music.sample_rate, band.chart.random_for("humanise", name, player.sound_name)
        )
    return replace(player, name=name, written=notes, bars=())


def _unusual_notes(name: str, player: BandPart, notes: Sequence[Note], rate: int) -> list[str]:
    """What is said of notes that the player has but that are not usual for it."""
    instrument, said = player.instrument, list[str]()
    if instrument is None:
        return said
    outside = sum(not instrument.low <= note.pitch <= instrument.high for note in notes)
    if outside:
        said.append(
            say(
                "{name}: beyond the usual range of the {instrument}, but played: {count} of {all} notes.",
                name=name,
                count=outside,
                all=len(notes),
                instrument=instrument.title.lower(),
            )
        )
    long = sum(note.frames > MAX_WRITTEN_SECONDS * rate for note in notes)
    if long:
        said.append(
            say(
                "{name}: longer than {seconds:g} seconds, and cut there: {count} of {all} notes.",
                name=name,
                count=long,
                all=len(notes),
                seconds=MAX_WRITTEN_SECONDS,
            )
        )
    return said
