"""Which manners of a prompt change nothing: nobody can play like that, or everybody does already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library import Instrument
from bandmate_plugins._engines.sketch.performance.writer import NoteWriter
from bandmate_plugins._engines.sketch.players.band import Band, BandPart
from bandmate_plugins._engines.sketch.words.manners import AskedManner, manners_on
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_protocol.texts import say

_COMPARED_SECONDS = 30.0


def unplayable_manner_remarks(wish: ParsedPrompt, band: Band) -> list[str]:
    """The manners that no part can be played in: `staccato drums`."""
    return [
        say(
            "{manner} has no effect on {players}.",
            manner=f"`{asked.text}`",
            players=" and ".join(part.name for part in _meant_parts(asked, band)[:3]),
        )
        for asked in wish.manners
        if not _is_playable(asked, band)
    ]


def idle_manner_remarks(
    wish: ParsedPrompt, assemble: Callable[[ParsedPrompt], Band], music: MusicalRange
) -> list[str]:
    """The manners that the parts are played in already; `assemble` makes the band that plays a prompt."""
    asked = [one for one in wish.manners if not _is_for_end(one)]
    if not asked:
        return []
    whole = assemble(wish)
    played = _playing(whole, music)
    return [
        say("{manner}: it is played like that already.", manner=f"`{one.text}`")
        for one in asked
        if _is_playable(one, whole) and _playing(assemble(_without(wish, one)), music) == played
    ]


def _is_for_end(asked: AskedManner) -> bool:
    """Whether the end of a range, which may be far, decides what it changes."""
    effect = library.word_lists().manners[asked.name]
    return effect.fill or effect.build or bool(effect.form)


def _is_playable(asked: AskedManner, band: Band) -> bool:
    effect = library.word_lists().manners[asked.name]
    return bool(effect.form) or any(
        manners_on([asked], part.kind, part.sound_name, pitched=part.kind != "drums") for part in band.parts
    )


def _meant_parts(asked: AskedManner, band: Band) -> list[BandPart]:
    meant = [part for part in band.parts if asked.on in (part.kind, part.sound_name)]
    return meant or list(band.parts)


def _without(wish: ParsedPrompt, asked: AskedManner) -> ParsedPrompt:
    return replace(wish, manners=[one for one in wish.manners if one is not asked])


def _playing(band: Band, music: MusicalRange) -> tuple[object, ...]:
    """What is heard of a band: its instruments, and the notes of its beginning."""
    frames = min(music.frames, round(_COMPARED_SECONDS * music.sample_rate))
    sounds = [(part.name, _sound(part, band), part.kit) for part in band.parts]
    return sounds, NoteWriter(band, music).write_until(frames)


def _sound(part: BandPart, band: Band) -> Instrument | None:
    """A part's instrument with the drive and chorus that are left of all, and no style, which its notes tell."""
    if part.instrument is None:
        return None
    shared = (band.chart.genre.mix.drive + band.character.drive) / 2
    drive = max(part.instrument.drive + shared, 0.0)
    chorus = min(max(part.instrument.chorus, 0.0), 1.0)
    return msgspec.structs.replace(part.instrument, style="", drive=drive, chorus=chorus)
