"""Chords from Python, in a session and in a project."""

from __future__ import annotations

from pathlib import Path

import pytest

import bandmate
from bandmate_bridge.rpp import Marker, new_project
from bandmate_protocol.messages import TempoPoint


def test_a_chart_is_played_and_reported(band: bandmate.Session) -> None:
    made = band.generate("electric bass", bars=4, bpm=120, chords="Am F C G", seed=1).wait()
    assert [bar["chords"] for bar in made.report["chord_bars"]] == [["Am"], ["F"], ["C"], ["G"]]
    assert "Chords: 1 Am, 2 F, 3 C, 4 G." in made.remarks
    notes = made.stems[0].notes
    roots = [
        min(note.start_seconds for note in notes if note.start_seconds >= 2 * bar - 0.03) for bar in range(4)
    ]
    assert [note.pitch % 12 for note in notes if note.start_seconds in roots] == [9, 5, 0, 7]


def test_a_chart_that_cannot_be_read_starts_no_job(band: bandmate.Session) -> None:
    with pytest.raises(bandmate.BandmateError) as raised:
        band.generate("electric bass", bars=4, chords="Am Hm")
    assert raised.value.code == "bad_params"
    assert "'Hm' in bar 2" in raised.value.sentence


def test_in_a_project_a_chart_comes_before_chord_markers(band: bandmate.Session, tmp_path: Path) -> None:
    project = new_project(
        tmp_path / "song.rpp", sample_rate=48_000, tempo=[TempoPoint(position=0.0, bpm=120.0)]
    )
    project.insert_markers([Marker(0, "Dm", 0), Marker(0, "Gm", 2 * 96_000)])
    project.save()
    song = band.open(project.path)
    made = song.generate("electric bass", at="1.1", bars=4, seed=1)
    assert [bar["chords"] for bar in made.report["chord_bars"]] == [["Dm"], ["Dm"], ["Gm"], ["Gm"]]
    made = song.generate("electric bass", at="1.1", bars=4, seed=1, chords="E A")
    assert [bar["chords"] for bar in made.report["chord_bars"]] == [["E"], ["A"]] * 2
