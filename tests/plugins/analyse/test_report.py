"""What `analyse` reports of music made from formulas, at any rate, place and tuning."""

from __future__ import annotations

import msgpack
import numpy as np
import pytest

from bandmate_plugins._engines.sketch.loaded import LoadedSketch
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.testing import MemoryInput, make_timeline, run_task
from bandmate_protocol.messages import TempoPoint
from tests.plugins.analyse.conftest import analyse, band
from tests.plugins.listening.songs import metronome
from tests.plugins.sketch.conftest import perform
from tests.plugins.sketch.conftest import timeline as sketch_timeline


def near(told: list[int], truth: list[float], rate: int, start: int = 0, within: float = 0.03) -> float:
    """The share of the true times that were told, to within so many seconds."""
    found = (np.array(told) - start) / rate
    return float(np.mean([np.min(np.abs(found - at)) < within for at in truth]))


def test_all_of_it_is_heard(dsp: LoadedEngine) -> None:
    samples, beats = band(bpm=100, bars=16)
    report, remarks = analyse(samples, dsp)
    assert near(report["beats"], beats, 44_100) > 0.97
    assert near(report["downbeats"], beats[::4], 44_100) > 0.9
    assert len(report["beats"]) <= len(beats) + 1
    assert report["metre"] == "4/4"
    assert len(report["tempo"]) == 1
    assert report["tempo"][0]["bpm"] == pytest.approx(100, abs=0.2)
    assert report["key"] == "C major"
    assert 0 < report["key_confidence"] <= 1
    assert [mark["symbol"] for mark in report["chords"]][:4] == ["C", "Am", "F", "G"]
    edges = [mark["position"] / 44_100 for mark in report["chords"]][1:5]
    assert edges == pytest.approx([2.4, 4.8, 7.2, 9.6], abs=0.05)
    assert report["sections"][0]["start_frame"] == 0
    assert report["sections"][-1]["end_frame"] == len(samples)
    assert remarks == ()


def test_three_beats_make_a_bar(dsp: LoadedEngine) -> None:
    samples, beats = band(bpm=140, beats=3, bars=20)
    report, _ = analyse(samples, dsp)
    assert report["metre"] == "3/4"
    assert near(report["downbeats"], beats[::3], 44_100) > 0.9


def test_a_drifting_tempo_is_followed(dsp: LoadedEngine) -> None:
    samples, beats = band(bpm=100, bars=24, drift=0.1)
    report, _ = analyse(samples, dsp)
    assert near(report["beats"], beats, 44_100, within=0.05) > 0.95
    speeds = [point["bpm"] for point in report["tempo"]]
    assert len(speeds) > 1
    assert speeds[0] == pytest.approx(101, abs=2)
    assert speeds[-1] == pytest.approx(109, abs=2)


@pytest.mark.parametrize(
    ("rate", "channels"), [(8_000, 1), (22_050, 2), (48_000, 3), (96_000, 6), (192_000, 8)]
)
def test_every_rate_and_number_of_channels(dsp: LoadedEngine, rate: int, channels: int) -> None:
    mono, beats = band(rate, bpm=110, bars=8)
    samples = np.repeat(mono[:, np.newaxis], channels, axis=1)
    report, _ = analyse(samples, dsp, rate=rate)
    assert near(report["beats"], beats, rate) > 0.9
    assert report["key"] == "C major"
    assert report["frames"] == len(samples)


def test_channels_in_opposite_phase_are_heard(dsp: LoadedEngine) -> None:
    mono, beats = band(bars=8)
    report, _ = analyse(np.stack((mono, -mono), axis=1), dsp)
    assert near(report["beats"], beats, 44_100) > 0.9


def test_positions_are_the_projects(dsp: LoadedEngine) -> None:
    samples, beats = band(bpm=100, bars=8, start=0.5)
    start = 7_654_321
    report, _ = analyse(samples, dsp, start=start)
    assert report["start_frame"] == start
    assert near(report["beats"], beats, 44_100, start) > 0.9
    marks = [mark["position"] for mark in report["chords"]] + report["downbeats"]
    assert all(start <= mark <= start + len(samples) for mark in marks)
    assert report["chords"][0]["position"] == start


@pytest.mark.parametrize("cents", [-40.0, 35.0])
def test_a_strange_tuning_does_not_matter(dsp: LoadedEngine, cents: float) -> None:
    report, _ = analyse(band(bars=12, cents=cents)[0], dsp)
    assert report["key"] == "C major"
    assert [mark["symbol"] for mark in report["chords"]][:4] == ["C", "Am", "F", "G"]


def test_the_projects_beats_are_taken(dsp: LoadedEngine) -> None:
    samples, _ = band(bpm=100, bars=8)
    points = (
        TempoPoint(position=0.0, bpm=90.0, numerator=3, denominator=4),
        TempoPoint(position=220_500.0, bpm=95.0, numerator=3, denominator=4),
    )
    asked = make_timeline(frames=len(samples), sample_rate=44_100, tempo=points)
    result = run_task(
        "analyse", {"tempo": "project"}, timeline=asked, inputs=[MemoryInput(samples)], engine=dsp
    )
    report = result.report
    assert report["metre"] == "3/4"
    assert [point["bpm"] for point in report["tempo"]] == [90.0, 95.0]
    assert report["beats"][:3] == [0, 29_400, 58_800]
    assert report["downbeats"][:2] == [0, 88_200]


def in_project(samples, dsp: LoadedEngine, bpm: float, start: int = 0, **params) -> dict:
    """The report on an item of a project in 4/4."""
    tempo = (TempoPoint(position=0.0, bpm=bpm),)
    asked = make_timeline(frames=start + len(samples), sample_rate=44_100, tempo=tempo)
    item = MemoryInput(samples, start_frame=start)
    return run_task("analyse", params, timeline=asked, inputs=[item], engine=dsp).report


@pytest.mark.parametrize("bpm", [100.0, 200.0])
def test_the_grid_of_a_project_comes_first_where_it_agrees(dsp: LoadedEngine, bpm: float) -> None:
    samples, _ = band(bpm=100, bars=10)
    report = in_project(samples, dsp, bpm)
    assert report["tempo_source"] == "project"
    assert [point["bpm"] for point in report["tempo"]] == [bpm]
    assert report["beats"][:3] == [round(number * 60 / bpm * 44_100) for number in range(3)]
    assert report["median_bpm"] == bpm
    by_ear = in_project(samples, dsp, bpm, tempo="audio")
    assert by_ear["tempo_source"] == "audio"
    assert by_ear["tempo"][0]["bpm"] == pytest.approx(100, rel=1e-3)


@pytest.mark.parametrize(("bpm", "start"), [(97.0, 0), (120.0, 0), (100.0, 6_615)])
def test_another_tempo_or_place_than_the_projects_is_heard(dsp: LoadedEngine, bpm: float, start: int) -> None:
    samples, beats = band(bpm=100, bars=10)
    report = in_project(samples, dsp, bpm, start)
    assert report["tempo_source"] == "audio"
    assert report["tempo_kind"] == "steady"
    assert report["median_bpm"] == pytest.approx(100, rel=1e-3)
    assert near(report["beats"], beats, 44_100, start, within=0.005) > 0.97


def test_a_tempo_that_moves_is_called_so(dsp: LoadedEngine) -> None:
    report, _ = analyse(band(bpm=100, bars=24, drift=0.1)[0], dsp)
    assert report["tempo_kind"] == "moving"
    assert report["median_bpm"] == pytest.approx(105, abs=2)


def test_a_pulse_without_accents_has_no_metre(dsp: LoadedEngine) -> None:
    samples = metronome(110.0, 1, 20.0).astype(np.float32)
    report, _ = analyse(samples, dsp, rate=22_050)
    assert report["metre"] is None
    assert report["downbeats"] == []
    assert len(report["beats"]) > 35


def test_loudness_is_that_of_the_meter(dsp: LoadedEngine) -> None:
    time = np.arange(48_000 * 20) / 48_000
    # EBU Tech 3341: a stereo sine of 1 kHz at -23 dBFS is -23 LUFS.
    tone = (10 ** (-23 / 20) * np.sin(2 * np.pi * 1_000 * time)).astype(np.float32)
    loudness = analyse(np.stack((tone, tone), axis=1), dsp, rate=48_000)[0]["loudness"]
    assert loudness["integrated_lufs"] == pytest.approx(-23.0, abs=0.1)
    assert loudness["true_peak_dbtp"] == pytest.approx(-23.0, abs=0.2)
    assert loudness["range_lu"] == pytest.approx(0.0, abs=0.1)
    assert loudness["short_term_lufs"] == pytest.approx([-23.0] * 200, abs=0.2)
    assert loudness["short_term_step_frames"] == 4_800


def test_the_overview_is_the_wave(dsp: LoadedEngine) -> None:
    samples = band(bars=4)[0]
    report, _ = analyse(samples, dsp)
    overview = report["overview"]
    step = overview["step_frames"]
    assert len(overview["high"]) == len(overview["low"]) == -(-len(samples) // step) <= 2_000
    assert overview["high"][3] == pytest.approx(samples[3 * step : 4 * step].max(), abs=1e-3)
    assert overview["low"][-1] == pytest.approx(samples[(len(overview["low"]) - 1) * step :].min(), abs=1e-3)


def test_the_same_audio_gives_the_same_report(dsp: LoadedEngine) -> None:
    samples = band(bars=8)[0]
    assert msgpack.packb(analyse(samples, dsp)[0]) == msgpack.packb(analyse(samples, dsp)[0])


@pytest.mark.parametrize(
    ("prompt", "is_guess"),
    [
        ("rock drums", True),
        ("funk drums", True),
        ("congas and shaker", True),
        ("metal", False),
        ("rock bass", False),
    ],
)
def test_a_key_of_drums_alone_is_said_to_be_a_guess(dsp: LoadedEngine, prompt: str, is_guess: bool) -> None:
    show = perform(LoadedSketch(), prompt, sketch_timeline(20.0, bpm=112.0))
    audio = sum(show.audio(number) for number in range(len(show.stems)))
    report, remarks = analyse(np.asarray(audio), dsp, rate=48_000)
    assert any("is little more than a guess" in remark for remark in remarks) == is_guess
    assert (report["key_confidence"] < 0.25) == is_guess


def test_a_metre_of_few_recordings_is_said_to_be_uncertain(dsp: LoadedEngine) -> None:
    """An electric piano alone, in 4/4, whose bars are counted wrongly."""
    audio = perform(LoadedSketch(), "electric piano, lofi", sketch_timeline(30.0, bpm=112.0)).audio(0)
    report, remarks = analyse(audio, dsp, rate=48_000)
    assert report["metre"] == "6/4"
    assert (
        "Few recordings are in 6/4, so the bars, and the tempo with them, may be counted wrongly." in remarks
    )
