"""Audio at another speed with its pitch kept: onsets within 2 ms, exact lengths, and nothing at the seams."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_server.workers.inputs.time_stretch import stretch_blocks

RATE = 44_100
SPEEDS = [0.5, 0.8, 1.25, 2.0]
PIECE = 4.0
"""Seconds, so that a short sound has several seams."""

Floats = NDArray[np.float32]


def blocks(samples: Floats) -> Iterator[Floats]:
    for start in range(0, len(samples), 30_001):
        yield samples[start : start + 30_001]


def at_speed(samples: Floats, speed: float, semitones: float = 0.0, piece: float = 60.0) -> Floats:
    made = stretch_blocks(blocks(samples), len(samples), RATE, speed, semitones, lambda: None, piece)
    return np.concatenate(list(made))


def clicks(seconds: float = 20, every: float = 0.5) -> tuple[Floats, list[int]]:
    """Bursts of noise that die away, and where each begins."""
    dice = np.random.default_rng(0)
    samples = np.zeros((round(seconds * RATE), 2), np.float32)
    size = RATE // 20
    begins = [round(number * every * RATE) for number in range(1, round(seconds / every) - 1)]
    for begin in begins:
        burst = dice.standard_normal(size) * np.exp(-np.arange(size) / (0.006 * RATE)) * 0.3
        samples[begin : begin + size] += burst[:, None].astype(np.float32)
    return samples, begins


def onset(samples: Floats, near: int) -> int:
    """Where it first is as loud as a third of the loudest within 60 ms."""
    window = round(0.06 * RATE)
    loud = np.convolve(np.abs(samples[near - window : near + window, 0]), np.ones(8) / 8, "same")
    return near - window + int(np.argmax(loud > 0.3 * loud.max()))


@pytest.mark.parametrize("piece", [60.0, PIECE])
@pytest.mark.parametrize("speed", SPEEDS)
def test_onsets_stay_within_two_milliseconds(speed: float, piece: float) -> None:
    samples, begins = clicks()
    made = at_speed(samples, speed, piece=piece)
    off = [onset(made, round(begin / speed)) - begin / speed for begin in begins]
    own = [onset(samples, begin) - begin for begin in begins]
    assert np.abs(np.array(off) - np.array(own)).max() <= 0.002 * RATE


@pytest.mark.parametrize("frames", [1, 2, 10, 4_001, 8 * RATE + 3])
@pytest.mark.parametrize("speed", [0.1, 0.8, 1.0, 1.25, 10.0])
def test_the_length_is_exact(frames: int, speed: float) -> None:
    if frames > RATE and speed < 0.5:
        frames //= 10
    dice = np.random.default_rng(1)
    made = at_speed((dice.standard_normal((frames, 3)) * 0.1).astype(np.float32), speed, piece=PIECE)
    assert made.shape == (round(frames / speed), 3)
    assert np.isfinite(made).all()


@pytest.mark.parametrize("speed", SPEEDS)
def test_no_seam_is_heard(speed: float) -> None:
    """A chord keeps its level to 3 dB in each 50 ms, where at a wrong seam it may be gone."""
    time = np.arange(20 * RATE) / RATE
    chord = sum(0.1 * np.sin(2 * np.pi * hertz * time + hertz) for hertz in (220, 277.18, 329.63, 440, 554.4))
    made = at_speed(np.repeat(chord[:, None], 2, axis=1).astype(np.float32), speed, piece=PIECE)[:, 0]
    window = RATE // 20
    power = np.square(made[: len(made) // window * window]).reshape(-1, window).mean(axis=1)[4:-4]
    assert np.abs(10 * np.log10(power / np.median(power))).max() < 3


def test_the_pitch_stays_and_can_be_moved_alone() -> None:
    time = np.arange(3 * RATE) / RATE
    tone = np.repeat(0.3 * np.sin(2 * np.pi * 440 * time)[:, None], 2, axis=1).astype(np.float32)

    def hertz(samples: Floats) -> float:
        second = samples[RATE // 2 : RATE // 2 + RATE, 0]
        return float(np.argmax(np.abs(np.fft.rfft(second * np.hanning(len(second))))))

    assert hertz(at_speed(tone, 1.25)) == pytest.approx(440, abs=1)
    raised = at_speed(tone, 1.0, semitones=-2)
    assert hertz(raised) == pytest.approx(440 * 2 ** (-2 / 12), abs=1)
    assert len(raised) == len(tone)


def test_the_same_again_to_the_bit() -> None:
    dice = np.random.default_rng(2)
    noise = (dice.standard_normal((2 * RATE, 2)) * 0.1).astype(np.float32)
    assert np.array_equal(at_speed(noise, 0.3), at_speed(noise, 0.3))


def test_speeds_out_of_bounds() -> None:
    for speed in (0.05, 11.0):
        with pytest.raises(RequestError, match=r"0\.1 to 10 can be read") as caught:
            at_speed(np.zeros((10, 1), np.float32), speed)
        assert caught.value.code == ErrorCode.INPUT_UNUSABLE


def test_a_cancel_reaches_it() -> None:
    def check() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(stretch_blocks(blocks(np.zeros((RATE, 1), np.float32)), RATE, RATE, 1.25, 0, check))
