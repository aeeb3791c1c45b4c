"""What plays at the same time: the other tracks as one recording, its loudness, and the music in it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from bandmate_plugins._listening.context import ContextAnalyser, ContextAnalysis
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins._listening.mixed_input import mix_inputs
from bandmate_plugins.outputs import Output, StageProgress
from bandmate_plugins.request import AudioInput, TaskContext, TaskRequest

_LISTEN_SECONDS = 2


def playing_tracks(request: TaskRequest[Any]) -> list[AudioInput]:
    """The audio of the other tracks."""
    return [audio for audio in request.inputs if audio.role == "context" and audio.frames]


def mix_tracks(request: TaskRequest[Any], tracks: Sequence[AudioInput]) -> AudioInput | None:
    """Tracks as one recording; None for none."""
    return mix_inputs(tracks, request.timeline.sample_rate)


def analyse_audio(
    request: TaskRequest[Any], audio: AudioInput, context: TaskContext
) -> Generator[Output, None, tuple[float | None, ContextAnalysis]]:
    """The integrated loudness of audio, None for silence, and its key, chords, register and tuning."""
    rate = request.timeline.sample_rate
    meter, listener = LoudnessMeter(rate, audio.channels), ContextAnalyser(rate)
    piece = _LISTEN_SECONDS * rate
    count = -(-audio.frames // piece)
    for step in range(count):
        context.check()
        samples = audio.read(step * piece, piece)
        meter.add(samples)
        listener.add(samples)
        yield StageProgress("Analysing", step + 1, count)
    heard = listener.analyse(audio.start_frame, request.timeline, request.tempo)
    return meter.integrated_lufs(), heard


def analyse_song(
    request: TaskRequest[Any], source: AudioInput, context: TaskContext
) -> Generator[Output, None, tuple[AudioInput, bool, ContextAnalysis]]:
    """The source and the other tracks as one recording, whether those sound at all, and key and chords of it.

    Where the other tracks have no key of their own, such as drums, nothing is told of their harmony.
    """
    tracks = playing_tracks(request)
    others = mix_tracks(request, tracks)
    if others is None:
        return source, False, ContextAnalysis()
    lufs, alone = yield from analyse_audio(request, others, context)
    if lufs is None:
        return source, False, ContextAnalysis()
    song = mix_tracks(request, [source, *tracks]) or source
    if alone.key is None:
        return song, True, ContextAnalysis()
    _, together = yield from analyse_audio(request, song, context)
    return song, True, together if together.chords or not alone.chords else alone
