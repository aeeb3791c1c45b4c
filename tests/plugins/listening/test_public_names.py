"""A third party's engine listens with the public names, and hears what the built-in tasks hear."""

from __future__ import annotations

import json
from importlib.resources import files

import numpy as np

from bandmate_plugins import listening
from bandmate_plugins.testing import MemoryInput, make_timeline, run_task
from bandmate_protocol.tempo import TempoMap
from tests.material.drum_spectra import drum_spectra
from tests.plugins.riff import RATE, riff

WHEN = make_timeline(6, bpm=120, sample_rate=RATE)


def played() -> np.ndarray:
    return riff()[:, None]


def test_analysis_transcript_and_context_agree_on_key_and_chords() -> None:
    audio = played()
    analyser = listening.MusicAnalyser(RATE, 1, len(audio))
    analyser.add(audio)
    whole = analyser.finish_analysis(lambda: None)
    context = listening.ContextAnalyser(RATE)
    context.add(audio)
    around = context.analyse(0, WHEN, TempoMap.from_timeline(WHEN))
    transcript = listening.Transcript(MemoryInput(audio), WHEN, listening.MELODY, lambda: None)
    passage = transcript.transcribe_next()
    assert passage is not None
    assert whole.key == "C major"
    assert around.key == passage.key == listening.Key(0, "major")
    wanted = ["C", "Am", "F", "G", "C", "Am"]
    assert [chord.symbol for chord in whole.chords] == wanted
    assert [chord.symbol for chord in passage.chords] == wanted
    assert [mark.symbol for mark in around.chords] == wanted


def test_results_say_which_version_listened_and_a_redo_of_an_older_one_tells() -> None:
    source = [MemoryInput(played())]
    made = run_task("cover", {"prompt": "piano"}, timeline=WHEN, inputs=source, engine="sketch", seed=3)
    assert made.report["recipe"]["listening"] == listening.LISTENING_VERSION
    assert not any("version" in said for said in made.remarks)
    older = {"prompt": "piano", "listening": "1"}
    again = run_task("cover", older, timeline=WHEN, inputs=source, engine="sketch", seed=3)
    assert any("version 1 of the analysis" in said for said in again.remarks)
    report = run_task("analyse", {}, timeline=WHEN, inputs=source, engine="dsp").report
    assert report["listening"] == listening.LISTENING_VERSION


def test_the_stored_spectra_of_drums_are_those_of_the_kits() -> None:
    text = files("bandmate_plugins._listening").joinpath("drum_spectra.json").read_text("utf-8")
    stored, made = json.loads(text), drum_spectra()
    assert stored.keys() == made.keys()
    for kind, rows in made.items():
        assert np.allclose(stored[kind], rows, rtol=0.02, atol=1e-4)
