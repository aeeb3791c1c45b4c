"""A look-ahead limiter for stems: one gain, found from the true peak of their sum, for all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import signal

from bandmate_plugins._listening.loudness import (
    TAPS_PER_PHASE,
    interpolation_filter,
    k_weighting,
    oversampling_factor,
)
from bandmate_plugins._platform.arrays import AudioSamples

CEILING_DBTP = -1.3
"""A little under -1 dBTP: the gain's own motion may add to the peaks between samples."""
_BLOCK_SECONDS = 0.0007
_AHEAD_BLOCKS = 6
_RELEASE_SECONDS = 0.12
_MEMORY_SECONDS = 4.0
_PAD = TAPS_PER_PHASE
_WORTH_A_LOOK = 0.58
"""Blocks under this part of the ceiling have no peak between their samples that matters."""


class StemLimiter:
    """Takes windows of all stems, gives them back `delay` frames later, the rest with `finish`."""

    def __init__(self, rate: int, stems: int, ceiling_dbtp: float = CEILING_DBTP) -> None:
        self._ceiling = 10 ** (min(ceiling_dbtp, CEILING_DBTP) / 20)
        self._block = max(4, round(_BLOCK_SECONDS * rate))
        self._release = math.exp(-self._block / (rate * _RELEASE_SECONDS))
        self._factor = oversampling_factor(rate)
        self._taps = interpolation_filter(self._factor).astype(np.float32)
        self._held = [np.zeros((0, 2), dtype=np.float32) for _ in range(stems)]
        self._wanted: list[float] = []
        self._gain = 1.0
        self._last: float | None = None
        self._loss = _LoudnessLoss(rate)

    @property
    def loss_db(self) -> float:
        """How much less loud the sum has become by the limiting, over the last seconds."""
        return self._loss.decibels

    def add(self, stems: Sequence[AudioSamples]) -> list[AudioSamples]:
        """Takes in the next window of each stem, all of one length; gives what is ready, perhaps nothing."""
        before = len(self._held[0])
        self._held = [np.concatenate(pair) for pair in zip(self._held, stems, strict=True)]
        known = before // self._block
        whole = len(self._held[0]) // self._block
        if whole > known:
            self._wanted.extend(self._needed_gains(known, whole))
        return self._release_blocks(max(0, whole - _AHEAD_BLOCKS - 1))

    def finish(self) -> list[AudioSamples]:
        """Everything that is still held."""
        frames = len(self._held[0])
        if frames == 0:
            return self._held
        rest = -frames % self._block + (_AHEAD_BLOCKS + 1) * self._block
        ready = self.add([np.zeros((rest, 2), dtype=np.float32) for _ in self._held])
        return [stem[:frames] for stem in ready]

    def _needed_gains(self, first: int, last: int) -> list[float]:
        """For each block, the gain that keeps its peak under the ceiling."""
        start, end = first * self._block, last * self._block
        lead = min(start, _PAD)
        total = self._held[0][start - lead : end].copy()
        peaks = np.abs(total)
        for stem in self._held[1:]:
            part = stem[start - lead : end]
            total += part
            np.maximum(peaks, np.abs(part), out=peaks)
        np.maximum(peaks, np.abs(total), out=peaks)
        blocks = np.maximum(peaks[lead:, 0], peaks[lead:, 1]).reshape(-1, self._block).max(axis=1)
        loud = np.flatnonzero(blocks > _WORTH_A_LOOK * self._ceiling)
        if self._factor > 1 and len(loud):
            blocks[loud] = np.maximum(blocks[loud], self._inter_sample_peaks(total, lead, loud))
        return [1.0 if peak <= self._ceiling else self._ceiling / peak for peak in blocks.tolist()]

    def _inter_sample_peaks(
        self, total: AudioSamples, lead: int, blocks: NDArray[np.intp]
    ) -> NDArray[np.float64]:
        """The peak between the samples of some blocks."""
        size = self._block + 2 * _PAD
        padded = np.concatenate((np.zeros((_PAD - lead, 2)), total, np.zeros((_PAD, 2)))).astype(np.float32)
        rows = sliding_window_view(padded, size, axis=0)[blocks * self._block]
        fine = signal.upfirdn(self._taps, rows, up=self._factor, axis=-1)
        delay = len(self._taps) // 2 - 1
        start = _PAD * self._factor + delay
        settled = np.abs(fine[:, :, start : start + self._block * self._factor])
        return np.asarray(settled.max(axis=(1, 2)), dtype=np.float64)

    def _release_blocks(self, blocks: int) -> list[AudioSamples]:
        if blocks <= 0:
            return [stem[:0] for stem in self._held]
        nodes = self._gain_nodes(blocks)
        frames = blocks * self._block
        ready = [stem[:frames] for stem in self._held]
        if min(nodes) < 1.0:
            marks = np.arange(blocks + 1) * self._block
            curve = np.interp(np.arange(frames), marks, nodes).astype(np.float32)[:, None]
            limited = [stem * curve for stem in ready]
            self._loss.add(_sum_stems(ready), _sum_stems(limited))
            ready = limited
        elif self._loss.begun:
            self._loss.add(_sum_stems(ready), _sum_stems(ready))
        self._held = [stem[frames:].copy() for stem in self._held]
        self._wanted = self._wanted[blocks:]
        return ready

    def _gain_nodes(self, blocks: int) -> list[float]:
        """The gain at the borders of the blocks: down in time for what is ahead, back up slowly.

        At each border it is at most what both its blocks want, so a straight line between borders is too.
        """
        wanted = self._wanted
        if self._last is None:
            self._last = self._gain = min(wanted[: _AHEAD_BLOCKS + 1])
        nodes = [self._last]
        for at in range(blocks):
            # Reach each coming block's gain in even steps.
            goal = min(wanted[at : at + 2])
            for ahead in range(2, _AHEAD_BLOCKS + 1):
                need = wanted[at + ahead]
                if need < goal:
                    goal = min(goal, self._gain + (need - self._gain) / ahead) if need < self._gain else goal
            back = 1 - (1 - self._gain) * self._release
            self._gain = min(goal, back)
            nodes.append(self._gain)
        self._last = self._gain
        return nodes


class _LoudnessLoss:
    """Compares the K-weighted energy before and after, forgetting slowly."""

    def __init__(self, rate: int) -> None:
        self._rate, self._sos = rate, k_weighting(rate)
        self._states = [np.zeros((2, 2, 2)), np.zeros((2, 2, 2))]
        self._energies = [1e-12, 1e-12]
        self.begun = False

    @property
    def decibels(self) -> float:
        return 10 * math.log10(self._energies[0] / self._energies[1])

    def add(self, before: AudioSamples, after: AudioSamples) -> None:
        self.begun = True
        fade = math.exp(-len(before) / (self._rate * _MEMORY_SECONDS))
        for number, samples in enumerate((before, after)):
            weighted, self._states[number] = signal.sosfilt(
                self._sos, samples.T.astype(np.float64), axis=-1, zi=self._states[number]
            )
            self._energies[number] = self._energies[number] * fade + float(np.square(weighted).sum())


def _sum_stems(stems: Sequence[AudioSamples]) -> AudioSamples:
    total = stems[0].copy()
    for stem in stems[1:]:
        total += stem
    return total
