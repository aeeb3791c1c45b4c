"""Finds the curves of `blend.toml` for the engine `dsp` from music whose parts are known, and writes them.

    python -m tests.measure.separation_fit --modules FOLDER --libopenmpt LIBRARY

It lowers the mean logarithm of the error over all parts, which raises the mean uSDR, by L-BFGS. Bins are
drawn by their loudness. What is fitted to is never what tests/measure/separation_score.py scores on.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

import bandmate_plugins._engines.dsp
from bandmate_plugins._engines.dsp.blend import KNOTS, knot_weights
from bandmate_plugins._engines.dsp.kit import KIT_CUES, KitMasker
from bandmate_plugins._engines.dsp.masks import MIX_CUES, MixMasker, total_magnitude
from bandmate_plugins._engines.dsp.stft import Floats, StftGrid
from tests.material.separation_songs import FIT_MODULES as FITTED
from tests.material.separation_songs import (
    FIT_PROMPTS,
    RATE,
    Audio,
    Song,
    bands,
    made_bands,
    made_kits,
    modules,
)
from tests.material.separation_songs import kits as module_kits

MIX_PARTS = ("drums", "bass", "vocals", "other")
KIT_PARTS = ("kick", "snare", "hats")
_BINS = 10_000
"""Bins drawn of each song."""
_ROUNDS = 100
_TIGHT = 2e-4
"""How much large weights cost."""
Cues = Callable[[StftGrid, Audio], tuple[list[Floats | None], int, int]]


@dataclass
class Sample:
    """Bins of one song: features, the share that each part should have, and weights."""

    features: NDArray[np.float32]
    wanted: NDArray[np.float32]
    weights: NDArray[np.float32]
    fixed: NDArray[np.float64]
    """The error of each part that no mask can avoid."""
    there: NDArray[np.bool_]
    """Which parts the song has."""


def mix_cues(grid: StftGrid, audio: Audio) -> tuple[list[Floats | None], int, int]:
    """The cues of a mix, and the frames that they are for."""
    masker = MixMasker(grid, audio.shape[1])
    spectra = grid.to_spectra(np.ascontiguousarray(audio.T))
    first, stop = masker.margin, spectra.shape[1] - masker.margin
    masker.add_ahead(spectra[:, first:stop])
    return masker.mix_cues(spectra, 0, lambda: None), first, stop


def kit_cues(grid: StftGrid, audio: Audio) -> tuple[list[Floats | None], int, int]:
    """The cues of a drum track, and the frames that they are for."""
    spectra = grid.to_spectra(np.ascontiguousarray(audio.T))
    return KitMasker(grid, audio.shape[1], False).kit_cues(total_magnitude(spectra)), 0, spectra.shape[1]


def varied(songs: Sequence[Song]) -> list[tuple[Song, int]]:
    """Songs with their parts louder or softer, and a rate to play each at: it sounds higher or lower."""
    random = np.random.default_rng(9)
    made = []
    for number, song in enumerate(songs):
        parts = {
            name: (part * 10 ** random.uniform(-0.25, 0.25)).astype(np.float32)
            for name, part in song.parts.items()
        }
        made.append((Song(song.name, song.group, parts), int(RATE * (0.8, 1.0, 1.25)[number % 3])))
    return made


def sample(song: Song, rate: int, names: Sequence[str], cues_of: Cues, mono: bool) -> Sample:
    """Draws bins of a song."""
    grid = StftGrid(rate)

    def heard(audio: Audio) -> Audio:
        return audio.mean(axis=1, keepdims=True) if mono else audio

    mix = heard(song.mix)
    cues, first, stop = cues_of(grid, mix)
    spectra = grid.to_spectra(np.ascontiguousarray(mix.T))[:, first:stop]
    power = np.sum(np.abs(spectra) ** 2, axis=0)
    random = np.random.default_rng(len(song.name))
    chance = np.sqrt(power).reshape(-1)
    drawn = random.choice(len(chance), _BINS, p=chance / chance.sum())
    knots = knot_weights(grid.frequencies)[:, drawn % grid.bins]
    columns = [
        knots if cue is None else knots * np.broadcast_to(cue, power.shape).reshape(-1)[drawn] for cue in cues
    ]
    weights = power.reshape(-1)[drawn] / (chance[drawn] + 1e-12)
    wanted = np.zeros((_BINS, len(names)), np.float32)
    fixed = np.zeros(len(names))
    for number, name in enumerate(names):
        part = song.parts.get(name)
        if part is None:
            continue
        own = grid.to_spectra(np.ascontiguousarray(heard(part).T))[:, first:stop]
        across = np.sum((own * np.conj(spectra)).real, axis=0)
        best = np.clip(across / (power + 1e-12), -1, 2)
        wanted[:, number] = best.reshape(-1)[drawn]
        error = np.sum(np.abs(own) ** 2, axis=0) - best * across
        fixed[number] = max(float(np.sum(error) / np.sum(power)), 1e-4)
    there = np.array([name in song.parts for name in names])
    return Sample(
        np.concatenate(columns).T, wanted, (weights / weights.sum()).astype(np.float32), fixed, there
    )


def cost(
    flat: NDArray[np.float64], samples: Sequence[Sample], shape: tuple[int, int]
) -> tuple[float, NDArray[np.float64]]:
    """The mean logarithm of the error, and its slope."""
    weights = flat.reshape(shape).astype(np.float32)
    total, slope, terms = 0.0, np.zeros(shape), sum(int(one.there.sum()) for one in samples)
    for one in samples:
        sums = one.features @ weights
        shares = np.exp(sums - sums.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        off = shares - one.wanted
        errors = np.sum(one.weights[:, np.newaxis] * off**2, axis=0) + one.fixed
        # A part that is not there has no uSDR; what is put into it is missed elsewhere.
        total += float(np.sum(np.log(errors[one.there])))
        pull = 2 * one.weights[:, np.newaxis] * off * np.where(one.there, 1 / errors, 0)
        pull = shares * (pull - np.sum(pull * shares, axis=1, keepdims=True))
        slope += one.features.T @ pull
    cost_of_size = _TIGHT * float(np.sum(flat**2))
    return total / terms + cost_of_size, (slope / terms).reshape(-1) + 2 * _TIGHT * flat


def fit(samples: Sequence[Sample], cues: Sequence[str], parts: Sequence[str]) -> NDArray[np.float64]:
    """The weights, shape (parts, cues, knots)."""
    shape = (len(cues) * len(KNOTS), len(parts))
    found: Any = optimize.minimize(
        cost,
        np.zeros(shape[0] * shape[1]),
        (samples, shape),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": _ROUNDS},
    )
    print(f"{', '.join(parts)}: mean gain {-10 / np.log(10) * found.fun:.2f} dB after {found.nit} rounds")
    weights: NDArray[np.float64] = found.x.reshape(len(cues), len(KNOTS), len(parts)).transpose(2, 0, 1)
    return weights - weights.mean(axis=0)


def write(path: Path, fitted: dict[str, tuple[Sequence[str], Sequence[str], NDArray[np.float64]]]) -> None:
    """Writes the curves, two decimals each."""
    lines = [
        "# How much each cue speaks for each part, at the frequencies of blend.KNOTS.",
        "# Written by tests/measure/separation_fit.py.",
    ]
    for name, (parts, cues, weights) in fitted.items():
        lines += ["", f"[{name}]"]
        for part, rows in zip(parts, weights, strict=True):
            lines.append(f"{part} = [")
            for cue, row in zip(cues, rows, strict=True):
                lines.append(f"    [{', '.join(f'{value:.2f}' for value in row)}], # {cue}")
            lines.append("]")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> None:
    """Fits both blends and writes them beside the engine."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modules", type=Path, required=True, help="the folder `music` of biniax2-data")
    parser.add_argument("--libopenmpt", default="libopenmpt.so.0", help="the library that renders modules")
    asked = parser.parse_args()
    songs = [*bands(FIT_PROMPTS, 100), *modules(asked.modules, asked.libopenmpt, FITTED)]
    songs = [*(song for song in songs if np.any(song.mix)), *made_bands()]
    stereo = [sample(*song, MIX_PARTS, mix_cues, False) for song in varied([*songs, *reversed(songs)])]
    mono = [sample(*song, MIX_PARTS, mix_cues, True) for song in varied(songs)[::2]]
    drums = [*made_kits(), *module_kits(asked.modules, asked.libopenmpt, FITTED)]
    struck = [sample(*song, KIT_PARTS, kit_cues, False) for song in varied(drums)]
    fitted = {
        "mix": (MIX_PARTS, MIX_CUES, fit([*stereo, *mono], MIX_CUES, MIX_PARTS)),
        "kit": (KIT_PARTS, KIT_CUES, fit(struck, KIT_CUES, KIT_PARTS)),
    }
    write(Path(bandmate_plugins._engines.dsp.__file__).with_name("blend.toml"), fitted)


if __name__ == "__main__":
    main()
