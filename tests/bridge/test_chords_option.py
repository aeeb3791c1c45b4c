"""`--chords` and the chord markers of a project, on the real command line."""

from __future__ import annotations

from pathlib import Path

import mido
import pytest

from bandmate_bridge.rpp import Marker, Project, new_project
from bandmate_protocol.messages import TempoPoint
from tests.bridge.command_line import CommandLine

RATE = 48_000
SAID = "Chords: 1 Am, 2 F, 3 C, 4 G, then again."


def bass_roots(path: Path, bars: int) -> list[int]:
    """The first pitch class in each bar of four quarters of a MIDI file."""
    midi = mido.MidiFile(path)
    starts: list[tuple[float, int]] = []
    for track in midi.tracks:
        ticks = 0
        for message in track:
            ticks += message.time
            if message.type == "note_on" and message.velocity:
                starts.append((ticks / midi.ticks_per_beat, message.note))
    return [min(one for one in starts if one[0] >= 4 * bar - 0.05)[1] % 12 for bar in range(bars)]


def project_roots(song: Path, bars: range) -> list[int]:
    project = Project.load(song)
    played = [
        note
        for track in project.tracks
        for item in track.items
        if item.is_midi
        for note in project.played_notes(track, item)
    ]
    return [
        min((note for note in played if note.start >= 4 * bar - 0.05), key=lambda note: note.start).pitch % 12
        for bar in bars
    ]


def blank_song(folder: Path, markers: list[Marker] | None = None) -> Path:
    project = new_project(folder / "song.rpp", sample_rate=RATE, tempo=[TempoPoint(position=0.0, bpm=120.0)])
    project.insert_markers(markers or [])
    project.save()
    return project.path


def markers(*symbols: str, first_bar: int = 1) -> list[Marker]:
    """One marker a bar of two seconds."""
    return [Marker(0, symbol, (first_bar - 1 + bar) * 2 * RATE) for bar, symbol in enumerate(symbols)]


def test_chords_on_the_command_line_are_played(bandmate: CommandLine) -> None:
    done = bandmate.good(
        "generate",
        "electric bass",
        "-o",
        "out.wav",
        "--midi",
        "--bars",
        8,
        "--bpm",
        120,
        "--chords",
        "Am F C G",
    )
    assert SAID in done.out
    assert bass_roots(bandmate.folder / "out.mid", 8) == [9, 5, 0, 7] * 2


def test_degrees_take_the_key_that_is_given_or_that_of_the_prompt(bandmate: CommandLine) -> None:
    asked = ("generate", "electric bass", "-o")
    said = bandmate.good(*asked, "a.wav", "--bars", 3, "--chords", "ii7 V7 Imaj7", "--key", "Bb").out
    assert "Chords: 1 Cm7, 2 F7, 3 Bbmaj7." in said
    said = bandmate.good(
        "generate", "bass in D major", "-o", "b.wav", "--bars", 4, "--chords", "1 4 5 6-"
    ).out
    assert "Chords: 1 D, 2 G, 3 A, 4 B-." in said


def test_the_key_follows_from_chords_in_letters(bandmate: CommandLine) -> None:
    said = bandmate.good(
        "generate", "lofi keys", "-o", "a.wav", "--bars", 4, "--chords", "F#m D A E", "--seed", 3
    ).out
    assert "The key is F# minor" in said or "The key is A major" in said
    assert "major" not in said.partition("Chosen")[2].partition("\n")[0]


def test_chords_from_a_chord_pro_file(bandmate: CommandLine) -> None:
    (bandmate.folder / "song.cho").write_text("{title: x}\n{key: Am}\n[Am]One [F]two\n[C]three [G]four\n")
    for given in ("song.cho", "@song.cho"):
        done = bandmate.good("generate", "bass", "-o", "out.wav", "--bars", 8, "--force", "--chords", given)
        assert SAID in done.out


def test_accompany_and_repaint_take_chords(bandmate: CommandLine) -> None:
    bandmate.good("generate", "piano", "-o", "in.wav", "--bars", 4, "--bpm", 120, "--seed", 1)
    done = bandmate.good(
        "accompany", "in.wav", "electric bass", "-o", "bass.wav", "--midi", "--bpm", 120, "--chords", "Eb Bb"
    )
    assert "Chords: 1 Eb, 2 Bb, then again." in done.out
    assert bass_roots(bandmate.folder / "bass.mid", 4) == [3, 10, 3, 10]
    done = bandmate.good("cover", "in.wav", "jazz", "-o", "cover.wav", "--bpm", 120, "--chords", "Eb Bb")
    assert "Chords: 1 Eb, 2 Bb, then again." in done.out
    done = bandmate.good(
        "repaint", "in.wav", "-o", "new.wav", "--bpm", 120, "--from", "2.1", "--to", "4.1", "--chords", "Eb Bb"
    )  # fmt: skip
    assert "Chords: 2 Eb, 3 Bb." in done.out


def test_what_is_followed_is_said_on_the_command_line(bandmate: CommandLine) -> None:
    asked = ("generate", "electric bass", "--midi", "--bars", 4, "--bpm", 120, "--seed", 1)
    bandmate.good(*asked, "-o", "led.wav", "--chords", "Ebm", "--follow", "chords", "--json")
    assert set(bass_roots(bandmate.folder / "led.mid", 4)) == {3}
    assert "no chords to follow" in bandmate.refused(*asked, "-o", "none.wav", "--follow", "chords")
    bandmate.good(
        "generate", "flute in C major", "-o", "hum.wav", "--midi", "--bars", 4, "--bpm", 120, "--seed", 1
    )
    heard = ("--context", "hum.wav", "--bpm", 120, "--bars", 4, "--follow", "melody")
    said = bandmate.good("generate", "trumpet", "-o", "brass.wav", *heard).out
    assert "The melody was heard in the recording:" in said


@pytest.mark.parametrize(
    ("chords", "named"),
    [("Am Hm", "'Hm' in bar 2"), ("", "no chords"), ("(Am", "opens (")],
)
def test_a_chart_that_cannot_be_read_makes_nothing(bandmate: CommandLine, chords: str, named: str) -> None:
    assert named in bandmate.refused("generate", "bass", "-o", "out.wav", "--chords", chords)


def test_a_chart_file_that_is_not_there_is_named(bandmate: CommandLine) -> None:
    assert "gone.cho" in bandmate.refused("generate", "bass", "-o", "out.wav", "--chords", "gone.cho", code=2)


def test_chords_begin_where_the_range_begins_in_a_project(bandmate: CommandLine) -> None:
    song = blank_song(bandmate.folder)
    said = bandmate.good(
        "generate",
        "electric bass",
        "--into",
        song,
        "--at",
        "9.1",
        "--bars",
        8,
        "--midi",
        "--chords",
        "Am F C G",
    ).out
    assert "Chords: 9 Am, 10 F, 11 C, 12 G, then again." in said
    assert project_roots(song, range(8, 16)) == [9, 5, 0, 7] * 2


def test_chord_markers_of_a_project_are_played(bandmate: CommandLine) -> None:
    song = blank_song(bandmate.folder, markers("Am", "F", "C", "G", "Intro"))
    said = bandmate.good(
        "generate", "electric bass", "--into", song, "--at", "1.1", "--bars", 4, "--midi"
    ).out
    assert "The project's chord markers are played." in said
    assert "Chords: 1 Am, 2 F, 3 C, 4 G." in said
    assert project_roots(song, range(4)) == [9, 5, 0, 7]


def test_chord_regions_are_played_and_given_chords_come_first(bandmate: CommandLine) -> None:
    regions = [Marker(0, name, at * RATE, (at + 4) * RATE) for at, name in ((0, "Dm"), (4, "Bb"))]
    song = blank_song(bandmate.folder, regions)
    asked = ("generate", "electric bass", "--into", song, "--at", "1.1", "--bars", 4)
    assert "Chords: 1 Dm, 2 Dm, 3 Bb, 4 Bb." in bandmate.good(*asked).out
    said = bandmate.good(*asked, "--chords", "E B").out
    assert "Chords: 1 E, 2 B, then again." in said
    assert "markers" not in said
    assert "markers" not in bandmate.good(*asked, "--alone").out


def test_rehearsal_letters_and_markers_elsewhere_are_no_chords(bandmate: CommandLine) -> None:
    for names, first_bar in (("A", "B", "A", "C"), 1), (("Am", "F"), 40), (("E",), 1), (("Verse", "1"), 1):
        (bandmate.folder / "song.rpp").unlink(missing_ok=True)
        song = blank_song(bandmate.folder, markers(*names, first_bar=first_bar))
        asked = ("generate", "electric bass", "--into", song, "--at", "1.1", "--bars", 4)
        assert "chord markers" not in bandmate.good(*asked).out
