"""What the bridge makes of the tempo of a report: words, tempo maps, and the tempo of other tasks."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from bandmate_bridge.analysis.report import AnalysisReport, report_summary
from bandmate_bridge.reaper.agent.marks import analysis_marks

RATE = 48_000


def values(points: list[tuple[float, float]], **more: Any) -> dict[str, Any]:
    """A report with tempo points (seconds, bpm) and a beat each half second."""
    tempo = [{"position": at * RATE, "bpm": bpm, "numerator": 4, "denominator": 4} for at, bpm in points]
    beats = list(range(0, 60 * RATE, RATE // 2))
    known = {
        "frames": 60 * RATE,
        "sample_rate": RATE,
        "tempo": tempo,
        "beats": beats,
        "downbeats": beats[::4],
    }
    return known | {"metre": "4/4", "tempo_kind": "moving", "median_bpm": points[0][1]} | more


def tempo_line(report: dict[str, Any]) -> str:
    return report_summary(AnalysisReport.from_values(report))[1]


def test_the_median_is_told_and_a_range_only_where_the_tempo_moves() -> None:
    steady = values([(0.0, 95.0)], tempo_kind="steady")
    assert tempo_line(steady) == "Tempo     95.00 bpm, 4/4; the first bar begins at 0:00.0"
    moving = values([(0.0, 100.0), (20.0, 104.0), (40.0, 110.0)], median_bpm=104.0)
    assert "104.0 bpm, moving from 100.0 to 110.0, 4/4" in tempo_line(moving)
    unsure = values([(0.0, 95.0), (20.0, 106.6), (22.0, 95.0)], tempo_kind="unsure")
    assert "about 95 bpm (unsure), 4/4" in tempo_line(unsure)
    assert "106" not in tempo_line(unsure)
    assert "no metre detected" in tempo_line(values([(0.0, 95.0)], metre=None, downbeats=[]))


def test_a_report_of_an_older_server_is_read() -> None:
    old = values([(0.0, 95.0)])
    del old["tempo_kind"], old["median_bpm"]
    assert "95.00 bpm, 4/4" in tempo_line(old)


@pytest.mark.parametrize(
    ("more", "points"),
    [({}, 2), ({"tempo_kind": "unsure"}, 0), ({"tempo_source": "project"}, 0), ({"beats": []}, 0)],
)
def test_only_a_certain_tempo_becomes_a_projects(more: dict[str, Any], points: int) -> None:
    marks = analysis_marks(values([(0.0, 95.0), (20.0, 100.0)], **more), RATE)
    assert marks is not None
    assert len(marks.tempo) == points


def test_another_metre_keeps_the_tempo_and_the_first_bar() -> None:
    heard = AnalysisReport.from_values(values([(0.0, 134.2), (10.0, 100.0)], downbeats=[10 * RATE]))
    found = heard.recording_tempo(RATE, (3, 4))
    assert found.metre == (3, 4)
    assert found.tempo.bpm_at(20 * RATE) == 100.0
    assert found.tempo.bar_beat_at(10 * RATE) == (1, pytest.approx(0.0))
    assert found.tempo.position_of(2) == pytest.approx(10 * RATE + 3 * 0.6 * RATE)
    assert msgspec.structs.asdict(found.tempo.points[-1])["numerator"] == 3
