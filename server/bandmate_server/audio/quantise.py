"""Float samples as whole steps of 16 or 24 bits.

24 bits are rounded, to within half a step. 16 bits get triangular dither of two steps from peak to peak
first, which makes the error independent of the signal (Lipshitz, Wannamaker and Vanderkooy, "Quantization and
Dither: A Theoretical Survey", JAES 40, 1992); digital silence stays silent. The dither
follows from a seed, so the same audio gives the same bytes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
IntSamples = NDArray[np.int32]


class Quantiser:
    """Rounds blocks of samples, in order, to whole steps of so many bits."""

    def __init__(self, bits: int, *, dither: bool, seed: int = 0) -> None:
        self._top = 1 << (bits - 1)
        # Its raw numbers are the same in every version of numpy; those of `random()` need not be.
        self._source = np.random.PCG64(seed) if dither else None

    def quantise(self, samples: NDArray[np.float32]) -> IntSamples:
        """Steps, from -2^(bits-1) to 2^(bits-1) - 1, of samples whose full scale is 1."""
        scaled = samples.astype(np.float64) * self._top
        if self._source is not None:
            scaled += np.where(samples == 0, 0.0, _triangular_dither(self._source, samples.shape))
        return np.clip(np.rint(scaled), -self._top, self._top - 1).astype(np.int32)


def _triangular_dither(source: np.random.PCG64, shape: tuple[int, ...]) -> Floats:
    """The sum of two even distributions of one step each, around 0."""
    raw = source.random_raw(math.prod(shape)).reshape(shape)
    return ((raw >> 32) + (raw & 0xFFFFFFFF)).astype(np.float64) / 2**32 - 1


def pack_samples(block: IntSamples, bits: int) -> bytes:
    """Little-endian integers of two or three bytes."""
    if bits == 16:
        return block.astype("<i2").tobytes()
    return block.astype("<i4").reshape(-1, 1).view(np.uint8)[:, :3].tobytes()
