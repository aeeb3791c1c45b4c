"""Adds what the options say to what a prompt asks for, and checks that the range has each place of it."""

from __future__ import annotations

from collections.abc import Iterator

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.players.settle_form import settle_form
from bandmate_plugins._engines.sketch.players.song_sections import with_song_sections
from bandmate_plugins._engines.sketch.theory.bar_places import BarPlace, BarPlaces
from bandmate_plugins._engines.sketch.words.drum_patterns import apply_pattern
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.section_names import NamedSection, find_sections, unknown_section_error
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_NO_SECTIONS = (
    "Here the range has none. Name the sections as regions or markers of the project, or say them in the prompt: "
    "8 bars verse, 8 bars chorus."
)


def settle_wish(wish: ParsedPrompt, options: SketchOptions, music: MusicalRange) -> None:
    """Adds the musician's pattern and sections, and checks all places.

    Raises RequestError (`bad_params`) for a pattern that cannot be read and for a place that the range does not have,
    and `bad_position` for a section that it does not have.
    """
    apply_pattern(wish, options.pattern)
    apply_only(wish, options.only)
    settle_form(wish, music)
    music = with_song_sections(wish, music)
    for name, place in _named_places(wish):
        places = BarPlaces(place, music)
        if not places.is_empty():
            continue
        if place.sections:
            raise _section_error(place, music)
        raise _place_error(name, places, music)


def apply_only(wish: ParsedPrompt, only: str) -> None:
    """Limits all parts to the sections of the option `only`, names with commas between."""
    names = tuple(name.strip() for name in only.split(",") if name.strip())
    if names:
        wish.everywhere.append(BarPlace(f"only {', '.join(names)}", sections=names))


def _named_places(wish: ParsedPrompt) -> Iterator[tuple[str, BarPlace]]:
    """All places of a prompt, with whom they are for."""
    for name, place in wish.places.items():
        if name not in wish.patterns:
            yield name, place
    yield from wish.part_bars.items()
    yield from ((min(rest.players), rest.place) for rest in wish.rests if rest.players)
    yield from (("music", place) for place in wish.everywhere)
    if wish.form.fill is not None:
        yield "fill", wish.form.fill


def _place_error(name: str, places: BarPlaces, music: MusicalRange) -> RequestError:
    first, last = places.bar_numbers
    return RequestError(
        ErrorCode.BAD_PARAMS,
        say("{player}: the range has no {place!r}.", player=_player_title(name), place=places.place.text),
        say(
            "It has {bars} bars, counted from its start, of {beats} beats.",
            bars=last - first + 1,
            beats=music.tempo.metre_at(music.start_frame)[0],
        ),
    )


def _section_error(place: BarPlace, music: MusicalRange) -> RequestError:
    """That a section is not in the range, or that it has none at all."""
    inside = [
        NamedSection(mark.name, mark.start_frame, mark.end_frame)
        for mark in music.timeline.sections
        if mark.start_frame < music.end_frame
    ]
    unknown = [name for name in place.sections if not find_sections(name, inside)]
    return unknown_section_error(unknown[0] if unknown else place.text, inside, _NO_SECTIONS)


def _player_title(name: str) -> str:
    one = library.single_drums().get(name) or library.instruments().get(name)
    return one.title if one is not None else name.capitalize()
