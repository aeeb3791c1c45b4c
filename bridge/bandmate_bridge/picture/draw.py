"""Draws the report of `analyse` as a picture for people: wave, bars, chords, sections, tempo, loudness."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bandmate_bridge.picture import lanes
from bandmate_bridge.picture.canvas import INK, SOFT_INK, Canvas
from bandmate_bridge.picture.values import TimedAnalysis, read

_WIDTH = 1_200
_LEFT, _RIGHT = 118, 60
_HEAD = 84
_GAP = 8
_FOOT = 34

Lane = Callable[[Canvas, lanes.Frame, float, float, TimedAnalysis], None]
_LANES: tuple[tuple[str, float, Lane], ...] = (
    ("Sections", 28, lanes.sections),
    ("Chords", 28, lanes.chords),
    ("Bar", 16, lanes.bars),
    ("Wave", 150, lanes.wave),
    ("Tempo (bpm)", 64, lanes.tempo),
    ("Loudness (LUFS)", 90, lanes.loudness),
)
"""Name, height in points, and what draws it, from the top down."""


def draw(report: Mapping[str, Any], path: Path, *, title: str = "", begins: float = 0.0) -> None:
    """Writes a PNG of 2400 pixels' width with all that a report of `analyse` says.

    ``begins``: the time in seconds that is written at its left, as a ruler shows it there.
    Raises RequestError: `engine_unavailable` when Pillow is missing, `bad_params` when the report is none of
    `analyse`, `file_unusable` when the file cannot be written.
    """
    what = read(report)
    height = _HEAD + sum(size + _GAP for _, size, _ in _LANES) + _FOOT
    canvas = Canvas(_WIDTH, round(height))
    frame = lanes.Frame(_LEFT, _WIDTH - _RIGHT, what.seconds)
    room = frame.right - frame.left
    canvas.text(frame.left, 20, canvas.fitting(title or "Analysis", 22, room), 22, INK)
    canvas.text(frame.left, 52, canvas.fitting(summary(what), 13, room), 13, SOFT_INK)
    top = float(_HEAD)
    for label, size, lane in _LANES:
        lanes.name(canvas, frame, top, size, label)
        lane(canvas, frame, top, size, what)
        top += size + _GAP
    lanes.times(canvas, frame, top - _GAP + 2, what, begins)
    canvas.save(path)


def summary(what: TimedAnalysis) -> str:
    """Key, metre, tempo, length and loudness in one line."""
    said = [what.key or "no key"]
    if what.tempo:
        speeds = [bpm for _, bpm in what.tempo]
        low, high = min(speeds), max(speeds)
        steady = high - low < 0.5
        said += [what.metre or "no metre", f"{low:.1f} bpm" if steady else f"{low:.0f} to {high:.0f} bpm"]
    else:
        said.append("no beat")
    said.append(lanes.clock(what.seconds, 0.1 if what.seconds < 10 else 1.0))
    if what.integrated is not None:
        said.append(f"{what.integrated:.1f} LUFS")
    if what.spread is not None:
        said.append(f"range {what.spread:.1f} LU")
    said.append(f"true peak {what.peak:.1f} dBTP" if what.peak is not None else "silent")
    return "   \u00b7   ".join(said)
