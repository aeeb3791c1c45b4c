"""The sections of a range: those of the project, those that a prompt lays out, or those of the band's own form."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec

from bandmate_plugins._engines.sketch.players.seats import group_seats, seat_kind
from bandmate_plugins._engines.sketch.theory.form import SongForm
from bandmate_plugins._engines.sketch.theory.measures import beat_level, iter_measures, measure_count
from bandmate_plugins._engines.sketch.theory.section_places import TimeSpan, named_spans
from bandmate_plugins._engines.sketch.words.decisions import choose_genre, part_kinds, sum_moods
from bandmate_plugins._engines.sketch.words.manners import range_form
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_protocol.messages import SectionMark
from bandmate_protocol.tempo import nearest_frame

_NEAR = 1e-3
"""Quarters within which two times are one: sections are rounded to frames."""
_OPEN_BUILD_BARS = 8
_KINDS = {
    "intro": "intro", "verse": "verse", "pre chorus": "verse", "chorus": "chorus", "post chorus": "chorus",
    "bridge": "bridge", "break": "bridge", "interlude": "bridge", "instrumental": "verse", "build": "verse",
    "drop": "drop", "solo": "chorus", "outro": "outro",
}  # fmt: skip
"""The band's own kinds of sections for those that prompts name."""


def plan_form(wish: ParsedPrompt, music: MusicalRange) -> SongForm:
    """The form that a band plays: the prompt's, else its own for the length of the range."""
    genre, kinds = choose_genre(wish), {*part_kinds(wish), *map(seat_kind, group_seats(wish))}
    level = beat_level(music.tempo, music.start_frame)
    measures = measure_count(music, level)
    plan = _prompt_plan(wish, music, level, measures) if wish.form.parts else ()
    form = SongForm(
        measures,
        sum_moods(wish).energy,
        frozenset(kinds),
        genre.section_measures,
        range_form(wish.manners),
        plan,
    )
    last = music.tempo.quarters_at(music.end_frame)
    if any(end >= last - _NEAR for _, end in build_spans(wish, music)):
        # What a build leads to comes after it.
        form.ends = False
    return form


def with_song_sections(wish: ParsedPrompt, music: MusicalRange) -> MusicalRange:
    """A range with its sections, where a prompt speaks of sections: the prompt's, the project's, or the band's."""
    if wish.form.parts:
        marks = tuple(_prompt_sections(wish, music))
    elif music.timeline.sections or not _names_sections(wish):
        return music
    else:
        marks = tuple(_form_sections(plan_form(wish, music), music))
    return MusicalRange(msgspec.structs.replace(music.timeline, sections=marks), music.tempo)


def build_spans(wish: ParsedPrompt, music: MusicalRange) -> tuple[TimeSpan, ...]:
    """Where a build grows that has a length or leads to a section, in quarters; empty where all of the range does."""
    asked = wish.form.build
    if asked is None:
        return ()
    first, last = (music.tempo.quarters_at(edge) for edge in (music.start_frame, music.end_frame))
    known = named_spans(music, ())
    starts = {start for start, _ in named_spans(music, asked.into)} if asked.into else set[float]()
    ends = sorted(start for start in starts if first + _NEAR < start <= last + _NEAR) or [last]
    spans: list[TimeSpan] = []
    for end in ends:
        start = _bars_before(music, end, asked.bars or _OPEN_BUILD_BARS)
        if not asked.bars:
            start = max([start, *(edge for edge, _ in known if edge < end - _NEAR)])
        spans.append((max(start, first, spans[-1][1] if spans else first), end))
    return tuple(spans)


def _bars_before(music: MusicalRange, end: float, bars: int) -> float:
    tempo = music.tempo
    bar, beat = tempo.bar_beat_at(tempo.position_at(end) + 1)
    if beat > 0.01:
        bar, bars = bar + 1, bars
    return tempo.quarters_at(tempo.position_of(bar - bars))


def _names_sections(wish: ParsedPrompt) -> bool:
    places = [
        *wish.places.values(),
        *wish.part_bars.values(),
        *(rest.place for rest in wish.rests),
        *wish.everywhere,
    ]
    if wish.form.fill is not None:
        places.append(wish.form.fill)
    into = wish.form.build is not None and bool(wish.form.build.into)
    return into or any(place.sections or place.sections_reach == "ending" for place in places)


def _form_sections(form: SongForm, music: MusicalRange) -> Iterator[SectionMark]:
    """The sections of the band's own form; a loop has none."""
    if len(form.sections) < 2:
        return
    level = beat_level(music.tempo, music.start_frame)
    starts = [measure.start for measure in iter_measures(music, level)]
    edges = [_frame(music, starts[min(one.first, len(starts) - 1)]) for one in form.sections]
    edges[0] = music.start_frame
    for section, start, end in zip(form.sections, edges, [*edges[1:], music.end_frame], strict=True):
        if end > start:
            yield SectionMark(start_frame=start, end_frame=end, name=section.kind)


def _prompt_sections(wish: ParsedPrompt, music: MusicalRange) -> Iterator[SectionMark]:
    """The prompt's sections, one after another from the start of the range, and round again until its end."""
    tempo = music.tempo
    bar = next(iter(tempo.bars(music.start_frame, music.start_frame + 1))).number
    start, number = music.start_frame, 0
    while start < music.end_frame and number < 1024:
        name, bars = wish.form.parts[number % len(wish.form.parts)]
        bar, number = bar + bars, number + 1
        end = max(nearest_frame(tempo.position_of(bar)), start + 1)
        yield SectionMark(start_frame=start, end_frame=min(end, music.end_frame), name=name)
        start = end


def _prompt_plan(
    wish: ParsedPrompt, music: MusicalRange, level: int, measures: int
) -> Sequence[tuple[str, int]]:
    """The prompt's sections as kinds of the band's form, with their lengths in measures."""
    starts = [measure.start for measure in iter_measures(music, level)]
    marks = list(_prompt_sections(wish, music))
    firsts = [
        sum(start < music.tempo.quarters_at(mark.start_frame) - _NEAR for start in starts) for mark in marks
    ]
    ends = [*firsts[1:], max(measures, len(starts))]
    return [
        (_KINDS.get(mark.name, "groove"), end - first)
        for mark, first, end in zip(marks, firsts, ends, strict=True)
        if end > first
    ]


def _frame(music: MusicalRange, quarters: float) -> int:
    position = music.tempo.position_at(quarters)
    return max(nearest_frame(position) if math.isfinite(position) else 0, music.start_frame)
