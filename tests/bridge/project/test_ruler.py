"""Times as the ruler shows them: a project may begin at another time than zero."""

from __future__ import annotations

from pathlib import Path

import pytest

from bandmate_bridge.analysis.report import AnalysisReport, report_summary
from bandmate_bridge.reaper.agent.facts import build_project
from bandmate_bridge.reaper.mailbox_messages import ProjectFact, ReaperFacts
from bandmate_bridge.requests.ranges import GivenRanges
from bandmate_bridge.rpp import Project, time_text
from bandmate_bridge.watch.watched_project import WatchedProject
from bandmate_protocol.errors import RequestError
from tests.bridge.project.written import RATE, WrittenItem, written_project


def project_from(folder: Path, *head: str) -> Project:
    path = folder / "song.rpp"
    path.write_text(written_project({"Keys": [WrittenItem()]}, *head))
    return Project.load(path)


@pytest.mark.parametrize(
    ("start", "written", "seconds"),
    [
        ("3590", "60:10", 20),
        ("3590", "1:00:10", 20),
        ("3590", "3610s", 20),
        ("3590", "11.1", 20),
        ("3590", f"{3610 * RATE}smp", 20),
        ("3590.5", "3610.25s", 19.75),
        ("-4", "-2s", 2),
        ("-4", "-0:02.5", 1.5),
        ("-4", "0:16", 20),
        ("0", "0:20", 20),
        ("0", "0:00:20", 20),
    ],
)
def test_a_position(tmp_path: Path, start: str, written: str, seconds: float) -> None:
    project = project_from(tmp_path, f"PROJOFFS {start} 0 0")
    frame = round(seconds * RATE)
    assert project.position(written) == frame
    assert project.range(written, seconds=1).start_frame == frame
    (times,) = GivenRanges(at=written).times(project.tempo_map, project.ruler_start)
    assert round(times[0] * RATE) == frame
    watched = WatchedProject(project.path, at=written)
    assert watched.timeline().start_frame == frame


def test_before_the_start_is_said_in_the_rulers_time(tmp_path: Path) -> None:
    project = project_from(tmp_path, "PROJOFFS 3590 0 0")
    with pytest.raises(RequestError, match=r"before the start of the project.*starts at 59:50.000, in bar 1"):
        project.position("12s")


def test_a_tempo_that_cannot_be_is_said_in_the_rulers_time(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"a tempo of 0 at 1:00:02.000"):
        project_from(tmp_path, "PROJOFFS 3590 0 0", "<TEMPOENVEX", "  PT 12 0 1", ">")


def test_a_report_has_the_rulers_times() -> None:
    values = {"frames": 20, "sample_rate": 10, "start_frame": 100, "beats": [100], "downbeats": [105]}
    report = AnalysisReport.from_values(
        values | {"metre": "4/4", "tempo": [{"position": 100, "bpm": 120}]} | {"chords": []}
    )
    assert "the first bar begins at 0:10.5" in report_summary(report)[1]
    assert "the first bar begins at 1:00:00.5" in report_summary(report, 3590.0)[1]
    assert report_summary(report, 3590.0)[0].startswith("Length    0:02.0")


def test_reapers_scripts_tell_where_the_ruler_begins() -> None:
    facts = ReaperFacts(project=ProjectFact(id="x", sample_rate=RATE, time_offset_seconds=3590.0))
    assert build_project(facts).position("60:10") == 20 * RATE


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00.000"), (62.5, "1:02.500"), (3610, "1:00:10.000"), (-4, "-0:04.000"), (59.9996, "1:00.000")],
)
def test_the_text_of_a_time(seconds: float, text: str) -> None:
    assert time_text(seconds) == text


def test_a_cursor_beyond_a_day_is_said_at_a_press(tmp_path: Path) -> None:
    project = project_from(tmp_path, "CURSOR 110592")
    watched = WatchedProject(project.path)
    assert watched.context().timeline.start_frame == 0
    with pytest.raises(RequestError, match=r"The edit cursor is at 30:43:12.000, over 24 hours"):
        watched.timeline()
    head = ("CURSOR 110592", "SELECTION 2 4", "PROJOFFS 3590 0 0")
    project.path.write_text(written_project({"Keys": [WrittenItem()]}, *head))
    assert WatchedProject(project.path).context().ruler_start == 3590
    assert WatchedProject(project.path).timeline().start_frame == 2 * RATE
