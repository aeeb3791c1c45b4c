"""An analysis as an assistant reads it: tempo and loudness of the whole, energy, key and chords of each section."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from bandmate_bridge.analysis.report import AnalysisReport, ReportChord, ReportSection
from bandmate_plugins._theory.chords import read_chord
from bandmate_plugins._theory.note_harmony import HarmonyCell, TimedNote, harmony_of

_MAX_CHORDS = 64
"""Changes of chord that are shown for a section."""
_MAX_SECTIONS = 64
_LOWEST_OCTAVE = 36

Place = Callable[[float], Any]
"""How a frame is shown."""


def analysis_facts(values: Mapping[str, Any], place: Place | None = None) -> dict[str, Any]:
    """The report of `analyse` in a few hundred words. ``place`` shows frames; as seconds when left out."""
    report = AnalysisReport.from_values(values)
    rate = report.sample_rate
    show = place or (lambda frame: {"seconds": round(frame / rate, 3)})
    sections = report.sections or (ReportSection(report.start_frame, _end_frame(report), "all"),)
    return {
        "seconds": round(report.frames / rate, 3),
        "bpm": report.median_bpm,
        "tempo": report.tempo_kind,
        "metre": report.metre,
        "first_bar": show(report.first_downbeat) if report.downbeats else None,
        "key": report.key,
        "key_confidence_0_to_1": round(report.key_confidence, 2),
        "tuning_cents": report.tuning_cents,
        "loudness": loudness_facts(report),
        "sections": [_section_facts(report, values, one, show) for one in sections[:_MAX_SECTIONS]],
        "sections_left_out": max(0, len(sections) - _MAX_SECTIONS),
    }


def loudness_facts(report: AnalysisReport) -> dict[str, float | None]:
    """Loudness in LUFS, its range in LU, and the true peak in dBTP; null for silence."""
    loudness = report.loudness
    if loudness is None:
        return {"integrated_lufs": None, "range_lu": None, "true_peak_dbtp": None}
    return {
        "integrated_lufs": _rounded(loudness.integrated_lufs),
        "range_lu": _rounded(loudness.range_lu),
        "true_peak_dbtp": _rounded(loudness.true_peak_dbtp),
    }


def key_of_chords(chords: Sequence[tuple[float, float, str]]) -> str | None:
    """The key that chords spell; each is its start, its end and its symbol. None where they are too few."""
    notes: list[TimedNote] = []
    for start, end, symbol in chords:
        chord = read_chord(symbol)
        if chord is not None:
            notes.append(TimedNote(start, end, _LOWEST_OCTAVE + chord.bass))
            notes += [
                TimedNote(start, end, _LOWEST_OCTAVE + 24 + (chord.root + step) % 12)
                for step in chord.intervals
            ]
    cells = [HarmonyCell(start, end, opens_bar=True) for start, end, _ in chords if end > start]
    return harmony_of(notes, cells).key if notes else None


def _section_facts(
    report: AnalysisReport, values: Mapping[str, Any], section: ReportSection, show: Place
) -> dict[str, Any]:
    chords = _chords_between(report.chords, section.start_frame, section.end_frame)
    return {
        "label": section.label,
        "start": show(section.start_frame),
        "end": show(section.end_frame),
        "energy_lufs": _mean_loudness(report, values, section),
        "key": key_of_chords(chords),
        "chords": [{"symbol": symbol, "start": show(start)} for start, _, symbol in chords[:_MAX_CHORDS]],
        "chords_left_out": max(0, len(chords) - _MAX_CHORDS),
    }


def _chords_between(chords: Sequence[ReportChord], start: int, end: int) -> list[tuple[float, float, str]]:
    """The chords that sound there: start, end and symbol."""
    edges = [*chords, ReportChord(end, "N")]
    found = []
    for one, following in pairwise(edges):
        begins, ends = max(one.position, start), min(max(following.position, one.position), end)
        if ends > begins and one.symbol != "N":
            found.append((float(begins), float(ends), one.symbol))
    return found


def _mean_loudness(report: AnalysisReport, values: Mapping[str, Any], section: ReportSection) -> float | None:
    """The mean of the short-term loudness there, by power; None for silence."""
    loudness = values.get("loudness") or {}
    curve, step = loudness.get("short_term_lufs") or (), loudness.get("short_term_step_frames") or 0
    if not step:
        return None
    first = (section.start_frame - report.start_frame) // step
    last = max(first + 1, math.ceil((section.end_frame - report.start_frame) / step))
    powers = [10 ** (level / 10) for level in curve[max(0, first) : last] if level is not None]
    return round(10 * math.log10(sum(powers) / len(powers)), 1) if powers else None


def _end_frame(report: AnalysisReport) -> int:
    return report.start_frame + report.frames


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
