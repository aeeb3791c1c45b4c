"""`bandmate demo`: a project to listen to, built by a server of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from bandmate_bridge.rpp import Item, Project, Take
from bandmate_protocol.tempo import nearest_frame
from tests.bridge.command_line import CommandLine


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder with a demo in it, and what the command said. Copy it to change it."""
    folder = tmp_path_factory.mktemp("demo")
    line = CommandLine(folder / "home", folder / "work")
    line.folder.mkdir()
    (folder / "temporary").mkdir()
    done = line.good("demo", COLUMNS="200", TMPDIR=str(folder / "temporary"))
    assert not (line.home / "data").exists(), "the user's own data is not touched"
    return line.folder, done.out


def test_four_named_coloured_tracks_in_time(built: tuple[Path, str]) -> None:
    project = Project.load(built[0] / "demo" / "demo.rpp")
    band = project.tracks[:4]
    assert len({track.colour for track in band}) == 4
    assert all(track.name and track.colour for track in band)
    tempo = project.tempo_map
    starts = [nearest_frame(tempo.position_of(bar)) for bar in (1, 9, 17)]
    for track in band:
        cuts = [nearest_frame(tempo.position_of(bar)) for bar in (5, 7)] if track.name == "Drums" else []
        edges = sorted([*starts, *cuts])
        assert [item.start_frame for item in track.items] == edges[:-1]
        assert [item.end_frame for item in track.items] == edges[1:]


def test_two_bars_of_the_drums_have_a_second_take(built: tuple[Path, str]) -> None:
    (drums,) = (
        track for track in Project.load(built[0] / "demo" / "demo.rpp").tracks if track.name == "Drums"
    )
    assert [len(item.takes) for item in drums.items] == [1, 2, 1, 1]
    assert [take.chosen for take in drums.items[1].takes] == [False, True]
    first, second = (take.source for take in drums.items[1].takes)
    assert first is not None
    assert second is not None
    assert first.file != second.file


def test_the_mix_of_the_band_as_it_plays_is_taken_apart(built: tuple[Path, str]) -> None:
    folder = built[0] / "demo"
    project = Project.load(folder / "demo.rpp")
    parent, *stems = project.tracks[4:9]
    assert (parent.name, len(stems)) == ("The mix, separated", 4)
    assert {track.items[0].start_frame for track in stems} == {
        nearest_frame(project.tempo_map.position_of(17))
    }
    (mix_file,) = folder.rglob("mix-*.wav")
    mix = soundfile.read(mix_file)[0]
    band = np.zeros_like(mix)
    for track in project.tracks[:4]:
        for item in track.items:
            if item.end_frame <= len(mix):
                take, samples = sounding(item)
                start = nearest_frame(take.offset_seconds * project.sample_rate)
                band[item.start_frame : item.end_frame] += samples[start : start + item.frames]
    np.testing.assert_allclose(mix, band, atol=1e-5)
    parts = [sounding(track.items[0])[1] for track in stems]
    assert np.abs(sum(parts) - mix).max() < 10 ** (-90 / 20)
    assert all(np.abs(part).max() > 0.001 for part in parts)


def test_a_brass_section_follows_the_melody_of_the_second_part(built: tuple[Path, str]) -> None:
    project = Project.load(built[0] / "demo" / "demo.rpp")
    followed = project.tracks[-1]
    assert followed.name == "Brass on the melody"
    tempo = project.tempo_map
    (item,) = followed.items
    assert (item.start_frame, item.end_frame) == tuple(
        nearest_frame(tempo.position_of(bar)) for bar in (9, 17)
    )
    assert "follow the melody" in built[1]


def sounding(item: Item) -> tuple[Take, np.ndarray]:
    assert item.take is not None
    assert item.take.source is not None
    assert item.take.source.file is not None
    return item.take, soundfile.read(item.take.source.file)[0]


def test_the_second_pass_is_in_another_metre_with_a_rising_tempo(built: tuple[Path, str]) -> None:
    tempo = Project.load(built[0] / "demo" / "demo.rpp").tempo_map
    assert [tempo.metre_at(tempo.position_of(bar)) for bar in (1, 8, 9, 16)] == [
        (4, 4),
        (4, 4),
        (7, 8),
        (7, 8),
    ]
    bpms = [tempo.bpm_at(tempo.position_of(bar)) for bar in (1, 9, 11, 13)]
    assert bpms[0] == 92
    assert bpms[1] == pytest.approx(104)
    assert 104 < bpms[2] < 132
    assert bpms[3] == pytest.approx(132)


def test_every_item_sounds_for_its_whole_length(built: tuple[Path, str]) -> None:
    project = Project.load(built[0] / "demo" / "demo.rpp")
    for track in project.tracks:
        for item in track.items:
            assert item.take is not None
            assert item.take.source is not None
            assert item.take.source.file is not None
            samples, rate = soundfile.read(item.take.source.file)
            assert rate == project.sample_rate
            start = nearest_frame(item.take.offset_seconds * rate)
            heard = samples[start : start + item.frames]
            assert len(heard) == item.frames
            assert len(samples) == item.frames or track.name == "Drums"
            assert np.abs(heard).max() > 0.001


def test_it_says_what_it_measured_and_what_to_open(built: tuple[Path, str]) -> None:
    lines = built[1].splitlines()
    assert "First audio" in lines[0]
    assert lines[-1] == f"Open {Path('demo') / 'demo.rpp'} in REAPER and press play."


def test_its_server_has_ended(built: tuple[Path, str]) -> None:
    temporary = built[0].parent / "temporary"
    folders = [process.info["cwd"] or "" for process in psutil.process_iter(["cwd"])]
    assert not [folder for folder in folders if folder.startswith(str(temporary))]
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("spoil", ["project", "audio", "other", "file"])
def test_it_replaces_nothing_but_an_untouched_demo(
    built: tuple[Path, str], tmp_path: Path, spoil: str
) -> None:
    line = CommandLine(tmp_path / "home", tmp_path / "work")
    shutil.copytree(built[0], line.folder)
    demo = line.folder / "demo"
    if spoil == "project":
        (demo / "demo.rpp").write_bytes((demo / "demo.rpp").read_bytes() + b"\n")
    elif spoil == "audio":
        next(demo.rglob("*.wav")).write_bytes(b"mine")
    elif spoil == "other":
        (demo / "lyrics.txt").write_text("la la")
    else:
        shutil.rmtree(demo)
        demo.write_text("a file")
    assert "other-demo" in line.refused("demo")


def test_it_replaces_a_demo_that_was_only_opened(built: tuple[Path, str], tmp_path: Path) -> None:
    line = CommandLine(tmp_path / "home", tmp_path / "work")
    shutil.copytree(built[0], line.folder)
    audio = next((line.folder / "demo").rglob("*.wav"))
    (audio.parent / f"{audio.name}.reapeaks").touch()
    line.good("demo", "--seed", 2)
    assert not (audio.parent / f"{audio.name}.reapeaks").exists()
    assert [path.name for path in line.folder.iterdir()] == ["demo"]
