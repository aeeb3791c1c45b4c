"""What is played to a recording is in the recording's tuning, wherever between two semitones that lies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bandmate_plugins import LoadedEngine
from bandmate_plugins._engines.dsp import DspEngine
from bandmate_plugins._listening.context import ContextAnalyser
from bandmate_plugins._theory.keys import parse_key
from bandmate_plugins.testing import MemoryInput, TaskResult, make_timeline, run_task
from bandmate_protocol.tempo import TempoMap
from tests.plugins.cover.pieces import noise, speech
from tests.plugins.riff import RATE, riff
from tests.plugins.sketch.conftest import perform
from tests.plugins.sketch.conftest import timeline as plain_timeline

Audio = NDArray[np.float32]
WITHIN_CENTS = 5.0
TASKS: dict[str, dict[str, Any]] = {
    "repaint": {"prompt": "piano chords"},
    "accompany": {"prompt": "piano"},
    "cover": {"prompt": "piano", "strength": 0.2},
    "extend": {"prompt": "piano chords", "after": 2.0},
    "generate": {"prompt": "piano chords"},
}


def run(task: str, audio: Audio, engine: LoadedEngine, key: str | None = None) -> TaskResult:
    when = make_timeline(6, bpm=120, sample_rate=RATE, key=key)
    if task == "repaint":
        tempo = TempoMap.from_timeline(when)
        when = tempo.timeline_between(round(tempo.position_of(3)), round(tempo.position_of(5)), key=key)
    given = MemoryInput(audio, role="context" if task == "generate" else "source")
    params = TASKS[task] | ({"sound": "own"} if task == "generate" else {})
    return run_task(task, params, timeline=when, inputs=[given], engine=engine, seed=5)


def cents_of(result: TaskResult) -> float:
    """How far the fundamentals of the notes lie above concert pitch: the median, from their spectra."""
    stem = result.stems[0]
    mono, found = stem.samples.mean(axis=1), []
    for note in stem.notes:
        part = mono[note.start + RATE // 50 : note.start + min(note.frames, RATE // 2)]
        if len(part) < RATE // 5 or note.pitch < 50:
            continue
        power = np.abs(np.fft.rfft(part * np.hanning(len(part)), 1 << 18))
        pitch = 69 + 12 * np.log2(np.maximum(np.fft.rfftfreq(1 << 18, 1 / RATE), 1) / 440)
        near = np.flatnonzero(np.abs(pitch - note.pitch) < 0.8)
        found.append(100 * (pitch[near[np.argmax(power[near])]] - note.pitch))
    assert len(found) >= 4
    return float(np.median(found))


@pytest.mark.parametrize("cents", [-40, 25])
@pytest.mark.parametrize("task", TASKS)
def test_every_task_plays_in_the_recordings_tuning(task: str, cents: int, engine: LoadedEngine) -> None:
    result = run(task, riff(cents)[:, None], engine)
    assert result.report["key"] == "C major"
    assert result.report["tuning_cents"] == pytest.approx(cents, abs=2)
    assert cents_of(result) == pytest.approx(cents, abs=WITHIN_CENTS)
    if task != "extend":
        assert any(f"{abs(result.report['tuning_cents'])} cents" in said for said in result.remarks)


@pytest.mark.parametrize("cents", [-50, -30, -10, 10, 45, 50])
def test_a_repaint_is_in_tune_anywhere_between_two_semitones(cents: int, engine: LoadedEngine) -> None:
    result = run("repaint", riff(cents)[:, None], engine)
    heard = cents_of(result)
    tonic = parse_key(result.report["key"]).tonic
    # Half a semitone sharp of C is half a semitone flat of C sharp.
    assert (100 * tonic + heard - cents + 600) % 1200 - 600 == pytest.approx(0, abs=WITHIN_CENTS)


@pytest.mark.parametrize("task", ["accompany", "generate"])
@pytest.mark.parametrize("cents", [-53, 53])
def test_a_key_that_is_given_says_which_semitone_is_meant(
    task: str, cents: int, engine: LoadedEngine
) -> None:
    result = run(task, riff(cents)[:, None], engine, key="C major")
    assert result.report["tuning_cents"] == pytest.approx(cents, abs=2)
    assert cents_of(result) == pytest.approx(cents, abs=WITHIN_CENTS)


@pytest.mark.parametrize("task", ["repaint", "accompany", "cover"])
def test_concert_pitch_is_left_alone(task: str, engine: LoadedEngine) -> None:
    result = run(task, riff()[:, None], engine)
    assert result.report["tuning_cents"] == 0
    assert not any("concert pitch" in said for said in result.remarks)


@pytest.mark.parametrize("kind", ["rock drums", "808 drums", "congas", "noise", "speech"])
def test_no_tuning_is_made_up_for_drums_speech_and_noise(kind: str, engine: LoadedEngine) -> None:
    if kind in ("noise", "speech"):
        made = {"noise": noise, "speech": speech}[kind](10.0, RATE)
    else:
        made = perform(engine, kind, plain_timeline(10, 110, rate=RATE, key="C major")).mix
    when = make_timeline(4, sample_rate=RATE)
    listener = ContextAnalyser(RATE)
    listener.add(made)
    assert listener.analyse(0, when, TempoMap.from_timeline(when)).tuning_cents == 0
    assert analysed(made)["tuning_cents"] is None


def analysed(audio: Audio) -> dict[str, Any]:
    when = make_timeline(frames=len(audio), sample_rate=RATE)
    dsp = DspEngine().load("cpu", "full")
    return dict(run_task("analyse", {}, timeline=when, inputs=[MemoryInput(audio)], engine=dsp).report)


@pytest.mark.parametrize(("cents", "told"), [(-40, -40), (3, 0), (20, 20)])
def test_analyse_reports_the_tuning_and_hears_the_same_chords(cents: int, told: int) -> None:
    plain, report = (analysed(riff(off)[:, None]) for off in (0, cents))
    assert plain["tuning_cents"] == 0
    assert report["tuning_cents"] == pytest.approx(told, abs=2)
    assert report["key"] == plain["key"]
    assert [mark["symbol"] for mark in report["chords"]] == ["C", "Am", "F", "G", "C", "Am"]
