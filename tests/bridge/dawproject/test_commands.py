"""Commands with `--into song.dawproject`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.projects import load_project
from bandmate_bridge.rpp import Item
from tests.bridge.command_line import CommandLine
from tests.bridge.dawproject.archives import RATE, archive, audio, noise, project, read_xml, records
from tests.bridge.dawproject.schema import faults

SECONDS = 12.0
CLIP = f'<Clip time="0" duration="24" contentTimeUnit="seconds" name="Riff">{audio(seconds=SECONDS)}</Clip>'


@pytest.fixture
def song(bandmate: CommandLine) -> Path:
    return archive(bandmate.folder / "song.dawproject", project(CLIP), seconds=SECONDS)


def played(item: Item) -> np.ndarray:
    assert item.take
    assert item.take.source
    assert item.take.source.file
    return soundfile.read(item.take.source.file, dtype="float32", always_2d=True)[0]


def test_generate_adds_tracks_in_the_songs_tempo(bandmate: CommandLine, song: Path) -> None:
    before = records(song)
    done = bandmate.good("generate", "jazz trio", "--into", song, "--at", "3.1", "--bars", "2", "--midi")
    assert "song.dawproject at 3.1" in done.out
    assert not faults(read_xml(song))
    back = load_project(song)
    added = [track for track in back.tracks[1:] if track.items]
    assert added
    assert {(item.start_frame, item.frames) for track in added for item in track.items} == {
        (4 * RATE, 4 * RATE)
    }
    assert any(item.is_midi for track in added for item in track.items)
    assert {name: data for name, data in before.items() if name != "project.xml"}.items() <= records(
        song
    ).items()
    assert song.with_name("song.dawproject-bandmate-bak").is_file()


def test_repaint_leaves_the_rest_of_the_clip(bandmate: CommandLine, song: Path) -> None:
    bandmate.good(
        "repaint", "busier fill", "--into", song, "--track", "Guitar", "--from", "2.1", "--to", "3.1"
    )
    left, middle, right = load_project(song).tracks[0].items
    assert [(item.start_frame, item.end_frame) for item in (left, middle, right)] == [
        (0, 2 * RATE),
        (2 * RATE, 4 * RATE),
        (4 * RATE, 12 * RATE),
    ]
    assert sorted(take.name for take in middle.takes) == ["Riff", "busier fill"]
    assert (played(left) == noise(SECONDS)).all()
    assert len(played(middle)) == 2 * RATE
    assert not faults(read_xml(song))


def test_stems_add_up_to_their_source(bandmate: CommandLine, song: Path) -> None:
    bandmate.good("separate", "--into", song, "--track", "Guitar", "--mute-source")
    back = load_project(song)
    assert back.tracks[0].items[0].muted
    stems = [played(item) for track in back.tracks[1:] for item in track.items]
    assert len(stems) > 1
    assert np.abs(sum(stems) - noise(SECONDS)).max() < 1e-3
    assert not faults(read_xml(song))


@pytest.mark.parametrize(
    "words",
    [
        ("cover", "as a string quartet", "--track", "Guitar"),
        ("accompany", "soft pads", "--track", "Guitar"),
        ("extend", "--track", "Guitar", "--after", "2"),
    ],
    ids=lambda words: words[0],
)
def test_what_is_made_of_a_clip_comes_beside_it(
    bandmate: CommandLine, song: Path, words: tuple[str, ...]
) -> None:
    before = load_project(song)
    bandmate.good(*words, "--into", song)
    back = load_project(song)
    items = [(track.name, item.start_frame) for track in back.tracks for item in track.items]
    assert len(items) > sum(len(track.items) for track in before.tracks)
    (kept,) = [item for item in back.tracks[0].items if item.start_frame == 0]
    assert (played(kept) == noise(SECONDS)).all()
    assert not faults(read_xml(song))


def test_a_loop_is_a_take_of_its_clip(bandmate: CommandLine, song: Path) -> None:
    bandmate.good("loop", "--into", song, "--track", "Guitar")
    (item,) = load_project(song).tracks[0].items
    assert len(item.takes) == 2
    assert not faults(read_xml(song))


def test_another_take_with_a_new_seed(bandmate: CommandLine, song: Path) -> None:
    place = ("--into", song, "--track", "Guitar", "--from", "2.1", "--to", "3.1")
    bandmate.good("repaint", "busier fill", *place)
    bandmate.good("redo")
    assert [len(item.takes) for item in load_project(song).tracks[0].items] == [1, 3, 1]
    assert not faults(read_xml(song))


def test_a_project_is_no_audio_file(bandmate: CommandLine, song: Path) -> None:
    assert "is a project, not audio" in bandmate.refused("separate", song, "-o", "stems/")


def test_audio_that_is_missing_is_named_where_it_should_be(bandmate: CommandLine) -> None:
    clips = f'<Clip time="0" duration="8">{audio("audio/gone.wav")}</Clip>'
    song = archive(bandmate.folder / "song.dawproject", project(clips))
    said = bandmate.refused("separate", "--into", song, "--track", "Guitar")
    assert "song.dawproject/audio/gone.wav, which is missing" in said.replace("\\", "/")
    assert "let the DAW find it" in said


def test_a_project_that_cannot_be_read_is_left_alone(bandmate: CommandLine, song: Path) -> None:
    song.write_bytes(song.read_bytes()[:1000])
    assert "not a complete ZIP archive" in bandmate.refused("generate", "jazz", "--into", song, "--at", "1.1")
