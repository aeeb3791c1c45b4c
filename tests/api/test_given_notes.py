"""Given notes from Python: of a MIDI file in a session, of a track in a project."""

from __future__ import annotations

from pathlib import Path

import pytest

import bandmate
from bandmate_bridge.rpp import NewMidi, new_project
from bandmate_protocol.messages import Note, TempoPoint
from tests.bridge.midi_files import CHORDS, TUNE, conductor, note_track, write_midi


def test_the_notes_of_a_file_are_played_and_redone(band: bandmate.Session, tmp_path: Path) -> None:
    part = write_midi(tmp_path / "part.mid", conductor(((0, 120),)), note_track(TUNE, "Tune"))
    job = band.generate("flute", midi_in=part, seed=1)
    notes = job.wait().stems["Tune"].notes
    assert [(note.start_seconds, note.pitch, note.velocity) for note in notes] == [
        (start / 2, pitch, velocity) for start, _, pitch, velocity in TUNE
    ]


def test_a_band_plays_around_the_notes(band: bandmate.Session, tmp_path: Path) -> None:
    part = write_midi(tmp_path / "part.mid", conductor(), note_track(CHORDS, "Keys"))
    made = band.generate("rock band", midi_in=part, midi_as="chords", seed=1).wait()
    assert [bar["chords"] for bar in made.report["chord_bars"]] == [["Am"], ["F"], ["C"], ["G"]] * 2
    assert len(made.stems["Keys"].notes) == len(CHORDS)
    assert len(made.stems) == 4


def test_a_use_that_does_not_exist_is_refused(band: bandmate.Session, tmp_path: Path) -> None:
    part = write_midi(tmp_path / "part.mid", note_track(TUNE))
    with pytest.raises(bandmate.BandmateError) as raised:
        band.generate("flute", midi_in=part, midi_as="solo").wait()
    assert raised.value.code == "bad_params"
    with pytest.raises(bandmate.BandmateError) as raised:
        band.generate("flute", midi_in=tmp_path / "gone.mid")
    assert raised.value.code == "file_unusable"


def test_midi_items_of_a_project_are_played_where_they_are(band: bandmate.Session, tmp_path: Path) -> None:
    rate = 48_000
    project = new_project(
        tmp_path / "song.rpp", sample_rate=rate, tempo=[TempoPoint(position=0.0, bpm=120.0)]
    )
    notes = [Note(start=at * rate, frames=rate // 2, pitch=60 + at, velocity=90) for at in range(4)]
    project.insert_midi([NewMidi(name="Keys", start_frame=4 * rate, frames=4 * rate, notes=notes)])
    project.save()
    made = band.open(project.path).generate("flute", midi_track="Keys", midi=True, seed=1)
    assert made.report["given_notes"] == [{"part": "Keys", "sound": "flute", "notes": 4}]
    with pytest.raises(bandmate.BandmateError, match="no track named 'Bass'"):
        band.open(project.path).generate("flute", midi_track="Bass")
