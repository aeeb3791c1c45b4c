"""Resampling and spectra where the networks run, by torchaudio. No other module imports it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import torch
import torchaudio

from bandmate_plugins._engines.dsp.stft import OVERLAP, Floats, OverlapAdder, Spectra, StftGrid
from bandmate_plugins._engines.separation_nets.runner import full_float32, is_out_of_memory
from bandmate_plugins._platform.rate_ratio import smallest_ratio

T = TypeVar("T")
_ZERO_CROSSINGS = 96
_ROLLOFF = 0.9565
_BETA = 13.4
"""Flat up to 0.913 of the lower rate's half and silent from 1.0 on, as soxr's VHQ is; 130 dB down."""
_MAX_TAPS = 1 << 22
"""What the filters of all phases may hold: 16 MB in float32."""


def can_resample(rate_in: int, rate_out: int) -> bool:
    """Whether the rates are simple enough: torchaudio keeps a filter for each phase between them."""
    step_in, step_out = smallest_ratio(rate_in, rate_out)
    return step_out * (2 * _filter_reach(step_in, step_out) + step_in) <= _MAX_TAPS


class DeviceResampler:
    """A stream at another rate, as `soxr.ResampleStream` has it, made on a device.

    Frame n of the output lies at n / rate_out seconds; before its start and after its end the input is
    silent. The pieces are those of one call on the whole to float32's rounding. Out of memory there, it goes
    on on the CPU.
    """

    def __init__(self, rate_in: int, rate_out: int, channels: int, device: str) -> None:
        self._step_in, self._step_out = smallest_ratio(rate_in, rate_out)
        # In float32 torchaudio places the phases so coarsely that 19 kHz is 1e-5 off.
        kernel = torchaudio.transforms.Resample(
            rate_in, rate_out, "sinc_interp_kaiser", _ZERO_CROSSINGS, _ROLLOFF, _BETA, dtype=torch.float64
        )
        self._resample: torch.nn.Module = kernel.to(torch.float32)
        self._blocks = -(-_filter_reach(self._step_in, self._step_out) // self._step_in)
        """How many steps of the input an output reaches, before and after."""
        self._held = torch.zeros((channels, self._blocks * self._step_in))
        _try_or_else(lambda: self._move(device), lambda: self._move("cpu"))

    def resample_chunk(self, block: Floats, last: bool = False) -> Floats:
        """Shape (frames, channels) in and out; what later input still changes is kept back."""
        return _try_or_else(
            lambda: self._resample_block(block, last=last), lambda: self._resample_on_cpu(block, last=last)
        )

    def _move(self, device: str) -> None:
        self._resample, self._held = self._resample.to(device), self._held.to(device)
        self._device = device

    def _resample_on_cpu(self, block: Floats, *, last: bool) -> Floats:
        self._move("cpu")
        return self._resample_block(block, last=last)

    def _resample_block(self, block: Floats, *, last: bool) -> Floats:
        fresh = torch.from_numpy(np.ascontiguousarray(block.T, np.float32)).to(self._device)
        margin = self._blocks * self._step_in
        held = torch.cat((self._held, fresh), dim=1)
        frames = held.shape[1] - margin
        if last:
            held = torch.nn.functional.pad(held, (0, margin + self._step_in))
        steps = max(held.shape[1] // self._step_in - 2 * self._blocks, 0)
        begin = self._blocks * self._step_out
        wanted = steps * self._step_out
        if last:
            wanted = min(wanted, math.ceil(frames * self._step_out / self._step_in))
        result: Floats = np.zeros((0, len(held)), np.float32)
        if wanted:
            with torch.inference_mode(), full_float32():
                result = self._resample(held)[:, begin : begin + wanted].T.contiguous().cpu().numpy()
        # Last: what runs out of memory above is done again from what is held.
        self._held = held[:, steps * self._step_in :].clone()
        return result


class DeviceGrid(StftGrid):
    """The transform of the engine `dsp`, made on a device; on the host where the device's memory is taken."""

    def __init__(self, rate: int, device: str) -> None:
        super().__init__(rate)
        window = torch.from_numpy(self.window)
        self._spectrogram: Any = torchaudio.transforms.Spectrogram(
            self.size, hop_length=self.hop, window_fn=lambda _: window, power=None, center=False
        )
        _try_or_else(lambda: self._move(device), lambda: self._move("cpu"))

    def to_spectra(self, samples: Floats) -> Spectra:
        """See Grid."""
        on_host = super().to_spectra
        return _try_or_else(lambda: self._on_device(samples), lambda: on_host(samples))

    def make_adder(self, channels: int) -> OverlapAdder:
        """See Grid."""
        on_host = super().make_adder
        return _try_or_else(lambda: _DeviceAdder(self, channels, self.device), lambda: on_host(channels))

    def _move(self, device: str) -> None:
        self._spectrogram = self._spectrogram.to(device)
        self.device = device

    def _on_device(self, samples: Floats) -> Spectra:
        spectra = self._spectrogram(torch.from_numpy(np.ascontiguousarray(samples)).to(self.device))
        result: Spectra = spectra.transpose(1, 2).contiguous().cpu().numpy()
        return result


class _DeviceAdder(OverlapAdder):
    """The inverse of the transform, made on a device."""

    def __init__(self, grid: StftGrid, channels: int, device: str) -> None:
        super().__init__(grid, channels)
        self._device = device
        self._window = torch.from_numpy(grid.window * np.float32(2 / OVERLAP)).to(device)

    def _overlap_frames(self, spectra: Spectra) -> Floats:
        on_host = super()._overlap_frames
        return _try_or_else(lambda: self._on_device(spectra), lambda: on_host(spectra))

    def _on_device(self, spectra: Spectra) -> Floats:
        channels, count, _ = spectra.shape
        size, hop = self._grid.size, self._grid.hop
        waves = torch.fft.irfft(torch.from_numpy(spectra).to(self._device), size) * self._window
        whole = torch.nn.functional.fold(
            waves.transpose(1, 2), (1, (count + OVERLAP - 1) * hop), (1, size), stride=(1, hop)
        )
        result: Floats = whole.reshape(channels, -1).cpu().numpy()
        return result


def _try_or_else(first: Callable[[], T], second: Callable[[], T]) -> T:
    """The first, or the second where the device has no memory for it."""
    try:
        return first()
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
    return second()


def _filter_reach(step_in: int, step_out: int) -> int:
    """How many frames of the input an output depends on, before it and after it."""
    return math.ceil(_ZERO_CROSSINGS * step_in / (min(step_in, step_out) * _ROLLOFF))
