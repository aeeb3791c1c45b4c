"""Key and chords of MIDI items are those of what is made beside them; what cannot be heard is counted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bandmate_bridge.rpp import Project
from tests.bridge.command_line import CommandLine
from tests.bridge.project.written import WrittenItem, tone, written_project

BB, F = (58, 62, 65), (53, 57, 60)
BAR = 4 * 960
BOTH = "The key, Bb major, and the chords come from the MIDI notes there."


def notes(*bars: tuple[int, ...], channel: int = 0) -> list[str]:
    """A source with a chord a bar."""
    events = []
    for chord in bars:
        events += [f"  E 0 {0x90 | channel:02x} {pitch:02x} 60" for pitch in chord]
        for number, pitch in enumerate(chord):
            events.append(f"  E {0 if number else BAR} {0x80 | channel:02x} {pitch:02x} 00")
    return ["<SOURCE MIDI", "  HASDATA 1 960 QN", *events, "  E 0 b0 7b 00", ">"]


def keys(*lines: str, position: float = 0, **how: object) -> WrittenItem:
    source = notes(*[BB, F] * 4, **how)  # type: ignore[arg-type]
    return WrittenItem(position=position, length=16, lines=list(lines), source=source)


def song_of(bandmate: CommandLine, tracks: dict[str, list[WrittenItem]], **within: list[str]) -> Path:
    path = bandmate.folder / "song.rpp"
    path.write_text(written_project(tracks, within=within))
    return path


def generated(bandmate: CommandLine, song: Path, *more: object) -> str:
    asked = ("generate", "warm upright bass", "--into", song, "--at", "1.1", "--bars", 4)
    return bandmate.good(*asked, "--engine", "sketch", *more).out


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_bass_plays_the_chords_that_are_written(bandmate: CommandLine, seed: int) -> None:
    song = song_of(bandmate, {"Keys": [keys()]})
    said = generated(bandmate, song, "--seed", seed, "--midi")
    assert BOTH in said
    assert "Chords: 1 Bb, 2 F, then again." in said
    assert "The key is Bb major." in said
    project = Project.load(song)
    played = [
        note
        for track in project.tracks[1:]
        for item in track.items
        for note in project.played_notes(track, item)
    ]
    for bar, root in enumerate([10, 5, 10, 5]):
        first = min((note for note in played if note.start >= 4 * bar - 0.05), key=lambda note: note.start)
        assert first.pitch % 12 == root


def test_what_is_muted_drums_and_another_time_are_left_out(bandmate: CommandLine) -> None:
    away = "MIDI notes"
    for tracks, within in (
        ({"Keys": [keys("MUTE 1 0")]}, {}),
        ({"Keys": [keys()]}, {"Keys": ["MUTESOLO 1 0 0"]}),
        ({"Keys": [keys(channel=9)]}, {}),
        ({"Drum kit": [keys()]}, {}),
        ({"Keys": [keys(position=60)]}, {}),
    ):
        song = song_of(bandmate, tracks, **within)
        assert away not in generated(bandmate, song)
    song = song_of(bandmate, {"Keys": [keys()]})
    assert away not in generated(bandmate, song, "--alone")


def test_a_key_that_was_said_stays_and_the_chords_are_written(bandmate: CommandLine) -> None:
    said = generated(bandmate, song_of(bandmate, {"Keys": [keys()]}), "--key", "G minor")
    assert "The chords come from the MIDI notes there." in said
    assert "The key is G minor." in said


@pytest.mark.parametrize("follow", ["groove", "off"])
def test_chords_that_are_not_to_be_followed_are_not_read(bandmate: CommandLine, follow: str) -> None:
    song = song_of(bandmate, {"Keys": [keys()]})
    said = generated(bandmate, song, "--follow", follow)
    assert "The key, Bb major, comes from the MIDI notes there." in said
    assert "chords" not in said.lower()
    assert json.loads(bandmate.good("jobs", "--json", "--most", 1).out)[0]["timeline"].get("chords", []) == []


def test_a_melody_note_beside_it_is_no_chord(bandmate: CommandLine) -> None:
    lone = WrittenItem(length=16, source=notes((69,)))
    assert "hords" not in generated(bandmate, song_of(bandmate, {"Tune": [lone]}))


def test_notes_and_audio_that_cannot_be_heard_are_told_apart(bandmate: CommandLine) -> None:
    pooled = WrittenItem(source=["<SOURCE MIDIPOOL", "  POOLEDEVTS {1}", ">"])
    tracks = {"Keys": [keys()], "More": [pooled], "Voice": [WrittenItem("gone.wav")]}
    said = generated(bandmate, song_of(bandmate, tracks))
    assert BOTH in said
    assert "Not read there: 1 MIDI item and 1 item whose file is missing (gone.wav)." in said


@pytest.mark.parametrize(
    "asked",
    [
        ("accompany", "upright bass"),
        ("cover", "piano"),
        ("repaint", "upright bass", "--from", "1.1", "--to", "5.1"),
    ],
    ids=lambda asked: asked[0],
)
def test_what_is_made_of_an_item_follows_the_notes_beside_it(
    bandmate: CommandLine, asked: tuple[str, ...]
) -> None:
    song = song_of(bandmate, {"Keys": [keys()], "Voice": [WrittenItem()]})
    tone(bandmate.folder / "a.wav", 233.08)
    done = bandmate.good(*asked, "--into", song, "--track", "Voice", "--engine", "sketch")
    assert BOTH in done.out
    assert "The key is Bb major." in done.out


@pytest.mark.parametrize(
    "task", [("accompany", "upright bass"), ("cover", "piano")], ids=lambda task: task[0]
)
def test_notes_beside_several_items_are_followed_too(bandmate: CommandLine, task: tuple[str, str]) -> None:
    halves = [WrittenItem(length=8), WrittenItem(position=8, length=8)]
    song = song_of(bandmate, {"Keys": [keys()], "Voice": halves})
    tone(bandmate.folder / "a.wav", 233.08)
    done = bandmate.good(*task, "--into", song, "--track", "Voice", "--engine", "sketch")
    assert "come from the MIDI notes there" in done.out
    assert "The key is Bb major." in done.out


def test_chords_of_half_a_range_are_followed_there_and_the_last_is_held(bandmate: CommandLine) -> None:
    song = song_of(bandmate, {"Keys": [keys()]})
    said = generated(bandmate, song, "--seed", 1, "--midi", "--bars", 16)
    assert "chords come from the MIDI notes there; after the last note" in said


def test_notes_of_a_part_say_nothing_of_the_rest_where_audio_plays(bandmate: CommandLine) -> None:
    tone(bandmate.folder / "tone.wav", 220.0)
    audio = WrittenItem("tone.wav", position=0, length=8)
    short = WrittenItem(position=4, length=4, lines=[], source=notes(BB, F))
    said = generated(bandmate, song_of(bandmate, {"Tone": [audio], "Keys": [short]}))
    assert "fill only a part of the range, so its chords are detected in the audio" in said
    assert "come from the MIDI notes" not in said
    whole = generated(bandmate, song_of(bandmate, {"Tone": [audio], "Keys": [keys()]}))
    assert BOTH in whole


def test_separation_asks_for_no_notes(bandmate: CommandLine) -> None:
    song = song_of(bandmate, {"Keys": [keys()], "Voice": [WrittenItem()]})
    tone(bandmate.folder / "a.wav", 233.08)
    done = bandmate.good("separate", "--into", song, "--track", "Voice", "--engine", "dsp")
    assert "MIDI" not in done.out


def test_a_midi_item_is_analysed_from_its_notes(bandmate: CommandLine) -> None:
    song = song_of(bandmate, {"Keys": [keys(position=2)], "Voice": [WrittenItem()]})
    done = bandmate.good("analyse", "--into", song, "--track", "Keys", "--json", "out.json")
    assert "Key       Bb major" in done.out
    assert "120.00 bpm, 4/4" in done.out
    assert "Detected key and chords from the MIDI notes" in done.out
    assert "Loudness" not in done.out
    bar = 2 * 44_100
    marks = [(marker.name, marker.frame) for marker in Project.load(song).markers]
    assert marks == [("Bb" if number % 2 == 0 else "F", bar + number * bar) for number in range(8)]
    report = json.loads((bandmate.folder / "out.json").read_text())
    assert (report["key"], len(report["chords"])) == ("Bb major", 8)
    part = bandmate.good("analyse", "--into", song, "--track", "Keys", "--from", "4.1", "--to", "6.1")
    assert "2 chords as markers" in part.out
    drawn = ("analyse", "--into", song, "--track", "Keys", "--png", "a.png")
    assert "This is MIDI and has no audio" in bandmate.refused(*drawn, code=2)
