"""What is added to a project, and that nothing else of it changes."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_bridge.rpp import NewMidi, NewStem, NewTake, Project, new_project
from bandmate_bridge.rpp.chunks import parse_project
from bandmate_protocol.messages import Note
from tests.bridge.project.samples import added_lines, independent, reaper5, reaper6, reaper7

NAMES = {
    "Drums": "Drums",
    "": "",
    'My "best" take': 'My "best" take',
    "a 'b' \"c\"": "a 'b' \"c\"",
    "all \"of' `them": "all \"of' 'them",
    "two\nlines\r": "two lines ",
    "Ünïcödé 日本 🥁": "Ünïcödé 日本 🥁",
    "|<>": "|<>",
    "\ud800x": "\ufffdx",
}
"""What is asked for, and what the project then has."""


def stem(
    song: Path, name: str = "Drums", *, start: int = 44_100, frames: int = 12_345, takes: int = 1
) -> NewStem:
    files = [NewTake(f"{name} {index}", song.parent / "Bandmate" / f"{index}.wav") for index in range(takes)]
    return NewStem(name, start, frames, files, colour="#d9534f")


@pytest.mark.parametrize("data", [reaper5(), reaper6(), reaper7(), reaper7(newline="\r\n")])
def test_a_new_track_leaves_every_other_line_as_it_was(song: Path, data: bytes) -> None:
    song.write_bytes(data)
    project = Project.load(song)
    project.insert_stems([stem(song), stem(song, "Bass")])
    added = added_lines(data, project.encode())
    assert [line.strip() for line in added if b"NAME" in line and line.startswith(b"    N")] == [
        b'NAME "Drums"',
        b'NAME "Bass"',
    ]
    ending = b"\r\n" if b"\r\n" in data else b"\n"
    assert all(line.endswith(ending) and line.count(b"\r") == ending.count(b"\r") for line in added)


def test_the_item_lies_exactly_where_it_was_asked_for(song: Path) -> None:
    project = Project.load(song)
    (placed,) = project.insert_stems([stem(song, start=1_234_567, frames=7_654_321)])
    assert (placed.start_frame, placed.frames) == (1_234_567, 7_654_321)
    assert (placed.loops, placed.fade_in_seconds, placed.fade_out_seconds) == (False, 0, 0)
    track = project.tracks[-1]
    assert (track.name, track.colour, track.depth) == ("Drums", "#d9534f", 0)
    assert track.items == (placed,)
    assert placed.take is not None
    assert placed.take.source is not None
    assert placed.take.source.file == song.parent / "Bandmate" / "0.wav"


@given(
    st.integers(0, 2**40), st.integers(1, 2**36), st.sampled_from([8_000, 44_100, 48_000, 88_200, 384_000])
)
def test_frames_survive_the_seconds_of_the_file(start: int, frames: int, rate: int) -> None:
    project = new_project("new.rpp", sample_rate=rate)
    (placed,) = project.insert_stems([NewStem("x", start, frames, [NewTake("x", Path("x.wav"))])])
    assert (placed.start_frame, placed.frames) == (start, frames)


def test_another_reader_reads_what_was_added(song: Path) -> None:
    project = Project.load(song)
    project.insert_stems([stem(song, takes=2)])
    project.insert_midi([NewMidi("Keys", 0, 44_100, [Note(start=0, frames=100, pitch=60, velocity=64)])])
    tracks = independent(project.encode()).findall(".//TRACK")
    assert [track.find("NAME") for track in tracks[-2:]] == [["NAME", "Drums"], ["NAME", "Keys"]]
    audio = tracks[-2].find("ITEM")
    assert audio.find("POSITION") == ["POSITION", "1"]
    assert float(audio.find("LENGTH")[1]) == 12_345 / 44_100
    assert [source.find("FILE")[1] for source in audio.findall("SOURCE")] == [
        "Bandmate/0.wav",
        "Bandmate/1.wav",
    ]
    assert tracks[-2].find("PEAKCOL") == ["PEAKCOL", str(0x1000000 + 0x4F53D9)]
    assert tracks[-1].find("ITEM").find("SOURCE").find("HASDATA") == ["HASDATA", "1", "960", "QN"]


@pytest.mark.parametrize(("name", "said"), NAMES.items())
def test_names_of_every_kind(song: Path, name: str, said: str) -> None:
    project = Project.load(song)
    project.insert_stems([stem(song, name)])
    again = parse_project(project.encode(), "again")
    assert again.encode() == project.encode()
    assert project.tracks[-1].name == said
    assert len(project.tracks) == 5


def test_a_file_elsewhere_is_named_whole(song: Path) -> None:
    project = Project.load(song)
    outside = song.parent.parent / "outside.wav"
    (placed,) = project.insert_stems([NewStem("x", 0, 10, [NewTake("x", outside)])])
    assert placed.take is not None
    assert placed.take.source is not None
    assert placed.take.source.file == outside


def test_ids_are_new_and_differ(song: Path) -> None:
    project = Project.load(song)
    project.insert_stems([stem(song, takes=2), stem(song, "Bass")])
    lines = added_lines(reaper7(), project.encode())
    ids = [
        line.split()[1]
        for line in lines
        if line.split()[:1] in ([b"IGUID"], [b"GUID"], [b"TRACKID"], [b"IID"])
    ]
    assert len(ids) == len(set(ids)) == 2 + 2 + 2 + 3
    assert {b"8", b"9"} <= set(ids)


def test_a_folder_holds_the_new_tracks(song: Path) -> None:
    project = Project.load(song)
    placed = project.insert_stems([stem(song), stem(song, "Bass"), stem(song, "Keys")], folder="Jam")
    assert [(track.name, track.depth, track.is_folder) for track in project.tracks[4:]] == [
        ("Jam", 0, True),
        ("Drums", 1, False),
        ("Bass", 1, False),
        ("Keys", 1, False),
    ]
    assert [track.items for track in project.tracks[5:]] == [(item,) for item in placed]
    project.insert_stems([stem(song, "After")])
    assert project.tracks[-1].depth == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [("ISBUS 1 1", "ISBUS 0 0"), ("ISBUS 2 -1", "ISBUS 2 -2")],
    ids=["an empty folder at the end", "two folders of which one is closed"],
)
def test_a_folder_that_the_project_leaves_open_is_closed_first(song: Path, before: str, after: str) -> None:
    parent = "  <TRACK\n    NAME P\n    ISBUS 1 1\n  >\n" * before.count("2") * 2
    data = f"<REAPER_PROJECT\n{parent}  <TRACK\n    NAME L\n    {before}\n  >\n>\n"
    song.write_text(data, newline="\n")
    project = Project.load(song)
    project.insert_stems([stem(song)])
    assert project.tracks[-1].depth == 0
    written = project.encode().decode()
    assert written.startswith(data[:-2].replace(before + "\n  >", after + "\n  >"))


def test_an_item_on_a_track_that_is_there(song: Path) -> None:
    project = Project.load(song)
    drums = project.find_track("Drums")
    (there,) = drums.items
    early, late, later = project.insert_stems(
        [stem(song, start=start) for start in (7, 10**7, 10**8)], track=drums
    )
    assert len(project.tracks) == 4
    assert project.find_track("Drums").items == (early, there, late, later)
    assert added_lines(reaper7(), project.encode()).count(b"    <ITEM\n") == 3


def test_several_takes_with_the_chosen_one(song: Path) -> None:
    project = Project.load(song)
    several = NewStem("x", 0, 10, [NewTake(name, Path(f"{name}.wav")) for name in "abc"], chosen=2)
    (placed,) = project.insert_stems([several])
    assert [(take.name, take.chosen) for take in placed.takes] == [("a", False), ("b", False), ("c", True)]


def test_takes_added_to_an_item(song: Path) -> None:
    project = Project.load(song)
    before = project.tracks[1].items[0]
    after = project.add_takes_like(
        before, [NewTake("new", song.parent / "n.wav", 0.5), NewTake("other", song)]
    )
    assert [(take.name, take.chosen) for take in after.takes] == [
        ("take one.wav", False),
        ("", False),
        ('take "two"', False),
        ("new", True),
        ("other", False),
    ]
    assert after.takes[3].offset_seconds == 0.5
    assert (after.start_frame, after.frames, after.guid) == (before.start_frame, before.frames, before.guid)
    # The one line that changes is that of the take that sounded before.
    added = added_lines(reaper7().replace(b"TAKE SEL", b"TAKE"), project.encode())
    assert added[0].strip() == b"TAKE SEL"


def test_the_first_take_of_an_empty_item(song: Path) -> None:
    song.write_bytes(reaper5())
    project = Project.load(song)
    after = project.add_takes_like(project.tracks[0].items[0], [NewTake("a", song), NewTake("b", song)])
    assert [(take.name, take.chosen) for take in after.takes] == [("a", True), ("b", False)]


def test_tracks_go_before_what_extensions_keep(song: Path) -> None:
    song.write_bytes(b"<REAPER_PROJECT\n  <EXTENSIONS\n  >\n>\n")
    project = Project.load(song)
    project.insert_stems([stem(song)])
    root = parse_project(project.encode(), "again").root
    assert [chunk.name for chunk in root.chunks()] == ["TRACK", "EXTENSIONS"]


def test_nothing_to_insert_changes_nothing(song: Path) -> None:
    project = Project.load(song)
    assert project.insert_stems([]) == ()
    assert project.insert_stems([], folder="Jam") == ()
    assert project.encode() == reaper7()


def test_fades_when_asked_for(song: Path) -> None:
    project = Project.load(song)
    faded = NewStem("x", 0, 10, [NewTake("x", song)], fade_in_seconds=0.005, fade_out_seconds=0.01)
    (placed,) = project.insert_stems([faded])
    assert (placed.fade_in_seconds, placed.fade_out_seconds) == (0.005, 0.01)
