"""The program that measures on a graphics card runs through, here with a tiny checkpoint on the processor."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_a_song_a_repaint_a_planned_song_and_diffusers_own_are_measured(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "tests.measure.acestep_cost", "--size", "tiny", "--device", "cpu"]
    asked = ["--seconds", "2", "--runs", "1", "--planner", "--folder", str(tmp_path)]
    run = subprocess.run([*program, *asked], capture_output=True, text=True, timeout=600, check=False)
    assert run.returncode == 0, run.stderr
    measured = [line.split("  ")[0] for line in run.stdout.splitlines() if "   all " in line]
    assert measured == [
        "2 s of song",
        "repaint in it",
        "planned by 0.6B, and fitted",
        "the same song by diffusers",
    ]
