"""Draws the report of `analyse` as a picture for people: wave, bars, chords, sections, tempo, loudness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bandmate_bridge.picture import lanes
from bandmate_bridge.picture.canvas import INK, SOFT_INK, ReportCanvas
from bandmate_bridge.picture.values import TimedAnalysis, read_analysis

_WIDTH = 1_200
_LEFT, _RIGHT = 118, 60
_HEAD = 84
_GAP = 8
_FOOT = 34

LaneDrawer = Callable[[ReportCanvas, lanes.TimeAxis, float, float, TimedAnalysis], None]
_LANES: tuple[tuple[str, float, LaneDrawer], ...] = (
    ("Sections", 28, lanes.draw_sections),
    ("Chords", 28, lanes.draw_chords),
    ("Bar", 16, lanes.draw_bars),
    ("Wave", 150, lanes.draw_wave),
    ("Tempo (bpm)", 64, lanes.draw_tempo),
    ("Loudness (LUFS)", 90, lanes.draw_loudness),
)
"""Name, height in points, and what draws it, from the top down."""


def draw(report: Mapping[str, Any], path: Path, *, title: str = "", begins: float = 0.0) -> None:
    """Writes a PNG of 2400 pixels' width with all that a report of `analyse` says.

    ``begins``: the time in seconds that is written at its left, as a ruler shows it there.
    Raises RequestError: `engine_unavailable` when Pillow is missing, `bad_params` when the report is none of
    `analyse`, `file_unusable` when the file cannot be written.
    """
    what = read_analysis(report)
    height = _HEAD + sum(size + _GAP for _, size, _ in _LANES) + _FOOT
    canvas = ReportCanvas(_WIDTH, round(height))
    frame = lanes.TimeAxis(_LEFT, _WIDTH - _RIGHT, what.seconds)
    room = frame.right - frame.left
    canvas.draw_text(frame.left, 20, canvas.fit_text(title or "Analysis", 22, room), 22, INK)
    canvas.draw_text(frame.left, 52, canvas.fit_text(summary_text(what), 13, room), 13, SOFT_INK)
    top = float(_HEAD)
    for label, size, lane in _LANES:
        lanes.draw_name(canvas, frame, top, size, label)
        lane(canvas, frame, top, size, what)
        top += size + _GAP
    lanes.draw_times(canvas, frame, top - _GAP + 2, what, begins)
    canvas.save(path)


def summary_text(what: TimedAnalysis) -> str:
    """Key, metre, tempo, length and loudness in one line."""
    said = [what.key or "no key"]
    if what.tempo:
        speeds = [bpm for _, bpm in what.tempo]
        low, high = min(speeds), max(speeds)
        steady = high - low < 0.5
        said += [what.metre or "no metre", f"{low:.1f} bpm" if steady else f"{low:.0f} to {high:.0f} bpm"]
    else:
        said.append("no beat")
    said.append(lanes.clock_text(what.seconds, 0.1 if what.seconds < 10 else 1.0))
    if what.integrated is not None:
        said.append(f"{what.integrated:.1f} LUFS")
    if what.spread is not None:
        said.append(f"range {what.spread:.1f} LU")
    said.append(f"true peak {what.peak:.1f} dBTP" if what.peak is not None else "silent")
    return "   \u00b7   ".join(said)
