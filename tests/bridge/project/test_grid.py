"""Which frames of a file an item plays: sections, loops, speeds, and recordings that were split."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_bridge.rpp import ItemMap, Project, map_item, resolve_item
from bandmate_bridge.rpp.take_reach import take_with_context
from bandmate_protocol.errors import RequestError
from tests.bridge.project.test_split import ITEM, project_with

RATE = 48_000
SECTION = """      <SOURCE SECTION
        LENGTH {length}
        STARTPOS {start}
        OVERLAP 0.01
        <SOURCE WAVE
          FILE "two.wav"
        >
      >
"""


def on(
    project: Project, start: float, end: float, *, rate: int | None = None, seconds: float = 60
) -> ItemMap:
    track = project.tracks[0]
    return map_item(
        resolve_item(track, track.items[0], project.tempo_map),
        RATE,
        round(seconds * RATE),
        (start, end),
        rate,
    )


def with_section(folder: Path, *, loop: int = 0, **values: object) -> Project:
    project = project_with(folder, **values)
    text = project.path.read_text()
    old = '      <SOURCE WAVE\n        FILE "two.wav"\n      >\n'
    assert old in text
    text = text.replace(old, SECTION.format(length=5, start=10)).replace("LOOP 0", f"LOOP {loop}")
    project.path.write_text(text)
    return Project.load(project.path)


def sent(laid: ItemMap, start: float, end: float) -> tuple[float, float, float]:
    """What is sent for a span of seconds: from and to in seconds of the file, and when it is heard."""
    edges = [round(laid.grid.frame_at(edge)) for edge in (start, end)]
    given = laid.build_input("source", "0" * 64, *edges)
    assert given.frames is not None
    return (
        given.start_frame / RATE,
        (given.start_frame + given.frames) / RATE,
        laid.grid.time_of(given.at_frame),
    )


def test_a_section_is_counted_from_its_start(tmp_path: Path) -> None:
    laid = on(with_section(tmp_path, offset=0.5), 2, 3)
    assert sent(laid, 2, 3) == pytest.approx((11.5, 12.5, 2))
    # The item runs from 1 s to 9 s, and four and a half seconds of the section are left.
    assert laid.grid.time_of(laid.last) == pytest.approx(5.5)
    assert laid.starts
    assert not laid.ends


def test_a_looped_section_in_its_second_pass(tmp_path: Path) -> None:
    laid = on(with_section(tmp_path, loop=1, offset=0.5), 6, 7)
    assert sent(laid, 6, 7) == pytest.approx((10.5, 11.5, 6))
    assert laid.grid.time_of(laid.first) == pytest.approx(5.5)
    with pytest.raises(RequestError, match="repeats inside the range"):
        on(with_section(tmp_path, loop=1, offset=0.5), 5, 7)


def test_a_source_that_begins_later_than_its_item(tmp_path: Path) -> None:
    laid = on(project_with(tmp_path, offset=-1.5), 3, 4)
    assert not laid.starts
    assert laid.grid.time_of(laid.first) == pytest.approx(2.5)
    assert sent(laid, 3, 4) == pytest.approx((0.5, 1.5, 3))


@given(
    st.sampled_from([0.5, 0.75, 1.5, 2.0, 3.3]),
    st.floats(0, 20),
    st.floats(1, 4),
    st.floats(0.1, 4),
    st.sampled_from([8_000, 44_100, 48_000, 96_000]),
)
def test_on_the_projects_frames_the_slice_is_right_to_half_a_frame(
    song_folder: Path, speed: float, offset: float, start: float, length: float, rate: int
) -> None:
    project = project_with(song_folder, rate, rate=speed, offset=offset)
    laid = on(project, start, start + length, rate=rate)
    first, last = (round(edge * rate) for edge in (start, start + length))
    given = laid.build_input("source", "0" * 64, first, last)
    assert given.frames is not None
    assert given.play_rate == speed
    begins, ends = (offset + (edge / rate - 1) * speed for edge in (first, last))
    assert abs(given.start_frame - begins * RATE) <= 0.51
    assert abs(given.start_frame + given.frames - ends * RATE) <= 0.51 or first == last
    assert given.at_frame == first


@pytest.fixture(scope="module")
def song_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("song")


def split_by_hand(folder: Path, *, gap: float = 0, drift: float = 0) -> Project:
    """Three items in a row that play on; the middle one has another take before."""
    filled = {"fade_in": 0, "fade_out": 0, "other": 40, "rate": 1, "mode": 0, "extra": ""}
    project = project_with(folder)
    text = project.path.read_text()
    start, end = text.index("    <ITEM"), text.index("\n    >\n") + 7
    pieces = [
        ITEM.format(position=1, length=2, offset=0.5, **filled),
        ITEM.format(position=3 + gap, length=2, offset=2.5 + drift, **filled),
        ITEM.format(position=5 + gap, length=3, offset=4.5 + 2 * drift, **filled),
    ]
    project.path.write_text(text[:start] + "".join(pieces) + text[end:])
    return Project.load(project.path)


def reach(project: Project, index: int) -> tuple[float, float]:
    track = project.tracks[0]
    return resolve_item(track, track.items[index], project.tempo_map).reach


def test_a_recording_goes_on_through_the_pieces_of_a_split_item(tmp_path: Path) -> None:
    project = split_by_hand(tmp_path)
    assert [reach(project, index) for index in range(3)] == [(1, 8)] * 3
    laid = on(project, 1, 3)
    assert laid.grid.time_of(laid.last) == pytest.approx(3)
    assert laid.grid.time_of(laid.reach_last) == pytest.approx(8)
    assert reach(split_by_hand(tmp_path, gap=0.1), 0) == (1, 3)
    assert reach(split_by_hand(tmp_path, drift=0.1), 0) == (1, 3)


def test_a_piece_with_a_new_take_is_heard_by_the_one_that_goes_on_beside_it(tmp_path: Path) -> None:
    project = split_by_hand(tmp_path)
    items = project.tracks[0].items
    text = project.path.read_text()
    # The first take of the middle item sounds now; it is another recording.
    start = text.index("POSITION 3")
    project.path.write_text(text[:start] + text[start:].replace("TAKE SEL\n", "TAKE\n", 1))
    items = Project.load(project.path).tracks[0].items
    assert items[1].take is items[1].takes[0]
    assert take_with_context(items, items[1]) is items[1].takes[2]
    alone = take_with_context(items[1:2], items[1])
    assert alone is items[1].take
