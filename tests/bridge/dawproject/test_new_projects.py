"""`-o song.dawproject` and `-o song.rpp`: results in a project that is made for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.projects import load_project, tempo_from_start
from bandmate_protocol.messages import TempoPoint, Timeline
from bandmate_protocol.tempo import TempoMap
from tests.bridge.command_line import CommandLine
from tests.bridge.dawproject.archives import RATE, noise, read_xml, wav
from tests.bridge.dawproject.schema import faults
from tests.bridge.dawproject.test_round_trip import played
from tests.running import RunningServer

BAND = ("generate", "jazz trio", "--bpm", "96", "--metre", "7/8", "--key", "F major", "--bars", "2")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server without the stand-in engines, which detect no tempo."""
    running = RunningServer(tmp_path_factory.mktemp("home"), environ={"PYTHONPATH": ""}).start()
    yield running
    assert running.stop() == 0, running.log


def kicks(seconds: float, bpm: float) -> np.ndarray:
    """A kick on each beat, in stereo."""
    beat = (np.arange(round(seconds * RATE)) / RATE) % (60 / bpm)
    kick = 0.5 * np.exp(-beat * 30) * np.sin(2 * np.pi * 60 * beat)
    return np.column_stack((kick, kick)).astype(np.float32)


def test_new_parts_become_a_project_in_their_tempo(bandmate: CommandLine) -> None:
    path = bandmate.folder / "song.dawproject"
    done = bandmate.good(*BAND, "--midi", "--seed", "1", "-o", path)
    assert "song.dawproject at 1.1, on new tracks" in done.out
    assert not faults(read_xml(path))
    song = load_project(path)
    assert (song.tempo_map.bpm_at(0), song.tempo_map.metre_at(0)) == (96, (7, 8))
    frames = round(2 * 3.5 * 60 / 96 * RATE)
    items = [item for track in song.tracks for item in track.items]
    assert {(item.start_frame, item.frames) for item in items} == {(0, frames)}
    assert {item.is_midi for item in items} == {True, False}
    assert [one.name for one in bandmate.folder.iterdir()] == ["song.dawproject"]
    # What is there is not lost, and a further take joins it.
    assert "--into song.dawproject adds to it" in bandmate.refused(*BAND, "-o", path)
    made = re.search(r"Job (\w+),", done.out)
    assert made is not None
    for takes in (2, 3):
        bandmate.good("redo", made[1])
        items = [item for track in load_project(path).tracks for item in track.items]
        assert {len(item.takes) for item in items if not item.is_midi} == {takes}
    before = path.read_bytes()
    bandmate.good(*BAND, "-o", path, "--force")
    assert path.with_name("song.dawproject-bandmate-bak").read_bytes() == before
    assert not any(item.is_midi for track in load_project(path).tracks for item in track.items)


def test_variations_are_takes_also_in_a_project_of_reaper(bandmate: CommandLine) -> None:
    path = bandmate.folder / "song.rpp"
    bandmate.good("generate", "drums", "--bpm", "120", "--bars", "1", "--variations", "2", "-o", path)
    (track,) = load_project(path).tracks
    (item,) = track.items
    assert (item.frames, len(item.takes)) == (2 * RATE, 2)
    assert all(take.source and take.source.file and take.source.file.is_file() for take in item.takes)
    assert "--bits" in bandmate.refused(*BAND, "--bits", "16", "-o", "other.dawproject")


def test_stems_of_a_file_lie_where_they_lay_in_it(bandmate: CommandLine) -> None:
    sound = kicks(16, 100) + 0.01 * noise(16)
    wav(bandmate.folder / "mix.wav", sound)
    bandmate.good("separate", "mix.wav", "--from", "2s", "--to", "4s", "-o", "stems.dawproject")
    song = load_project(bandmate.folder / "stems.dawproject")
    assert song.tempo_map.bpm_at(3 * RATE) == pytest.approx(100, abs=0.5)
    items = [item for track in song.tracks for item in track.items]
    assert len(items) > 1
    assert {(item.start_frame, item.frames) for item in items} == {(2 * RATE, 2 * RATE)}
    assert np.abs(sum(played(item) for item in items) - sound[2 * RATE : 4 * RATE]).max() < 1e-3
    assert not faults(read_xml(song.path))


def test_a_result_is_fetched_into_a_new_project(bandmate: CommandLine) -> None:
    made = bandmate.good("generate", "drums", "--bpm", "120", "--bars", "1", "-o", "drums.wav").out
    found = re.search(r"Job (\w+),", made)
    assert found is not None
    bandmate.good("fetch", found[1], "-o", "song.dawproject")
    (track,) = load_project(bandmate.folder / "song.dawproject").tracks
    sound = soundfile.read(bandmate.folder / "drums.wav", dtype="float32")[0]
    assert (played(track.items[0]) == sound).all()


def test_a_result_whose_project_was_never_written_is_fetched_into_it(bandmate: CommandLine) -> None:
    path = bandmate.folder / "song.dawproject"
    bandmate.good("generate", "drums", "--bpm", "120", "--bars", "1", "-o", path)
    path.unlink()
    assert "song.dawproject at 1.1" in bandmate.good("fetch").out
    assert load_project(path).tempo_map.bpm_at(0) == 120
    assert "already in song.dawproject" in bandmate.refused("fetch")


@pytest.mark.parametrize("start", [0, 3 * RATE])
@pytest.mark.parametrize("beat", [0.0, 2.5])
def test_a_project_has_the_barlines_of_a_range(start: int, beat: float) -> None:
    points = (
        TempoPoint(position=float(max(start - RATE, 0)), bpm=100.0, numerator=7, denominator=8),
        TempoPoint(position=6.0 * RATE, bpm=140.0, numerator=3, denominator=4, starts_bar=True),
    )
    end = start + 8 * RATE
    asked = TempoMap.from_timeline(
        Timeline(sample_rate=RATE, start_frame=start, end_frame=end, tempo=points, bar=5, beat=beat)
    )
    timeline = asked.timeline_between(start, end)
    made = TempoMap(tempo_from_start(timeline), RATE)

    def barlines(tempo: TempoMap) -> list[float]:
        return [round(bar.start) for bar in tempo.bars(start, end) if bar.start > start]

    assert barlines(made) == barlines(asked)
    assert all(made.bpm_at(frame) == asked.bpm_at(frame) for frame in range(start, end, 1000))


def test_a_project_needs_a_folder(bandmate: CommandLine, tmp_path: Path) -> None:
    assert "does not exist" in bandmate.refused(*BAND, "-o", tmp_path / "none" / "song.dawproject")
    (bandmate.folder / "song.dawproject").mkdir()
    bandmate.good(*BAND, "-o", "song.dawproject")  # A folder of that name takes files.
    assert (bandmate.folder / "song.dawproject" / "Drums.wav").is_file()
