"""Parts that add up to their source bit for bit, where the source's own format lets them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bandmate_plugins._engines.dsp.stft import Floats

_STEPS = np.float32(1 << 23)
"""Of 24-bit audio, from 0 to full scale."""


def quantize_parts(source: Floats, parts: Sequence[Floats]) -> list[Floats]:
    """The parts in the steps of 24-bit audio, where the source is in them; else as they are.

    Sums of such samples are exact: in double precision, as workstations mix, always, and in float32 below
    +6 dBFS. Audio in floating point may lie between any steps, so that no rounding of its parts helps.
    """
    if not _is_in_steps(source):
        return list(parts)
    return [np.asarray(np.rint(part * _STEPS) / _STEPS, np.float32) for part in parts]


def exact_remainder(source: Floats, parts: Sequence[Floats]) -> Floats:
    """The source less the parts, rounded once."""
    left = source.astype(np.float64)
    for part in parts:
        left -= part
    return left.astype(np.float32)


def _is_in_steps(source: Floats) -> bool:
    scaled = source * _STEPS
    return bool(np.array_equal(scaled, np.rint(scaled)))
