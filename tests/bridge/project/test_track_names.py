"""Names of tracks: new ones are free, and a folder says which of several is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate_bridge.rpp import NewStem, NewTake, Project, new_project
from bandmate_bridge.rpp.track_names import TakenNames
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import TempoPoint


@pytest.mark.parametrize(
    ("taken", "prompt", "name"),
    [
        ((), "rock drums", "Drums"),
        (("Drums",), "rock drums", "Rock drums"),
        (("drums", "ROCK DRUMS"), "rock drums", "Drums 2"),
        (("Drums", "Drums 2"), "", "Drums 3"),
        (("Drums",), "drums", "Drums 2"),
        (("Drums",), "rock drums as they sounded in a big room long ago", "Drums 2"),
        (("Drums 2",), "", "Drums"),
    ],
)
def test_a_new_name_is_one_that_no_track_has(taken: tuple[str, ...], prompt: str, name: str) -> None:
    assert TakenNames(taken).free_name("Drums", prompt) == name


def test_a_name_is_given_once() -> None:
    taken = TakenNames(())
    assert [taken.free_name("Bells") for _ in range(3)] == ["Bells", "Bells 2", "Bells 3"]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Two folders with drums, one of them inside another folder, and drums of their own."""
    made = new_project(tmp_path / "song.rpp", sample_rate=48_000, tempo=[TempoPoint(position=0.0, bpm=120.0)])
    stems = [NewStem(name, 0, 100, [NewTake(name, tmp_path / "d.wav")]) for name in ("Drums", "Bass")]
    for folder in ("jazz trio", "rock/metal"):
        made.insert_stems(stems, folder=folder)
    made.insert_stems(stems[:1])
    return made


@pytest.mark.parametrize(
    ("wanted", "number"),
    [
        ("jazz trio/Drums", 2),
        ("Jazz Trio/drums", 2),
        ("rock/metal/Drums", 5),
        ("metal/Drums", 5),
        ("rock/metal", 4),
        ("7", 7),
    ],
)
def test_a_folder_tells_tracks_of_one_name_apart(project: Project, wanted: str, number: int) -> None:
    assert project.find_track(wanted).number == number


def test_the_error_says_how_to_name_the_folder(project: Project) -> None:
    with pytest.raises(RequestError) as caught:
        project.find_track("Drums")
    assert caught.value.code == ErrorCode.AMBIGUOUS_TRACK
    assert '"jazz trio/Drums"' in caught.value.remedy
    with pytest.raises(RequestError) as caught:
        project.find_track("pop/Drums")
    assert caught.value.code == ErrorCode.NO_SUCH_TRACK
