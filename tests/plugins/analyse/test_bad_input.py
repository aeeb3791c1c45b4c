"""What nobody should send to `analyse`, and what has no beat, no key or no sound in it."""

from __future__ import annotations

import tracemalloc

import msgpack
import numpy as np
import pytest

from bandmate_plugins._tasks.analyse import AnalyseTask
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.testing import make_timeline, run_task
from bandmate_protocol.codec import MAX_FRAME_BYTES, MAX_ITEMS
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.plugins.analyse.conftest import EndlessInput, ShrinkingInput, analyse, band

RATE = 44_100


def test_silence_has_nothing_in_it(dsp: LoadedEngine) -> None:
    report, remarks = analyse(np.zeros((RATE * 5, 2), np.float32), dsp)
    assert report["beats"] == report["downbeats"] == report["tempo"] == []
    assert report["chords"] == report["sections"] == []
    assert report["key"] is None
    assert report["loudness"]["integrated_lufs"] is None
    assert report["loudness"]["true_peak_dbtp"] is None
    assert remarks == ("The recording is silent, so there is nothing to analyse.",)


def test_noise_has_no_beat_and_no_key(dsp: LoadedEngine) -> None:
    random = np.random.default_rng(1)
    report, remarks = analyse(random.uniform(-0.3, 0.3, (RATE * 20, 2)).astype(np.float32), dsp)
    assert report["beats"] == []
    assert report["key"] is None
    assert {mark["symbol"] for mark in report["chords"]} == {"N"}
    assert len(remarks) == 2


def test_a_slow_pad_has_no_beat_but_a_chord(dsp: LoadedEngine) -> None:
    time = np.arange(RATE * 20) / RATE
    tones = [
        np.sin(2 * np.pi * hertz * time) * (1 + 0.3 * np.sin(2 * np.pi * 0.07 * time + hertz))
        for hertz in (110.0, 220.0, 261.6, 329.6)
    ]
    report, _ = analyse((0.05 * np.sum(tones, axis=0)).astype(np.float32), dsp)
    assert report["beats"] == []
    assert [mark["symbol"] for mark in report["chords"]] == ["Am"]
    assert report["key"] == "A minor"


@pytest.mark.parametrize("frames", [1, 2, 100, 1_024, RATE // 10, RATE])
def test_very_short_audio(dsp: LoadedEngine, frames: int) -> None:
    report, _ = analyse(band(bars=4)[0][:frames], dsp)
    assert report["frames"] == frames
    assert report["sections"][-1]["end_frame"] == frames
    assert len(report["overview"]["low"]) == min(frames, len(report["overview"]["low"]))


def test_quiet_music_is_heard_like_loud_music(dsp: LoadedEngine) -> None:
    loud, _ = band(bars=8)
    reports = [analyse((loud * level).astype(np.float32), dsp)[0] for level in (1.0, 0.001)]
    for what in ("metre", "key", "chords", "beats"):
        assert reports[0][what] == reports[1][what]


def test_a_source_that_shrinks_is_refused(dsp: LoadedEngine) -> None:
    loop = band(bars=2)[0][:, np.newaxis]
    source = ShrinkingInput(loop, RATE * 10, RATE * 7)
    with pytest.raises(RequestError, match="ends after 308700 of its 441000 frames") as caught:
        run_task("analyse", timeline=make_timeline(sample_rate=RATE), inputs=[source], engine=dsp)
    assert caught.value.code == ErrorCode.INPUT_UNUSABLE


def test_no_source_is_refused(dsp: LoadedEngine) -> None:
    with pytest.raises(RequestError, match="`analyse` needs audio, but none was sent") as caught:
        run_task(AnalyseTask(), engine=dsp)
    assert caught.value.code == ErrorCode.INPUT_MISSING


def test_long_audio_takes_little_memory_and_a_small_report(dsp: LoadedEngine) -> None:
    source = EndlessInput(band(bpm=180, bars=12)[0][:, np.newaxis], RATE * 600)
    asked = make_timeline(frames=source.frames, sample_rate=RATE)
    tracemalloc.start()
    try:
        report = run_task("analyse", timeline=asked, inputs=[source], engine=dsp).report
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # An hour may take 500 MB with all that the process holds besides.
    assert peak < 90e6
    assert len(msgpack.packb(report)) < MAX_FRAME_BYTES / 8
    for values in (report["beats"], report["chords"], report["loudness"]["short_term_lufs"]):
        assert len(values) < MAX_ITEMS
    assert len(report["overview"]["low"]) <= 2_000
