"""Where HTDemucs leaves the guitar of "Metal madness", second by second, and why.

python -m tests.measure.separation_seconds FOLDER [--start 60] [--seconds 20]

FOLDER is `Metal madness` of fretsonfire-songs-sectoid (docs/measured/networks.md). The song without the
guitar is taken apart too: its own `other` is no mistake when it shows up in the mix's `other`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from tests.material.separation_songs import RATE, Audio, Song, metal
from tests.measure.separation_score import by_demucs
from tests.metrics.separation import usdr


def level_db(audio: Audio) -> float:
    """Mean power, in dB below full scale."""
    return float(10 * np.log10(np.mean(np.square(audio, dtype=np.float64)) + 1e-12))


def row(title: str, guitar: Audio, beside: Audio, found: Audio) -> str:
    """Levels of the guitar and of what else belongs to `other`; how near the stem is to one and to both."""
    alone = f"{usdr(guitar, found):.1f}" if np.any(guitar) else ""
    both = usdr(guitar + beside, found)
    return f"| {title} | {level_db(guitar):.0f} | {level_db(beside):.0f} | {alone} | {both:.1f} |"


def main() -> None:
    """Reads the command line and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--start", type=int, default=60, help="where in the song, in seconds")
    parser.add_argument("--seconds", type=int, default=20)
    asked = parser.parse_args()
    parts = metal(asked.folder, asked.start, asked.seconds).parts
    separate = by_demucs()["HTDemucs, 0.25"]
    found = separate(Song("mix", "guitar", parts))["other"]
    beside = separate(Song("without", "guitar", {"the rest": parts["the rest"]}))["other"]
    print("| s | guitar, dBFS | `other` without it, dBFS | uSDR: guitar | both |\n|---|---|---|---|---|")
    for second in range(asked.seconds):
        part = slice(second * RATE, (second + 1) * RATE)
        print(row(str(asked.start + second), parts["other"][part], beside[part], found[part]))
    print(row("all", parts["other"], beside, found))


if __name__ == "__main__":
    main()
