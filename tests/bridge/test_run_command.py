"""`bandmate run`: tasks of somebody else's plugin from a terminal, on files and in projects."""

from __future__ import annotations

import json
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from bandmate_bridge.rpp import Project
from tests.bridge.command_line import CommandLine
from tests.bridge.recordings import RATE, audio_song, file_of, items_of, recording

HALF = ("--set", "factor=0.5")


def read(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


def test_a_task_without_a_source_fills_a_length(bandmate: CommandLine) -> None:
    bandmate.good("run", "noise", "-o", "noise/", "--seconds", 2, "--set", "stems=3", "--seed", 7, "--midi")
    folder = bandmate.folder / "noise"
    names = [f"Noise {index}.wav" for index in range(3)]
    assert sorted(path.name for path in folder.glob("*.wav")) == names
    assert {len(read(folder / name)) for name in names} == {2 * 48_000}
    assert len(mido.MidiFile(folder / "notes.mid").tracks) == 2
    bandmate.good("run", "noise", "-o", "mix.wav", "--seconds", 2, "--set", "stems=3", "--seed", 7)
    total = sum(read(folder / name) for name in names)
    np.testing.assert_allclose(read(bandmate.folder / "mix.wav"), total, atol=1e-6)


def test_its_length_in_bars_is_of_the_tempo_that_was_said(bandmate: CommandLine) -> None:
    ask = ("--bars", 2, "--bpm", 100, "--metre", "3/4", "--rate", 44_100)
    bandmate.good("run", "noise", "-o", "noise.wav", *ask)
    assert len(read(bandmate.folder / "noise.wav")) == round(6 * 0.6 * 44_100)


def test_a_task_on_audio_takes_a_file_or_a_range_of_it(bandmate: CommandLine) -> None:
    heard = recording(bandmate.folder / "take.wav", seconds=8.0)
    bandmate.good("run", "gain", "take.wav", *HALF, "-o", "half.wav", "--bpm", 120)
    np.testing.assert_allclose(read(bandmate.folder / "half.wav"), heard * 0.5, atol=1e-6)
    bandmate.good(
        "run", "gain", "take.wav", *HALF, "--from", "2s", "--to", "3s", "-o", "part.wav", "--bpm", 120
    )
    np.testing.assert_allclose(
        read(bandmate.folder / "part.wav"), heard[2 * RATE : 3 * RATE] * 0.5, atol=1e-6
    )


def test_a_report_is_shown_and_given_to_programs(bandmate: CommandLine) -> None:
    shown = bandmate.good("run", "where", "--seconds", 1).out
    assert '"tier": "full"' in shown
    (job,) = json.loads(bandmate.good("run", "where", "--seconds", 1, "--json").out)["jobs"]
    assert (job["task"], job["engine"], job["report"]["tier"]) == ("where", "double", "full")


def test_audio_without_a_place_can_be_fetched(bandmate: CommandLine) -> None:
    done = bandmate.good("run", "noise", "--seconds", 1)
    assert '"seed"' in done.out
    hint = next(line for line in done.out.splitlines() if "bandmate fetch" in line)
    job = hint.split("bandmate fetch ")[1].split()[0]
    bandmate.good("fetch", job, "-o", "noise/")
    assert len(list((bandmate.folder / "noise").glob("*.wav"))) == 2


def test_new_tracks_in_a_project(bandmate: CommandLine, song: Path) -> None:
    bandmate.good("run", "noise", "--into", song, "--at", "9.1", "--bars", 3, "--midi")
    project = Project.load(song)
    line = project.range("9.1", bars=3)
    folder, *tracks = project.tracks[3:]
    assert folder.name == "Noise"
    assert [track.name for track in tracks] == ["Noise 0", "Noise 1", "Noise 0 MIDI"]
    for track in tracks:
        (item,) = track.items
        assert (item.start_frame, item.frames) == (line.start_frame, line.frames)
    bandmate.good("run", "noise", "--into", song, "--from", "1.1", "--to", "2.1", "--track", "Guitar")
    assert len(Project.load(song).find_track("Guitar").items) == 2


def test_an_item_of_a_project_as_a_track_below_or_a_take(bandmate: CommandLine) -> None:
    song = audio_song(bandmate.folder)
    ask = ("run", "gain", "--into", song, "--track", "Drums", *HALF, "--at", "5.1", "--bars", 1)
    bandmate.good(*ask)
    assert [track.name for track in Project.load(song).tracks] == ["Drums", "Gain", "Empty"]
    assert len(read(file_of(items_of(song, 1)[0]))) == 2 * 48_000
    bandmate.good(*ask, "--take")
    assert [len(item.takes) for item in items_of(song)] == [1, 2, 1]


def test_text_that_looks_like_a_number_is_text_where_the_task_wants_text(bandmate: CommandLine) -> None:
    bandmate.good(
        "run", "generate", "-o", "out.wav", "--bars", 1, "--set", "prompt=120", "--set", "sound=own"
    )
    newest = json.loads(bandmate.good("jobs", "--json", "--most", 1).out)[0]
    assert newest["params"]["prompt"] == "120"


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (("nois", "-o", "x.wav"), "Did you mean `noise`?", 1),
        (("noise", "take.wav", "-o", "x.wav"), "takes no audio", 2),
        (("gain", "-o", "x.wav"), "needs audio", 2),
        (("gain", "gone.wav", "-o", "x.wav"), "There is no file", 1),
        (("noise", "-o", "x.wav", "--set", "stems"), "NAME=VALUE", 2),
        (("noise", "-o", "x.wav", "--set", "colour=pink"), "no parameter `colour`", 1),
        (("noise", "-o", "x.wav", "--set", "stems=many"), "whole number", 1),
        (("noise", "-o", "x.wav", "--at", "9.1"), "Positions need a project or a FILE", 2),
        (("noise", "-o", "x.wav", "--take"), "--into", 2),
        (("gain", "a.wav", "b.wav", "-o", "x.wav"), "Unexpected argument '", 2),
    ],
)
def test_what_cannot_be_is_said(
    bandmate: CommandLine, arguments: tuple[str, ...], words: str, code: int
) -> None:
    assert words in bandmate.refused("run", *arguments, code=code)
