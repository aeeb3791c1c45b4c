"""Markers, regions and tempo maps that are added: nothing else changes, and other readers find them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bandmate_bridge.rpp import Marker, Project, new_project
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import TempoPoint
from tests.bridge.project.samples import added_lines, independent, reaper5, reaper6, reaper7

MARKS = [Marker(0, "Am7", 44_100), Marker(0, 'a "verse"', 0, 96_000, "#5b9bd5")]


@pytest.mark.parametrize("data", [reaper5(), reaper6(), reaper7(), reaper7(newline="\r\n")])
def test_every_other_line_stays(song: Path, data: bytes) -> None:
    song.write_bytes(data)
    project = Project.load(song)
    before = project.markers
    project.insert_markers(MARKS)
    added = added_lines(data, project.encode())
    assert [line.split()[0] for line in added] == [b"MARKER"] * 3
    ending = b"\r\n" if b"\r\n" in data else b"\n"
    assert all(line.endswith(ending) for line in added)
    now = project.markers
    assert now[: len(before)] == before
    assert [(mark.name, mark.frame, mark.end_frame, mark.colour) for mark in now[len(before) :]] == [
        ('a "verse"', 0, 96_000, "#5b9bd5"),
        ("Am7", 44_100, None, None),
    ]
    assert len({mark.number for mark in now}) == len(now)


def test_they_are_written_as_reaper_writes_them(song: Path) -> None:
    project = Project.load(song)
    project.insert_markers(MARKS)
    root = independent(project.encode())
    lines = [line for line in root.children if isinstance(line, list) and line[0] == "MARKER"]
    start, end, chord = lines[-3:]
    assert start[:8] == ["MARKER", "3", "0", 'a "verse"', "1", str(0x1000000 + 0xD59B5B), "1", "R"]
    assert end == ["MARKER", "3", str(96_000 / 44_100), "", "1"]
    assert chord[:8] == ["MARKER", "4", "1", "Am7", "0", "0", "1", "R"]
    assert len({line[8] for line in (start, chord)}) == 2


@given(st.lists(st.tuples(st.integers(0, 2**33), st.integers(1, 2**30)), min_size=1, max_size=20))
def test_positions_come_back_to_the_frame(spans: list[tuple[int, int]]) -> None:
    project = new_project("x.rpp", sample_rate=48_000)
    project.insert_markers([Marker(0, "x", start, start + frames) for start, frames in spans])
    found = [(mark.frame, mark.end_frame) for mark in project.markers]
    assert sorted(found) == sorted((start, start + frames) for start, frames in spans)


POINTS = [
    TempoPoint(position=0.0, bpm=120.0),
    TempoPoint(position=30_000.0, bpm=118.0, starts_bar=True),
    TempoPoint(position=200_000.0, bpm=121.5),
]


@pytest.mark.parametrize("data", [reaper5(), reaper6()])
def test_a_tempo_map_for_a_project_without_one(song: Path, data: bytes) -> None:
    song.write_bytes(data)
    project = Project.load(song)
    project.insert_tempo(POINTS)
    again = Project(song, project._document, None)
    for position, bpm in ((0, 120), (40_000, 118), (300_000, 121.5)):
        assert again.tempo_map.bpm_at(position) == bpm
    rate = project.sample_rate
    assert again.tempo_map.position_of(again.tempo_map.bar_beat_at(30_000)[0]) == pytest.approx(
        30_000, abs=0.01
    )
    added = [
        line.strip().split()[0]
        for line in added_lines(data.replace(b"ACT 0 -1", b"ACT 1 -1"), project.encode())
    ]
    assert added.count(b"PT") == 3
    assert rate


def test_a_project_that_has_a_tempo_map_keeps_it(song: Path) -> None:
    project = Project.load(song)
    before = project.encode()
    with pytest.raises(
        RequestError, match="The project already has a tempo map, whose bars would no longer fit"
    ):
        project.insert_tempo(POINTS)
    assert project.encode() == before


def single(song: Path) -> Project:
    """A project whose tempo envelope has one point, at its start."""
    text = new_project(song, sample_rate=48_000, tempo=[TempoPoint(position=0.0, bpm=93.0)]).encode().decode()
    before, envelope = text.split("  <TEMPOENVEX\n")
    inside, after = envelope.split("  >\n", 1)
    song.write_text(f"{before}  <TEMPOENVEX\n{inside}    PT 0 93 1 262148 0 1\n  >\n{after}")
    return Project.load(song)


def test_one_point_at_the_start_is_no_change_and_is_replaced(song: Path) -> None:
    project = single(song)
    assert len(project.tempo_map.points) == 1
    project.insert_tempo(POINTS)
    assert [point.bpm for point in project.tempo_map.points] == [120.0, 118.0, 121.5]
    assert project.encode().count(b"PT ") == 3


@pytest.mark.parametrize("with_point", [False, True])
def test_one_tempo_is_the_projects_own(song: Path, with_point: bool) -> None:
    if with_point:
        project = single(song)
    else:
        song.write_bytes(new_project(song, sample_rate=48_000, tempo=[POINTS[0]]).encode())
        project = Project.load(song)
    project.insert_tempo([TempoPoint(position=0.0, bpm=95.0, numerator=3, denominator=4)])
    assert [(point.bpm, point.numerator) for point in project.tempo_map.points] == [(95.0, 3)]
    assert b"PT " not in project.encode()
    again = Project(song, project._document, None)
    assert again.tempo_map.bpm_at(0) == 95.0
