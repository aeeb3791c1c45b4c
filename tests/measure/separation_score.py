"""Scores engines against trivial ways to separate and an oracle; the music: docs/measured/separation.md.

python -m tests.measure.separation_score --modules FOLDER --libopenmpt LIBRARY --metal FOLDER [--demucs]

With --demucs, HTDemucs is scored too, at two overlaps, in the weights of tests.material.htdemucs_weights.
"""

from __future__ import annotations

import argparse
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy import signal

from bandmate_plugins._engines.demucs import DemucsEngine
from bandmate_plugins._engines.dsp import DspEngine
from bandmate_plugins._models.place import MIRROR
from bandmate_plugins._tasks.separate import SeparateTask
from bandmate_plugins.engine import Engine
from bandmate_plugins.testing import MemoryInput, make_timeline, run_task
from tests.material.htdemucs_weights import model_folder
from tests.material.separation_songs import MODULES, RATE, Audio, Song, bands, kits, metal, modules
from tests.metrics.separation import usdr

Parts = dict[str, Audio]
Way = Callable[[Song], Parts]
OVERLAPS = (0.1, 0.25)


def by_engine(engine: Engine, **params: Any) -> Way:
    """An engine with parameters."""
    loaded = engine.load("cpu", "full")

    def separate(song: Song) -> Parts:
        result = run_task(
            SeparateTask(),
            params,
            timeline=make_timeline(sample_rate=RATE),
            inputs=[MemoryInput(song.mix)],
            engine=loaded,
        )
        return {stem.role: stem.samples for stem in result.stems}

    return separate


def an_equal_share(roles: Sequence[str]) -> Way:
    """The mix itself, divided by the number of stems."""
    return lambda song: {role: song.mix / len(roles) for role in roles}


def by_oracle(song: Song) -> Parts:
    """What masks can do at best: each part's share of the power in each bin, known from the parts."""
    spectra = {role: _spectrum(audio) for role, audio in song.parts.items()}
    power = sum(np.square(np.abs(each)) for each in spectra.values()) + 1e-12
    mix = _spectrum(song.mix)
    return {
        role: _audio(mix * np.square(np.abs(each)) / power, len(song.mix)) for role, each in spectra.items()
    }


def _spectrum(audio: Audio) -> Any:
    return signal.stft(audio.T, RATE, nperseg=4_096, noverlap=3_072)[2]


def _audio(spectrum: Any, frames: int) -> Audio:
    return signal.istft(spectrum, RATE, nperseg=4_096, noverlap=3_072)[1].T[:frames].astype(np.float32)


def filtered(mix: Audio, low: float, high: float) -> tuple[Audio, Audio, Audio]:
    """What lies below, between and above two frequencies; the three sum to the mix."""
    bottom = signal.sosfiltfilt(signal.butter(2, low, "low", fs=RATE, output="sos"), mix, axis=0)
    top = signal.sosfiltfilt(signal.butter(2, high, "high", fs=RATE, output="sos"), mix, axis=0)
    return bottom, mix - bottom - top, top


def by_filters(song: Song) -> Parts:
    """Bass is low, drums are high, vocals and other share what is between."""
    bottom, middle, top = filtered(song.mix, 200, 5_000)
    return {"bass": bottom, "drums": top, "vocals": middle / 2, "other": middle / 2}


def kit_by_filters(song: Song) -> Parts:
    """The kick is low, hats are high, the snare is between."""
    bottom, middle, top = filtered(song.mix, 150, 5_000)
    return {"kick": bottom, "snare": middle, "hats": top}


FOUR = ("drums", "bass", "vocals", "other")
KIT = ("kick", "snare", "hats")
WAYS: dict[str, Way] = {
    "dsp": by_engine(DspEngine()),
    "mix / 4": an_equal_share(FOUR),
    "filters": by_filters,
    "oracle": by_oracle,
}
KIT_WAYS: dict[str, Way] = {
    "dsp": by_engine(DspEngine(), mode="drums"),
    "mix / 3": an_equal_share(KIT),
    "filters": kit_by_filters,
    "oracle": by_oracle,
}


def score(songs: Sequence[Song], ways: dict[str, Way], roles: Sequence[str]) -> None:
    """Prints a table of the mean uSDR by group, way and stem."""
    found: dict[tuple[str, str], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for song in songs:
        for way, separate in ways.items():
            parts = separate(song)
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


def by_demucs() -> dict[str, Way]:
    """HTDemucs in its real weights, by overlap."""
    os.environ[MIRROR] = str(model_folder())
    return {f"HTDemucs, {overlap:g}": by_engine(DemucsEngine(), overlap=overlap) for overlap in OVERLAPS}


def _begun(song: Song, seconds: int) -> Song:
    return replace(song, parts={role: audio[: seconds * RATE] for role, audio in song.parts.items()})


def main() -> None:
    """Reads the command line and scores what is there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=Path, help="the folder `music` of biniax2-data")
    parser.add_argument("--libopenmpt", default="libopenmpt.so.0", help="the library that renders modules")
    parser.add_argument("--metal", type=Path, help="the folder `Metal madness` of fretsonfire-songs-sectoid")
    parser.add_argument("--demucs", action="store_true", help="score HTDemucs too")
    parser.add_argument("--seconds", type=int, default=40, help="of each song, at most 40")
    parser.add_argument("--no-bands", action="store_true", help="leave out the bands that `sketch` plays")
    asked = parser.parse_args()
    songs = [] if asked.no_bands else list(bands())
    if asked.modules:
        songs.extend(modules(asked.modules, asked.libopenmpt, MODULES))
    if asked.metal:
        songs.append(metal(asked.metal))
    ways = WAYS | (by_demucs() if asked.demucs else {})
    score([_begun(song, asked.seconds) for song in songs], ways, FOUR)
    if asked.modules:
        score(list(kits(asked.modules, asked.libopenmpt)), KIT_WAYS, KIT)


if __name__ == "__main__":
    main()
