"""Scores the engine `dsp` against trivial ways to separate; docs/separation.md says how to get the music.

python -m tests.tools.separation_score --modules FOLDER --libopenmpt LIBRARY --metal FOLDER
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import signal

from bandmate_plugins.dsp import DspEngine
from bandmate_plugins.separate import Separate
from bandmate_plugins.testing import MemoryInput, run_task, timeline
from tests.tools.separation_material import MODULES, RATE, Audio, Song, bands, kits, metal, modules

Parts = dict[str, Audio]


def usdr(truth: Audio, estimate: Audio) -> float:
    """10 log10 of the truth's energy over the error's, in dB, as in the Music Demixing Challenge 2021."""
    error = np.sum(np.square(truth - estimate, dtype=np.float64))
    return float(10 * np.log10(np.sum(np.square(truth, dtype=np.float64)) / max(float(error), 1e-12)))


def by_dsp(**params: Any) -> Callable[[Audio], Parts]:
    """The engine with parameters."""
    engine = DspEngine().load("cpu", "full")

    def separate(mix: Audio) -> Parts:
        result = run_task(
            Separate(),
            params,
            timeline=timeline(sample_rate=RATE),
            inputs=[MemoryInput(mix)],
            engine=engine,
        )
        return {stem.role: stem.samples for stem in result.stems}

    return separate


def an_equal_share(roles: Sequence[str]) -> Callable[[Audio], Parts]:
    """The mix itself, divided by the number of stems."""
    return lambda mix: {role: mix / len(roles) for role in roles}


def filtered(mix: Audio, low: float, high: float) -> tuple[Audio, Audio, Audio]:
    """What lies below, between and above two frequencies; the three sum to the mix."""
    bottom = signal.sosfiltfilt(signal.butter(2, low, "low", fs=RATE, output="sos"), mix, axis=0)
    top = signal.sosfiltfilt(signal.butter(2, high, "high", fs=RATE, output="sos"), mix, axis=0)
    return bottom, mix - bottom - top, top


def by_filters(mix: Audio) -> Parts:
    """Bass is low, drums are high, vocals and other share what is between."""
    bottom, middle, top = filtered(mix, 200, 5_000)
    return {"bass": bottom, "drums": top, "vocals": middle / 2, "other": middle / 2}


def kit_by_filters(mix: Audio) -> Parts:
    """The kick is low, hats are high, the snare is between."""
    bottom, middle, top = filtered(mix, 150, 5_000)
    return {"kick": bottom, "snare": middle, "hats": top}


FOUR = ("drums", "bass", "vocals", "other")
KIT = ("kick", "snare", "hats")
WAYS: dict[str, Callable[[Audio], Parts]] = {
    "dsp": by_dsp(),
    "mix / 4": an_equal_share(FOUR),
    "filters": by_filters,
}
KIT_WAYS: dict[str, Callable[[Audio], Parts]] = {
    "dsp": by_dsp(mode="drums"),
    "mix / 3": an_equal_share(KIT),
    "filters": kit_by_filters,
}


def score(songs: Sequence[Song], ways: dict[str, Callable[[Audio], Parts]], roles: Sequence[str]) -> None:
    """Prints a table of the mean uSDR by group, way and stem, and how often `dsp` is the best."""
    found: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for song in songs:
        mix = song.mix
        for way, separate in ways.items():
            parts = separate(mix)
            for role in roles:
                if role in song.parts and np.any(song.parts[role]):
                    found[song.group, way][role].append(usdr(song.parts[role], parts[role]))
            if "vocals" in parts and "vocals" not in song.parts:
                merged = parts["other"] + parts["vocals"]
                found[song.group, way]["other + vocals"].append(usdr(song.parts["other"], merged))
    columns = [*roles, "other + vocals"] if "vocals" in roles else list(roles)
    print("| music | way |", " | ".join(columns), "| mean |")
    print("|---|---|" + "---|" * (len(columns) + 1))
    for (group, way), by_role in found.items():
        means = [f"{np.mean(by_role[role]):.1f}" if role in by_role else "" for role in columns]
        mean = np.mean([np.mean(by_role[role]) for role in roles if role in by_role])
        print(
            f"| {group} ({max(map(len, by_role.values()))}) | {way} |", " | ".join(means), f"| {mean:.1f} |"
        )
    print()


def main() -> None:
    """Reads the command line and scores what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=Path, help="the folder `music` of biniax2-data")
    parser.add_argument("--libopenmpt", default="libopenmpt.so.0", help="the library that renders modules")
    parser.add_argument("--metal", type=Path, help="the folder `Metal madness` of fretsonfire-songs-sectoid")
    asked = parser.parse_args()
    songs = list(bands())
    if asked.modules:
        songs.extend(modules(asked.modules, asked.libopenmpt, MODULES))
    if asked.metal:
        songs.append(metal(asked.metal))
    score(songs, WAYS, FOUR)
    if asked.modules:
        score(list(kits(asked.modules, asked.libopenmpt)), KIT_WAYS, KIT)


if __name__ == "__main__":
    main()
