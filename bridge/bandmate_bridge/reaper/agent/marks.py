"""An analysis as markers, regions and tempo points for REAPER."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bandmate_bridge.analysis.lyrics import lyric_texts
from bandmate_bridge.analysis.report import AnalysisReport, read_analysis, tempo_text
from bandmate_bridge.reaper.mailbox_messages import AnalysisMarks, MarkFact, TempoMark, TextFact
from bandmate_protocol.units import one_line

_NOTE_CHARS = 300


def analysis_marks(values: Mapping[str, Any], rate: int) -> AnalysisMarks | None:
    """What an analysis gives to mark, in seconds; None for the report of anything else.

    ``rate``: hertz of the timeline that the job ran on, where the report does not say its own.
    """
    report = read_analysis(values)
    if report is None:
        return None
    hertz = report.sample_rate or rate
    lyrics = lyric_texts(report)
    return AnalysisMarks(
        markers=tuple(
            MarkFact(
                name=marker.name,
                start_seconds=marker.frame / hertz,
                end_seconds=None if marker.end_frame is None else marker.end_frame / hertz,
                colour=marker.colour or "",
            )
            for marker in report.markers()
        ),
        tempo=tuple(
            TempoMark(
                seconds=point.position / hertz,
                bpm=point.bpm,
                numerator=point.numerator,
                denominator=point.denominator,
            )
            for point in (report.tempo_points() if report.has_usable_tempo else ())
        ),
        lyrics=tuple(
            TextFact(
                text=words.text,
                start_seconds=words.start_frame / hertz,
                length_seconds=words.frames / hertz,
            )
            for words in lyrics
        ),
        # A planner mishears words, and does not know when they are sung.
        summary=_summary_text(report) + (". Check the lyrics on their track." if lyrics else ""),
    )


def _summary_text(report: AnalysisReport) -> str:
    key = report.key or "no key detected"
    heard = report.tempo and report.beats
    tempo = f"{tempo_text(report)}, {report.metre or 'no metre'}" if heard else "no beat detected"
    lufs = report.loudness.integrated_lufs if report.loudness else None
    return f"{tempo}, {key}" + (f", {lufs:.1f} LUFS" if lufs is not None else "")


def report_note(values: Mapping[str, Any]) -> str:
    """What a task without audio reported, in a line for the panel; empty for an analysis, which has marks."""
    if read_analysis(values) is not None:
        return ""
    told = (f"{name}: {value}" for name, value in values.items() if isinstance(value, str | int | float))
    return one_line(", ".join(told), _NOTE_CHARS)
