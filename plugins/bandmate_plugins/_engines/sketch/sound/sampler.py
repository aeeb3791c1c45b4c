"""Plays notes into a stream: each body is rendered once and kept for the next note alike."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable

import numpy as np

from bandmate_plugins._platform.arrays import AudioSamples

_LAYERS = 4
_MIN_CLASS_SECONDS = 0.125
_CLASS_STEP = 1.5
MAX_NOTE_SECONDS = 8.0
"""Seconds that a note is held at most."""


class NoteCache:
    """Rendered bodies, the least recently used thrown out beyond so many bytes."""

    def __init__(self, most_bytes: int = 96 * 1024 * 1024) -> None:
        self._most, self._bytes = most_bytes, 0
        self._kept: OrderedDict[Hashable, AudioSamples] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], AudioSamples]) -> AudioSamples:
        """The body of a key, rendered if it is not there."""
        found = self._kept.get(key)
        if found is None:
            found = make()
            self._kept[key] = found
            self._bytes += found.nbytes
            while self._bytes > self._most and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= dropped.nbytes
        else:
            self._kept.move_to_end(key)
        return found


class MixBuffer:
    """Stereo audio to come: sounds are added from the present on, windows taken off the front."""

    def __init__(self) -> None:
        self._future = np.zeros((0, 2), dtype=np.float32)

    def add(self, offset: int, sound: AudioSamples, left: float, right: float) -> None:
        """Adds a sound of one or two channels that many frames from the present."""
        end = offset + len(sound)
        if end > len(self._future):
            more = np.zeros((end - len(self._future) + end // 2, 2), dtype=np.float32)
            self._future = np.concatenate((self._future, more))
        self._future[offset:end, 0] += sound[:, 0] * np.float32(left)
        self._future[offset:end, 1] += sound[:, -1] * np.float32(right)

    def take(self, frames: int) -> AudioSamples:
        """The next window; shape (frames, 2)."""
        window = np.zeros((frames, 2), dtype=np.float32)
        ready = self._future[:frames]
        window[: len(ready)] = ready
        self._future = self._future[frames:].copy()
        return window


def release_body(samples: AudioSamples, frames: int, release: float, rate: int) -> AudioSamples:
    """A body that is let go after some frames: a fresh array that fades out over the release."""
    fade = max(2, round(max(release, 0.004) * rate))
    note = samples[: frames + fade].copy()
    tail = note[frames:]
    turn = np.arange(1, len(tail) + 1, dtype=np.float32) * np.float32(math.pi / max(len(tail), 1))
    tail *= (np.float32(0.5) + np.float32(0.5) * np.cos(turn))[:, None]
    return note


def end_with_note(samples: AudioSamples, frames: int, rate: int) -> AudioSamples:
    """A sound that swells, late or cut at its start so that it ends with a note of so many frames."""
    if frames >= len(samples):
        return np.concatenate((np.zeros((frames - len(samples), samples.shape[1]), np.float32), samples))
    late = samples[len(samples) - frames :].copy()
    fade = min(frames, max(2, round(0.02 * rate)))
    late[:fade] *= np.linspace(0, 1, fade, endpoint=False, dtype=np.float32)[:, None]
    return late


def length_class(seconds: float) -> float:
    """The length that a body is rendered for, so that notes of about that length share it."""
    steps = max(0, math.ceil(math.log(max(seconds, 1e-3) / _MIN_CLASS_SECONDS, _CLASS_STEP) - 1e-9))
    return float(_MIN_CLASS_SECONDS * _CLASS_STEP**steps)


def velocity_layer(velocity: int) -> int:
    """One of a few velocities that bodies are rendered for."""
    return min(_LAYERS - 1, velocity * _LAYERS // 128)


def layer_velocity(index: int) -> float:
    """The velocity of a layer, 0 to 1."""
    return (index + 0.6) / _LAYERS


def velocity_gain(velocity: int) -> float:
    """A factor for a velocity, 1 at 100."""
    return float((velocity / 100) ** 1.6)


def pan_gains(pan: float, channels: int) -> tuple[float, float]:
    """Factors for left and right: equal power for a mono sound, balance for a stereo one."""
    pan = min(max(pan, -1.0), 1.0)
    angle = (pan + 1) * math.pi / 4
    scale = 1.0 if channels == 1 else math.sqrt(2)
    return math.cos(angle) * scale, math.sin(angle) * scale
