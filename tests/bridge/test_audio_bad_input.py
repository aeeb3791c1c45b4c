"""Bad input of the commands that work on audio: one sentence, an exit code, every file as it was."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.bridge.command_line import CommandLine
from tests.bridge.recordings import RATE, START, audio_song, changed, recording

BARS = ("--from", "5.1", "--to", "7.1")
DRUMS = ("--track", "Drums")


@pytest.fixture
def song(bandmate: CommandLine) -> Path:
    return audio_song(bandmate.folder)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<SOURCE WAVE", "<SOURCE MIDI", "is MIDI"),
        ("<SOURCE WAVE", "<SOURCE _OFFLINE_WAVE", "is offline"),
        ("<SOURCE WAVE", "<SOURCE VIDEO", "Glue the item"),
        ('FILE "take.wav"', 'FILE "gone.wav"', "which is missing"),
        ("PLAYRATE 1 1 0", "PLAYRATE 1.5 1 0", "at its own pitch. Glue"),
        ("PLAYRATE 1 1 0", "PLAYRATE 1 1 -2", "-2 semitones. Glue"),
        ("SOFFS 0", "SOFFS 0\n      SM 0 0 + 1 1.1", "stretch markers. Glue"),
        ("SOFFS 0", "SOFFS 20", "ends after the audio"),
        ("SOFFS 0", "SOFFS 60", "plays nothing"),
        ("SOFFS 0", "SOFFS -20", "begins before the audio"),
        ("FADEIN 1 0 0", "FADEIN 1 7 0", "fade in"),
        ("FADEOUT 1 0 0", "FADEOUT 1 0 20", "fade out"),
    ],
)
def test_an_item_that_cannot_be_heard_or_split(
    bandmate: CommandLine, song: Path, old: str, new: str, words: str
) -> None:
    changed(song, old, new)
    assert words in bandmate.refused("repaint", "x", "--into", song, *DRUMS, *BARS)


def test_a_reversed_section(bandmate: CommandLine, song: Path) -> None:
    changed(
        song,
        '<SOURCE WAVE\n        FILE "take.wav"\n',
        "<SOURCE SECTION\n        LENGTH 20\n        MODE 2\n",
    )
    changed(
        song,
        "        MODE 2\n",
        '        MODE 2\n        <SOURCE WAVE\n          FILE "take.wav"\n        >\n',
    )
    for command in ("repaint", "separate", "analyse"):
        assert "plays in reverse" in bandmate.refused(command, "--into", song, *DRUMS, *BARS)


def test_an_item_without_a_take(bandmate: CommandLine, song: Path) -> None:
    text = song.read_text()
    start = text.index('      NAME "take"')
    end = text.index("\n    >\n", start) + 1
    song.write_text(text[:start] + text[end:])
    for command in ("repaint", "separate", "analyse"):
        assert "is empty" in bandmate.refused(command, "--into", song, *DRUMS, *BARS)
    changed(song, "    >\n  >", "      TAKE SEL NULL\n    >\n  >")
    assert "has no active take" in bandmate.refused("separate", "--into", song, *DRUMS)


def test_a_loop_over_two_items_is_refused(bandmate: CommandLine, song: Path) -> None:
    text = song.read_text()
    start = text.index("    <ITEM")
    end = text.index("\n  >\n", start) + 1
    song.write_text(
        text[:end] + text[start:end].replace(f"POSITION {START}", "POSITION 26.0001234") + text[end:]
    )
    assert "has 2 items" in bandmate.refused("loop", "--into", song, *DRUMS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*DRUMS, "--from", "1.1", "--to", "3.1"), "The range extends beyond the item on the track"),
        ((*DRUMS, "--from", "13.1", "--to", "15.1"), "The range extends beyond the item on the track"),
        ((*DRUMS, "--from", "40.1", "--to", "41.1"), "track Drums has no items"),
        ((*DRUMS, "--from", "7.1", "--to", "5.1"), "empty"),
        ((*DRUMS, "--from", "7.1", "--to", "7.1"), "empty"),
        ((*DRUMS, "--from", "x", "--to", "7.1"), "not a position"),
        ((*DRUMS, *BARS, "--from", "6.1", "--to", "8.1"), "overlap"),
        ((*DRUMS, "--bars", "2"), "--at"),
        (("--track", "Empty", *BARS), "is empty"),
        (("--track", "Tuba", *BARS), "1 Drums"),
        (DRUMS, "Give --from and --to"),
    ],
)
def test_a_range_or_a_track_that_cannot_be(
    bandmate: CommandLine, song: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert words in bandmate.refused("repaint", "x", "--into", song, *arguments)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("repaint",), "No source given"),
        (("repaint", "take.wav", "x"), "No output given"),
        (("repaint", "take.wav", "x", "-o", "out.wav"), "Give a range"),
        (("repaint", "take.wav", "x", "-o", "out.wav", "--from", "4s"), "--to for each"),
        (("repaint", "take.wav", "x", "-o", "out.wav", *BARS, "--at", "4s"), "not both"),
        (("repaint", "take.wav", "x", "-o", "out.wav", *BARS, "--track", "1"), "--into"),
        (("repaint", "x", "--into", "song.rpp", *BARS, "-o", "out.wav"), "not both"),
        (("repaint", "x", "--into", "song.rpp", *BARS, "--bpm", "90"), "Remove --bpm"),
        (("cover", "take.wav", "-o", "out.wav"), "PROMPT"),
        (("cover", "take.wav", "x", "-o", "out.wav", "--take"), "--take"),
        (("cover", "x", "--into", "song.rpp", "--take", "--stems"), "--take"),
        (("cover", "take.wav", "x", "-o", "out.wav", "--strength", "2"), "range"),
        (("accompany", "take.wav", "x", "-o", "acc/", "--flat"), "--into"),
        (("separate", "take.wav"), "No output given"),
        (("separate", "take.wav", "x", "-o", "stems/"), "Unexpected argument '"),
        (("separate", "take.wav", "-o", "out.wav"), "-o stems/"),
        (("separate", "take.wav", "-o", "stems/", "--mode", "five"), "five"),
        (("separate", "take.wav", "-o", "stems/", "--mute-source"), "--into"),
        (("analyse", "take.wav", "--tempo-map"), "--into"),
        (("analyse", "--into", "song.rpp", "--tempo-map", "--tempo", "project"), "--tempo-map"),
    ],
)
def test_wrong_usage(bandmate: CommandLine, arguments: tuple[str, ...], words: str) -> None:
    recording(bandmate.folder / "take.wav")
    assert words in bandmate.refused(*arguments, code=2)


def test_files_that_cannot_be_used(bandmate: CommandLine) -> None:
    folder = bandmate.folder
    for where in (("-o", "stems/"), ()):
        assert "--into song.rpp" in bandmate.refused("separate", "song.rpp", *where)
    assert "There is no file" in bandmate.refused("separate", "gone.wav", "-o", "stems/")
    (folder / "empty.wav").touch()
    assert "is empty" in bandmate.refused("separate", "empty.wav", "-o", "stems/")
    (folder / "text.wav").write_text("no audio at all\n" * 100)
    assert "Error: " in bandmate.refused("separate", "text.wav", "-o", "stems/")
    assert "is not a WAV file that can be changed in part" in bandmate.refused(
        "repaint", "text.wav", "x", *BARS, "-o", "out.wav"
    )
    broken = np.full((48_000, 2), np.nan, dtype="float32")
    soundfile.write(folder / "nan.wav", broken, 48_000, subtype="FLOAT")
    assert "Error: " in bandmate.refused("separate", "nan.wav", "-o", "stems/")
    recording(folder / "take.wav")
    run = ("repaint", "take.wav", "x", "--bpm", 120, "-o", "out.wav")
    assert "the file has 24.000 s" in bandmate.refused(*run, "--from", "20s", "--to", "25s")
    assert "would overwrite" in bandmate.refused(
        *run[:-1], "take.wav", "--force", "--from", "2s", "--to", "3s"
    )
    (folder / "out.wav").write_bytes(b"mine")
    assert "--force" in bandmate.refused(*run, "--from", "2s", "--to", "3s")


def test_a_file_of_one_sample_and_of_silence(bandmate: CommandLine) -> None:
    soundfile.write(bandmate.folder / "one.wav", np.zeros((1, 2)), RATE)
    soundfile.write(bandmate.folder / "still.wav", np.zeros((RATE, 2)), RATE)
    for name in ("one", "still"):
        bandmate.good("separate", f"{name}.wav", "-o", f"{name}/")
        for stem in (bandmate.folder / name).glob("*.wav"):
            assert soundfile.info(stem).frames == soundfile.info(bandmate.folder / f"{name}.wav").frames
    done = bandmate.good("analyse", "still.wav", "--engine", "dsp")
    assert "Tempo     no beat detected" in done.out


def test_pictures_and_reports_over_files(bandmate: CommandLine, song: Path) -> None:
    (bandmate.folder / "out.json").write_text("mine")
    said = bandmate.refused("analyse", "take.wav", "--json", "out.json", "--engine", "dsp")
    assert "--force" in said
