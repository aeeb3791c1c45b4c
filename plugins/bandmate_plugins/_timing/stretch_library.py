"""Signalsmith Stretch, where it is installed."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from bandmate_plugins._platform.arrays import FloatArray32

STRETCH_SEED = 1
"""Its phases are drawn where audio gets much longer: the same audio gives the same."""


def stretch_library() -> Any | None:
    """The library's own module; None where python-stretch is not installed: there is none for ARM64 Linux."""
    try:
        return importlib.import_module("python_stretch").Signalsmith
    except ImportError:
        return None


def stretch_whole(stretcher: Any, samples: FloatArray32, frames: int) -> FloatArray32:
    """All of some audio, shape (frames, channels), by a `Stretch` that is set up for it, as exactly `frames` frames."""
    # The library reads memory in order, whatever an array's strides.
    made = np.asarray(stretcher.process(np.ascontiguousarray(samples.T)), np.float32).T
    # It rounds lengths in single precision.
    return np.pad(made[:frames], ((0, max(frames - len(made), 0)), (0, 0)))
