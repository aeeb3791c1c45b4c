"""What the sound of the embedded engine costs, by stage, next to the music that it makes meanwhile.

In this process, on one core; notes are rendered once before, as on a warm server.
"""

import time
from contextlib import contextmanager

from bandmate_plugins._engines.sketch import SketchEngine
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._engines.sketch.performance.performance import BandPlayer
from bandmate_plugins._engines.sketch.performance.writer import NoteWriter
from bandmate_plugins._engines.sketch.sound.channel import PartChannel
from bandmate_plugins._engines.sketch.sound.effects import ChorusEffect, RoomReverb, ToneFilter
from bandmate_plugins._engines.sketch.sound.limiter import StemLimiter
from bandmate_plugins._tasks.generate import GenerateParams
from bandmate_plugins.request import TaskRequest
from bandmate_plugins.testing import make_timeline
from bandmate_plugins.testing.running import PatientContext
from tests.bench.figure import Figure, median

RUNS = 4
BARS, BPM = 16, 96
SECONDS = BARS * 240 / BPM
PROMPTS = ("lo-fi hip hop", "rock", "jazz", "trance")
STAGES = {
    "writing notes": (NoteWriter, "until"),
    "notes into streams": (PartChannel, "_sound"),
    "rooms": (RoomReverb, "add"),
    "choruses": (ChorusEffect, "add"),
    "tone": (ToneFilter, "add"),
    "levels": (BandPlayer, "_levelled"),
    "limiter": (StemLimiter, "add"),
}


def measure(folder):
    engine = SketchEngine().load("cpu", "full")
    figures = []
    whole = {prompt: [_seconds(engine, prompt, run) for run in range(RUNS)][1:] for prompt in PROMPTS}
    for prompt, times in whole.items():
        speed = SECONDS / median(times)
        figures.append(
            Figure(f"{prompt}, four stems", speed, "x real time", "the engine alone", None, "at least 20")
        )
    shares = [_shares(engine, run) for run in range(RUNS)]
    for stage in STAGES:
        share = median([each[stage] for each in shares])
        figures.append(Figure(stage, share * 100, "%", f"of {PROMPTS[0]}", share))
    return figures


def _seconds(engine, prompt, seed):
    when = make_timeline(bars=BARS, bpm=BPM)
    request = TaskRequest(GenerateParams(prompt=prompt), when, seed % 3, (), SketchOptions(sound="own"))
    started = time.process_time()
    for _ in engine.text(request, PatientContext()):
        pass
    return time.process_time() - started


def _shares(engine, seed):
    """For each stage, its share of the time of a whole piece."""
    spent = dict.fromkeys(STAGES, 0.0)
    with _all_timed(spent):
        total = _seconds(engine, PROMPTS[0], seed)
    return {stage: seconds / total for stage, seconds in spent.items()}


@contextmanager
def _all_timed(spent):
    before = {stage: getattr(owner, name) for stage, (owner, name) in STAGES.items()}
    try:
        for stage, (owner, name) in STAGES.items():
            setattr(owner, name, _timed(before[stage], stage, spent))
        yield
    finally:
        for stage, (owner, name) in STAGES.items():
            setattr(owner, name, before[stage])


def _timed(function, stage, spent):
    def run(*arguments):
        started = time.process_time()
        try:
            return function(*arguments)
        finally:
            spent[stage] += time.process_time() - started

    return run
