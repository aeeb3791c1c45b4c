"""What plays in a recording: drums, bass, keys, lead or a band; in which register, plucked or held.

The bounds were found on the stems and mixes of the 27 genres of this engine, where they are right for 111 of
135, and looked at on recordings; who knows better says so by the parameter `part`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bandmate_plugins._listening.key import profile_key
from bandmate_plugins._listening.notes import pitch_classes, remove_overtones
from bandmate_plugins._listening.placed_audio import PlacedAudio
from bandmate_plugins._platform.arrays import FloatArray64
from bandmate_plugins._theory.keys import Key

_MAX_SECONDS = 8.0
_HERTZ = 22_050
_SIZE, _HOP = 1_024, 512
_PITCH_SIZE, _PITCH_HOP = 8_192, 4_096
_LOW, _HIGH = 28, 96
_ALONG, _ACROSS = 9, 17
"""Values that a median takes: along time for what is held, across frequency for what is struck."""
_LOUD = 0.03
"""Moments under so much of the loudest count as silence."""
_OVERTONES = tuple((above, 0.9) for above in (12, 19, 24, 28, 31, 34, 36))
_SOUNDING = 0.25
"""Of the loudest note of a moment, what another has to have to count."""
_HELD_DB = 4.0
_MAX_BASS_NOTE = 52
"""The MIDI note above which it is none."""


@dataclass(frozen=True)
class SpectralTexture:
    """Where the power lies; all from 0 to 1."""

    struck: float
    """In attacks rather than in tones, by amplitude."""
    low: float
    """Under 200 Hz."""
    middle: float
    """In tones between 200 and 3000 Hz."""
    high: float
    """Over 4000 Hz, by amplitude."""
    held: bool
    """Whether tones go on sounding as loud as they began."""


@dataclass(frozen=True)
class DetectedPart:
    """What is heard."""

    part: str
    """`drums`, `bass`, `keys`, `lead` or `band`."""
    texture: SpectralTexture
    key: Key | None
    """The most likely one, however unlikely; None for drums."""
    register: dict[str, float]
    """The MIDI note that a `bass`, `keys` or `lead` would be playing around: the median of each moment's
    lowest note, of all of them, and of its strongest."""


def detect_part(
    heard: Sequence[PlacedAudio], rate: int, *, keyed: bool, cents: int = 0
) -> DetectedPart | None:
    """Listens for what plays; None where nothing sounds long enough to tell.

    `keyed`: a key was heard. `cents` is how far it lies above concert pitch.
    """
    mono = [_decimate_mono(one, rate) for one in heard]
    joined = np.concatenate(mono) if mono else np.zeros(0)
    if len(joined) < 2 * _PITCH_SIZE:
        return None
    hertz = rate / max(1, rate // _HERTZ)
    texture = _measure_texture(joined, hertz)
    notes = _note_rows(joined, hertz, cents)
    registers = _part_registers(notes)
    part = _classify_part(texture, keyed)
    if part == "bass" and registers.get("keys", 0.0) > _MAX_BASS_NOTE:
        part = "keys"
    return DetectedPart(part, texture, None if part == "drums" else _best_key(notes), registers)


def _classify_part(texture: SpectralTexture, keyed: bool) -> str:
    # Drums that are tuned have a key too, but hardly a tone in the middle.
    few = 0.1 if keyed else 0.15
    if (texture.high > 0.05 and texture.middle < few) or (texture.high > 0.4 and texture.middle < 0.3):
        return "drums"
    if texture.low > 0.2 and texture.high < 0.05:
        return "bass"
    if texture.low > 0.22:
        return "band"
    return "lead" if texture.struck < 0.17 and texture.middle > 0.84 else "keys"


def _decimate_mono(one: PlacedAudio, rate: int) -> NDArray[np.float64]:
    apart = max(1, rate // _HERTZ)
    mono = one.mono[-round(_MAX_SECONDS * rate) :]
    return np.asarray(mono[: len(mono) // apart * apart].reshape(-1, apart).mean(axis=1))


def _measure_texture(mono: NDArray[np.float64], rate: float) -> SpectralTexture:
    """Struck and held are told apart by medians along frequency and along time.

    After Fitzgerald, "Harmonic/percussive separation using median filtering" (2010).
    """
    windows = np.lib.stride_tricks.sliding_window_view(mono, _SIZE)[::_HOP]
    sound = np.abs(np.fft.rfft(windows * np.hanning(_SIZE), axis=1)).astype(np.float32)
    power = np.square(sound)
    along, across = ndimage.median_filter(sound, (_ALONG, 1)), ndimage.median_filter(sound, (1, _ACROSS))
    tonal = np.square(along) / np.maximum(np.square(along) + np.square(across), 1e-20)
    total, loudness = max(float(power.sum()), 1e-20), max(float(sound.sum()), 1e-20)
    tones = power * tonal
    return SpectralTexture(
        struck=1 - float((sound * tonal).sum()) / loudness,
        low=float(power[:, : _frequency_bin(200, rate)].sum()) / total,
        middle=float(tones[:, _frequency_bin(200, rate) : _frequency_bin(3_000, rate)].sum()) / total,
        high=float(sound[:, _frequency_bin(4_000, rate) :].sum()) / loudness,
        held=_is_sustained(tones.sum(axis=1)),
    )


def _frequency_bin(hertz: float, rate: float) -> int:
    return round(hertz / rate * _SIZE)


def _is_sustained(power: NDArray[np.float32]) -> bool:
    """Whether the tones' level varies little from its own peaks."""
    if power.max() <= 0:
        return False
    level = 10 * np.log10(np.maximum(power, 1e-6 * power.max()))
    loud = level[level > level.max() - 40]
    return bool(np.quantile(loud, 0.9) - np.median(loud) < _HELD_DB)


def _note_rows(mono: NDArray[np.float64], rate: float, cents: int) -> FloatArray64:
    """How much each note sounds at each moment, without what are overtones of lower ones."""
    windows = np.lib.stride_tricks.sliding_window_view(mono, _PITCH_SIZE)[::_PITCH_HOP]
    sound = np.abs(np.fft.rfft(windows * np.hanning(_PITCH_SIZE), axis=1))
    inner = sound[:, 1:-1]
    top = (inner > sound[:, :-2]) & (inner >= sound[:, 2:])
    peaks = np.where(top & (inner > 8 * np.median(sound, axis=1, keepdims=True)), inner, 0.0)
    hertz = np.fft.rfftfreq(_PITCH_SIZE, 1 / rate)[1:-1]
    pitch = np.round(69 + 12 * np.log2(hertz / 440) - cents / 100).astype(np.int64)
    notes = np.zeros((len(sound), _HIGH - _LOW))
    for at in np.flatnonzero((pitch >= _LOW) & (pitch < _HIGH)):
        notes[:, pitch[at] - _LOW] += peaks[:, at]
    remove_overtones(notes, _OVERTONES)
    loud = notes.sum(axis=1)
    return np.asarray(notes[loud > max(_LOUD * float(loud.max()), 1e-12)])


def _best_key(notes: FloatArray64) -> Key | None:
    """The key that suits the pitch classes best; None where all are alike."""
    weights = pitch_classes(np.sqrt(notes).sum(axis=0, keepdims=True), _LOW, _HIGH, _LOW)[0]
    return profile_key(weights)[0] if weights.std() > 0 else None


def _part_registers(notes: FloatArray64) -> dict[str, float]:
    if len(notes) < 2:
        return {}
    sounding = notes > _SOUNDING * notes.max(axis=1, keepdims=True)
    weights = notes.sum(axis=0)
    return {
        "bass": float(_LOW + np.median(sounding.argmax(axis=1))),
        "keys": float(_LOW + np.searchsorted(np.cumsum(weights), 0.5 * weights.sum())),
        "lead": float(_LOW + np.median(notes.argmax(axis=1))),
    }
