"""Audio whose speed changes on the way, its pitch kept: blocks are heard where a map says, and their phases go on.

A phase vocoder (Flanagan and Golden, "Phase vocoder", 1966) with phases locked around peaks (Laroche and Dolson,
"Improved phase vocoder time-scale modification of audio", 1999). Each block is read once more a hop earlier, so that
phases turn from block to block as they do in the audio. What begins keeps its own phase, and so its attack.

Stretchers that are kept as libraries have one speed for a piece, and leave a joint wherever it changes.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from bandmate_plugins._platform.arrays import FloatArray32, FloatArray64, IntArray64

BLOCKS_OVERLAP = 4
_EVEN_GAIN = 1 / 1.5
"""Squared windows of a quarter's hop add up to 1.5."""
_PEAK_BINS = 2
"""A peak is the greatest of so many bins on either side."""
_BEGINS, _BEGINS_IN_ATTACK = 4.0, 1.3
"""How much more power than a hop before has what begins, alone and in an attack."""
_ATTACK = 0.4
"""How much the power of an attack rises over all bins: the mean, in natural logarithms (0.03 in noise)."""
_FLOOR = 1e-12
Spectrum = NDArray[np.complex128]
"""Of a block, shape (bins, channels)."""


class _Blocks:
    """Spectra of blocks and of what lies a hop before each, shape (blocks, bins, channels)."""

    def __init__(self, here: NDArray[np.complex128], earlier: NDArray[np.complex128]) -> None:
        self.here, self.earlier = here, earlier
        self.power, self.earlier_power = (np.square(np.abs(each)).sum(axis=2) for each in (here, earlier))
        levels = [np.log(power + _FLOOR).mean(axis=1) for power in (self.power, self.earlier_power)]
        self.rises: FloatArray64 = levels[0] - levels[1]
        """How much the power rises over all bins: the mean, in natural logarithms."""


class PhaseVocoder:
    """Turns blocks of audio into audio; blocks are a quarter apart in the result.

    With `holds_attacks`, blocks that share an attack are heard as far apart as they are in the audio.
    """

    def __init__(self, block: int, channels: int, *, holds_attacks: bool = False) -> None:
        self.block, self.hop = block, block // BLOCKS_OVERLAP
        self._window = np.hanning(block + 1)[:-1]
        self._turned = np.zeros(block // 2 + 1)
        self._before: Spectrum | None = None
        self._open = np.zeros((block, channels))
        self._holds = AttackHolder(self.hop) if holds_attacks else None

    def add(self, audio: FloatArray32, start: int, places: IntArray64) -> FloatArray32:
        """The next hop for each place: the middle of a block in audio that begins at sample `start`.

        The audio reaches from a hop and half a block before the first place to a block after the last.
        """
        every = sliding_window_view(audio, self.block, axis=0)
        blocks = self._read(every, places - start)
        if self._holds is not None:
            held = self._holds.hold(places, blocks.rises)
            if not np.array_equal(held, places):
                blocks = self._read(every, held - start)
        turned = np.stack([self._turn(blocks, number) for number in range(len(places))])
        shifted = blocks.here * np.exp(1j * turned)[:, :, None]
        made = np.fft.irfft(shifted, self.block, axis=1) * (_EVEN_GAIN * self._window)[:, None]
        return self._overlap(made)

    def _read(self, every: FloatArray32, places: IntArray64) -> _Blocks:
        return _Blocks(self._spectra(every, places), self._spectra(every, places - self.hop))

    def _spectra(self, every: FloatArray32, places: IntArray64) -> NDArray[np.complex128]:
        blocks = every[places - self.block // 2].transpose(0, 2, 1)
        return np.asarray(np.fft.rfft(blocks * self._window[:, None], axis=1))

    def _turn(self, blocks: _Blocks, number: int) -> FloatArray64:
        """By how much the phases of a block are turned."""
        if self._before is not None:
            advance = np.angle((self._before * blocks.earlier[number].conj()).sum(axis=1))
            self._turned = _locked(self._turned + advance, blocks, number)
        self._before = blocks.here[number]
        return self._turned

    def _overlap(self, made: FloatArray64) -> FloatArray32:
        out = np.concatenate((self._open, np.zeros((len(made) * self.hop, made.shape[2]))))
        for number, block in enumerate(made):
            out[number * self.hop :][: self.block] += block
        done = len(made) * self.hop
        self._open = out[done:]
        return np.asarray(out[:done], np.float32)


class AttackHolder:
    """Keeps the blocks of an attack as far apart as in the audio, so that it stays as sharp."""

    def __init__(self, hop: int) -> None:
        self._hop = hop
        self._count = 0
        self._left = 0
        self._offset = 0

    def hold(self, places: IntArray64, rises: FloatArray64) -> IntArray64:
        """The places of blocks, those of attacks moved by a little."""
        held = places.copy()
        offsets = places - self._hop * (self._count + np.arange(len(places)))
        for number, rise in enumerate(rises.tolist()):
            if not self._left and rise > _ATTACK:
                # An attack that a block is the first to reach lies one to two hops after its middle.
                self._left, self._offset = BLOCKS_OVERLAP, round(_mean_ahead(offsets, number))
            if self._left:
                held[number] = self._hop * (self._count + number) + self._offset
                self._left -= 1
        self._count += len(places)
        return held


def _mean_ahead(offsets: IntArray64, number: int) -> float:
    """That of the next two, or of the last one where there are none."""
    return float(offsets[min(number + 1, len(offsets) - 1) : number + 3].mean())


def _locked(turned: FloatArray64, blocks: _Blocks, number: int) -> FloatArray64:
    """Each bin of a block is turned as its peak is, and not at all where something begins."""
    power, earlier = blocks.power[number], blocks.earlier_power[number]
    padded = np.pad(power, _PEAK_BINS, constant_values=-1.0)
    greatest = padded[: len(power)].copy()
    for shift in range(1, 2 * _PEAK_BINS + 1):
        np.maximum(greatest, padded[shift : shift + len(power)], out=greatest)
    peaks = np.flatnonzero(power >= greatest)
    least = _BEGINS_IN_ATTACK if blocks.rises[number] > _ATTACK else _BEGINS
    begins = power[peaks] > least * earlier[peaks] + _FLOOR
    by_peak = np.where(begins, 0.0, turned[peaks])
    nearest = np.searchsorted((peaks[1:] + peaks[:-1]) / 2, np.arange(len(power)))
    return np.asarray(by_peak[nearest])
