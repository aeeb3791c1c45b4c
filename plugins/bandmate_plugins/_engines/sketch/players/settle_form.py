"""Fills and builds of a prompt in a range that lacks the sections they are meant to lead to."""

from __future__ import annotations

from dataclasses import replace

from bandmate_plugins._engines.sketch.players.song_sections import with_song_sections
from bandmate_plugins._engines.sketch.theory.bar_places import BarPlace, BarPlaces
from bandmate_plugins._engines.sketch.theory.section_places import SECTION_SNAP, named_spans
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.section_names import NamedSection, find_sections, unknown_section_error
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


def settle_form(wish: ParsedPrompt, music: MusicalRange) -> None:
    """Puts fills and builds at the end of a range without the sections that they lead to.

    A range that has no sections is taken for what comes before them. Where a project or a prompt lays out sections,
    those that are named have to begin in the range. Raises RequestError (`bad_position`).
    """
    has_sections = bool(wish.form.parts or music.timeline.sections)
    music = with_song_sections(wish, music)
    _settle_fill(wish, music, has_sections=has_sections)
    _settle_build(wish, music, has_sections=has_sections)


def _settle_fill(wish: ParsedPrompt, music: MusicalRange, *, has_sections: bool) -> None:
    fill = wish.form.fill
    if fill is None or fill.sections_reach != "ending" or not BarPlaces(fill, music).is_empty():
        return
    if has_sections:
        raise _no_start_error(fill.sections, music, "fill", "a fill in the last bar")
    wish.form = replace(wish.form, fill=BarPlace(fill.text, last_bars=1))
    wish.assumptions.append(
        say("The range has no {sections}, so the fill is in its last bar.",
            sections=_section_words(fill.sections))
    )  # fmt: skip


def _settle_build(wish: ParsedPrompt, music: MusicalRange, *, has_sections: bool) -> None:
    build = wish.form.build
    if build is None or not build.into or _begins_inside(build.into, music):
        return
    if has_sections:
        raise _no_start_error(build.into, music, "build", "an 8 bar build")
    wish.form = replace(wish.form, build=replace(build, into=()))
    wish.assumptions.append(
        say("The range has no {sections}, so the build leads to its end.",
            sections=_section_words(build.into))
    )  # fmt: skip


def _begins_inside(names: tuple[str, ...], music: MusicalRange) -> bool:
    first, last = (music.tempo.quarters_at(edge) for edge in (music.start_frame, music.end_frame))
    starts = (start for start, _ in named_spans(music, names))
    return any(first + SECTION_SNAP < start <= last + SECTION_SNAP for start in starts)


def _no_start_error(names: tuple[str, ...], music: MusicalRange, what: str, instead: str) -> RequestError:
    """That no section of that name begins in the range, or that there is none at all."""
    known = [NamedSection(one.name, one.start_frame, one.end_frame) for one in music.timeline.sections]
    unknown = [name for name in names if not find_sections(name, known)]
    if unknown:
        return unknown_section_error(unknown[0], known)
    return RequestError(
        ErrorCode.BAD_POSITION,
        say("No {sections} begins in the range or where it ends, so the {what} has no place.",
            sections=_section_words(names), what=what),
        say("Choose a range that reaches that far, or write `{instead}`.", instead=instead),
    )  # fmt: skip


def _section_words(names: tuple[str, ...]) -> str:
    return " or ".join(name.partition(":")[0] for name in names) or "section"
