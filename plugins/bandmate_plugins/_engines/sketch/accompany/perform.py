"""Accompaniments: a backing for a part that is alone, or single parts to go with a mix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import msgspec

from bandmate_plugins._engines.sketch.accompany.giving_room import avoid_register, leave_room, melody_centre
from bandmate_plugins._engines.sketch.accompany.reading import SOLO, HarmonisedTranscript, is_solo
from bandmate_plugins._engines.sketch.cover import ensembles as ensembles
from bandmate_plugins._engines.sketch.cover.chart import SourceChart, SourceForm
from bandmate_plugins._engines.sketch.cover.players import CoverSheet
from bandmate_plugins._engines.sketch.cover.stage import (
    announce_stems,
    choose_loudness,
    choose_sound,
    describe_passage,
    first_audible,
    play_band,
    voice_remarks,
)
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.performance.idle_manners import idle_manner_remarks
from bandmate_plugins._engines.sketch.performance.part_levels import place_band
from bandmate_plugins._engines.sketch.performance.playing import analyse_song
from bandmate_plugins._engines.sketch.performance.recipe import (
    join_reports,
    version_remarks,
    with_band,
    with_listening,
)
from bandmate_plugins._engines.sketch.performance.remarks import (
    join_words,
    performance_remarks,
    performance_report,
)
from bandmate_plugins._engines.sketch.performance.summed_peak import SummedPeak
from bandmate_plugins._engines.sketch.players import band as bands
from bandmate_plugins._engines.sketch.players.chart import Chart
from bandmate_plugins._engines.sketch.players.seats import backing_seat
from bandmate_plugins._engines.sketch.players.settle_wish import settle_wish
from bandmate_plugins._engines.sketch.sound.sampler import NoteCache
from bandmate_plugins._engines.sketch.sound.soundfont.remarks import sound_remarks, sound_report
from bandmate_plugins._engines.sketch.theory.measures import felt_grid
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._engines.sketch.words.refusal import refuse_unknown
from bandmate_plugins._listening.transcript import TranscribedPassage, Transcript
from bandmate_plugins._tasks.accompany import AccompanyParams
from bandmate_plugins._tasks.follow import follows_chords, has_readable_chords
from bandmate_plugins._theory.keys import Key, parse_key
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins._theory.placed_chords import chords_report
from bandmate_plugins.outputs import Output, Remark, TaskReport
from bandmate_plugins.request import TaskContext, TaskRequest

_BACKING = ("drums", "bass", "keys")
_STEADY_DB = 44.0
"""A backing follows the loudness of what it backs by half."""


def perform_accompaniment(
    request: TaskRequest[AccompanyParams, SketchOptions], context: TaskContext, shelf: NoteCache
) -> Iterator[Output]:
    """Plays along with the source as `AccompanyParams` ask; a stem for each part, or their mix."""
    params, given_music = request.params, MusicalRange(request.timeline, request.tempo)
    context.check()
    source = request.source
    group, wish = ensembles.match_ensemble(params.prompt)
    settle_wish(wish, request.options, given_music)
    refuse_unknown(params.prompt, wish, anyway=request.options.anyway)
    transcript = Transcript(
        source, given_music.timeline, SOLO, context.check, request.options.tracker, felt_grid(given_music)
    )
    given = parse_key(given_music.timeline.key) if given_music.timeline.key else None
    song, is_beside_others, harmony = yield from analyse_song(request, source, context)
    music = given_music.with_chords(harmony.chords if follows_chords(params.follow) else ())
    transcript.key = given or harmony.key
    heard = yield from first_audible(transcript)
    reading = HarmonisedTranscript(transcript, music, transcript.key)
    key = harmony.key or _detected_key(heard, reading)
    transcript.key = given or key
    final, why = decisions.choose_key(wish, given_music.timeline, request.seed, key)
    energy = 0.5 * decisions.sum_moods(wish).energy
    middle = melody_centre(heard)

    def adapt(chart: Chart) -> Chart:
        genre = avoid_register(chart.genre, middle)
        return SourceChart.from_chart(
            replace(chart, genre=genre), reading, SourceForm(reading, energy, _STEADY_DB)
        )

    named = not group and decisions.names_parts(wish)
    assemble = partial(
        bands.assemble_band, music=music, key=final, seed=request.seed, busy=middle, adapt=adapt,
        tuning_cents=harmony.tuning_cents or heard.tuning_cents, bare=bool(group),
    )  # fmt: skip
    band = assemble(ensembles.whole_band(group, wish) if group else _limit_parts(wish))
    band = replace(band, parts=leave_room(band, reading, middle))
    if group:
        sheet = CoverSheet(band.chart, reading, 1.0, held=True)
        seats = tuple(backing_seat(seat) for seat in group.seats)
        parts = ensembles.ensemble_parts(msgspec.structs.replace(group, seats=seats), band, sheet, wish)
        parts = tuple(bands.play_in_manner(part, wish, band.chart) for part in parts)
        band = replace(band, parts=parts)
    beside_solo = is_solo(heard) and not is_beside_others
    place_lu, band = place_band(band, named=named, beside_solo=beside_solo)
    target = yield from choose_loudness(request, song, context, place_lu, wish.loudness)
    summed = SummedPeak(song, music.start_frame, music.sample_rate)
    yield _followed_report(request, music)
    yield from announce_stems(band, params.mix)
    chosen = choose_sound(request, wish, band)
    yield from play_band(band, music, shelf, target, params.mix, context, chosen.bank, summed)
    has_chords = bool(music.timeline.chords)
    detects_chords = not is_solo(heard) and not has_chords
    said, found = describe_passage(heard, ("melody", "chords") if detects_chords else ("melody",))
    report = {**performance_report(wish, band, music.start_bpm), **found}
    yield TaskReport(with_band(with_listening(join_reports(report, sound_report(band, chosen)))))
    yield from map(
        Remark,
        [
            *said,
            *voice_remarks(heard, request.options.tracker),
            *([] if has_chords else _harmony_remarks(heard, reading)),
        ],
    )
    yield from map(Remark, performance_remarks(wish, band, given_music, why, harmony))
    if not group:
        yield from map(Remark, idle_manner_remarks(_limit_parts(wish), assemble, music))
    yield from map(Remark, [*sound_remarks(band, chosen), *summed.remarks()])
    yield from map(Remark, version_remarks(request.options))


def _followed_report(request: TaskRequest[AccompanyParams, SketchOptions], music: MusicalRange) -> TaskReport:
    """Which chords are followed, for programs: those of the project, or those of the source itself."""
    if not has_readable_chords(music.timeline):
        return TaskReport({"follow": {"what": "chords", "from": "source"}})
    source = "given" if request.params.chords.strip() else "project" if request.timeline.chords else "heard"
    return TaskReport({"follow": {"what": "chords", "from": source, "chords": chords_report(music)}})


def _detected_key(heard: TranscribedPassage, reading: HarmonisedTranscript) -> Key | None:
    """The key of the melody that is alone, or of the mix; None where none is clear."""
    if is_solo(heard):
        reading.harmonise_passage(heard)
        return reading.key
    return heard.key if heard.clear.has_chords else None


def _limit_parts(wish: ParsedPrompt) -> ParsedPrompt:
    """What is asked for only; a style alone, or a band, is drums, bass and keys."""
    if wish.band or not (wish.instruments or wish.parts or wish.drums or wish.kit):
        parts = [part for part in _BACKING if part not in wish.without]
        return replace(wish, parts=[*wish.parts, *parts], band=False)
    return wish


def _harmony_remarks(heard: TranscribedPassage, reading: HarmonisedTranscript) -> list[str]:
    """What chords were found for a melody that is alone."""
    if not is_solo(heard):
        return []
    symbols = [chord.symbol for _, chord in reading.harmonise_passage(heard)]
    if not symbols:
        return []
    how = "Chosen for the melody" if reading.key else "No key is clear, so the chords follow its notes alone"
    return [f"{how}: {join_words(symbols)}."]
