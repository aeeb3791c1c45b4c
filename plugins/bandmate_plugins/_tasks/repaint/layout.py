"""Brings new audio to the channels of the source."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening.speakers import speaker_layout
from bandmate_plugins._platform.arrays import AudioSamples

_SOFT_FRONT = 0.1
"""The first two channels stand for the recording unless they have less than this of another one's power."""


def stereo_channels(source: AudioSamples) -> tuple[int, int]:
    """Which channels of more than two stand for the recording in stereo.

    The first two; where hardly anything sounds there, the loudest of the others on both sides, but not the
    LFE. ``source`` has shape (frames, channels).
    """
    power = _channel_power(source)
    music = [number for number, one in enumerate(speaker_layout(len(power))) if not one.effects]
    loudest = max(music, key=lambda number: power[number])
    soft = float(power[:2].mean()) < _SOFT_FRONT * float(power[loudest])
    return (loudest, loudest) if soft else (0, 1)


def channel_balance(source: AudioSamples) -> NDArray[np.float32]:
    """How loud each channel is relative to those that `stereo_channels` names: factors from 0 to 1.

    ``source`` has shape (frames, channels); what is silent throughout counts as even.
    """
    even = np.ones(source.shape[1], dtype=np.float32)
    if source.shape[1] <= 2:
        return even
    power, front = _channel_power(source), stereo_channels(source)
    reference = float(power[list(front)].mean())
    if reference <= 1e-12:
        return even
    balance = np.sqrt(np.minimum(power / reference, 1.0)).astype(np.float32)
    if front == (0, 1):
        balance[:2] = 1.0
    return balance


def _channel_power(source: AudioSamples) -> NDArray[np.float64]:
    if not len(source):
        return np.zeros(source.shape[1])
    return np.asarray(np.square(source, dtype=np.float64).mean(axis=0))


def fit_channels(new: AudioSamples, channels: int, balance: NDArray[np.float32]) -> AudioSamples:
    """New audio on the channels of the source; shape (frames, channels).

    As many as it has stay as they are; one is copied to all; several are averaged into one. Otherwise its
    first two are left and right, and their mean goes to each further channel, all of them by `balance`.
    """
    if new.shape[1] == channels:
        return new
    if channels == 1:
        return np.asarray(new.mean(axis=1, keepdims=True), dtype=np.float32)
    stereo = np.repeat(new, 2, axis=1) if new.shape[1] == 1 else new[:, :2]
    if channels == 2:
        return np.ascontiguousarray(stereo, dtype=np.float32)
    middle = stereo.mean(axis=1, keepdims=True)
    return np.concatenate((stereo, np.repeat(middle, channels - 2, axis=1)), axis=1) * balance
