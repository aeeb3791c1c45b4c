"""Lyrics that a planner hears become text items of the project, and nothing else changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bandmate_bridge.analysis.lyrics import lyric_texts
from bandmate_bridge.analysis.report import AnalysisReport
from bandmate_bridge.rpp import Project
from bandmate_bridge.runs.analyse import mark_project
from tests.bridge.project.samples import added_lines, reaper5, reaper6, reaper7

LYRICS = '[Verse 1]\nRain on the "roof"\n\n<all night> | long\n[Chorus]\nRain, rain'


def report(lyrics: str = LYRICS, *ends: int, **more: Any) -> AnalysisReport:
    sections = [
        {"start_frame": start, "end_frame": end, "label": "AB"[number]}
        for number, (start, end) in enumerate(zip((0, *ends), ends, strict=False))
    ]
    values = {"frames": 96_000, "sample_rate": 48_000, "start_frame": 24_000, "sections": sections}
    return AnalysisReport.from_values(values | {"song": {"lyrics": lyrics, "caption": "rainy"}} | more)


@pytest.mark.parametrize("data", [reaper5(), reaper6(), reaper7(), reaper7(newline="\r\n")])
def test_every_other_line_stays(tmp_path: Path, data: bytes) -> None:
    song = tmp_path / "song.rpp"
    song.write_bytes(data)
    project = Project.load(song)
    lines = mark_project(project, report(), tempo_map=False, force=True)
    assert any("The lyrics are text items on a new track" in line for line in lines)
    ending = "\r\n" if b"\r\n" in data else "\n"
    added = b"".join(added_lines(data, song.read_bytes())).decode()
    notes = added[added.index("<NOTES") :]
    written = notes[: notes.index(">" + ending)].splitlines()
    assert [line.strip() for line in written[1:]][:-1] == ["|" + line for line in LYRICS.splitlines()]
    track = Project.load(song).tracks[-1]
    assert track.name == "Lyrics"
    (item,) = track.items
    assert (item.start_frame, item.end_frame) == (24_000, 24_000 + 96_000)
    # A second time the name is taken.
    again = Project.load(song)
    mark_project(again, report(), tempo_map=False, force=True)
    assert Project.load(song).tracks[-1].name == "Lyrics 2"


def test_each_section_has_its_own_words_where_their_numbers_agree() -> None:
    verse, chorus = lyric_texts(report(LYRICS, 48_000, 96_000))
    assert verse.text == '[Verse 1]\nRain on the "roof"\n\n<all night> | long'
    assert (verse.start_frame, verse.frames) == (0, 48_000)
    assert (chorus.text, chorus.start_frame, chorus.frames) == ("[Chorus]\nRain, rain", 48_000, 48_000)
    (whole,) = lyric_texts(report(LYRICS, 96_000))
    assert whole.text == LYRICS


def test_without_words_there_is_no_track() -> None:
    assert lyric_texts(report(" ")) == []
    assert lyric_texts(report(song=None)) == []
