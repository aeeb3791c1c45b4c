"""A band with given notes in it, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

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
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.performance.remarks import join_words
from bandmate_plugins._engines.sketch.players.band import Band, BandPart
from bandmate_plugins._engines.sketch.players.chart import Chart
from bandmate_plugins._engines.sketch.sound.channel import MAX_WRITTEN_SECONDS
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
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
    humanise: bool

    @property
    def is_empty(self) -> bool:
        """There are none to be played."""
        return self.use == NOTES_OFF or not self.parts

    @property
    def is_exact(self) -> bool:
        """All that is played is given, so that nothing is left to chance."""
        return self.use == "only" and not self.humanise and not self.is_empty

    @property
    def middle(self) -> float | None:
        """The MIDI note around which a given melody lies, which others keep away from; else None."""
        if self.use != "melody" or self.is_empty:
            return None
        pitches = sorted(note.pitch for part in self.parts for note in part.notes)
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


def given_notes(request: TaskRequest[GenerateParams, SketchOptions]) -> GivenNotesWish:
    """The notes of a request, and what they are in it."""
    return GivenNotesWish(request.timeline.parts, request.params.notes, request.options.humanise)


def note_harmony(request: TaskRequest[GenerateParams, SketchOptions], given: GivenNotesWish) -> GivenHarmony:
    """The timeline of a request with the key and chords of its notes, where it has no others."""
    if given.is_empty or given.use == "drums":
        return GivenHarmony(request.timeline)
    return with_note_harmony(request.timeline, needs_chords=given.use != "only")


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
    if given.use == "only":
        cast = cast_only(given.parts, band, wish)
    else:
        cast = [seat_in_band(given.parts, given.use, band, wish)]
    said: list[str] = []
    played: list[BandPart] = []
    others = [] if given.use == "only" else _other_players(band, given.use)
    for one in cast:
        doubled = sum(other.given is one.given for other in cast) > 1
        name = one.player.name if doubled else one.given.name or one.player.name
        part = _written_part(_free_name(name, [*played, *others]), one, given, band, music, said)
        if part is not None:
            played.append(part)
    if not played:
        raise RequestError(
            ErrorCode.BAD_PARAMS,
            " ".join(["None of the notes can be played.", *said]),
            "Choose another part, or other instruments.",
        )
    used = [one.given for one in cast]
    left_out = [part.name or "drums" for part in given.parts if not any(part is one for one in used)]
    if left_out:
        said.append(say("Left out, as nobody plays it here: {names}.", names=join_words(left_out)))
    alone = given.use == "only"
    made = replace(band, parts=tuple(played)) if alone else with_seated(band, played[0], given.use)
    how = "with small differences of time and strength" if given.humanise else "exactly as they are written"
    who = "; ".join(_player_text(part) for part in played)
    first = say("Your notes are played {how}: {who}.", how=how, who=who)
    report = [
        {"part": part.name, "sound": part.sound_name, "notes": len(part.written or ())} for part in played
    ]
    return GivenNotesBand(made, (first, *said), {"given_notes": report, "notes_as": given.use})


def _other_players(band: Band, use: NotesUse) -> list[BandPart]:
    """The players beside the one that has the given notes."""
    kind = SEAT_KINDS[use]
    there = next((one for one in band.parts if one.kind == kind and not one.single_drum), None)
    return [one for one in band.parts if one is not there]


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
    name: str, cast: CastPart, given: GivenNotesWish, band: Band, music: MusicalRange, said: list[str]
) -> BandPart | None:
    """The player with its notes; None where it can play none of them. Adds to what is said."""
    player = cast.player
    made = playable_notes(cast.given.notes, music.frames, player.channel)
    if made.outside_range:
        said.append(say("{name}: left out, or cut at the end of the range: {count} of {all} notes.",
                        name=name, count=made.outside_range, all=len(cast.given.notes)))  # fmt: skip
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
