"""How loud each part of a piece will be, from a sample of its measures, gated as BS.1770 gates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.library.drum_keys import DRUM_NAMES
from bandmate_plugins._engines.sketch.players.band import BandPart
from bandmate_plugins._engines.sketch.players.drum_tuning import tuned_power_ratio
from bandmate_plugins._engines.sketch.sound import levels
from bandmate_protocol.messages import Note

_HOP_SECONDS = 0.1
_HOPS_PER_BLOCK = 4
_RELATIVE_GATE = 0.1
_HIT_SECONDS = 0.15
"""Most of a drum's energy comes this soon."""


@dataclass(frozen=True, slots=True)
class SectionSample:
    """Some measures of a section that stands for so much of the piece."""

    seconds: float
    weight: float
    notes: Sequence[Sequence[Note]]
    """For each part, in frames from the sample's start."""


class PowerForecast:
    """The power of each part over time, before its gain: energy a second of each tenth of a second."""

    def __init__(self, parts: Sequence[BandPart], samples: Iterable[SectionSample], rate: int) -> None:
        taken = list(samples)
        lengths = [max(1, round(sample.seconds / _HOP_SECONDS)) for sample in taken]
        rows = np.zeros((len(parts), max(sum(lengths), _HOPS_PER_BLOCK)))
        weights = np.zeros(rows.shape[1])
        at = 0
        # One after another, as they are heard: a meter's blocks do not stop at the ends of measures.
        for sample, hops in zip(taken, lengths, strict=True):
            weights[at : at + hops] = sample.weight / hops
            for row, part, notes in zip(rows, parts, sample.notes, strict=True):
                _add_energy(row[at:], part, notes, rate)
            at += hops
        self._powers = _block_powers(rows)
        self._weights = _block_powers(weights[None])[0]

    def part_power(self, number: int) -> float:
        """The gated mean power of a part; zero when it does not play."""
        return self._gated_mean(self._powers[number])

    def mix_power(self, gains: Sequence[float]) -> float:
        """The gated mean power of all parts with these gains."""
        return self._gated_mean(np.square(gains) @ self._powers)

    def _gated_mean(self, blocks: NDArray[np.float64]) -> float:
        loud = blocks > 1e-12
        if not loud.any():
            return 0.0
        mean = np.average(blocks[loud], weights=self._weights[loud])
        loud = blocks > mean * _RELATIVE_GATE
        return float(np.average(blocks[loud], weights=self._weights[loud]))


def _block_powers(hops: NDArray[np.float64]) -> NDArray[np.float64]:
    total = np.concatenate((np.zeros((len(hops), 1)), np.cumsum(hops, axis=1)), axis=1)
    return (total[:, _HOPS_PER_BLOCK:] - total[:, :-_HOPS_PER_BLOCK]) / (_HOPS_PER_BLOCK * _HOP_SECONDS)


class ExpectedEnergy:
    """The energy that the notes so far should have given by now, in the order of time."""

    def __init__(self, parts: Sequence[BandPart], gains: Sequence[float], rate: int) -> None:
        self._parts, self._weights, self._rate = parts, [gain**2 for gain in gains], rate
        self._coming = np.zeros(0)
        self._first = 0
        self._total = 0.0

    def add(self, number: int, notes: Sequence[Note]) -> None:
        """Takes in notes of a part, in frames from the range's start, that are still to come."""
        for note in notes:
            first, given = _energy_hops(self._parts[number], note, self._rate)
            at = first - self._first
            more = at + len(given) - len(self._coming)
            if more > 0:
                self._coming = np.concatenate((self._coming, np.zeros(more)))
            self._coming[at : at + len(given)] += given * self._weights[number]

    def energy_until(self, frame: int) -> float:
        """The energy up to a frame, later at each call."""
        place = frame / self._rate / _HOP_SECONDS
        whole = min(int(place) - self._first, len(self._coming))
        self._total += float(self._coming[:whole].sum())
        self._coming = self._coming[whole:]
        self._first = int(place)
        part = float(self._coming[0]) if len(self._coming) else 0.0
        return self._total + part * (place - int(place))


def _add_energy(row: NDArray[np.float64], part: BandPart, notes: Sequence[Note], rate: int) -> None:
    for note in notes:
        first, given = _energy_hops(part, note, rate)
        given = given[: max(len(row) - first, 0)]
        row[first : first + len(given)] += given


def _energy_hops(part: BandPart, note: Note, rate: int) -> tuple[int, NDArray[np.float64]]:
    """The hop that a note starts in, and its energy in that and the following ones."""
    start, length = note.start / rate, note.frames / rate
    first = int(start / _HOP_SECONDS)
    sounds = _HIT_SECONDS if part.kit is not None else length + levels.release_seconds(part.sound_name)
    hops = np.arange(first + 1, int((start + sounds) / _HOP_SECONDS) + 2, dtype=np.float64)
    ends = np.asarray(hops * _HOP_SECONDS - start, dtype=np.float64)
    if part.kit is not None:
        name = part.kit.sounding_drum(DRUM_NAMES[note.pitch])
        energy = levels.hit_energy(part.sound_name, name, note.velocity)
        energy *= tuned_power_ratio(library.kits()[part.sound_name].drums[name], part.kit.drums[name])
        return first, np.diff(energy * np.minimum(ends / _HIT_SECONDS, 1), prepend=0.0)
    given = levels.note_growth(
        part.sound_name, note.pitch, note.velocity, length, ends, sustained=part.written is not None
    )
    return first, np.diff(given, prepend=0.0)
