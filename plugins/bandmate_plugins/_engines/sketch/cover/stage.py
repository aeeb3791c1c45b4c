"""What covers and accompaniments share: the source and its loudness, playing, and saying what was heard."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.performance.outputs import emit_audio, emit_notes
from bandmate_plugins._engines.sketch.performance.part_levels import target_loudness
from bandmate_plugins._engines.sketch.performance.performance import TARGET_LUFS, BandPlayer
from bandmate_plugins._engines.sketch.performance.summed_peak import SummedPeak
from bandmate_plugins._engines.sketch.players.band import Band
from bandmate_plugins._engines.sketch.sound.sampler import NoteCache
from bandmate_plugins._engines.sketch.sound.soundfont import ChosenBank, SoundFontBank, choose_bank
from bandmate_plugins._engines.sketch.sound.soundfont.remarks import requested_sound
from bandmate_plugins._engines.sketch.words.loudness import LoudnessWish
from bandmate_plugins._engines.sketch.words.parsed_prompt import ParsedPrompt
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins._listening.melody.voice import BUILT_IN_TRACKER
from bandmate_plugins._listening.transcript import (
    PASSAGE_SECONDS,
    TranscribedPassage,
    Transcript,
)
from bandmate_plugins._platform.installation import how_to_add
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.outputs import RECIPE, Output, StageProgress, StemStart
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_PIECE_SECONDS = 5
ALL_USES = ("drums", "bass", "melody", "chords")
"""What a transcription is used for."""


def choose_loudness(
    request: TaskRequest[Any],
    source: AudioInput,
    context: TaskContext,
    place_lu: float,
    wish: LoudnessWish,
) -> Generator[Output, None, float]:
    """The loudness to play at: `place_lu` above that of the source's first minutes, if it is to match."""
    asked = wish.level_lu + request.params.level
    if not request.params.match_loudness:
        return target_loudness(None, place_lu, TARGET_LUFS, asked)
    rate = request.timeline.sample_rate
    meter = LoudnessMeter(rate, source.channels)
    first = min(max(request.timeline.start_frame - source.start_frame, 0), source.frames)
    last = min(source.frames, first + round(PASSAGE_SECONDS * rate), _source_end(request, source))
    piece = _PIECE_SECONDS * rate
    count = max(-(-(last - first) // piece), 0)
    for step in range(count):
        context.check()
        meter.add(source.read(first + step * piece, min(piece, last - first - step * piece)))
        yield StageProgress("Measuring", step + 1, count)
    lufs = meter.integrated_lufs()
    return target_loudness(TARGET_LUFS if lufs is None else lufs, place_lu, TARGET_LUFS, asked)


def _source_end(request: TaskRequest[Any], source: AudioInput) -> int:
    return max(request.timeline.end_frame - source.start_frame, 0)


def first_audible(transcript: Transcript) -> Generator[Output, None, TranscribedPassage]:
    """The first stretch that is not silent, else the last."""
    yield StageProgress("Analysing", 0, 1)
    stretch = transcript.transcribe_next()
    assert stretch is not None, "a range has a measure"
    while stretch.is_silent and (more := transcript.transcribe_next()) is not None:
        stretch = more
    yield StageProgress("Analysing", 1, 1)
    return stretch


def refuse_silence(stretch: TranscribedPassage, task: str) -> None:
    """Raises RequestError (`input_unusable`) where there is nothing to hear."""
    if stretch.is_silent:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE,
            say("The recording is silent in this range, so there is nothing to {task}.", task=task),
            "Choose a range that is not silent, or use `generate`.",
        )


def announce_stems(band: Band, mixed: bool) -> Iterator[Output]:
    """The stems of a band, or their mix."""
    if mixed:
        yield StemStart("Mix", "mix")
        return
    for part in band.parts:
        yield StemStart(part.name, part.role)


def choose_sound(request: TaskRequest[Any, SketchOptions], wish: ParsedPrompt, band: Band) -> ChosenBank:
    """The SoundFont that plays, or none, as `generate` chooses it."""
    return choose_bank(requested_sound(request.options.sound, wish), request.options.soundfont, band.parts)


def play_band(
    band: Band,
    music: MusicalRange,
    shelf: NoteCache,
    target: float,
    mixed: bool,
    context: TaskContext,
    bank: SoundFontBank | None = None,
    summed: SummedPeak | None = None,
) -> Iterator[Output]:
    """Notes and audio of a band, window by window; `summed` meters it together with other audio."""
    player = BandPlayer(band, music, shelf, target, bank)
    for step, steps, notes, audio in player.play():
        context.check()
        if summed is not None:
            summed.add(audio)
        yield from emit_notes(notes, mixed)
        yield from emit_audio(audio, mixed)
        yield StageProgress("Playing", step, steps)


def describe_passage(
    stretch: TranscribedPassage, among: Sequence[str] = ALL_USES
) -> tuple[list[str], dict[str, Any]]:
    """What was heard and used, in sentences and as a report; `among` is what can be used at all."""
    clear = stretch.clear
    found = {name: bool(getattr(clear, f"has_{name}")) for name in ALL_USES if name in among}
    names = {
        "drums": f"drums ({len(stretch.hits)} strokes)",
        "bass": f"a bass line ({len(stretch.bass)} notes)",
        "melody": f"a melody ({len(stretch.melody)} notes)",
        "chords": f"chords ({len(stretch.chords)} changes)",
    }
    used = [names[name] for name, clearly in found.items() if clearly]
    left = [name for name, clearly in found.items() if not clearly]
    said = [
        f"Detected and used: {', '.join(used)}."
        if used
        else "Nothing was detected clearly enough to be used."
    ]
    if used and left:
        said.append(f"Not clear enough to be used: {', '.join(left)}.")
    figures = {
        "drums": clear.drums, "bass": clear.bass, "melody": clear.melody,
        "chords": max(clear.chords, 0.0), "key": max(clear.key, 0.0), "tonal": clear.tonal,
    }  # fmt: skip
    heard = {
        "used": [name for name, clearly in found.items() if clearly],
        "clearness": {name: round(float(value), 3) for name, value in figures.items()},
        "chords": [one.symbol for one in stretch.chords[:256]] if found.get("chords") else [],
    }
    if not clear.sings:
        return said, {"heard": heard}
    return said, {"heard": {**heard, "tracker": stretch.tracker}, RECIPE: {"tracker": stretch.tracker}}


def voice_remarks(stretch: TranscribedPassage, before: str) -> list[str]:
    """What is told of a voice by itself; `before` is the tracker that a piece was made with before."""
    if not stretch.clear.sings:
        return []
    by = stretch.tracker
    said: list[str] = [
        say("Detected a solo voice; {tracker} tracked its pitch.", tracker=by)
        if by != BUILT_IN_TRACKER
        else "Detected a solo voice; pitch tracked with the built-in tracker."
    ]
    if before not in ("", by):
        how = f" {how_to_add('voice')}" if by == BUILT_IN_TRACKER else ""
        said.append(
            f"It was tracked by {before} before, which is not installed, so its melody may differ.{how}"
        )
    return said
