"""A project was saved while a result was made: the result goes into the file as it is now, if it fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate_bridge.outputs.into_item import ItemOutput, ItemSpot
from bandmate_bridge.outputs.into_project import ProjectOutput, TrackLayout
from bandmate_bridge.rpp import Project
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.bridge.command_line import CommandLine, snapshot
from tests.bridge.finished import made
from tests.bridge.project.written import RATE, WrittenItem, written_project


@pytest.fixture
def song(tmp_path: Path, home: Path) -> Path:
    assert home.parent == tmp_path
    folder = tmp_path / "song"
    folder.mkdir()
    (folder / "a.wav").touch()
    path = folder / "song.rpp"
    path.write_text(written_project({"Keys": [WrittenItem()]}))
    return path


def track_output(song: Path, name: str, **layout: object) -> ProjectOutput:
    """An output that holds one stem, to be put into the project as that was read now."""
    output = ProjectOutput(Project.load(song), TrackLayout(name, **layout))
    output.add(made(output.folder, name))
    return output


def test_tracks_of_two_jobs_both_come(song: Path) -> None:
    first, second = track_output(song, "Drums"), track_output(song, "Bass")
    first.finish()
    said = second.finish()
    assert [track.name for track in Project.load(song).tracks] == ["Keys", "Drums", "Bass"]
    assert "in the meantime" in " ".join(said)


def test_a_source_that_moved_on_is_muted_where_it_is(song: Path) -> None:
    project = Project.load(song)
    place = project.item_place(project.tracks[0], project.tracks[0].items[0])
    output = track_output(song, "Stems", below=project.tracks[0].guid, mute=(place,))
    other = written_project({"New": [], "Keys": [WrittenItem(lines=["VOLPAN 0.5 0 1 -1"])]})
    song.write_text(other)
    said = output.finish()
    assert "The source item has moved, so it was not muted" in " ".join(said), (
        "its track has no id and another number"
    )
    song.write_text(written_project({"Keys": [WrittenItem()]}))
    output = track_output(song, "Stems", mute=(place,))
    song.write_text(written_project({"Keys": [WrittenItem(lines=["VOLPAN 0.5 0 1 -1"])]}))
    output.finish()
    assert Project.load(song).tracks[0].items[0].muted


def test_a_take_comes_onto_its_item_in_the_file_as_it_is_now(song: Path) -> None:
    project = Project.load(song)
    place = project.item_place(project.tracks[0], project.tracks[0].items[0])
    output = ItemOutput(project, ItemSpot("fill", place, 0.0))
    output.add(made(output.folder, "Keys", start=2 * RATE, frames=RATE))
    track_output(song, "Drums").finish()
    output.finish()
    tracks = Project.load(song).tracks
    assert [track.name for track in tracks] == ["Keys", "Drums"]
    assert [len(item.takes) for item in tracks[0].items] == [1, 2, 1]


@pytest.mark.parametrize("change", ["TEMPO 100 4 4", "SAMPLERATE 48000 1", "no project at all"])
def test_what_would_not_fit_is_refused(song: Path, change: str) -> None:
    output = track_output(song, "Drums")
    text = song.read_text()
    key = change.split()[0]
    old = next((line for line in text.splitlines() if line.strip().startswith(key)), "<REAPER_PROJECT 0.1")
    song.write_text(text.replace(old, change))
    before = snapshot(song.parent)
    with pytest.raises(RequestError, match="bandmate fetch abcd1234") as caught:
        output.finish()
    assert caught.value.code == ErrorCode.PROJECT_CHANGED
    assert {name: data for name, data in before.items() if not name.startswith("Bandmate")} == snapshot(
        song.parent
    )


def test_two_commands_at_once(bandmate: CommandLine) -> None:
    song = bandmate.folder / "song.rpp"
    song.write_text(written_project({"Keys": []}))
    running = [
        bandmate.start("generate", prompt, "--into", song, "--at", "1.1", "--bars", "1")
        for prompt in ("drums", "electric bass")
    ]
    for process in running:
        _, error = process.communicate(timeout=120)
        assert process.returncode == 0, error
    assert len(Project.load(song).tracks) == 3
