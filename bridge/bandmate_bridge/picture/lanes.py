"""The lanes of the picture, one under another over the same time."""

from __future__ import annotations

import colorsys
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bandmate_bridge.picture.canvas import (
    BARLINE,
    FAINT,
    GRID,
    INK,
    LOUDNESS,
    PANEL,
    SOFT_INK,
    TEMPO,
    WAVE,
    ReportCanvas,
)
from bandmate_bridge.picture.values import TimedAnalysis

LABEL, SMALL = 11.0, 10.0
_SECTION_COLOURS = (
    "#a9c7e8", "#f5c99b", "#b7dcb4", "#e6b3bf", "#cdbde6", "#f0e19a", "#a8dcd9", "#d8c3ae",
)  # fmt: skip
_NICE_SECONDS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_ROOTS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}


@dataclass(frozen=True)
class TimeAxis:
    """Where time runs: from `left` to `right`, in points."""

    left: float
    right: float
    seconds: float

    def x_at(self, at: float) -> float:
        """Where a time lies."""
        return self.left + (self.right - self.left) * min(max(at / self.seconds, 0.0), 1.0)

    @property
    def points_per_second(self) -> float:
        """How wide a second is."""
        return (self.right - self.left) / self.seconds


def draw_name(canvas: ReportCanvas, frame: TimeAxis, top: float, height: float, text: str) -> None:
    """The name of a lane, at its left."""
    canvas.draw_text(frame.left - 12, top + height / 2, text, LABEL, SOFT_INK, "rm")


def draw_sections(
    canvas: ReportCanvas, frame: TimeAxis, top: float, height: float, what: TimedAnalysis
) -> None:
    """Coloured stretches with their letters; the same letter has the same colour."""
    canvas.draw_box(frame.left, top, frame.right, top + height, PANEL)
    known: list[str] = []
    for start, end, label in what.sections:
        if label not in known:
            known.append(label)
        left, right = frame.x_at(start), frame.x_at(end)
        canvas.draw_box(left, top, right, top + height, _SECTION_COLOURS[known.index(label) % 8])
        canvas.draw_vertical(left, top, top + height, "#ffffff", 1.0)
        if canvas.text_width(label, 12) + 6 <= right - left:
            canvas.draw_text((left + right) / 2, top + height / 2, label, 12, INK, "mm")


def draw_chords(
    canvas: ReportCanvas, frame: TimeAxis, top: float, height: float, what: TimedAnalysis
) -> None:
    """Blocks coloured by root around the circle of fifths; symbols where there is room for them."""
    canvas.draw_box(frame.left, top, frame.right, top + height, PANEL)
    for start, end, symbol in what.chords:
        left, right = frame.x_at(start), frame.x_at(end)
        colour = chord_colour(symbol)
        if colour:
            canvas.draw_box(left, top, right, top + height, colour)
        if right - left > 3:
            canvas.draw_vertical(left, top, top + height, "#ffffff", 1.0)
        if symbol != "N" and canvas.text_width(symbol, SMALL) + 5 <= right - left:
            canvas.draw_text((left + right) / 2, top + height / 2, symbol, SMALL, INK, "mm")


def chord_colour(symbol: str) -> str | None:
    """The colour of a chord; None for no chord."""
    match = re.match(r"([A-G])([#b]?)(.*)", symbol)
    if not match:
        return None
    root = _ROOTS[match[1]] + {"#": 1, "b": -1, "": 0}[match[2]]
    minor = match[3].startswith(("m", "dim")) and not match[3].startswith("maj")
    hue = (root * 7 % 12) / 12
    red, green, blue = colorsys.hls_to_rgb(hue, 0.78 if minor else 0.87, 0.35 if minor else 0.6)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def draw_wave(canvas: ReportCanvas, frame: TimeAxis, top: float, height: float, what: TimedAnalysis) -> None:
    """The wave, a line a pixel, over the grid of bars and beats."""
    canvas.draw_box(frame.left, top, frame.right, top + height, PANEL)
    _draw_grid(canvas, frame, top, height, what)
    middle, half = top + height / 2, height / 2 - 9
    count = round((frame.right - frame.left) * 2)
    columns = what.wave
    for pixel in range(count):
        first = int(pixel / count * what.seconds / what.column_seconds)
        last = int((pixel + 1) / count * what.seconds / what.column_seconds)
        part = columns[first : max(last, first + 1)]
        if part:
            low, high = min(one[0] for one in part), max(one[1] for one in part)
            x = frame.left + pixel / 2
            canvas.draw_box(
                x,
                middle - min(max(high, -1.0), 1.0) * half,
                x + 0.5,
                middle - min(max(low, -1.0), 1.0) * half + 0.5,
                WAVE,
            )
    every = _thinning_step(_mean_spacing(frame, what.downbeats), 12)
    for at in what.downbeats[::every]:
        canvas.draw_vertical(frame.x_at(at), top, top + height, BARLINE)


def _draw_grid(canvas: ReportCanvas, frame: TimeAxis, top: float, height: float, what: TimedAnalysis) -> None:
    """Lines for beats and bars, as many as can be told apart."""
    if _mean_spacing(frame, what.beats) >= 5:
        for at in what.beats:
            canvas.draw_vertical(frame.x_at(at), top, top + height, FAINT)
    every = _thinning_step(_mean_spacing(frame, what.downbeats), 6)
    for at in what.downbeats[::every]:
        canvas.draw_vertical(frame.x_at(at), top, top + height, GRID, 1.0)


def draw_bars(canvas: ReportCanvas, frame: TimeAxis, top: float, height: float, what: TimedAnalysis) -> None:
    """The numbers of bars, as many as have room."""
    every = _thinning_step(_mean_spacing(frame, what.downbeats), 30)
    for number, at in list(enumerate(what.downbeats, 1))[::every]:
        canvas.draw_text(frame.x_at(at) + 2, top + height / 2, str(number), SMALL, SOFT_INK, "lm")
        canvas.draw_vertical(frame.x_at(at), top + 2, top + height, GRID, 1.0)


def _mean_spacing(frame: TimeAxis, times: Sequence[float]) -> float:
    if len(times) < 2:
        return frame.right - frame.left
    return (times[-1] - times[0]) / (len(times) - 1) * frame.points_per_second


def _thinning_step(spacing: float, room: float) -> int:
    every = 1
    while spacing * every < room:
        every *= 2
    return every


def draw_times(
    canvas: ReportCanvas, frame: TimeAxis, top: float, what: TimedAnalysis, begins: float = 0.0
) -> None:
    """The time along the bottom, which is ``begins`` seconds at the left."""
    steps = [step for step in _NICE_SECONDS if step * frame.points_per_second >= 60]
    step = steps[0] if steps else _NICE_SECONDS[-1]
    first, last = math.ceil(begins / step - 1e-9), math.floor((begins + what.seconds) / step + 1e-9)
    for number in range(first, last + 1):
        x = frame.x_at(number * step - begins)
        text = clock_text(number * step, step)
        canvas.draw_vertical(x, top, top + 4, SOFT_INK, 1.0)
        if x + canvas.text_width(text, SMALL) / 2 <= frame.right + 20:
            canvas.draw_text(x, top + 7, text, SMALL, SOFT_INK, "ma")


def clock_text(seconds: float, step: float = 1.0) -> str:
    """Such as 3:05, 1:02:03 or, where steps are short, 0:00.5."""
    if seconds < 0:
        return f"-{clock_text(-seconds, step)}"
    if step < 1:
        return f"{int(seconds) // 60}:{seconds % 60:04.1f}"
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def draw_tempo(canvas: ReportCanvas, frame: TimeAxis, top: float, height: float, what: TimedAnalysis) -> None:
    """The tempo as heard, with its lowest and highest at the right."""
    canvas.draw_box(frame.left, top, frame.right, top + height, PANEL)
    if not what.tempo:
        canvas.draw_text((frame.left + frame.right) / 2, top + height / 2, "no beat", LABEL, SOFT_INK, "mm")
        return
    speeds = [bpm for _, bpm in what.tempo]
    low, high = min(speeds), max(speeds)
    # A curve that hardly moves is not blown up.
    room = max(high - low, 0.08 * high, 1e-9) * 1.5
    base = (low + high - room) / 2

    def y(bpm: float) -> float:
        return top + height * (1 - (bpm - base) / room)

    points: list[tuple[float, float]] = []
    ends = [*(at for at, _ in what.tempo[1:]), what.seconds]
    for (start, bpm), end in zip(what.tempo, ends, strict=True):
        points += [(frame.x_at(start), y(bpm)), (frame.x_at(end), y(bpm))]
    points[0] = (frame.left, points[0][1])
    canvas.draw_line(points, TEMPO)
    if y(low) - y(high) >= 12:
        canvas.draw_text(frame.right + 6, y(high), f"{high:.1f}", SMALL, TEMPO, "lm")
        canvas.draw_text(frame.right + 6, y(low), f"{low:.1f}", SMALL, TEMPO, "lm")
    else:
        canvas.draw_text(frame.right + 6, y((low + high) / 2), f"{speeds[0]:.1f}", SMALL, TEMPO, "lm")


def draw_loudness(
    canvas: ReportCanvas, frame: TimeAxis, top: float, height: float, what: TimedAnalysis
) -> None:
    """Short-term loudness, and the integrated one as a dashed line."""
    canvas.draw_box(frame.left, top, frame.right, top + height, PANEL)
    heard = [(at, value) for at, value in what.short_term if value > -70]
    if not heard:
        canvas.draw_text((frame.left + frame.right) / 2, top + height / 2, "silent", LABEL, SOFT_INK, "mm")
        return
    top_value = max(value for _, value in heard)
    ceiling = -(-(top_value + 1) // 6) * 6
    lowest = min(value for _, value in heard)
    # Loud music is not blown up, and a fade to nothing does not press the rest flat.
    floor = min(max((lowest - 1) // 6 * 6, ceiling - 36), ceiling - 18)

    def y(lufs: float) -> float:
        return top + height * (1 - (max(lufs, floor) - floor) / (ceiling - floor))

    points = _thin_points([(frame.x_at(at), y(value)) for at, value in what.short_term])
    points.append((frame.right, points[-1][1]))
    canvas.draw_area([(frame.left, top + height), *points, (frame.right, top + height)], "#cfe5da")
    lines = [floor + 6 * number for number in range(1, round((ceiling - floor) / 6))]
    for line in lines:
        canvas.draw_horizontal(frame.left, frame.right, y(line), GRID)
    canvas.draw_line(points, LOUDNESS, 1.25)
    used: list[float] = []
    if what.integrated is not None:
        canvas.draw_dashes(frame.left, frame.right, y(what.integrated), INK)
        canvas.draw_text(frame.right + 6, y(what.integrated), f"{what.integrated:.1f}", SMALL, INK, "lm")
        used.append(y(what.integrated))
    for line in lines:
        if all(abs(y(line) - other) >= 13 for other in used):
            canvas.draw_text(frame.right + 6, y(line), f"{line:.0f}", SMALL, SOFT_INK, "lm")
            used.append(y(line))


def _thin_points(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """One point for each half point of width."""
    kept: list[tuple[float, float]] = []
    for point in points:
        if not kept or point[0] - kept[-1][0] >= 0.5:
            kept.append(point)
    return kept
