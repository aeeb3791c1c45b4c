"""Commands on files that hold less than they promise, and on MP3s, on the disk and in projects."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.rpp import Project
from tests.bridge.command_line import CommandLine
from tests.bridge.recordings import RATE, SECONDS, START, audio_song, changed, file_of, items_of, recording
from tests.wrong_lengths import mp3, sized, without_xing

DRUMS = ("--track", "Drums")
THERE = 10
SENTENCE = f"The source file is truncated: its header promises {SECONDS:.1f} s, but it has {THERE:.1f} s."


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


def cut(path: Path) -> None:
    """Leaves 10 s of a stereo file of 16 bits."""
    path.write_bytes(path.read_bytes()[: 44 + THERE * RATE * 4])


@pytest.fixture
def song(bandmate: CommandLine) -> Path:
    """The item plays 24 s of a file of which 10 s are there."""
    song = audio_song(bandmate.folder)
    cut(bandmate.folder / "take.wav")
    return song


@pytest.mark.parametrize(
    "command",
    [
        ("analyse", "mix.wav", "--engine", "dsp"),
        ("separate", "mix.wav", "--mode", "two", "-o", "stems/"),
        ("cover", "mix.wav", "as a string quartet", "-o", "out.wav", "--bpm", 120),
        ("accompany", "mix.wav", "add a shaker", "-o", "out.wav", "--bpm", 120),
        ("repaint", "mix.wav", "drums", "-o", "out.wav", "--from", "4s", "--to", "6s", "--bpm", 120),
        ("extend", "mix.wav", "drums", "-o", "out.wav", "--after", 1, "--bpm", 120),
        ("loop", "mix.wav", "-o", "out.wav", "--bpm", 120, "--from", "2s", "--to", "6s"),
    ],
    ids=lambda command: command[0],
)
def test_a_file_that_is_cut_short_is_told_once(bandmate: CommandLine, command: tuple[object, ...]) -> None:
    recording(bandmate.folder / "mix.wav")
    cut(bandmate.folder / "mix.wav")
    done = bandmate.good(*command)
    assert (done.out + done.err).count("truncated") == 1
    assert SENTENCE in done.out


def test_a_range_in_what_is_missing_is_refused(bandmate: CommandLine) -> None:
    recording(bandmate.folder / "mix.wav")
    cut(bandmate.folder / "mix.wav")
    said = bandmate.refused("separate", "mix.wav", "-o", "out/", "--from", "9s", "--to", "12s")
    assert "has 10.000 s of the 24.000 s that its header promises" in said


@pytest.mark.parametrize("loops", [0, 1])
def test_an_item_keeps_its_length(bandmate: CommandLine, song: Path, loops: int) -> None:
    """What is missing is silent, and no loop begins there."""
    changed(song, "      LOOP 0", f"      LOOP {loops}")
    done = bandmate.good("separate", "--into", song, *DRUMS, "--mode", "two")
    assert SENTENCE in done.out
    tracks = Project.load(song).tracks
    source = tracks[0].items[0]
    stems = [read(file_of(track.items[0])) for track in tracks[2:4]]
    for track, stem in zip(tracks[2:4], stems, strict=True):
        assert track.items[0].frames == source.frames == len(stem) == SECONDS * 48_000
    assert np.abs(stems[0][: 9 * 48_000]).max() > 0.01
    assert np.abs(sum(stems)[(THERE + 1) * 48_000 :]).max() < 1e-4


def test_a_repaint_beside_what_is_missing(bandmate: CommandLine, song: Path) -> None:
    done = bandmate.good("repaint", "drums", "--into", song, *DRUMS, "--from", "5.1", "--to", "6.1")
    assert done.out.count("truncated") == 1
    left, middle, right = items_of(song)
    assert [len(item.takes) for item in (left, middle, right)] == [1, 2, 1]
    assert left.start_frame == round(START * 48_000)
    assert abs(right.end_frame - round((START + SECONDS) * 48_000)) <= 1


def test_another_track_whose_file_is_cut_short(bandmate: CommandLine, song: Path) -> None:
    done = bandmate.good("generate", "warm upright bass", "--into", song, "--at", "3.1", "--bars", 4)
    assert "A file on another track is truncated" in done.out


@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE"])
def test_an_mp3_without_a_header(bandmate: CommandLine, mode: str) -> None:
    samples = recording(bandmate.folder / "mix.wav", seconds=6)
    (bandmate.folder / "bare.mp3").write_bytes(without_xing(mp3(samples, RATE, mode)))
    done = bandmate.good("analyse", "bare.mp3", "--engine", "dsp", "--json", "out.json")
    frames = json.loads((bandmate.folder / "out.json").read_text())["frames"]
    assert frames % 1_152 == 0
    assert 6 * RATE < frames < 6 * RATE + 4 * 1_152
    assert "truncated" not in done.out


def test_the_stems_of_an_mp3_add_up_to_one_pass_through_it(bandmate: CommandLine) -> None:
    time = np.arange(RATE * 6) / RATE
    tone = 0.5 * np.sin(2 * np.pi * 220 * time)
    soundfile.write(bandmate.folder / "tone.mp3", np.stack([tone, tone], 1), RATE, format="MP3")
    bandmate.good("separate", "tone.mp3", "--mode", "two", "-o", "stems/")
    stems = [read(path) for path in (bandmate.folder / "stems").glob("*.wav")]
    assert np.abs(sum(stems) - read(bandmate.folder / "tone.mp3")).max() < 1e-4


@pytest.mark.parametrize("longer", [0.05, -0.05])
def test_an_item_of_an_mp3_whose_end_the_daw_finds_elsewhere(
    bandmate: CommandLine, song: Path, longer: float
) -> None:
    samples = recording(bandmate.folder / "take.wav", seconds=8)
    (bandmate.folder / "take.mp3").write_bytes(mp3(samples, RATE))
    changed(song, "<SOURCE WAVE", "<SOURCE MP3")
    changed(song, "take.wav", "take.mp3")
    changed(song, "LENGTH 24", f"LENGTH {8 + longer}")
    changed(song, "      LOOP 0", "      LOOP 1")
    bandmate.good("separate", "--into", song, *DRUMS, "--mode", "two")
    tracks = Project.load(song).tracks
    assert {track.items[0].frames for track in (tracks[0], *tracks[2:4])} == {round((8 + longer) * 48_000)}


def test_a_range_repainted_in_a_wav_without_sizes(bandmate: CommandLine) -> None:
    heard = recording(bandmate.folder / "mix.wav", seconds=8)
    path = bandmate.folder / "mix.wav"
    path.write_bytes(sized(path.read_bytes(), 0))
    done = bandmate.good(
        "repaint", "mix.wav", "drums", "-o", "out.wav", "--from", "2s", "--to", "4s", "--bpm", 120
    )
    assert "truncated" not in done.out
    made = read(bandmate.folder / "out.wav")
    assert len(made) == len(heard)
    assert np.array_equal(made[: 2 * RATE], heard[: 2 * RATE])
    assert np.array_equal(made[4 * RATE :], heard[4 * RATE :])
    assert not np.array_equal(made, heard)
