"""The engine in memory: answers requests with a band's performance, or with what a prompt suggests."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from functools import partial

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.accompany import perform as accompany
from bandmate_plugins._engines.sketch.accompany.giving_room import find_room
from bandmate_plugins._engines.sketch.cover import perform as cover
from bandmate_plugins._engines.sketch.cover.stage import announce_stems, play_band
from bandmate_plugins._engines.sketch.following import (
    known_chords,
    melody_request,
    with_heard_melody,
    without_unfollowed_chords,
)
from bandmate_plugins._engines.sketch.given_notes.perform import (
    GivenNotesBand,
    given_notes,
    note_harmony,
    play_given_notes,
)
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.performance.idle_manners import idle_manner_remarks
from bandmate_plugins._engines.sketch.performance.part_levels import (
    level_remarks,
    place_band,
    target_loudness,
)
from bandmate_plugins._engines.sketch.performance.performance import TARGET_LUFS
from bandmate_plugins._engines.sketch.performance.playing import (
    analyse_audio,
    mix_tracks,
    playing_tracks,
)
from bandmate_plugins._engines.sketch.performance.recipe import (
    version_remarks,
    with_band,
    with_listening,
    with_tracker,
)
from bandmate_plugins._engines.sketch.performance.remarks import (
    lyrics_remarks,
    performance_remarks,
    performance_report,
)
from bandmate_plugins._engines.sketch.performance.summed_peak import SummedPeak
from bandmate_plugins._engines.sketch.players import band as bands
from bandmate_plugins._engines.sketch.players.seats import planned_stems
from bandmate_plugins._engines.sketch.players.settle_wish import settle_wish
from bandmate_plugins._engines.sketch.repaint.work import perform_repaint
from bandmate_plugins._engines.sketch.sound.sampler import NoteCache
from bandmate_plugins._engines.sketch.sound.soundfont import choose_bank
from bandmate_plugins._engines.sketch.sound.soundfont.remarks import (
    requested_sound,
    sound_remarks,
    sound_report,
)
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._engines.sketch.words.prompt_chords import prompt_chords_outputs, with_prompt_chords
from bandmate_plugins._engines.sketch.words.refusal import refuse_unknown
from bandmate_plugins._engines.sketch.words.suggestion import suggest_for_prompt, suggest_song
from bandmate_plugins._listening.context import ContextAnalysis
from bandmate_plugins._tasks.accompany import AccompanyParams
from bandmate_plugins._tasks.cover import CoverParams
from bandmate_plugins._tasks.follow import follows_chords
from bandmate_plugins._tasks.generate import GenerateParams, SuggestParams
from bandmate_plugins._tasks.repaint import RepaintParams
from bandmate_plugins._tasks.write import WriteParams
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.outputs import Output, Remark, StemStart, TaskReport
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest


class LoadedSketch(LoadedEngine):
    """Keeps what it has rendered for the next request."""

    Options = SketchOptions

    def __init__(self) -> None:
        self._shelf = NoteCache()
        for read_all in (library.genres, library.instruments, library.kits, library.word_lists):
            read_all()

    def text(
        self, request: TaskRequest[GenerateParams, SketchOptions], context: TaskContext
    ) -> Iterator[Output]:
        """Plays what the prompt asks for, a stem for each part (or their mix), in step with the timeline.

        The parameter `follow` says what of the project it follows. What it does follow is reported before it plays.
        """
        request = without_unfollowed_chords((yield from with_heard_melody(request, context)))
        asked, request = request, with_prompt_chords(request)
        wish = parse_prompt(request.params.prompt)
        given = given_notes(request, wish)
        harmony = note_harmony(request, given)
        music = MusicalRange(harmony.timeline, request.tempo)
        context.check()
        settle_wish(wish, request.options, music)
        refuse_unknown(request.params.prompt, wish, anyway=request.options.anyway)
        mixed = bool(request.params.mix)
        if given.is_empty:
            yield from _announce_stems(planned_stems(wish), mixed)
        beside = mix_tracks(request, playing_tracks(request))
        lufs, heard = yield from _analyse_context(request, beside or request.input("reference"), context)
        followed = known_chords(asked, request, music, heard.chords)
        if followed is not None and asked.params.follow != "melody":
            yield followed.report()
        seed = 0 if given.is_exact else request.seed
        key, why = decisions.choose_key(wish, music.timeline, seed, heard.key)
        room = (yield from find_room(request, beside, heard.key, context)) if beside else None
        busy = heard.busy if room is None or room.centre is None else room.centre
        busy = busy if given.middle is None else given.middle
        assemble = partial(
            bands.assemble_band, music=music.with_chords(heard.chords), key=key, seed=seed, busy=busy,
            adapt=given.adapt_chart(room.adapt_chart if room else lambda chart: chart),
            tuning_cents=heard.tuning_cents,
        )  # fmt: skip
        band = assemble(wish)
        band = room.adapt_band(band) if room else band
        written = GivenNotesBand(band)
        if not given.is_empty:
            written = play_given_notes(given, band, wish, music)
            band = written.band
            yield from announce_stems(band, mixed)
        chosen = choose_bank(
            requested_sound(request.options.sound, wish), request.options.soundfont, band.parts
        )
        is_beside = beside is not None and lufs is not None
        named = given.use == "only" or decisions.names_parts(wish)
        place_lu, band = place_band(band, named=named) if is_beside else (0.0, band)
        words_lu = wish.loudness.level_lu if is_beside else 0.0
        target = target_loudness(lufs, place_lu, TARGET_LUFS, words_lu + request.params.level)
        summed = SummedPeak(beside, music.start_frame, music.sample_rate) if beside else None
        yield from play_band(band, music, self._shelf, target, mixed, context, chosen.bank, summed)
        report = with_band(performance_report(wish, band, music.start_bpm) | sound_report(band, chosen))
        report |= written.report
        if request.params.follow == "melody":
            report = with_tracker(report, request.options.tracker)
        said = [*written.remarks, *performance_remarks(wish, band, music, harmony.key_reason or why, heard)]
        said += sound_remarks(band, chosen)
        if given.use != "only":
            said += idle_manner_remarks(wish, assemble, music)
        if request.inputs:
            report = with_listening(report)
        said += version_remarks(request.options)
        said += [*level_remarks(wish.loudness, is_beside=is_beside), *(summed.remarks() if summed else ())]
        yield TaskReport(report)
        yield from (Remark(sentence) for sentence in said)
        yield from prompt_chords_outputs(asked, request)
        yield from harmony.outputs()
        yield from lyrics_remarks(request.params.lyrics)

    def inpaint(
        self, request: TaskRequest[RepaintParams, SketchOptions], context: TaskContext
    ) -> Iterator[Output]:
        """Plays into a recording what fits the music around the range."""
        asked, request = request, with_prompt_chords(request)
        yield from perform_repaint(request, self._shelf, context)
        yield from prompt_chords_outputs(asked, request)
        yield from lyrics_remarks(request.params.lyrics)

    def variation(
        self, request: TaskRequest[CoverParams, SketchOptions], context: TaskContext
    ) -> Iterator[Output]:
        """Plays the source again in another style, with its timing and its form (`CoverParams`)."""
        asked, request = request, with_prompt_chords(request)
        yield from cover.perform_cover(request, context, self._shelf)
        yield from prompt_chords_outputs(asked, request)
        yield from lyrics_remarks(request.params.lyrics)

    def accompany(
        self, request: TaskRequest[AccompanyParams, SketchOptions], context: TaskContext
    ) -> Iterator[Output]:
        """Plays along with the source (`AccompanyParams`)."""
        if request.params.follow == "melody":
            yield from self.text(melody_request(request), context)
            return
        request = without_unfollowed_chords(request)
        asked, request = request, with_prompt_chords(request)
        yield from accompany.perform_accompaniment(request, context, self._shelf)
        yield from prompt_chords_outputs(asked, request)
        yield from lyrics_remarks(request.params.lyrics)

    def suggest(self, request: TaskRequest[SuggestParams], context: TaskContext) -> Iterator[Output]:
        """Reports the tempo, metre and key of the prompt, else those that its style is at home in."""
        context.check()
        yield TaskReport(suggest_for_prompt(request.params.prompt, request.seed))

    def write(self, request: TaskRequest[WriteParams], context: TaskContext) -> Iterator[Output]:
        """Reports the tempo, metre and key of an idea; prompt and lyrics stay as they are."""
        context.check()
        yield from suggest_song(request.params, request.seed)


def _announce_stems(parts: Sequence[tuple[str, str]], mixed: bool) -> Iterator[Output]:
    for name, role in [("Mix", "mix")] if mixed else parts:
        yield StemStart(name, role)


def _analyse_context(
    request: TaskRequest[GenerateParams], around: AudioInput | None, context: TaskContext
) -> Generator[Output, None, tuple[float | None, ContextAnalysis]]:
    """The loudness of the project's audio, None where there is none or it is not to be matched; and its music."""
    if around is None:
        return None, ContextAnalysis()
    lufs, heard = yield from analyse_audio(request, around, context)
    lufs = lufs if request.params.match_loudness else None
    if not follows_chords(request.params.follow):
        heard = replace(heard, chords=())
    if around.role == "context":
        return lufs, heard
    # A reference lies somewhere else in time: neither its chords nor its tuning are those of the range.
    return lufs, replace(heard, chords=(), busy=None, tuning_cents=0)
