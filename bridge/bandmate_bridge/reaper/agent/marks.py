"""An analysis as markers, regions and tempo points for REAPER."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bandmate_bridge.analysis.report import AnalysisReport, tempo_text
from bandmate_protocol.errors import RequestError


def analysis_marks(values: Mapping[str, Any], rate: int) -> dict[str, Any] | None:
    """What an analysis gives to mark, in seconds; None for the report of anything else.

    ``rate``: hertz of the timeline that the job ran on, where the report does not say its own.
    """
    if "beats" not in values and "sections" not in values:
        return None
    try:
        report = AnalysisReport.from_values(values)
    except RequestError:
        return None
    hertz = report.sample_rate or rate
    return {
        "markers": [
            {
                "name": marker.name,
                "start": marker.frame / hertz,
                "end": None if marker.end_frame is None else marker.end_frame / hertz,
                "colour": marker.colour,
            }
            for marker in report.markers()
        ],
        "tempo": [
            {
                "seconds": point.position / hertz,
                "bpm": point.bpm,
                "numerator": point.numerator,
                "denominator": point.denominator,
            }
            for point in (report.tempo_points() if report.has_usable_tempo else ())
        ],
        "summary": _summary_text(report),
    }


def _summary_text(report: AnalysisReport) -> str:
    key = report.key or "no key heard"
    heard = report.tempo and report.beats
    tempo = f"{tempo_text(report)}, {report.metre or 'no metre'}" if heard else "no beat heard"
    lufs = report.loudness.integrated_lufs if report.loudness else None
    return f"{tempo}, {key}" + (f", {lufs:.1f} LUFS" if lufs is not None else "")
