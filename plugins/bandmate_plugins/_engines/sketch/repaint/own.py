"""Repaints what this engine made, from its own notes: the same band on the same instruments plays on.

The job's recipe comes with the request and is not taken on trust: the piece is played again, and only if
that is what the source holds there is the range composed anew. Harmony, form, sounds and gains stay; notes
that begin inside are others.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import partial

import msgspec
import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._engines.sketch.performance.performance import TARGET_LUFS, BandPlayer
from bandmate_plugins._engines.sketch.performance.writer import NoteWriter
from bandmate_plugins._engines.sketch.players.band import Band, BandPart, assemble_band, play_in_manner
from bandmate_plugins._engines.sketch.players.chart import Chart, NoteEvent
from bandmate_plugins._engines.sketch.players.density import DensityMusician
from bandmate_plugins._engines.sketch.players.musician import Musician
from bandmate_plugins._engines.sketch.players.settle_form import settle_form
from bandmate_plugins._engines.sketch.players.settle_wish import apply_only
from bandmate_plugins._engines.sketch.repaint.wishes import RepaintChange
from bandmate_plugins._engines.sketch.sound.channel import PartChannel
from bandmate_plugins._engines.sketch.sound.sampler import NoteCache
from bandmate_plugins._engines.sketch.sound.soundfont import choose_bank
from bandmate_plugins._engines.sketch.sound.soundfont.remarks import requested_sound
from bandmate_plugins._engines.sketch.theory.measures import Measure, iter_measures
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.drum_patterns import apply_pattern
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._engines.sketch.words.prompt_chords import place_prompt_chords
from bandmate_plugins._tasks.repaint import SourceJob
from bandmate_plugins._theory.chords import Chord, parse_chord
from bandmate_plugins._theory.keys import parse_key
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.request import AudioInput
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Note, Timeline

Audio = NDArray[np.float32]
_MIN_CORRELATION = 0.9
"""The correlation from which on the source is taken for the piece."""
_COMPARED_SECONDS = 2.0
_FROM_START_SECONDS = 45.0
_BEFORE_SECONDS = 8.5
"""How long the longest note sounds on."""
_WINDOW_SECONDS = 6.0
_TOUCH = 0.7
"""How much busier or lighter the hand is where that is asked for."""
_LIFT = 0.15
"""How much energy that, and a fill, adds."""


@dataclass(frozen=True)
class RebuiltPiece:
    """A piece that was made here, as it was written."""

    wish: ParsedPrompt
    band: Band
    music: MusicalRange
    gains: tuple[float, ...]
    """Of all parts."""
    chosen: tuple[int, ...]
    """The numbers of the parts that the source holds."""
    sound: str
    """`auto`, `own` or `soundfont`."""
    soundfont: str = ""
    """What it was played from, as `choose_bank` takes it."""

    @property
    def source_parts(self) -> list[BandPart]:
        """What the source holds."""
        return [self.band.parts[number] for number in self.chosen]


def rebuild_piece(recipe: SourceJob, part: str, timeline: Timeline, shelf: NoteCache) -> RebuiltPiece | None:
    """The piece of a recipe; None where a range lies outside of it, or it has no such part."""
    made = place_prompt_chords(recipe.prompt, recipe.timeline)
    inside = made.start_frame <= timeline.start_frame and timeline.end_frame <= made.end_frame
    if made.sample_rate != timeline.sample_rate or not inside:
        return None
    wish, music = parse_prompt(recipe.prompt), MusicalRange.from_timeline(made)
    apply_pattern(wish, recipe.pattern)
    apply_only(wish, recipe.only)
    with contextlib.suppress(RequestError):
        # An older version played what is refused now.
        settle_form(wish, music)
    key = parse_key(recipe.key) if recipe.key else None
    if key is None:
        key, _ = decisions.choose_key(wish, made, recipe.seed)
    band = assemble_band(wish, music, key, recipe.seed)
    name = (recipe.part or part).casefold()
    chosen = tuple(
        number
        for number, one in enumerate(band.parts)
        if name in ("", "mix", one.name.casefold(), one.kind, one.role) or len(band.parts) == 1
    )
    gains = tuple(BandPlayer(band, music, shelf, TARGET_LUFS).gains)
    sound = requested_sound(recipe.sound, wish)
    return RebuiltPiece(wish, band, music, gains, chosen, sound, recipe.soundfont) if chosen else None


def keeps_band(wish: ParsedPrompt) -> bool:
    """Whether a prompt leaves the band as it is: it names no style, no instrument and no part."""
    return not (wish.genres or wish.instruments or wish.kit or wish.drums or wish.parts or wish.band)


def source_gain(
    piece: RebuiltPiece, source: AudioInput, timeline: Timeline, shelf: NoteCache
) -> float | None:
    """How loud the source holds the piece next to how it is played here; None if it holds something else."""
    reach = round(_COMPARED_SECONDS * timeline.sample_rate)
    start = max(timeline.start_frame - reach, source.start_frame, piece.music.start_frame)
    last = min(timeline.start_frame + reach, timeline.end_frame)
    end = min(last + reach, source.start_frame + source.frames, piece.music.end_frame)
    if end <= start:
        return None
    played = np.concatenate(list(play_between(piece, piece.band, start, end, shelf)))
    held = source.read(start - source.start_frame, end - start)[:, :2]
    own = played if held.shape[1] == 2 else played.mean(axis=1, keepdims=True)
    own, held = own[: len(held)].astype(np.float64), held.astype(np.float64)
    power, wanted = float(np.square(own).sum()), float(np.square(held).sum())
    if min(power, wanted) <= 1e-9:
        return None
    product = float((own * held).sum())
    return product / power if product / np.sqrt(power * wanted) >= _MIN_CORRELATION else None


def recompose(
    piece: RebuiltPiece,
    timeline: Timeline,
    seed: int,
    change: RepaintChange,
    wish: ParsedPrompt,
    *,
    new_chords: bool = False,
) -> Band:
    """The band with other notes between the start and the end of a timeline.

    `new_chords`: they follow the chords of the timeline, not those of the piece.
    """
    start, end = (
        piece.music.tempo.quarters_at(frame) for frame in (timeline.start_frame, timeline.end_frame)
    )
    energy = decisions.sum_moods(wish).energy + _LIFT * (change.density + change.fill)
    marks = timeline.chords if new_chords else ()
    chords = tuple((piece.music.tempo.quarters_at(mark.position), parse_chord(mark.symbol)) for mark in marks)
    adapt = partial(_adapt_chart, piece, (start, end), chords, seed=seed, energy=energy, fill=change.fill)
    chart = piece.band.chart
    other = assemble_band(piece.wish, piece.music, chart.key, chart.seed, None, adapt)
    amount = _TOUCH * change.density

    def hire(part: BandPart, new: BandPart) -> Callable[[], Musician]:
        def hired() -> Musician:
            player = DensityMusician(new.hire(), other.chart, part.name, amount, part.kind == "drums")
            return _SplicedMusician(part.hire(), player, start, end)

        return hired

    played = (play_in_manner(part, wish, other.chart) for part in other.parts)
    pairs = zip(piece.band.parts, played, strict=True)
    return replace(piece.band, parts=tuple(replace(part, hire=hire(part, new)) for part, new in pairs))


def play_between(piece: RebuiltPiece, band: Band, start: int, end: int, shelf: NoteCache) -> Iterator[Audio]:
    """What the source's parts play between two frames of the project, the piece's own notes before it."""
    rate, origin = piece.music.sample_rate, piece.music.start_frame
    first = origin if start - origin <= _FROM_START_SECONDS * rate else start - round(_BEFORE_SECONDS * rate)
    written = notes_until(piece, band, end)
    bank = choose_bank(piece.sound, piece.soundfont, piece.source_parts).bank
    channels = []
    for number, notes in zip(piece.chosen, written, strict=True):
        before = sum(note.start < first - origin for note in notes)
        channel = PartChannel(
            band.parts[number], band, rate, piece.gains[number], shelf, played=before, bank=bank
        )
        moved = [
            msgspec.structs.replace(note, start=note.start - (first - origin)) for note in notes[before:]
        ]
        channel.queue_notes(moved)
        channels.append(channel)
    at = first
    while at < end:
        size = start - at if at < start else min(end - at, round(_WINDOW_SECONDS * rate))
        total = np.zeros((size, 2), dtype=np.float32)
        for channel in channels:
            total += channel.render_window(size)
        if at >= start:
            yield total
        at += size


def notes_until(piece: RebuiltPiece, band: Band, end: int) -> list[list[Note]]:
    """The notes of the source's parts up to a frame of the project, in frames from the piece's start."""
    written = NoteWriter(band, piece.music).write_until(end - piece.music.start_frame)
    return [written[number] for number in piece.chosen]


def _adapt_chart(
    piece: RebuiltPiece,
    between: tuple[float, float],
    chords: Sequence[tuple[float, Chord | None]],
    chart: Chart,
    *,
    seed: int,
    energy: float,
    fill: bool,
) -> Chart:
    """The piece's chart with its harmony written out, other chance, and as much more energy.

    `chords` replace its harmony in between, where there are any.
    """
    start, end = between
    spans = tuple(
        (span.start, span.chord)
        for measure in iter_measures(piece.music, piece.band.level)
        if measure.end > start - measure.quarters and measure.start < end + measure.quarters
        for span in piece.band.chart.chord_spans(measure)
    )
    if chords:
        spans = _replace_chords(spans, chords, between)
    form = copy(chart.form)
    form.sections = [
        replace(section, energy=min(max(section.energy + energy, 0.1), 1.0)) for section in form.sections
    ]
    genre = chart.genre
    if fill:
        genre = msgspec.structs.replace(genre, drums=msgspec.structs.replace(genre.drums, fill_every=1))
    other = (chart.seed * 31 + seed + 1) % 2**32
    return replace(chart, seed=other, marks=spans, form=form, genre=genre)


def _replace_chords(
    spans: Sequence[tuple[float, Chord | None]],
    chords: Sequence[tuple[float, Chord | None]],
    between: tuple[float, float],
) -> tuple[tuple[float, Chord | None], ...]:
    """A harmony, by quarters, with other chords between two places; what it had there at the end goes on after."""
    start, end = between
    inside = [(max(place, start), chord) for place, chord in chords if place < end]
    held = [chord for place, chord in spans if place <= end + 1e-6][-1:]
    before = [one for one in spans if one[0] < start - 1e-6]
    after = [one for one in spans if one[0] > end + 1e-6]
    return (*before, *inside, *((end, chord) for chord in held), *after)


class _SplicedMusician:
    """A musician who plays what another would between two moments, in quarters."""

    def __init__(self, inner: Musician, other: Musician, start: float, end: float) -> None:
        self._inner, self._other, self._start, self._end = inner, other, start, end

    def play(self, measure: Measure) -> list[NoteEvent]:
        """The notes of a measure, by time; both play all of it, so that each goes on as if alone."""
        kept, new = self._inner.play(measure), self._other.play(measure)
        found = [event for event in kept if not self._is_inside(event)]
        found += [
            replace(event, end=min(event.end, max(self._end, event.start + 1e-3)))
            for event in new
            if self._is_inside(event)
        ]
        return sorted(found, key=lambda event: (event.start, event.pitch))

    def _is_inside(self, event: NoteEvent) -> bool:
        return self._start - 1e-6 <= event.start < self._end - 1e-6
