"""The ability `inpaint` of the engine: listens, composes, plays, and makes it sound like its surroundings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.performance.outputs import emit_notes
from bandmate_plugins._engines.sketch.performance.performance import TARGET_LUFS
from bandmate_plugins._engines.sketch.performance.recipe import version_remarks, with_band, with_listening
from bandmate_plugins._engines.sketch.players.band import Band
from bandmate_plugins._engines.sketch.repaint.compose import RepaintComposer, choose_cast, names_a_part
from bandmate_plugins._engines.sketch.repaint.ensemble import (
    WindowPerformance,
    notes_in_range,
    repaint_window,
    source_range,
)
from bandmate_plugins._engines.sketch.repaint.listen import RepaintAnalysis, analyse_surroundings
from bandmate_plugins._engines.sketch.repaint.match import SoundMatcher
from bandmate_plugins._engines.sketch.repaint.remarks import repaint_remarks, repaint_report
from bandmate_plugins._engines.sketch.repaint.replay import (
    find_replay_source,
    replay_range,
    to_mono_or_stereo,
)
from bandmate_plugins._engines.sketch.repaint.wishes import parse_change
from bandmate_plugins._engines.sketch.sound.sampler import NoteCache
from bandmate_plugins._engines.sketch.sound.soundfont import choose_bank
from bandmate_plugins._engines.sketch.sound.soundfont.remarks import (
    earlier_soundfont,
    requested_sound,
    sound_remarks,
    sound_report,
)
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._listening.bass_roots import detect_roots
from bandmate_plugins._tasks.repaint import RepaintParams
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.outputs import Output, Remark, StageProgress, StemAudio, StemStart, TaskReport
from bandmate_plugins.request import TaskContext, TaskRequest
from bandmate_protocol.messages import ChordMark, Timeline

Audio = NDArray[np.float32]
_WHOLE_SECONDS, _FIRST_SECONDS = 8.0, 5.0
"""A range of up to so many seconds is matched as a whole, of a longer one its first seconds."""
_SHORT_SECONDS = 0.8
"""A shorter range is matched with what leads up to it."""
_JITTER_SECONDS = 0.004
"""A note that starts this little before the end belongs to what follows."""
_MAX_LUFS, _MIN_LUFS = -6.0, -60.0
_DENSE_LUFS = -13.0


def perform_repaint(
    request: TaskRequest[RepaintParams, SketchOptions], shelf: NoteCache, context: TaskContext
) -> Iterator[Output]:
    """Yields one stem: the range of the request's timeline, played so that it fits what is around it."""
    timeline, source = request.timeline, request.source
    told = yield from analyse_surroundings(request, source, context)
    change, rest = parse_change(request.params.prompt)
    again = find_replay_source(request, source, parse_prompt(rest), shelf)
    if again is not None:
        yield from replay_range(again, request, change, parse_prompt(rest), told, shelf, context)
        return
    music = source_range(MusicalRange(timeline, request.tempo), told.pulse)
    cast = choose_cast(
        parse_prompt(rest), change, request.params.part, told.playing, told.pulse, music.start_bpm
    )
    heard_key = told.heard.key or (told.playing.key if told.playing else None)
    key, why = decisions.choose_key(cast.wish, timeline, request.seed, heard_key)
    window = repaint_window(music.with_chords(_choose_chords(told, request.params.part, music)))
    tuning = told.heard.tuning_cents
    composer = RepaintComposer(cast, window, key, request.seed, told.pulse, told.playing, tuning)
    band = composer.compose_band(timeline.start_frame)
    context.check()
    target = min(max(told.lufs or TARGET_LUFS, _MIN_LUFS), _MAX_LUFS) + change.loudness
    name, role = _stem_identity(band)
    yield StemStart(name, role, channels=min(source.channels, 2))
    dense = max(0.0, target - _DENSE_LUFS) / 5
    chosen = choose_bank(
        requested_sound(request.options.sound, cast.wish),
        earlier_soundfont(request.options, request.params.recipe),
        band.parts,
    )
    # Played ahead of the grid, the next bar begins inside of the range: its first notes are the source's.
    early = max(_JITTER_SECONDS * timeline.sample_rate - told.pulse.shift_after, 0.0)
    last = window.frames - round(min(early, timeline.frames / 2))
    ensemble = WindowPerformance(band, window, shelf, dense, chosen.bank, last)
    yield from _play_matched(ensemble, timeline, window, told, target, context)
    report = repaint_report(told, key, cast, band, target, timeline) | sound_report(band, chosen)
    yield TaskReport(with_band(with_listening(report)))
    said = repaint_remarks(told, key, why, cast, band, timeline) + sound_remarks(band, chosen)
    said += version_remarks(request.options)
    yield from (Remark(sentence) for sentence in said)


def _play_matched(
    ensemble: WindowPerformance,
    timeline: Timeline,
    window: MusicalRange,
    told: RepaintAnalysis,
    target: float,
    context: TaskContext,
) -> Iterator[Output]:
    """Plays the window, and gives the range's part of it, matched."""
    rate, before, frames = timeline.sample_rate, timeline.start_frame - window.start_frame, timeline.frames
    matched = frames if frames <= _WHOLE_SECONDS * rate else round(_FIRST_SECONDS * rate)
    opening = min(before + matched, window.frames)
    performance = ensemble.play(opening)
    first = next(performance)
    mono = told.around.old.samples.shape[1] < 2
    sample = first[1][before:] if frames >= _SHORT_SECONDS * rate else first[1]
    match = SoundMatcher(sample, told.around.audible_near, rate, target, mono)
    played, skipped = 0, 0
    for notes, made in chain((first,), performance):
        context.check()
        played += len(made)
        yield from emit_notes([notes_in_range(notes, before, frames)], mixed=True)
        ready = match.add(made)
        if played == window.frames:
            ready = np.concatenate((ready, match.finish()))
        late = min(max(before - skipped, 0), len(ready))
        skipped += late
        if len(ready) > late:
            yield StemAudio(0, to_mono_or_stereo(ready[late:], mono))
        yield StageProgress("Playing", max(played - before, 0), frames)


def _stem_identity(band: Band) -> tuple[str, str]:
    """Name and role."""
    if len(band.parts) == 1:
        return band.parts[0].name, band.parts[0].role
    return "Band", "mix"


def _choose_chords(told: RepaintAnalysis, part: str, music: MusicalRange) -> tuple[ChordMark, ...]:
    """The chords that were heard; of a bass alone, as the track is said to be or is heard, its roots."""
    said = parse_prompt(part)
    named = names_a_part(said)
    heard = told.playing is not None and told.playing.part == "bass"
    alone = decisions.part_kinds(said) == ["bass"] if named else heard
    if alone and not told.heard.chords:
        return detect_roots(told.around.old, music, told.heard.tuning_cents)
    return told.heard.chords
