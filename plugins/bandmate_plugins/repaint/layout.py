"""Brings new audio to the channels of the source."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float32]


def balance_of(source: Audio) -> NDArray[np.float32]:
    """How loud each channel past the second is, next to the first two: factors from 0 to 1.

    ``source`` has shape (frames, channels); what is silent throughout counts as even.
    """
    power = np.square(source, dtype=np.float64).mean(axis=0) if len(source) else np.zeros(source.shape[1])
    front = float(power[:2].mean())
    if front <= 1e-12:
        return np.ones(max(source.shape[1] - 2, 0), dtype=np.float32)
    return np.sqrt(np.minimum(power[2:] / front, 1.0)).astype(np.float32)


def fitted(new: Audio, channels: int, balance: NDArray[np.float32]) -> Audio:
    """New audio on the channels of the source; shape (frames, channels).

    As many as it has stay as they are; one is copied to all; several are averaged into one. Otherwise its
    first two are left and right, and their mean goes to each further channel by `balance`.
    """
    if new.shape[1] == channels:
        return new
    if channels == 1:
        return np.asarray(new.mean(axis=1, keepdims=True), dtype=np.float32)
    stereo = np.repeat(new, 2, axis=1) if new.shape[1] == 1 else new[:, :2]
    if channels == 2:
        return np.ascontiguousarray(stereo, dtype=np.float32)
    middle = stereo.mean(axis=1, keepdims=True)
    return np.concatenate((stereo, middle * balance), axis=1, dtype=np.float32)
