"""Items without ids, or of equal ids on two tracks: what is asked of one track never comes to the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate_bridge.jobs.job_origin import ItemOrigin, origin_values, read_origin
from bandmate_bridge.outputs.into_item import ItemOutput, ItemSpot
from bandmate_bridge.rpp import Project
from tests.bridge.command_line import CommandLine
from tests.bridge.project.written import WrittenItem, tone, written_project

GUID = "IGUID {22222222-0000-0000-0000-000000000001}"
RANGE = ("--from", "2.1", "--to", "3.1")


@pytest.fixture(params=["no ids", "equal ids"])
def song(request: pytest.FixtureRequest, bandmate: CommandLine) -> Path:
    """Guitar and Bass, each with one item over the same eight seconds."""
    for name, hertz in (("a.wav", 110), ("b.wav", 220)):
        tone(bandmate.folder / name, hertz)
    lines = [GUID] if request.param == "equal ids" else []
    tracks = {
        "Guitar": [WrittenItem("a.wav", lines=lines)],
        "Bass": [WrittenItem("b.wav", lines=lines)],
    }
    path = bandmate.folder / "song.rpp"
    path.write_text(written_project(tracks))
    return path


def guitar(song: Path) -> str:
    """The text of the track that nobody asked for."""
    text = song.read_text()
    begin = text.index('    NAME "Guitar"')
    return text[begin : text.index("  <TRACK", begin)]


@pytest.mark.parametrize(
    "asked",
    [
        ("repaint", "busier fill", *RANGE),
        ("cover", "as a string quartet", "--take", *RANGE),
        ("loop", *RANGE),
    ],
)
def test_a_take_comes_to_the_track_that_was_named(
    bandmate: CommandLine, song: Path, asked: tuple[str, ...]
) -> None:
    before = guitar(song)
    bandmate.good(*asked, "--into", song, "--track", "Bass")
    assert guitar(song) == before
    assert [len(item.takes) for item in Project.load(song).tracks[1].items] == [1, 2, 1]


def test_a_redo_of_a_take_at_the_items_start(bandmate: CommandLine, song: Path) -> None:
    before = guitar(song)
    bandmate.good("repaint", "x", "--into", song, "--track", "Bass", "--from", "1.1", "--to", "2.1")
    bandmate.good("redo")
    assert guitar(song) == before
    assert [len(item.takes) for item in Project.load(song).tracks[1].items] == [3, 1]


@pytest.mark.parametrize(
    "asked", [("separate", "--mute-source", "--stems", "bass"), ("extend", "--after", "1")]
)
def test_the_item_that_is_muted_is_the_one_in_hand(
    bandmate: CommandLine, song: Path, asked: tuple[str, ...]
) -> None:
    before = guitar(song)
    bandmate.good(*asked, "--into", song, "--track", "Bass")
    assert guitar(song) == before
    assert Project.load(song).tracks[1].items[0].muted


def test_a_job_finds_its_item_in_the_file_as_it_is_by_then(song: Path) -> None:
    project = Project.load(song)
    bass = project.tracks[1]
    wanted = ItemSpot("title", project.item_place(bass, bass.items[0]), 0.0)
    kept = read_origin(origin_values(ItemOutput(project, wanted).origin))
    assert isinstance(kept, ItemOrigin)
    spot = ItemSpot.from_origin(kept)
    assert spot == wanted
    found = Project.load(song).find_placed(spot.place)
    assert found is not None
    assert found[0].name == "Bass"
    song.write_text(song.read_text().replace("LENGTH 8", "LENGTH 7").replace("LENGTH 7", "LENGTH 8", 1))
    assert Project.load(song).find_placed(spot.place) is None, "Guitar's item still lies there"


def test_two_equal_items_on_one_track_are_told_apart_by_their_order(tmp_path: Path) -> None:
    song = tmp_path / "song.rpp"
    song.write_text(written_project({"Bass": [WrittenItem("a.wav"), WrittenItem("b.wav")]}))
    project = Project.load(song)
    (track,) = project.tracks
    for index, item in enumerate(track.items):
        found = Project.load(song).find_placed(project.item_place(track, item))
        assert found is not None
        assert found[1] == track.items[index]


def test_an_item_of_an_id_of_its_own_may_move_to_another_track(tmp_path: Path) -> None:
    song = tmp_path / "song.rpp"
    item = WrittenItem("a.wav", lines=[GUID])
    song.write_text(written_project({"One": [item], "Two": []}))
    project = Project.load(song)
    place = project.item_place(project.tracks[0], project.tracks[0].items[0])
    song.write_text(written_project({"One": [], "Two": [item]}))
    found = Project.load(song).find_placed(place)
    assert found is not None
    assert found[0].name == "Two"
