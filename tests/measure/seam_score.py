"""Measures the seams of `repaint` on real music, beside a hard cut and a plain fade of the same new audio.

    python -m tests.measure.seam_score [--takes 50] [--json seams.json]

The music comes from Debian packages (`fretsonfire-songs-sectoid`, `fretsonfire-songs-muldjord`,
`hyperrogue-music`, `extremetuxracer-data`, `planetblupi-music-ogg`, `asc-music`, `vonsh`,
`warzone2100-music`); those that are not installed are left out. A range of each take is repainted, every
second one from beat to beat, the others from anywhere to anywhere. At each edge three things are measured in
the spliced audio and compared with the same take's own distribution: for edges on beats that of its beats
and half beats, for the others that of any place. An edge is inside when its value lies under the 99th
percentile (for the level between the 0.5th and the 99.5th).

- flux: the greatest rise of the logarithmic spectrum within 10 ms of the edge (librosa's STFT, windows of
  12 ms);
- level: the level of the 30 ms after the edge over that of the 30 ms before it;
- step: the second difference of the samples at the edge over that of the 40 ms around it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bandmate_plugins._engines.sketch import SketchEngine
from tests.material.game_recordings import takes
from tests.metrics.seams import (
    MEASURES,
    Edge,
    edges_of,
    in_scale,
    key_of,
    louder_by,
    outside_is_untouched,
    repainted,
)


def table(edges: Sequence[Edge]) -> str:
    """How many edges are inside, by the way of splicing and what is measured."""
    lines = ["| splice | edges | flux inside | level inside | step inside | all three | median step rank |"]
    lines.append("|---|---|---|---|---|---|---|")
    for on_beats in (True, False):
        for way in ("repaint", "linear fade", "hard cut"):
            chosen = [edge for edge in edges if edge.way == way and edge.on_beats == on_beats]
            by = {name: [edge for edge in chosen if edge.measure == name] for name in MEASURES}
            count = len(by["flux"])
            if not count:
                continue
            shares = [100 * sum(edge.inside for edge in by[name]) / count for name in MEASURES]
            every = [
                all(row) for row in zip(*([e.inside for e in by[name]] for name in MEASURES), strict=True)
            ]
            rank = float(np.median([edge.rank for edge in by["step"]]))
            cells = [
                *(f"{share:.0f} %" for share in shares),
                f"{100 * sum(every) / count:.0f} %",
                f"{rank:.0f}",
            ]
            place = "on beats" if on_beats else "anywhere"
            lines.append(f"| {way}, {place} | {count} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--takes", type=int, default=50)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    engine = SketchEngine().load("cpu", "full")
    edges: list[Edge] = []
    rows = []
    for number, take in enumerate(takes(asked.takes)):
        made = repainted(take, number, engine)
        assert outside_is_untouched(made)
        found = list(edges_of(made))
        edges += found
        before = take.samples[max(made.start - 12 * take.rate, 0) : made.start]
        after = take.samples[made.end : made.end + 12 * take.rate]
        key = key_of(np.concatenate((before, after)), take.rate)
        new, old = made.result.stems[0].samples, take.samples[made.start : made.end]
        tonal = made.result.stems[0].role != "drums"
        rows.append(
            {
                "take": take.name,
                "role": made.result.stems[0].role,
                "louder_by": round(louder_by(made), 2),
                "in_scale": round(in_scale(new, take.rate, key), 3) if tonal else None,
                "old_in_scale": round(in_scale(old, take.rate, key), 3) if tonal else None,
                "late_ms": made.result.report["late_ms"],
                "outside": [
                    f"{e.measure} {e.rank:.1f}" for e in found if e.way == "repaint" and not e.inside
                ],
            }
        )
        print(json.dumps(rows[-1]), file=sys.stderr, flush=True)
    print(table(edges))
    off = np.array([row["louder_by"] for row in rows])
    print(
        f"\nloudness against the surroundings: median {np.median(off):+.2f} LU, "
        f"within 1 LU in {np.mean(np.abs(off) <= 1):.0%}, greatest {np.abs(off).max():.2f} LU"
    )
    scales = [(row["in_scale"], row["old_in_scale"]) for row in rows if row["in_scale"] is not None]
    print(
        f"chroma on the notes of the surroundings' key: new {np.mean([a for a, _ in scales]):.2f}, "
        f"what was there {np.mean([b for _, b in scales]):.2f}, over {len(scales)} takes with pitch"
    )
    if asked.json:
        asked.json.write_text(
            json.dumps({"rows": rows, "edges": [vars(e) for e in edges]}, indent=1), "utf-8"
        )


if __name__ == "__main__":
    main()
