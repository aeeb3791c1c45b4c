"""`bandmate score` and `--score` on the real command line."""

from __future__ import annotations

import json
from pathlib import Path

import mido
import pytest
import soundfile

from bandmate_bridge.requests.given_score import read_score_file, score_chart
from bandmate_bridge.rpp import Marker, Project, new_project
from bandmate_bridge.rpp.insertions import NewMidi
from bandmate_plugins._score.abc_reader import read_abc
from bandmate_plugins._score.musicxml_reader import read_musicxml
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import Note, TempoPoint
from tests.bridge.command_line import CommandLine
from tests.bridge.midi_files import CHORDS, TUNE, conductor, note_track, write_midi

RATE = 48_000
LEAD_SHEET = 'X:1\nT:Lead sheet\nM:3/4\nL:1/4\nQ:1/4=96\nK:G\n"G"G B d | "C"e3 | "Am"A "D7"c d | "G"G3 |]\n'


def project(folder: Path) -> Path:
    """Four bars of 7/8 at 93 bpm with a melody, chord markers and a region."""
    tempo = [TempoPoint(position=0.0, bpm=93.0, numerator=7, denominator=8)]
    song = new_project(folder / "song.rpp", sample_rate=RATE, tempo=tempo)
    bar = round(3.5 * 60 / 93 * RATE)
    symbols = ("Am", "F", "C", "G7")
    chords = [Marker(0, symbol, number * bar) for number, symbol in enumerate(symbols)]
    song.insert_markers([*chords, Marker(0, "Verse", 0, 4 * bar)])
    eighth = bar / 7
    notes = [
        Note(start=round(number * 2 * eighth), frames=round(2 * eighth), pitch=pitch, velocity=90)
        for number, pitch in enumerate((69, 72, 76, 74, 72, 71, 69))
    ]
    song.insert_midi([NewMidi("Tune", 0, 4 * bar, notes)])
    song.save()
    return song.path


def test_a_project_becomes_a_score_with_its_chords_and_sections(bandmate: CommandLine) -> None:
    project(bandmate.folder)
    said = bandmate.good("score", "--into", "song.rpp", "-o", "song.abc").out
    assert "song.abc: 4 bars; Tune." in said
    bandmate.good("score", "song.rpp", "-o", "song.musicxml", "--key", "A minor")
    text = (bandmate.folder / "song.abc").read_text("utf-8")
    assert '"^Verse"' in text
    for score in (read_abc(text), read_musicxml((bandmate.folder / "song.musicxml").read_bytes())):
        assert [symbol for _, symbol in score.chords] == ["Am", "F", "C", "G7"]
        assert [place for place, _ in score.chords] == [0, 3.5, 7, 10.5]
        assert [one.pitch for one in score.parts[0].notes] == [69, 72, 76, 74, 72, 71, 69]
        assert score.tempi == [(0, 93)]
    assert "already exists" in bandmate.refused("score", "song.rpp", "-o", "song.abc")
    bandmate.good("score", "song.rpp", "-o", "song.abc", "--force", "--section", "Verse")


def test_a_midi_file_and_a_job_become_scores(bandmate: CommandLine) -> None:
    write_midi(
        bandmate.folder / "tune.mid", conductor(), note_track(TUNE, "Tune"), note_track(CHORDS, "Keys")
    )
    bandmate.good("score", "tune.mid", "-o", "tune.musicxml")
    score = read_musicxml((bandmate.folder / "tune.musicxml").read_bytes())
    assert [one.pitch for one in score.parts[0].notes] == [pitch for _, _, pitch, _ in TUNE]
    assert [symbol for _, symbol in score.chords][:4] == ["Am", "F", "C", "G"]
    bandmate.good(
        "generate",
        "upright bass",
        "-o",
        "bass/",
        "--bars",
        4,
        "--bpm",
        90,
        "--seed",
        1,
        "--chords",
        "Am F",
    )
    said = bandmate.good("score", "-o", "bass.abc").out
    assert "bass.abc: 4 bars; Upright bass." in said
    written = read_abc((bandmate.folder / "bass.abc").read_text("utf-8"))
    assert [symbol for _, symbol in written.chords] == ["Am", "F", "Am", "F"]


def test_the_players_of_a_mix_are_voices_over_the_chords_that_they_followed(bandmate: CommandLine) -> None:
    asked = ("generate", "upright bass and trumpet, chords Dm G7 C A7", "--key", "C major", "--bpm", 100)
    bandmate.good(*asked, "--metre", "4/4", "--bars", 4, "-o", "both.wav", "--seed", 1)
    said = bandmate.good("score", "-o", "both.abc").out
    assert "Upright bass" in said
    assert "Trumpet" in said
    score = read_abc((bandmate.folder / "both.abc").read_text("utf-8"))
    assert [symbol for _, symbol in score.chords] == ["Dm", "G7", "C", "A7"]
    assert score.key == "C major"
    bandmate.good("score", "-o", "low.abc", "--midi-track", "upright bass")
    (low,) = read_abc((bandmate.folder / "low.abc").read_text("utf-8")).parts
    assert max(note.pitch for note in low.notes) < 60


def test_new_music_follows_a_score(bandmate: CommandLine) -> None:
    (bandmate.folder / "lead.abc").write_text(LEAD_SHEET, "utf-8")
    said = bandmate.good(
        "generate", "trumpet", "-o", "lead.wav", "--score", "lead.abc", "--midi", "--seed", 1
    ).out
    assert "Chords: 1 G, 2 C, 3 Am D7, then again." in said
    assert "tempo and the metre are those of lead.abc" in said
    assert "The key is G major." in said
    midi = mido.MidiFile(bandmate.folder / "lead.mid")
    pitches = [one.note for track in midi.tracks for one in track if one.type == "note_on" and one.velocity]
    assert pitches == [67, 71, 74, 76, 69, 72, 74, 67]
    said = bandmate.good(
        "generate", "bass", "-o", "bass.wav", "--chords", "lead.abc", "--metre", "3/4", "--bars", 4
    ).out
    assert "Chords: 1 G, 2 C, 3 Am D7, then again." in said


ODD = 'X:1\nT:Odd\nM:7/8\nL:1/8\nQ:1/4=96\nK:Am\n"Am"A7 | "F"A4 "G"B3 | "C"c7 | "E7"B7 |]\n'


def test_notes_and_chords_of_a_score_keep_their_beats_in_another_metre(bandmate: CommandLine) -> None:
    (bandmate.folder / "odd.abc").write_text(ODD, "utf-8")
    song = new_project(
        bandmate.folder / "four.rpp", sample_rate=RATE, tempo=[TempoPoint(position=0.0, bpm=120.0)]
    )
    song.save()
    said = bandmate.good(
        "generate",
        "trumpet",
        "--into",
        "four.rpp",
        "--at",
        "2.1",
        "--score",
        "odd.abc",
        "--midi",
        "--seed",
        1,
    ).out
    assert (
        "odd.abc is in 7/8 and the music in 4/4: notes and chords keep their beats, not their bar lines."
        in said
    )
    assert "Chords: 2 Am F, 3 F G C, 4 C E7, 5 E7." in said
    job = json.loads(bandmate.good("jobs", "--json", "--most", 1).out)[0]
    assert job["params"]["chords"] == "| Am . . . . . . F | . . . G . . C . | . . . . . E7 . . | E7 |"
    project = Project.load(bandmate.folder / "four.rpp")
    played = [
        note
        for track in project.tracks
        for item in track.items
        if item.is_midi
        for note in project.played_notes(track, item)
    ]
    assert [round(note.start - 4, 3) for note in played] == [0, 3.5, 5.5, 7, 10.5]


@pytest.mark.parametrize("follow", ["chords", "auto"])
def test_a_score_decides_tempo_metre_and_length_unless_something_else_does(
    bandmate: CommandLine, follow: str
) -> None:
    (bandmate.folder / "odd.abc").write_text(ODD, "utf-8")
    asked = ("generate", "piano", "--score", "odd.abc", "--follow", follow, "--seed", 1)
    said = bandmate.good(*asked, "-o", "own.wav").out
    assert "The tempo and the metre are those of odd.abc." in said
    assert "Chords: 1 Am, 2 F G, 3 C, 4 E7." in said
    assert soundfile.info(bandmate.folder / "own.wav").duration == pytest.approx(14 * 60 / 96, abs=0.001)
    said = bandmate.good(*asked, "-o", "given.wav", "--bpm", 120, "--metre", "4/4").out
    assert "odd.abc is in 7/8 and the music in 4/4" in said
    assert "Chords: 1 Am F, 2 F G C, 3 C E7, 4 E7." in said


def test_the_chords_of_a_score_keep_their_beats(tmp_path: Path) -> None:
    file = tmp_path / "lead.abc"
    file.write_text(LEAD_SHEET, "utf-8")
    assert score_chart(read_score_file(file), file.name) == "| G | C | Am D7 . | G |"


def test_a_score_says_its_key_if_it_names_a_mode(tmp_path: Path) -> None:
    assert read_abc(LEAD_SHEET).key == "G major"
    assert read_abc("X:1\nK:Ddor\nDEF\n").key == "D dorian"
    assert read_abc("X:1\nK:none\nDEF\n").key == ""
    measure = "<note><pitch><step>C</step><octave>4</octave></pitch><duration>4</duration></note>"
    for mode, key in (("<mode>minor</mode>", "C minor"), ("", "")):
        signs = f"<attributes><divisions>1</divisions><key><fifths>-3</fifths>{mode}</key></attributes>"
        part = f'<part id="P1"><measure number="1">{signs}{measure}</measure></part>'
        score = f"<score-partwise><part-list/>{part}</score-partwise>".encode()
        assert read_musicxml(score).key == key


def test_chords_stay_under_their_notes_where_a_strain_begins_with_a_pickup(tmp_path: Path) -> None:
    file = tmp_path / "pick.abc"
    file.write_text('X:1\nM:3/4\nL:1/4\nK:F\n|:C|"F"F2 A|"C7"G3-|G2:|:A|"Bb"d2 c|"F"F2:|\n', encoding="utf-8")
    assert (
        score_chart(read_score_file(file), file.name)
        == "| N.C. | F | C7 | % | F | C7 | % | Bb | F | Bb | F |"
    )


def test_a_chart_is_bounded_however_short_the_bars_of_a_score_are(tmp_path: Path) -> None:
    file = tmp_path / "short.abc"
    file.write_text('X:1\nM:1/64\nL:1/4\nK:C\n"C"C4096 | "G"G\n', encoding="utf-8")
    with pytest.raises(RequestError, match="more chords than fit"):
        score_chart(read_score_file(file), file.name)


def test_what_cannot_be_a_score_is_refused(bandmate: CommandLine) -> None:
    new_project(
        bandmate.folder / "empty.rpp", sample_rate=RATE, tempo=[TempoPoint(position=0.0, bpm=120.0)]
    ).save()
    (bandmate.folder / "bad.abc").write_text("X:1\nK:C\n?\n", "utf-8")
    (bandmate.folder / "odd.abc").write_text(
        'X:1\nM:4/4\nL:1/4\nK:C\n"Hugo"CDEF|\n"Am"CDEF|"Ax9"C4|\n', "utf-8"
    )
    assert "The project is empty" in bandmate.refused("score", "empty.rpp", "-o", "a.abc")
    assert "neither ABC nor MusicXML" in bandmate.refused("score", "empty.rpp", "-o", "a.pdf")
    refused = bandmate.refused("generate", "trumpet", "-o", "a.wav", "--score", "bad.abc")
    assert "bad.abc: The score cannot be read" in refused
    assert "'Ax9' in bar 3" in bandmate.refused("generate", "trumpet", "-o", "a.wav", "--chords", "odd.abc")
    for option in ("--score", "--chords"):
        refused = bandmate.refused("generate", "trumpet", "-o", "a.wav", option, "gone.abc")
        assert "There is no file gone.abc. Name a score" in refused
    both = ("--score", "odd.abc", "--midi-in", "odd.abc")
    assert "not both" in bandmate.refused("generate", "trumpet", "-o", "a.wav", *both, code=2)
