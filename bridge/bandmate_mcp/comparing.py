"""Two takes and their measured differences."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from bandmate_bridge.analysis.report import AnalysisReport
from bandmate_mcp.analysis_facts import loudness_facts

_MAX_DIFFERENCES = 64


def compare_analyses(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Both as measured, and what differs: second minus first. From two reports of `analyse`."""
    one, other = AnalysisReport.from_values(first), AnalysisReport.from_values(second)
    sides = {"first": _measured(one), "second": _measured(other)}
    differences: dict[str, Any] = {}
    for name, value in sides["first"].items():
        there = sides["second"][name]
        if isinstance(value, int | float) and isinstance(there, int | float):
            differences[name] = round(there - value, 3)
        elif value != there:
            differences[name] = f"{value} -> {there}"
    changed = _chord_differences(one, other)
    return {
        **sides,
        "second_minus_first": differences,
        "chords_agree_0_to_1": _chord_agreement(one, other),
        "chord_differences": changed[:_MAX_DIFFERENCES],
        "chord_differences_left_out": max(0, len(changed) - _MAX_DIFFERENCES),
    }


def _measured(report: AnalysisReport) -> dict[str, Any]:
    seconds = report.frames / report.sample_rate
    return {
        "seconds": round(seconds, 3),
        **loudness_facts(report),
        "bpm": report.median_bpm,
        "metre": report.metre,
        "key": report.key,
        "tuning_cents": report.tuning_cents,
        "beats": len(report.beats),
        "chord_changes_per_minute": round(60 * len(report.chords) / seconds, 1) if seconds else None,
    }


def _timed_chords(report: AnalysisReport) -> list[tuple[float, str]]:
    """Start in seconds, and symbol, where it changes."""
    return [
        ((chord.position - report.start_frame) / report.sample_rate, chord.symbol) for chord in report.chords
    ]


def _spans(one: AnalysisReport, other: AnalysisReport) -> list[tuple[float, float, str, str]]:
    """The time that both have, cut where a chord changes in either of them: start, end, both symbols."""
    first, second = _timed_chords(one), _timed_chords(other)
    end = min(one.frames / one.sample_rate, other.frames / other.sample_rate)
    edges = sorted({0.0, end, *(start for start, _ in (*first, *second) if 0 < start < end)})
    return [
        (start, stop, _symbol_at(first, start), _symbol_at(second, start)) for start, stop in pairwise(edges)
    ]


def _symbol_at(chords: list[tuple[float, str]], seconds: float) -> str:
    return next((symbol for start, symbol in reversed(chords) if start <= seconds), "N")


def _chord_agreement(one: AnalysisReport, other: AnalysisReport) -> float | None:
    """The share of the common time in which both have the same chord."""
    spans = _spans(one, other)
    whole = sum(stop - start for start, stop, _, _ in spans)
    same = sum(stop - start for start, stop, here, there in spans if here == there)
    return round(same / whole, 3) if whole else None


def _chord_differences(one: AnalysisReport, other: AnalysisReport) -> list[dict[str, Any]]:
    return [
        {"start_seconds": round(start, 3), "end_seconds": round(stop, 3), "first": here, "second": there}
        for start, stop, here, there in _spans(one, other)
        if here != there
    ]
