"""The engine in memory: answers requests with a band's performance, or with what a prompt suggests."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.loudness import LoudnessMeter
from bandmate_plugins.outputs import Output, Piece, Remark, Report, Score, StemStart, Steps
from bandmate_plugins.request import Context, TaskRequest
from bandmate_plugins.sketch import band as bands
from bandmate_plugins.sketch import data
from bandmate_plugins.sketch.player import TARGET_LUFS, Player
from bandmate_plugins.sketch.prompt import read
from bandmate_plugins.sketch.sampler import Shelf
from bandmate_plugins.sketch.telling import remarks, report
from bandmate_protocol.messages import Note
from bandmate_protocol.tempo import TempoMap, check_timeline

_SCORE_NOTES = 1_024
_LISTEN_SECONDS = 2
_LOUDEST_LUFS, _SOFTEST_LUFS = -8.0, -60.0


class LoadedSketch(LoadedEngine):
    """Keeps what it has rendered for the next request."""

    def __init__(self) -> None:
        self._shelf = Shelf()
        for read_all in (data.genres, data.instruments, data.kits, data.words):
            read_all()

    def text(self, request: TaskRequest[Any], context: Context) -> Iterator[Output]:
        """Plays what the prompt asks for, a stem for each part (or their mix), in step with the timeline."""
        timeline = request.timeline
        check_timeline(timeline)
        context.check()
        tempo = TempoMap.of(timeline)
        wish = read(request.params.prompt)
        key, why = bands.key_of(wish, timeline, request.seed)
        band = bands.gather(wish, timeline, tempo, key, request.seed)
        mixed = bool(request.params.mix)
        yield from _announce(band, mixed)
        target = yield from _target(request, context)
        player = Player(band, timeline, tempo, self._shelf, target)
        for step, steps, notes, audio in player.play():
            context.check()
            yield from _notes(notes, mixed)
            yield from _pieces(audio, mixed)
            yield Steps("Playing", step, steps)
        yield Report(report(wish, band, tempo.bpm_at(timeline.start_frame)))
        yield from (Remark(sentence) for sentence in remarks(wish, band, timeline, why))

    def suggest(self, request: TaskRequest[Any], context: Context) -> Iterator[Output]:
        """Reports the tempo, metre and key of the prompt, else those that its style is at home in."""
        context.check()
        wish = read(request.params.prompt)
        key, _ = bands.key_of(wish, None, request.seed)
        numerator, denominator = bands.metre_of(wish)
        yield Report(
            {"bpm": bands.tempo_of(wish), "numerator": numerator, "denominator": denominator, "key": key.name}
        )


def _announce(band: bands.Band, mixed: bool) -> Iterator[Output]:
    if mixed:
        yield StemStart("Mix", "mix")
        return
    for part in band.parts:
        yield StemStart(part.name, part.role)


def _notes(notes: Sequence[Sequence[Note]], mixed: bool) -> Iterator[Output]:
    for stem, new in enumerate(notes):
        for start in range(0, len(new), _SCORE_NOTES):
            yield Score(0 if mixed else stem, new[start : start + _SCORE_NOTES])


def _pieces(audio: Sequence[Any], mixed: bool) -> Iterator[Output]:
    if not len(audio[0]):
        return
    if mixed:
        total = audio[0].copy()
        for stem in audio[1:]:
            total += stem
        yield Piece(0, total)
        return
    for stem, samples in enumerate(audio):
        yield Piece(stem, samples)


def _target(request: TaskRequest[Any], context: Context) -> Generator[Output, None, float]:
    """The loudness to play at; returns it. With audio of the project at hand, it is that audio's."""
    heard = request.input("context") or request.input("reference")
    if heard is None or not request.params.match_loudness:
        return TARGET_LUFS
    meter = LoudnessMeter(request.timeline.sample_rate, heard.channels)
    piece = _LISTEN_SECONDS * request.timeline.sample_rate
    count = -(-heard.frames // piece)
    for step in range(count):
        context.check()
        meter.add(heard.read(step * piece, piece))
        yield Steps("Listening", step + 1, count)
    lufs = meter.integrated_lufs()
    return TARGET_LUFS if lufs is None else min(max(lufs, _SOFTEST_LUFS), _LOUDEST_LUFS)
