"""Small plots for the docs: one panel over another, lengths across on a logarithmic scale, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, TOP, PANEL, GAP, FOOT = 720, 70, 24, 46, 150, 46, 44


@dataclass(frozen=True)
class Line:
    """One panel: a name with a unit, points, and a colour."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    colour: str


@dataclass(frozen=True)
class Plot:
    """Panels that share what is across."""

    title: str
    across: str
    panels: tuple[Line, ...]

    def svg(self) -> str:
        """The picture; every panel begins at zero."""
        height = TOP + len(self.panels) * (PANEL + GAP) - GAP + FOOT
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            'font-family="sans-serif">',
            f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
            f'<text x="{LEFT}" y="22" font-size="15" font-weight="bold" fill="#222">'
            f"{escape(self.title)}</text>",
        ]
        for index, line in enumerate(self.panels):
            parts += self._panel(line, TOP + index * (PANEL + GAP))
        parts.append(
            f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{height - 8}" font-size="12" fill="#444" '
            f'text-anchor="middle">{escape(self.across)}</text></svg>'
        )
        return "\n".join(parts) + "\n"

    def _panel(self, line: Line, top: float) -> list[str]:
        most = _round_up(max(line.y))
        low, high = math.log(min(line.x)), math.log(max(line.x))

        def place(x: float, y: float) -> tuple[float, float]:
            across = (math.log(x) - low) / (high - low or 1)
            return LEFT + across * (WIDTH - LEFT - RIGHT), top + PANEL * (1 - y / most)

        parts = [f'<text x="{LEFT}" y="{top - 8}" font-size="12" fill="#444">{escape(line.name)}</text>']
        for step in range(5):
            value = most * step / 4
            y = place(line.x[0], value)[1]
            parts += [
                f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>',
                f'<text x="{LEFT - 8}" y="{y + 4:.1f}" font-size="11" fill="#444" '
                f'text-anchor="end">{value:g}</text>',
            ]
        points = [place(x, y) for x, y in zip(line.x, line.y, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="2"/>')
        for (x, y), length in zip(points, line.x, strict=True):
            parts += [
                f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{line.colour}"/>',
                f'<text x="{x:.1f}" y="{top + PANEL + 16}" font-size="11" fill="#444" '
                f'text-anchor="middle">{length:g}</text>',
            ]
        return parts


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 5 or 8 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(power * step for step in (1, 2, 4, 5, 8, 10) if power * step >= value)
