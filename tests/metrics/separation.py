"""How far separated audio is from the truth."""

from __future__ import annotations

import numpy as np

from tests.material.separation_songs import Audio


def usdr(truth: Audio, estimate: Audio) -> float:
    """10 log10 of the truth's energy over the error's, in dB, as in the Music Demixing Challenge 2021."""
    error = np.sum(np.square(truth - estimate, dtype=np.float64))
    return float(10 * np.log10(np.sum(np.square(truth, dtype=np.float64)) / max(float(error), 1e-12)))
