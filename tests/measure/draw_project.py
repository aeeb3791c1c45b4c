"""Draws a REAPER project as it lies in the arrangement: tracks, items with their waveforms, bars.

uv run --extra server python -m tests.measure.draw_project demo/demo.rpp docs/pictures/demo.svg
"""

import argparse
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import soundfile

from bandmate_bridge.rpp import Project

WIDTH, PANEL, LANE, RULER = 1190, 180, 62, 26


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("project", type=Path)
    parser.add_argument("picture", type=Path)
    arguments = parser.parse_args()
    arguments.picture.write_text(draw(arguments.project), encoding="utf-8")


def draw(path: Path) -> str:
    """The picture as SVG text."""
    project = Project.load(path)
    tracks = [track for track in project.tracks if track.items]
    end = max(item.end_frame for track in tracks for item in track.items)
    scale = (WIDTH - PANEL) / end
    height = RULER + LANE * len(tracks)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
        f'<rect width="{WIDTH}" height="{height}" fill="#23272b"/>',
        *_bars(project, end, scale, height),
    ]
    for index, track in enumerate(tracks):
        top = RULER + index * LANE
        colour = track.colour or "#888888"
        parts.append(f'<rect x="0" y="{top}" width="{PANEL - 8}" height="{LANE - 2}" fill="#31363b"/>')
        parts.append(f'<rect x="0" y="{top}" width="6" height="{LANE - 2}" fill="{colour}"/>')
        name = escape(track.name)
        parts.append(f'<text x="16" y="{top + LANE / 2 + 4}" fill="#e6e6e6" font-size="14">{name}</text>')
        for item in track.items:
            parts += _item(item, colour, scale, top)
    return "\n".join([*parts, "</svg>", ""])


def _bars(project, end, scale, height):
    for bar in project.tempo_map.bars(0, end):
        x = PANEL + bar.start * scale
        yield f'<line x1="{x:.1f}" y1="8" x2="{x:.1f}" y2="{height}" stroke="#3d444a"/>'
        yield f'<text x="{x + 3:.1f}" y="18" fill="#9aa4ad" font-size="11">{bar.number}</text>'


def _item(item, colour, scale, top):
    x, width = PANEL + item.start_frame * scale, item.frames * scale
    body, middle = LANE - 6, top + (LANE - 4) / 2
    yield (
        f'<rect x="{x:.1f}" y="{top + 1}" width="{width:.1f}" height="{body}" rx="3" fill="{colour}" '
        'fill-opacity="0.28"/>'
    )
    samples, _ = soundfile.read(item.take.source.file, always_2d=True)
    columns = np.array_split(np.abs(samples).max(axis=1), max(int(width / 2), 1))
    peaks = [float(column.max()) if len(column) else 0.0 for column in columns]
    loudest = max(max(peaks), 1e-9)
    lines = "".join(
        f"M{x + 1 + 2 * index:.0f} {middle - peak / loudest * body * 0.46:.1f}"
        f"V{middle + peak / loudest * body * 0.46 + 0.5:.1f}"
        for index, peak in enumerate(peaks)
    )
    yield f'<path d="{lines}" stroke="{colour}" stroke-width="1.4"/>'


if __name__ == "__main__":
    main()
