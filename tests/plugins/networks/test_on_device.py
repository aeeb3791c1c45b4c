"""What torchaudio converts where the networks run is what soxr converts on the host, whole or in pieces."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import soxr
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bandmate_plugins._engines.dsp.stft import StftGrid
from bandmate_plugins._engines.separation_nets.on_device import DeviceGrid, DeviceResampler, can_resample
from bandmate_plugins._engines.separation_nets.rates import RateConverter, ResamplingReader
from bandmate_plugins.testing import MemoryInput

USUAL = (8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 88_200, 96_000, 176_400, 192_000, 384_000)
RATES = [(44_100, 48_000), (48_000, 44_100)] + [
    rates for model in (44_100, 48_000) for rate in USUAL for rates in ((rate, model), (model, rate))
]
"""Every usual rate to that of a network, and back."""
Floats = Any


def band(frames: int, share: float) -> Floats:
    """Noise of two channels up to a share of half the rate, 0.2 high at most."""
    spectra = np.fft.rfft(np.random.default_rng(frames).standard_normal((2, frames)))
    spectra[:, int(share * spectra.shape[1]) :] = 0
    audio = np.fft.irfft(spectra, frames)
    return (0.2 * audio / np.abs(audio).max()).T.astype(np.float32)


def whole(samples: Floats, rates: tuple[int, int]) -> Floats:
    return DeviceResampler(*rates, samples.shape[1], "cpu").resample_chunk(samples, last=True)


def inner(rates: tuple[int, int], frames: int) -> slice:
    """Of frames at the second rate those that no end of the source reaches."""
    edge = 200 * rates[1] // min(rates)
    return slice(edge, frames - edge)


@pytest.mark.parametrize("rates", RATES)
def test_it_agrees_with_soxr_in_what_both_keep(rates: tuple[int, int]) -> None:
    samples = band(rates[0] // 2, 0.9 * min(rates) / rates[0])
    ours, theirs = whole(samples, rates), soxr.resample(samples, *rates, quality="VHQ")
    assert abs(len(ours) - len(theirs)) <= 1
    inside = inner(rates, min(len(ours), len(theirs)))
    # Measured: at most 3.3e-5 of 0.2, which is soxr's own distance from a sine at these rates, and 3.4e-7.
    multiple = max(rates) % min(rates) == 0
    assert np.abs(ours[inside] - theirs[inside]).max() < (1e-6 if multiple else 5e-5)


@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("share", [0.01, 0.5, 0.9])
def test_a_sine_keeps_its_place_and_level(rates: tuple[int, int], share: float) -> None:
    hertz = share * min(rates) / 2
    before, after = (np.sin(2 * np.pi * hertz * np.arange(rate // 2) / rate) for rate in rates)
    ours = whole(before[:, None].astype(np.float32), rates)[:, 0]
    inside = inner(rates, min(len(ours), len(after)))
    # Measured: at most 2.7e-6.
    assert np.abs(ours[inside] - after[inside]).max() < 4e-6


def test_what_the_lower_rate_cannot_hold_is_gone() -> None:
    at = np.arange(48_000) / 48_000
    above = np.sin(2 * np.pi * 22_100 * at)[:, None].astype(np.float32)
    assert np.abs(whole(above, (48_000, 44_100))[1_000:-1_000]).max() < 2e-6


@settings(max_examples=60)
@given(
    rates=st.sampled_from(RATES),
    frames=st.integers(1, 12_345),
    shares=st.lists(st.floats(0, 1), max_size=8),
)
@example(rates=(48_000, 44_100), frames=12_345, shares=[1 / 12_345, 2 / 12_345, 3 / 12_345])
@example(rates=(384_000, 44_100), frames=12_345, shares=[0.0, 0.5, 0.5, 1.0])
def test_pieces_are_the_whole(rates: tuple[int, int], frames: int, shares: list[float]) -> None:
    samples = band(frames, 0.7) if frames > 10 else np.full((frames, 2), 0.2, np.float32)
    stream = DeviceResampler(*rates, 2, "cpu")
    edges = [0, *sorted(round(share * frames) for share in shares), frames]
    pieces = [
        stream.resample_chunk(samples[start:stop], last=place == len(edges) - 2)
        for place, (start, stop) in enumerate(pairwise(edges))
    ]
    expected = whole(samples, rates)
    assert np.concatenate(pieces).shape == expected.shape
    assert np.abs(np.concatenate(pieces) - expected).max(initial=0) < 1e-6


@pytest.mark.parametrize("frames", [1, 7, 160])
def test_the_shortest_sources_end(frames: int) -> None:
    converter = RateConverter(48_000, 44_100, 2, frames, "cpu:0")
    assert converter.convert_block(band(frames, 1), last=True).shape == (frames, 2)


def test_strange_rates_are_left_to_the_host() -> None:
    assert can_resample(192_000, 44_100)
    assert not can_resample(44_101, 44_100)
    # The same samples, as it is the same resampler.
    samples = band(5_000, 0.8)
    host, device = (RateConverter(44_101, 44_100, 2, 4_999, place) for place in ("cpu", "cpu:0"))
    assert np.array_equal(host.convert_block(samples, last=True), device.convert_block(samples, last=True))


def test_a_feed_on_a_device_is_the_feed_of_the_host() -> None:
    samples = band(200_000, 0.8)
    # A cut is a click, and of a click the two keep different parts above what both keep.
    samples[:2_000] *= np.sin(np.linspace(0, np.pi / 2, 2_000, dtype=np.float32))[:, None] ** 2
    host, device = (
        ResamplingReader(MemoryInput(samples), 48_000, 44_100, place) for place in ("cpu", "cpu:0")
    )
    for start in (-50, 60_000, 120_000, 180_000):
        one, other = host.read_span(start, start + 3_000), device.read_span(start, start + 3_000)
        assert np.abs(one - other).max() < 4e-5


def test_without_memory_on_the_device_the_cpu_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    samples, rates = band(30_000, 0.7), (48_000, 44_100)
    stream = DeviceResampler(*rates, 2, "cpu:0")
    first = stream.resample_chunk(samples[:10_000])
    full = _Full(stream._resample)
    stream._resample = full
    rest = stream.resample_chunk(samples[10_000:], last=True)
    assert full.asked == 1
    assert np.abs(np.concatenate((first, rest)) - whole(samples, rates)).max() < 1e-6


class Taken(DeviceResampler):
    """Made for a device whose memory is taken already."""

    def _move(self, device: str) -> None:
        if device != "cpu":
            raise torch.OutOfMemoryError("no room")
        super()._move(device)


class TakenGrid(DeviceGrid):
    """The same of spectra."""

    def _move(self, device: str) -> None:
        if device != "cpu":
            raise torch.OutOfMemoryError("no room")
        super()._move(device)


def test_without_memory_on_the_device_from_the_start_it_is_the_cpus_from_the_start() -> None:
    samples, rates = band(30_000, 0.7), (48_000, 44_100)
    ours = Taken(*rates, 2, "cuda:0").resample_chunk(samples, last=True)
    assert np.array_equal(ours, whole(samples, rates))
    mono = np.ascontiguousarray(samples.T)
    grid = TakenGrid(48_000, "cuda:0")
    assert np.array_equal(grid.to_spectra(mono), DeviceGrid(48_000, "cpu").to_spectra(mono))
    assert grid.make_adder(2).add(grid.to_spectra(mono)).shape[0] == 2


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
def test_spectra_are_those_of_the_host_and_come_back_in_blocks(rate: int) -> None:
    host, device = StftGrid(rate), DeviceGrid(rate, "cpu")
    samples = np.ascontiguousarray(band(rate, 1).T)
    ours, theirs = device.to_spectra(samples), host.to_spectra(samples)
    assert ours.shape == theirs.shape
    # Measured: at most 2e-5 of 10.
    assert np.abs(ours - theirs).max() < 1e-5 * np.abs(theirs).max()
    one, other = device.make_adder(2), host.make_adder(2)
    for block in np.array_split(theirs, 3, axis=1):
        assert np.abs(one.add(block.copy()) - other.add(block.copy())).max() < 1e-6


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
def test_spectra_are_those_of_torch_and_come_back(rate: int) -> None:
    grid = DeviceGrid(rate, "cpu")
    samples = np.ascontiguousarray(band(rate, 1).T)
    window = torch.from_numpy(grid.window)
    theirs = torch.stft(
        torch.from_numpy(samples), grid.size, grid.hop, window=window, center=False, return_complex=True
    )
    assert np.abs(grid.to_spectra(samples).transpose(0, 2, 1) - theirs.numpy()).max() < 1e-6


class _Full(torch.nn.Module):
    """A device whose memory is taken; moved to the CPU it is what it was."""

    def __init__(self, real: torch.nn.Module) -> None:
        super().__init__()
        self.real = real
        self.asked = 0

    def to(self, *_: Any) -> Any:
        return self.real

    def forward(self, _: torch.Tensor) -> torch.Tensor:
        self.asked += 1
        raise torch.OutOfMemoryError("no room")
