"""One channel for an ear: a downmix in which nothing cancels out, and which leaves out the LFE.

The mean of the channels is right as long as they do not oppose each other. A part whose polarity is reversed
on one side vanishes from it, so each block of a few seconds is checked in time and frequency: of unrelated
channels few points cancel by chance, and where more of the sound does, some part is reversed. Then channels
are turned over until they agree; where points still cancel, because some parts are reversed and others are
not, channels are mixed at uneven levels, by which every part stays. Gains move over from block to block.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from bandmate_plugins._listening.speakers import SpeakerPosition, speaker_layout

if TYPE_CHECKING:
    from bandmate_plugins.request import AudioInput, Samples

Mono = NDArray[np.float64]
Gains = NDArray[np.float64] | None
"""One factor for each channel; None for the plain mean of those that carry music."""

BLOCK_SECONDS = 4.0
_MOVE_SECONDS = 0.05
_WINDOW_SECONDS = 0.085
_EVERY = 4
"""One window out of so many is looked at."""
_LOWEST_HERTZ, _HIGHEST_HERTZ = 60.0, 9_000.0
_FLOOR = 0.01
"""Points under this part of the loudest one of their window do not count."""
_CANCELS, _AGREES = 0.12, 1.88
"""A point's power in the mix over that of unrelated channels: below the one it cancels, above the other it
adds up."""
_BY_CHANCE, _MIN_CANCELLED = 0.23, 0.02
"""Channels oppose each other where more cancels, by amplitude, than the one part of what neither cancels nor
adds up, and the other part of all. Phases at random, the worst of chances, make the one (the arcsine law).
"""
_SILENT = 1e-10
_HALF, _FRONT_DEGREES = math.sqrt(0.5), 60.0


def mono_downmix(samples: Samples, rate: int) -> Mono:
    """Audio of shape (frames, channels) as one channel, shape (frames,)."""
    stream = MonoDownmix(rate, samples.shape[1])
    return np.concatenate((stream.add(samples), stream.finish()))


def stereo_downmix(samples: Samples) -> Samples:
    """Audio of any number of channels on two, float32: by the coefficients of ITU-R BS.775, without the LFE.

    One channel goes to both sides, two stay as they are.
    """
    channels = samples.shape[1]
    if channels <= 2:
        return np.repeat(samples, 2, axis=1) if channels == 1 else np.array(samples, dtype=np.float32)
    return np.asarray(samples @ _stereo_matrix(channels), dtype=np.float32)


def _stereo_matrix(channels: int) -> NDArray[np.float32]:
    """Shape (channels, 2). Channels without a usual layout are averaged on both sides."""
    speakers = speaker_layout(channels)
    if all(speaker.azimuth_degrees == 0 for speaker in speakers):
        return np.full((channels, 2), 1 / channels, dtype=np.float32)
    return np.array([_side_gains(speaker) for speaker in speakers], dtype=np.float32)


def _side_gains(speaker: SpeakerPosition) -> tuple[float, float]:
    angle = speaker.azimuth_degrees
    if speaker.effects:
        return 0.0, 0.0
    if angle in (0.0, 180.0):
        return (_HALF, _HALF) if angle == 0.0 else (0.5, 0.5)
    level = 1.0 if abs(angle) < _FRONT_DEGREES else _HALF
    return (level, 0.0) if angle > 0 else (0.0, level)


class MonoDownmix:
    """Takes audio in, in pieces of any size, and gives its downmix a block later."""

    def __init__(self, rate: int, channels: int) -> None:
        self._rate, self._size = rate, round(BLOCK_SECONDS * rate)
        self._open = np.zeros((0, channels), np.float32)
        self._before: Gains = None
        self._begun = False
        self._music = _music_channels(channels)

    def add(self, samples: Samples) -> Mono:
        """What is ready after samples of shape (frames, channels)."""
        if len(self._music) == 1:
            return np.asarray(samples[:, self._music[0]], dtype=np.float64)
        self._open = np.concatenate((self._open, samples)) if len(self._open) else samples
        done = []
        while len(self._open) >= self._size:
            done.append(self._mix_block(self._open[: self._size]))
            self._open = self._open[self._size :]
        return np.concatenate(done) if done else np.zeros(0)

    def finish(self) -> Mono:
        """The rest."""
        rest, self._open = self._open, self._open[:0]
        return self._mix_block(rest) if len(rest) else np.zeros(0)

    def _mix_block(self, block: Samples) -> Mono:
        gains = gains_for(block, self._rate)
        before = self._before if self._begun else gains
        self._before, self._begun = gains, True
        return _apply_gains(block, before, gains, 0, self._rate)


class DownmixReader:
    """Reads the downmix of an input at any place; the gains are those of blocks from the input's start on."""

    def __init__(self, audio: AudioInput, rate: int) -> None:
        self._audio, self._rate, self._size = audio, rate, round(BLOCK_SECONDS * rate)
        self._gains: dict[int, Gains] = {}
        self._music = _music_channels(audio.channels)

    def read(self, offset: int, frames: int) -> Mono:
        """So many frames, or as many as there are, from `offset` on."""
        samples = self._audio.read(offset, frames)
        if len(self._music) == 1:
            return np.asarray(samples[:, self._music[0]], dtype=np.float64)
        end, done = offset + len(samples), []
        for block in range(offset // self._size, -(-end // self._size)):
            first, last = max(block * self._size, offset), min((block + 1) * self._size, end)
            part = samples[first - offset : last - offset]
            before, gains = self._block_gains(max(block - 1, 0)), self._block_gains(block)
            done.append(_apply_gains(part, before, gains, first - block * self._size, self._rate))
        return np.concatenate(done) if done else np.zeros(0)

    def read_stereo(self, offset: int, frames: int) -> Samples:
        """The same in stereo, float32 of shape (frames, 2), where nothing cancels when the sides are added.

        Channels that oppose each other are the downmix on both sides; else it is `stereo_downmix`.
        """
        samples = self._audio.read(offset, frames)
        stereo, end = stereo_downmix(samples), offset + len(samples)
        for block in range(offset // self._size, -(-end // self._size)):
            if self._block_gains(block) is None and self._block_gains(max(block - 1, 0)) is None:
                continue
            first, last = max(block * self._size, offset), min((block + 1) * self._size, end)
            stereo[first - offset : last - offset] = self.read(first, last - first)[:, None]
        return stereo

    def _block_gains(self, block: int) -> Gains:
        if block not in self._gains:
            whole = self._audio.read(block * self._size, self._size)
            self._gains[block] = gains_for(whole, self._rate)
        return self._gains[block]


def gains_for(block: Samples, rate: int) -> Gains:
    """The gains by which nothing of a block cancels; None where its plain mean will do."""
    music = _music_channels(block.shape[1])
    if len(music) < 2 or not len(block):
        return None
    used = block[:, music]
    if float(np.square(used, dtype=np.float64).mean()) < _SILENT:
        return None
    spectra = _window_spectra(used, rate)
    plain = np.ones(len(music)) / len(music)
    if not _still_cancels(spectra, plain):
        return None
    turned = plain * _channel_signs(spectra)
    if not _still_cancels(spectra, turned):
        return _spread_gains(turned, music, block.shape[1])
    uneven = 0.5 ** np.arange(len(music))
    return _spread_gains(uneven / uneven.sum(), music, block.shape[1])


def _music_channels(channels: int) -> list[int]:
    return [number for number, speaker in enumerate(speaker_layout(channels)) if not speaker.effects]


def _spread_gains(gains: NDArray[np.float64], music: list[int], channels: int) -> NDArray[np.float64]:
    found = np.zeros(channels)
    found[music] = gains
    return found


def _apply_gains(samples: Samples, before: Gains, gains: Gains, at: int, rate: int) -> Mono:
    """A part of a block that begins `at` frames into it; `before` are the gains of the block before."""
    music = _music_channels(samples.shape[1])
    if before is None and gains is None:
        if len(music) == samples.shape[1]:
            return np.asarray(samples.mean(axis=1, dtype=np.float64))
        return np.asarray(samples[:, music].mean(axis=1, dtype=np.float64))
    plain = _spread_gains(np.ones(len(music)) / len(music), music, samples.shape[1])
    old, new = (plain if one is None else one for one in (before, gains))
    if np.array_equal(old, new):
        return np.asarray(samples @ new)
    way = np.clip((np.arange(len(samples)) + at) / max(_MOVE_SECONDS * rate, 1.0), 0.0, 1.0)
    return np.asarray((samples @ old) * (1 - way) + (samples @ new) * way)


def _window_spectra(samples: Samples, rate: int) -> NDArray[np.complex64]:
    """Windows apart from each other, shape (windows, bins, channels)."""
    size = 1 << max(6, round(math.log2(rate * _WINDOW_SECONDS)))
    padded = np.pad(samples, ((0, max(size - len(samples), 0)), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, size, axis=0)[:: _EVERY * size]
    spectra: Any = scipy.fft.rfft(windows * np.hanning(size).astype(np.float32), axis=2)
    low, high = (round(hertz / rate * size) for hertz in (_LOWEST_HERTZ, _HIGHEST_HERTZ))
    return np.asarray(np.moveaxis(spectra[:, :, low : high + 1], 1, 2), dtype=np.complex64)


def _still_cancels(spectra: NDArray[np.complex64], gains: NDArray[np.float64]) -> bool:
    """Whether more cancels with these gains than would by chance."""
    factors = gains.astype(np.float32)
    mixed = _power_spectrum(spectra @ factors)
    apart = _power_spectrum(spectra) @ np.square(factors)
    sound = np.sqrt(apart)
    heard = sound > _FLOOR * sound.max(axis=1, keepdims=True, initial=0.0)
    cancels = heard & (mixed < _CANCELS * apart)
    between = heard & ~cancels & (mixed <= _AGREES * apart)
    least = _MIN_CANCELLED * sound[heard].sum()
    return bool(sound[cancels].sum() > _BY_CHANCE * sound[between].sum() + least)


def _power_spectrum(spectra: NDArray[np.complex64]) -> NDArray[np.float32]:
    return np.square(spectra.real) + np.square(spectra.imag)


def _channel_signs(spectra: NDArray[np.complex64]) -> NDArray[np.float64]:
    """-1 for each channel that opposes the loudest one, else 1; the first channel stays as it is."""
    flat = spectra.reshape(-1, spectra.shape[2])
    loudest = int(_power_spectrum(flat).sum(axis=0).argmax())
    signs = np.where(np.real(np.conj(flat[:, loudest]) @ flat) < 0, -1.0, 1.0)
    return np.asarray(signs * signs[0])
