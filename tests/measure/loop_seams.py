"""Measures the seams of loops whose new audio was fitted to the grid, beside the same loops unfitted.

python -m tests.measure.loop_seams [--pieces 24]

A piece of the embedded band of eight bars becomes a loop (`loop`): an engine makes two bars at its end and two at its
start anew, up to 4 % faster or slower than it was told. The measures are those of `tests.measure.seam_score`: each is
compared with the distribution of the same piece on its beats and halfway between them; a step is the greatest within 2
ms.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np

from bandmate_plugins._timing.fit_mode import FitMode
from tests.measure.grid_fit import PROMPTS
from tests.metrics.loop_seams import LOOP_MEASURES, LoopSeam, MadeLoop, made_loop, seams_of

PLACES = {
    "repeat": "last frame to first",
    "joint": "new audio to old",
    "bar line": "bar lines in the new audio",
}


def rows_of(name: str, loops: Sequence[MadeLoop]) -> list[str]:
    """Rows of the table."""
    each = [(number, seam) for number, loop in enumerate(loops) for seam in seams_of(loop)]
    rows = []
    for place, said in PLACES.items():
        chosen = [seam for _, seam in each if seam.place == place]
        shares = [
            share_inside([seam for seam in chosen if seam.measure == measure]) for measure in LOOP_MEASURES
        ]
        by = [[seam.inside for seam in chosen if seam.measure == measure] for measure in LOOP_MEASURES]
        every = np.mean([all(row) for row in zip(*by, strict=True)])
        rank = np.median([seam.rank for seam in chosen if seam.measure == "step"])
        cells = [f"{share:.0%}" for share in (*shares, every)]
        rows.append(f"| {name}, {said} | {len(by[0])} | {' | '.join(cells)} | {rank:.0f} |")
    return rows


def share_inside(seams: Sequence[LoopSeam]) -> float:
    """Of some seams."""
    return float(np.mean([seam.inside for seam in seams]))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pieces", type=int, default=24)
    asked = parser.parse_args()
    random = np.random.default_rng(0)
    detunings = random.uniform(0.01, 0.04, asked.pieces) * random.choice([-1, 1], asked.pieces)
    ways: dict[str, tuple[FitMode, bool]] = {
        "fitted": ("auto", True), "unfitted": ("off", True), "on the grid": ("off", False),
    }  # fmt: skip
    made: dict[str, list[MadeLoop]] = {name: [] for name in ways}
    for number, detuning in enumerate(detunings.tolist()):
        prompt = PROMPTS[number % len(PROMPTS)]
        fitted = made_loop(prompt, number, detuning, "auto")
        if not fitted.is_fitted:
            continue
        made["fitted"].append(fitted)
        for name in ("unfitted", "on the grid"):
            fit, is_detuned = ways[name]
            made[name].append(made_loop(prompt, number, detuning if is_detuned else 0.0, fit))
    print("| loops | places | flux inside | level inside | step inside | all three | median step rank |")
    print("|---|---|---|---|---|---|---|")
    for name, loops in made.items():
        print("\n".join(rows_of(name, loops)))
    print(f"\n{len(made['fitted'])} of {asked.pieces} were fitted; the beat of the others was not clear.\n")
    for name, loops in made.items():
        late = np.abs([loop.late_ms for loop in loops if loop.late_ms is not None])
        print(
            f"{name}: off the bar line where it repeats by {np.median(late):.1f} ms in the median, "
            f"95 % by less than {np.percentile(late, 95):.1f} ms, of {len(late)}"
        )


if __name__ == "__main__":
    main()
