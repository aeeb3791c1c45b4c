"""Tracks, items, takes, markers and selections of a project."""

import os
from pathlib import Path

import pytest

from bandmate_bridge.rpp import FrameSpan, Marker, Project, Track, find_track
from bandmate_protocol.errors import ErrorCode, RequestError
from tests.bridge.project.samples import reaper5


def test_tracks_with_their_folders(song: Path) -> None:
    tracks = Project.load(song).tracks
    assert [(track.number, track.name, track.depth, track.is_folder) for track in tracks] == [
        (1, "Band", 0, True),
        (2, "Drums", 1, False),
        (3, "My 'bass'", 1, False),
        (4, "", 0, False),
    ]
    assert tracks[3].title == "Track 4"
    assert tracks[1].guid == "{AAAAAAAA-0000-4000-8000-000000000002}"
    # 23136448 is 0x1000000 with blue 0x61, green 0x08, red 0xc0.
    assert tracks[1].colour == "#c00861"


def test_a_track_that_closes_more_folders_than_are_open(song: Path) -> None:
    song.write_text(song.read_text().replace("ISBUS 2 -1", "ISBUS 2 -5"))
    assert [track.depth for track in Project.load(song).tracks] == [0, 1, 1, 0]


def test_an_item_with_its_times_in_frames_and_its_fades(song: Path) -> None:
    (item,) = Project.load(song).tracks[1].items
    assert (item.start_frame, item.end_frame, item.frames) == (4 * 44_100, 8 * 44_100, 4 * 44_100)
    assert (item.fade_in_seconds, item.fade_out_seconds, item.snap_offset_seconds) == (0.01, 0.5, 0.25)
    assert (item.loops, item.muted, item.selected) == (True, False, True)


def test_takes_with_what_they_play(song: Path) -> None:
    (item,) = Project.load(song).tracks[1].items
    one, empty, two = item.takes
    assert (one.name, one.offset_seconds, one.play_rate) == ("take one.wav", 0.5, 1.25)
    assert (one.preserve_pitch, one.pitch_semitones, one.channel_mode, one.has_stretch_markers) == (
        False,
        -2,
        3,
        False,
    )
    assert empty.source is None
    assert (two.name, two.chosen, two.has_stretch_markers) == ('take "two"', True, True)
    assert item.take is two
    assert one.source is not None
    assert two.source is not None
    assert (two.source.kind, two.source.file) == ("FLAC", song.parent / "Audio files" / "two.flac")


@pytest.mark.skipif(os.name == "nt", reason="there a backslash is the separator anyway")
def test_a_path_written_on_windows_is_found_here(song: Path) -> None:
    source = Project.load(song).tracks[1].items[0].takes[0].source
    assert source is not None
    assert source.file == song.parent / "Audio files" / "take one.wav"


def test_a_reversed_section_of_an_offline_file(song: Path) -> None:
    source = Project.load(song).tracks[2].items[0].takes[0].source
    assert source is not None
    assert (source.kind, source.file, source.offline) == ("WAVE", Path("/music/bass.wav"), True)
    assert (source.section_start_seconds, source.section_seconds, source.reversed) == (0.75, 2.0, True)


def test_midi_inside_the_project_has_no_file(song: Path) -> None:
    source = Project.load(song).tracks[3].items[0].takes[0].source
    assert source is not None
    assert (source.kind, source.file) == ("MIDI", None)


def test_an_item_without_takes(tmp_path: Path) -> None:
    (tmp_path / "five.rpp").write_bytes(reaper5())
    (track,) = Project.load(tmp_path / "five.rpp").tracks
    assert track.name == "Flügel"
    assert track.guid == "track-1"
    assert track.items[0].takes == ()
    assert track.items[0].name == ""


def test_markers_and_regions(song: Path) -> None:
    assert Project.load(song).markers == (
        Marker(1, "Intro", 110_250),
        Marker(2, "Verse one", 176_400, 529_200, "#75c000"),
    )


def test_selections_and_cursor(song: Path) -> None:
    project = Project.load(song)
    assert project.time_selection == FrameSpan(4 * 44_100, 8 * 44_100)
    assert project.looping
    assert project.cursor == 66_150


def test_an_item_is_found_by_its_id(song: Path) -> None:
    project = Project.load(song)
    found = project.find_item("{BBBBBBBB-0000-4000-8000-000000000002}")
    assert found is not None
    assert found.name == "back"
    assert project.find_item("{none}") is None


@pytest.mark.parametrize("wanted", ["Drums", "drums", "2", "{AAAAAAAA-0000-4000-8000-000000000002}"])
def test_a_track_is_found_by_name_number_or_id(song: Path, wanted: str) -> None:
    assert Project.load(song).find_track(wanted).number == 2


def test_a_track_that_is_not_there_says_which_are(song: Path) -> None:
    with pytest.raises(RequestError, match="There is no track named 'Drumz'") as caught:
        Project.load(song).find_track("Drumz")
    assert caught.value.code is ErrorCode.NO_SUCH_TRACK
    there = "The tracks are: 1 Band, 2 Drums, 3 My 'bass', 4 Track 4."
    assert caught.value.remedy == f"Did you mean Drums? {there}"
    for wanted, meant in (("bass", "Did you mean My 'bass'? "), ("Piano", ""), ("", "")):
        with pytest.raises(RequestError) as caught:
            Project.load(song).find_track(wanted)
        assert caught.value.remedy == meant + there


def renamed(song: Path, *names: str) -> tuple[Track, ...]:
    data = song.read_text()
    for old, new in zip(("NAME Band", "NAME Drums", "NAME \"My 'bass'\""), names, strict=False):
        data = data.replace(old, f"NAME {new}")
    song.write_text(data)
    return Project.load(song).tracks


def test_a_name_that_several_tracks_have_is_refused_with_their_numbers(song: Path) -> None:
    tracks = renamed(song, "Gtr", "Gtr", "Gtr")
    with pytest.raises(RequestError, match="3 tracks are named 'Gtr': numbers 1, 2 and 3") as caught:
        find_track(tracks, "Gtr")
    assert caught.value.code is ErrorCode.AMBIGUOUS_TRACK
    assert "--track 1" in caught.value.remedy
    assert find_track(tracks, "3").number == 3


def test_the_exact_name_goes_before_case_and_a_name_before_a_number(song: Path) -> None:
    tracks = renamed(song, "gtr", "Gtr", "1")
    assert find_track(tracks, "Gtr").number == 2
    assert find_track(tracks, "1").number == 3
    with pytest.raises(RequestError, match="numbers 1 and 2"):
        find_track(tracks, "GTR")


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "none.rpp", tmp_path):
        with pytest.raises(RequestError) as caught:
            Project.load(path)
        assert caught.value.code is ErrorCode.FILE_UNUSABLE
