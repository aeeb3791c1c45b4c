"""Measures how the engine `sketch`'s genres sound against recordings from Debian packages.

python -m tests.measure.sketch_sound [--root FOLDER] [--seeds N] [--jobs N] [--save FILE] [--before FILE]

`--root` is where the packages of `KINDS` were unpacked (`dpkg -x`), `/` where they are installed. `--save` keeps the
genres' figures, `--before` shows those that were kept beside the new ones. Each figure of a genre is the median over
pieces of twenty seconds; the range of a kind goes from the 5th to the 95th percentile of its stretches.
Prints the tables of docs/measured/sound.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._engines.sketch import library
from tests.material.sketch_bands import band, mix_of
from tests.measure.sketch_balance import SECONDS, stretches
from tests.metrics.mix_sound import SCALARS, THIRDS_HZ, scalars, third_levels

GAMES = "usr/share/games"
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "rock and metal bands": (
        "fretsonfire-songs-sectoid, fretsonfire-songs-muldjord",
        (f"{GAMES}/fretsonfire/data/songs/*/*/song.ogg",),
    ),
    "scores": (
        "hyperrogue-music, warzone2100-music, wesnoth-1.16-music",
        (
            "usr/share/hyperrogue/music/*.ogg", f"{GAMES}/warzone2100/music/albums/*/*.opus",
            f"{GAMES}/wesnoth/1.16/data/core/music/[a-f]*.ogg",
        ),
    ),
    "electronic music": (
        "biniax2-data, pekka-kana-2-data, singularity-music, xmoto-data",
        (
            f"{GAMES}/biniax2/music/*.it", f"{GAMES}/pekka-kana-2/data/music/song*.xm",
            f"{GAMES}/singularity/music/*.ogg", f"{GAMES}/xmoto/Textures/Musics/*.ogg",
        ),
    ),
    "bands for games": (
        "planetblupi-music-ogg, extremetuxracer-data, supertuxkart-data",
        (
            "usr/share/planetblupi/music/*.ogg", f"{GAMES}/etr/music/*.ogg",
            f"{GAMES}/supertuxkart/data/music/*.ogg",
        ),
    ),
}  # fmt: skip
LIKE = {
    "rock and metal bands": ("rock", "metal", "punk"),
    "scores": ("cinematic", "ambient", "classical"),
    "electronic music": (
        "chiptune", "disco", "drum_and_bass", "dubstep", "house", "synthwave", "techno", "trance", "trap",
    ),
}  # fmt: skip
"""Which genres are of that kind; all others are compared with the bands for games."""
_MANY = 20
"""From so many tracks on, one stretch of each is enough."""
_OTHERS = "bands for games"
FIGURES = (*(f"{hertz} Hz" for hertz in THIRDS_HZ), *SCALARS)
GENRES = tuple(sorted(name for name, genre in library.genres().items() if not genre.base))
Figures = NDArray[np.float64]


def figures(mix: Any) -> Figures:
    """The figures of a stretch, in the order of `FIGURES`."""
    return np.concatenate((third_levels(mix), scalars(mix)))


def recordings(root: Path, kind: str) -> list[Path]:
    """The tracks of a kind, those that are no shorter than a stretch."""
    found = [path for pattern in KINDS[kind][1] for path in sorted(root.glob(pattern))]
    if not found:
        raise SystemExit(f"There is no music at {root}: unpack {KINDS[kind][0]} there.")
    return found


def of_recording(path: Path, player: str, most: int) -> list[Figures]:
    """The figures of so many stretches of a recording at most; none of one that is too short."""
    long = (one for one in stretches(path, player) if len(one) > 0.9 * SECONDS * 48_000)
    return [figures(one) for one in islice(long, most)]


def of_genre(genre: str, seeds: int) -> Figures:
    """A genre's figures, the median over pieces."""
    pieces = [figures(mix_of(band(genre, seed, SECONDS))) for seed in range(1, seeds + 1)]
    return np.asarray(np.nanmedian(pieces, axis=0))


def kind_of(genre: str) -> str:
    """The kind that a genre is compared with."""
    return next((kind for kind, genres in LIKE.items() if genre in genres), _OTHERS)


def report(ranges: dict[str, Figures], now: dict[str, Figures], before: dict[str, Figures]) -> Iterator[str]:
    """A table for each kind: a row for each figure, a column for each genre."""
    outside = {"before": 0, "now": 0}
    for kind, found in ranges.items():
        low, middle, high = np.nanpercentile(found, [5, 50, 95], axis=0)
        genres = [genre for genre in now if kind_of(genre) == kind]
        yield f"\n**{kind.capitalize()}** ({KINDS[kind][0]}; {len(found)} stretches)\n"
        yield "| | from, to | median | " + " | ".join(genres) + " |"
        yield "|---" * (len(genres) + 3) + "|"
        for row, name in enumerate(FIGURES):
            cells = []
            for genre in genres:
                values = [table[genre][row] for table in (before, now) if genre in table]
                inside = [low[row] <= value <= high[row] for value in values]
                outside["now"] += not inside[-1]
                outside["before"] += not inside[0]
                cells.append(", ".join(_cell(value, ok) for value, ok in zip(values, inside, strict=True)))
            yield (
                f"| {name} | {low[row]:.1f} to {high[row]:.1f} | {middle[row]:.1f} | "
                + " | ".join(cells)
                + " |"
            )
    count = len(now) * len(FIGURES)
    yield f"\nOutside of the range: {outside['before']} of {count} cells before, {outside['now']} now."
    yield "\n| | genres' cells outside | a recording's cells outside the range of the others |\n|---|---|---|"
    for kind, found in ranges.items():
        low, high = np.nanpercentile(found, [5, 95], axis=0)
        rows = [now[genre] for genre in now if kind_of(genre) == kind]
        ours = np.mean([(row < low) | (row > high) for row in rows])
        yield f"| {kind} | {100 * ours:.1f} % | {100 * left_out(found):.1f} % |"


def left_out(found: Figures) -> float:
    """The share of the cells of recordings that lie outside of the range of all the others of their kind."""
    outside = []
    for number, figures_of_one in enumerate(found):
        low, high = np.nanpercentile(np.delete(found, number, axis=0), [5, 95], axis=0)
        outside.append((figures_of_one < low) | (figures_of_one > high))
    return float(np.mean(outside))


def _cell(value: float, inside: bool) -> str:
    return f"{value:.1f}" if inside else f"**{value:.1f}**"


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path("/"))
    parser.add_argument("--libopenmpt", default="libopenmpt.so.0")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--ranges", type=Path, help="Keeps the recordings' figures, and reads them the next time."
    )
    parser.add_argument("--save", type=Path)
    parser.add_argument("--before", type=Path)
    asked = parser.parse_args()
    with ProcessPoolExecutor(asked.jobs) as pool:
        if asked.ranges and asked.ranges.exists():
            ranges = {kind: np.array(rows) for kind, rows in json.loads(asked.ranges.read_text()).items()}
        else:
            ranges = {}
            for kind in KINDS:
                tracks = recordings(asked.root, kind)
                measure = partial(of_recording, player=asked.libopenmpt, most=2 if len(tracks) < _MANY else 1)
                ranges[kind] = np.array([row for rows in pool.map(measure, tracks) for row in rows])
            if asked.ranges:
                asked.ranges.write_text(json.dumps({kind: rows.tolist() for kind, rows in ranges.items()}))
        now = dict(zip(GENRES, pool.map(partial(of_genre, seeds=asked.seeds), GENRES), strict=True))
    before: dict[str, Figures] = {}
    if asked.before:
        before = {genre: np.array(row) for genre, row in json.loads(asked.before.read_text()).items()}
    if asked.save:
        asked.save.write_text(json.dumps({genre: row.tolist() for genre, row in now.items()}))
    for line in report(ranges, now, before):
        print(line)


if __name__ == "__main__":
    main()
