"""`bandmate extend` and `bandmate loop`, in projects and on files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.rpp import Project
from tests.bridge.command_line import CommandLine
from tests.bridge.recordings import RATE, audio_song, file_of, items_of, recording

MUSIC = ("--bpm", 120, "--metre", "4/4")


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


def test_a_file_goes_on_and_is_led_up_to(bandmate: CommandLine) -> None:
    heard = recording(bandmate.folder / "take.wav", seconds=8.0)
    bandmate.good("extend", "take.wav", "--after", 1, "-o", "longer.wav", *MUSIC)
    longer = read(bandmate.folder / "longer.wav")
    assert len(longer) == 10 * RATE
    kept = 7 * RATE
    np.testing.assert_allclose(longer[:kept], heard[:kept], atol=1e-4)
    assert np.abs(longer[8 * RATE :]).mean() > 1e-3
    done = bandmate.good("extend", "take.wav", "--before", 1, "-o", "intro.wav", *MUSIC)
    assert len(read(bandmate.folder / "intro.wav")) == 10 * RATE  # it does not go on as well
    assert "2.000 s later" in done.out


def test_a_file_loops(bandmate: CommandLine) -> None:
    heard = recording(bandmate.folder / "take.wav", seconds=8.0)
    bandmate.good("loop", "take.wav", "--seam", 1, "-o", "loop.wav", *MUSIC)
    loop = read(bandmate.folder / "loop.wav")
    assert loop.shape == heard.shape
    np.testing.assert_allclose(loop[RATE:-RATE], heard[RATE:-RATE], atol=1e-4)
    step = np.abs(loop[0] - loop[-1]).max()
    assert step <= np.abs(np.diff(loop, axis=0)).max()


@pytest.fixture
def song(bandmate: CommandLine) -> Path:
    return audio_song(bandmate.folder)


@pytest.mark.parametrize(("option", "starts", "ends"), [("--after", 0, 2), ("--before", -2, 0)])
def test_what_a_repaint_split_is_extended_as_a_whole(
    bandmate: CommandLine, song: Path, option: str, starts: int, ends: int
) -> None:
    bandmate.good("repaint", "busier", "--into", song, "--track", "Drums", "--from", "4.1", "--to", "6.1")
    pieces = items_of(song)
    assert len(pieces) == 3
    bandmate.good("extend", "--into", song, "--track", "Drums", option, 1)
    (longer,) = items_of(song, 1)
    assert abs(longer.start_frame - (pieces[0].start_frame + starts * 48_000)) <= 1
    assert abs(longer.end_frame - (pieces[-1].end_frame + ends * 48_000)) <= 1
    assert all(piece.muted for piece in items_of(song))


def test_a_part_of_an_item_is_not_extended_as_the_rest_would_be_silent(
    bandmate: CommandLine, song: Path
) -> None:
    for where in (("--from", "4.1", "--to", "6.1"), ("--from", "4.1", "--to", "4.3")):
        said = bandmate.refused("extend", "--into", song, "--track", "Drums", *where, "--after", 1)
        assert "continues a whole item" in said


def test_in_a_project_a_longer_take_stands_below_and_the_item_is_muted(
    bandmate: CommandLine, song: Path
) -> None:
    bandmate.good("extend", "--into", song, "--track", "Drums", "--after", 2)
    project = Project.load(song)
    assert [track.name for track in project.tracks] == ["Drums", "Drums extended", "Empty"]
    source, longer = project.tracks[0].items[0], project.tracks[1].items[0]
    assert source.muted
    assert abs(longer.start_frame - source.start_frame) <= 1
    assert abs(longer.frames - source.frames - 4 * 48_000) <= 1
    assert not longer.muted


def test_in_a_project_a_loop_is_a_take_of_the_item(bandmate: CommandLine, song: Path) -> None:
    before = len(items_of(song))
    bandmate.good("loop", "--into", song, "--track", "Drums", "--at", "5.1", "--bars", 2)
    items = items_of(song)
    assert len(items) == before + 2  # around the range it is as it was
    assert len(read(file_of(items[1]))) == 4 * RATE
