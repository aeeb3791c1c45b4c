"""`--section` on a file: the sections that are detected in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.rpp import NewStem, NewTake, Project, new_project
from bandmate_protocol.messages import TempoPoint
from tests.bridge.command_line import CommandLine
from tests.running import RunningServer

RATE = 48_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server without the stand-in engines, which would analyse in place of `dsp`."""
    running = RunningServer(tmp_path_factory.mktemp("home"), environ={"PYTHONPATH": ""}).start()
    yield running
    assert running.stop() == 0, running.log


def two_parts(path: Path) -> None:
    """Sixteen seconds of one chord and kick, sixteen of others with noise, and the first sixteen again."""
    time = np.arange(16 * RATE) / RATE
    beat = time % 0.5
    kick = 0.4 * np.exp(-beat * 30) * np.sin(2 * np.pi * 60 * beat)
    soft = kick + sum(0.05 * np.sin(2 * np.pi * hertz * time) for hertz in (220.0, 261.63, 329.63))
    high = 3 * kick + sum(0.1 * np.sin(2 * np.pi * hertz * time) for hertz in (698.46, 880.0, 1046.5))
    loud = high + 0.2 * np.exp(-(time % 0.25) * 20) * np.random.default_rng(1).uniform(-1, 1, len(time))
    soundfile.write(path, np.concatenate((soft, loud, soft)) * 0.5, RATE, subtype="PCM_16")


def test_a_section_of_a_file_is_one_that_is_detected(bandmate: CommandLine) -> None:
    two_parts(bandmate.folder / "mix.wav")
    bandmate.good("analyse", "mix.wav", "--engine", "dsp", "--json", "whole.json")
    found = json.loads((bandmate.folder / "whole.json").read_text())["sections"]
    labels = [one["label"] for one in found]
    assert labels == ["A", "B", "A"], found
    bandmate.good("separate", "mix.wav", "--section", "b", "--stems", "bass", "-o", "bass.wav")
    assert (
        soundfile.info(bandmate.folder / "bass.wav").frames == found[1]["end_frame"] - found[1]["start_frame"]
    )
    said = " ".join(
        bandmate.refused("separate", "mix.wav", "--section", "A", "--stems", "bass", "-o", "a.wav").split()
    )
    assert "'A:1' (A at 0:00.000), 'A:2' (A at 0:3" in said
    said = " ".join(
        bandmate.refused("separate", "mix.wav", "--section", "Z", "--stems", "bass", "-o", "a.wav").split()
    )
    assert re.search(r"There is no section 'Z'\. Sections: A \(x\d\), B\.", said)


def test_a_part_for_a_file_plays_in_a_detected_section(bandmate: CommandLine) -> None:
    two_parts(bandmate.folder / "mix.wav")
    bandmate.good("accompany", "mix.wav", "claves in part B", "-o", "claves.wav")
    heard = soundfile.read(bandmate.folder / "claves.wav", always_2d=True)[0]
    levels = [np.sqrt(np.mean(np.square(heard[second * RATE : (second + 1) * RATE]))) for second in range(48)]
    assert max(levels[:14]) < 1e-4
    assert min(levels[17:31]) > 1e-4
    assert max(levels[34:]) < 1e-4


def test_a_project_without_regions_has_the_sections_of_its_track(bandmate: CommandLine) -> None:
    two_parts(bandmate.folder / "mix.wav")
    project = new_project(
        bandmate.folder / "song.rpp", sample_rate=RATE, tempo=[TempoPoint(position=0.0, bpm=120.0)]
    )
    place = 2 * RATE
    project.insert_stems([NewStem("Mix", place, 48 * RATE, [NewTake("mix", bandmate.folder / "mix.wav")])])
    project.save()
    song = ("--into", project.path, "--track", "Mix")
    bandmate.good("separate", *song, "--section", "B", "--stems", "bass")
    (item,) = Project.load(project.path).tracks[1].items
    assert abs(item.start_frame - place - 16 * RATE) <= 2 * RATE
    assert abs(item.frames - 16 * RATE) <= 2 * RATE
    said = " ".join(bandmate.refused("separate", *song, "--section", "C").split())
    assert re.search(r"There is no section 'C'\. Sections: A \(x\d\), B\.", said)
