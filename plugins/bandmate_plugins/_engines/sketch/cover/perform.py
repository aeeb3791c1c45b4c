"""Covers: what was heard of a recording, played again by another band."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from bandmate_plugins._engines.sketch.cover import ensembles as ensembles
from bandmate_plugins._engines.sketch.cover.chart import SourceChart, SourceForm
from bandmate_plugins._engines.sketch.cover.players import (
    STYLE_JOINS,
    CoverBassist,
    CoverDrummer,
    CoverKeys,
    CoverLead,
    CoverSheet,
    CoverSingleDrum,
)
from bandmate_plugins._engines.sketch.cover.reading import MeasureTranscript
from bandmate_plugins._engines.sketch.cover.stage import (
    ALL_USES,
    announce_stems,
    choose_loudness,
    choose_sound,
    describe_passage,
    first_audible,
    play_band,
    refuse_silence,
    voice_remarks,
)
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.performance.playing import analyse_song
from bandmate_plugins._engines.sketch.performance.recipe import (
    join_reports,
    version_remarks,
    with_band,
    with_listening,
)
from bandmate_plugins._engines.sketch.performance.remarks import performance_remarks, performance_report
from bandmate_plugins._engines.sketch.players import band as bands
from bandmate_plugins._engines.sketch.players.band import Band, BandPart
from bandmate_plugins._engines.sketch.players.chart import Chart
from bandmate_plugins._engines.sketch.players.settle_wish import settle_wish
from bandmate_plugins._engines.sketch.players.two_hands import hire_two_hands
from bandmate_plugins._engines.sketch.sound.sampler import NoteCache
from bandmate_plugins._engines.sketch.sound.soundfont.remarks import sound_remarks, sound_report
from bandmate_plugins._engines.sketch.theory.measures import felt_grid
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.drum_cast import silent_drums
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.refusal import refuse_unknown
from bandmate_plugins._listening.melody.lines import MELODY
from bandmate_plugins._listening.transcript import TranscribedPassage, Transcript
from bandmate_plugins._tasks.cover import CoverParams
from bandmate_plugins._theory.keys import parse_key
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.outputs import Output, Remark, TaskReport
from bandmate_plugins.request import TaskContext, TaskRequest


def perform_cover(
    request: TaskRequest[CoverParams, SketchOptions], context: TaskContext, shelf: NoteCache
) -> Iterator[Output]:
    """Plays the source again as `CoverParams` ask; a stem for each part, or their mix.

    Raises RequestError (`input_unusable`) where there is no sound to cover.
    """
    params, given_music = request.params, MusicalRange(request.timeline, request.tempo)
    context.check()
    source = request.source
    group, wish = ensembles.match_ensemble(params.prompt)
    settle_wish(wish, request.options, given_music)
    refuse_unknown(params.prompt, wish, anyway=request.options.anyway)
    target = yield from choose_loudness(request, source, context, 0.0, wish.loudness)
    transcript = Transcript(
        source, given_music.timeline, MELODY, context.check, request.options.tracker, felt_grid(given_music)
    )
    _, _, harmony = yield from analyse_song(request, source, context)
    music = given_music.with_chords(harmony.chords)
    transcript.key = parse_key(music.timeline.key) if music.timeline.key else harmony.key
    heard = yield from first_audible(transcript)
    refuse_silence(heard, "cover")
    transcript.key = transcript.key or heard.key
    reading = MeasureTranscript(transcript, music)
    sounding = harmony.key or (heard.key if heard.clear.has_chords else None)
    key, why = decisions.choose_key(wish, given_music.timeline, request.seed, sounding)
    energy = 0.5 * decisions.sum_moods(wish).energy

    def adapt(chart: Chart) -> Chart:
        return SourceChart.from_chart(chart, reading, SourceForm(reading, energy))

    cast = ensembles.whole_band(group, wish) if group else wish
    band = bands.assemble_band(
        cast,
        music,
        key,
        request.seed,
        adapt=adapt,
        bare=True,
        tuning_cents=harmony.tuning_cents or heard.tuning_cents,
    )
    sheet = CoverSheet(band.chart, reading, params.strength)
    parts = (
        ensembles.ensemble_parts(group, band, sheet, wish)
        if group
        else _cover_parts(band, sheet, silent_drums(wish))
    )
    parts = tuple(bands.play_in_manner(part, wish, band.chart) for part in parts)
    # The recording says how far from the grid it is played.
    parts = tuple(replace(part, loose_ms=0.0) for part in parts)
    band = replace(band, parts=_playable_parts(parts, heard, wish, params.strength))
    yield from announce_stems(band, params.mix)
    chosen = choose_sound(request, wish, band)
    yield from play_band(band, music, shelf, target, params.mix, context, chosen.bank)
    among = tuple(use for use in ALL_USES if use != "chords" or not music.timeline.chords)
    said, found = describe_passage(heard, among)
    report = {**performance_report(wish, band, music.start_bpm), **found}
    yield TaskReport(with_band(with_listening(join_reports(report, sound_report(band, chosen)))))
    yield from map(Remark, [*said, *voice_remarks(heard, request.options.tracker)])
    yield from map(Remark, performance_remarks(wish, band, given_music, why, harmony))
    yield from map(Remark, [*sound_remarks(band, chosen), *version_remarks(request.options)])


def _cover_parts(band: Band, sheet: CoverSheet, silent: frozenset[str]) -> tuple[BandPart, ...]:
    """A style's parts, each by a player who reads; keys without a lead play the melody too."""
    kinds = [part.kind for part in band.parts]
    lead_by_keys = "lead" not in kinds and "keys" in kinds
    made: list[BandPart] = []
    for part in band.parts:
        hire = part.hire
        if part.single_drum:
            made.append(replace(part, hire=partial(CoverSingleDrum, hire, sheet)))
            continue
        if part.kind == "drums":
            made.append(replace(part, hire=partial(CoverDrummer, hire, sheet, silent)))
            continue
        instrument = part.instrument
        assert instrument is not None, "only drums have none"
        line = sheet.chart.genre.lead if part.kind == "lead" else sheet.chart.genre.keyboard
        if part.kind == "bass":
            made.append(replace(part, hire=partial(CoverBassist, hire, sheet, instrument)))
        elif part.kind == "lead":
            made.append(replace(part, hire=partial(CoverLead, hire, sheet, instrument, line.register)))
        elif lead_by_keys and kinds.index("keys") == len(made):
            lead = partial(CoverLead, None, sheet, instrument, line.register + 10)
            keys = partial(CoverKeys, hire, sheet, instrument, line.register)
            made.append(replace(part, hire=partial(hire_two_hands, lead, keys)))
        else:
            made.append(replace(part, hire=partial(CoverKeys, hire, sheet, instrument, line.register)))
    return tuple(made)


def _playable_parts(
    parts: tuple[BandPart, ...], heard: TranscribedPassage, wish: ParsedPrompt, strength: float
) -> tuple[BandPart, ...]:
    """The parts that have something to play: no drums or lead are made up for a faithful cover."""
    named = set(wish.parts) | ({"drums"} if wish.drums or wish.kit else set())
    silent: set[str] = set()
    if strength < STYLE_JOINS and not heard.clear.has_drums and "drums" not in named:
        silent.add("drums")
    left = tuple(part for part in parts if part.kind not in silent)
    return left or parts
