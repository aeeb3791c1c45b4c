"""Items that play an MP3 of small frames: with an offset, in a second lap, at tape speed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from bandmate_bridge.rpp import Project
from tests.bridge.command_line import CommandLine
from tests.bridge.recordings import RATE, START, audio_song, changed, file_of

SECONDS = 6


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


@pytest.fixture
def song(bandmate: CommandLine) -> Path:
    song = audio_song(bandmate.folder, sample_rate=RATE)
    time = np.arange(RATE * SECONDS) / RATE
    tone = 0.5 * np.sin(2 * np.pi * 220 * time)
    soundfile.write(bandmate.folder / "take.mp3", np.stack([tone, tone], 1), RATE, format="MP3")
    changed(song, "<SOURCE WAVE", "<SOURCE MP3")
    changed(song, "take.wav", "take.mp3")
    return song


def heard(bandmate: CommandLine, song: Path, *where: object) -> np.ndarray:
    """What a job on the item is given: the sum of the stems."""
    bandmate.good("separate", "--into", song, "--track", "Drums", "--mode", "two", *where)
    return sum(read(file_of(track.items[0])) for track in Project.load(song).tracks[2:4])


def off(made: np.ndarray, source: np.ndarray, first: float) -> float:
    """The largest difference from the source at the frame next to where the item plays it."""
    start = round(first)
    return min(
        float(np.abs(made - source[begin : begin + len(made)]).max())
        for begin in (start - 1, start, start + 1)
        if 0 <= begin <= len(source) - len(made)
    )


def test_an_offset(bandmate: CommandLine, song: Path) -> None:
    changed(song, "SOFFS 0", "SOFFS 1.5")
    changed(song, "LENGTH 24", "LENGTH 3.5")
    made = heard(bandmate, song)
    assert len(made) == pytest.approx(3.5 * RATE, abs=1)
    assert off(made, read(bandmate.folder / "take.mp3"), 1.5 * RATE) < 1e-4


def test_a_second_lap(bandmate: CommandLine, song: Path) -> None:
    changed(song, "      LOOP 0", "      LOOP 1")
    made = heard(bandmate, song, "--at", "6.1", "--bars", 1)
    assert len(made) == 2 * RATE
    assert off(made, read(bandmate.folder / "take.mp3"), (10 - START - SECONDS) * RATE) < 1e-4


def test_tape_speed(bandmate: CommandLine, song: Path) -> None:
    changed(song, "PLAYRATE 1 1 0", "PLAYRATE 1.25 0 0")
    changed(song, "LENGTH 24", "LENGTH 4")
    made = heard(bandmate, song)
    source = read(bandmate.folder / "take.mp3")
    expected = soxr.resample(source[: 5 * RATE], RATE * 1.25, RATE, "VHQ")
    middle = slice(1_000, 4 * RATE - 1_000)
    # Where the item begins between two frames, the tape begins with the nearest one.
    shifts = [np.abs(np.roll(expected, by, 0)[middle] - made[middle]).max() for by in (-1, 0, 1)]
    assert min(shifts) < 1e-3
