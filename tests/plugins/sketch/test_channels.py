"""What sounds in any channel is heard, whatever its polarity, in every task that listens."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from bandmate_plugins import LoadedEngine
from bandmate_plugins._engines.dsp import DspEngine
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins.testing import MemoryInput, TaskResult, make_timeline, run_task
from bandmate_protocol.tempo import TempoMap
from tests.plugins.riff import RATE, riff

Audio = NDArray[np.float32]
CENTRE, LFE = 2, 3
TASKS: dict[str, dict[str, Any]] = {
    "cover": {"prompt": "piano", "strength": 0.2},
    "accompany": {"prompt": "upright bass"},
    "repaint": {"prompt": "more of this"},
    "extend": {"prompt": "", "after": 2.0},
    "generate": {"prompt": "upright bass"},
    "analyse": {},
}


def run(task: str, audio: Audio, engine: LoadedEngine, beside: Audio | None = None) -> TaskResult:
    when = make_timeline(6, bpm=120, sample_rate=RATE)
    if task == "repaint":
        tempo = TempoMap.from_timeline(when)
        when = tempo.timeline_between(round(tempo.position_of(3)), round(tempo.position_of(5)))
    inputs = [MemoryInput(audio, role="context" if task == "generate" else "source")]
    if beside is not None:
        inputs.append(MemoryInput(beside, role="context"))
    engine = DspEngine().load("cpu", "full") if task == "analyse" else engine
    return run_task(task, TASKS[task], timeline=when, inputs=inputs, engine=engine, seed=5)


def heard(result: TaskResult) -> dict[str, Any]:
    """What was heard and played, without how wide and how loud it is."""
    names = ("key", "chords", "parts", "instruments", "metre", "beats", "late_ms", "onsets_per_quarter")
    found: dict[str, Any] = {name: result.report[name] for name in names if name in result.report}
    said = [sentence for sentence in result.remarks if "true peak" not in sentence]
    return found | {"notes": [stem.notes for stem in result.stems], "said": said}


def in_channel(number: int, mono: Audio, count: int = 6) -> Audio:
    out = np.zeros((len(mono), count), np.float32)
    out[:, number] = mono
    return out


def pair(left: Audio, right: Audio) -> Audio:
    return np.stack([left, right], axis=1)


@pytest.mark.parametrize("task", TASKS)
def test_reversed_polarity_is_heard_as_the_same_in_phase(task: str, engine: LoadedEngine) -> None:
    one = riff()
    assert heard(run(task, pair(one, -one), engine)) == heard(run(task, pair(one, one), engine))


@pytest.mark.parametrize("task", TASKS)
def test_music_in_one_channel_of_six_is_heard(task: str, engine: LoadedEngine) -> None:
    one = riff()
    alone, mono = (heard(run(task, audio, engine)) for audio in (in_channel(CENTRE, one), one[:, None]))
    for found in (alone, mono):
        found["said"] = [sentence for sentence in found["said"] if "channels" not in sentence]
    assert alone == mono


def test_the_lfe_is_not_heard(engine: LoadedEngine) -> None:
    one = riff()
    tricked = in_channel(CENTRE, one) + in_channel(LFE, riff(600.0))
    assert heard(run("generate", tricked, engine)) == heard(run("generate", in_channel(CENTRE, one), engine))
    assert run("analyse", in_channel(LFE, one), engine).report["key"] is None


def test_a_reversed_track_is_heard_beside_another(engine: LoadedEngine) -> None:
    """Added up in stereo, it would vanish from the mono sum."""
    one, click = riff(), pair(*[np.zeros(len(riff()), np.float32)] * 2)
    click[:: RATE // 2] = 0.3
    opposed = run("generate", pair(one, -one), engine, beside=click)
    assert heard(opposed) == heard(run("generate", pair(one, one), engine, beside=click))
    assert any("It follows the detected chords" in sentence for sentence in opposed.remarks)


def test_what_is_repainted_in_one_channel_of_six_stays_there_and_as_loud(engine: LoadedEngine) -> None:
    source = in_channel(CENTRE, riff())
    made = run("repaint", source, engine).stems[0].samples
    assert made.shape[1] == 6
    assert np.abs(np.delete(made, CENTRE, axis=1)).max() == 0.0
    assert lufs(made) == pytest.approx(lufs(source), abs=1.0)


def lufs(samples: Audio) -> float:
    meter = LoudnessMeter(RATE, samples.shape[1])
    meter.add(samples)
    value = meter.integrated_lufs()
    assert value is not None
    return value
