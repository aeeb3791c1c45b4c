"""Audio along a time map: attacks where the map says, pitch and level as they were, whole to the frame."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, hilbert, sosfiltfilt

from bandmate_plugins._timing.stretch_library import stretch_library
from bandmate_plugins._timing.time_map import TimeMap, warp_audio

RATE = 48_000


def warped(samples: NDArray[np.float32], time_map: TimeMap) -> NDArray[np.float32]:
    def read(start: int, stop: int) -> NDArray[np.float32]:
        out = np.zeros((stop - start, samples.shape[1]), np.float32)
        first, last = max(start, 0), min(stop, len(samples))
        out[first - start : last - start] = samples[first:last]
        return out

    pieces = warp_audio(stretch_library(), read, time_map, RATE, lambda: None)
    return np.concatenate(list(pieces))


def even_map(seconds: float, speed: float) -> TimeMap:
    edges = np.array([0.0, seconds * RATE])
    return TimeMap(edges * speed, edges)


def bending_map(seconds: float, share: float) -> TimeMap:
    """A second at a time, a little faster and slower in turn."""
    target = np.arange(0, seconds + 1) * RATE
    source = np.concatenate(
        ([0.0], np.cumsum(RATE * (1 + share * np.array([1, -1])[np.arange(len(target) - 1) % 2])))
    )
    return TimeMap(source, target)


def strokes(at: NDArray[np.float64], seconds: float) -> NDArray[np.float32]:
    samples = np.zeros((round(seconds * RATE), 2), np.float32)
    time = np.arange(4_000) / RATE
    stroke = np.exp(-time / 0.02)[:, None] * np.random.default_rng(3).standard_normal((4_000, 2))
    for frame in np.round(at).astype(int):
        samples[frame : frame + 4_000] += 0.2 * stroke[: len(samples) - frame]
    return samples


def attack_near(samples: NDArray[np.float32], frame: float) -> int:
    """The first frame near one at which more than silence sounds."""
    start = round(frame) - round(0.03 * RATE)
    part = np.abs(samples[max(start, 0) : start + round(0.06 * RATE)]).max(axis=1)
    return max(start, 0) + int(np.argmax(part > 0.2 * part.max()))


@pytest.mark.parametrize(
    "time_map", [even_map(8, 0.96), even_map(8, 1.04), bending_map(8, 0.004), bending_map(8, 0.03)]
)
def test_attacks_come_where_the_map_says_and_as_sharp(time_map: TimeMap) -> None:
    at = np.arange(0.3, 7.2, 0.29) * RATE
    out = warped(strokes(at, 9), time_map)
    assert len(out) == 8 * RATE
    right = time_map.target_at(at)
    late = np.array([attack_near(out, frame) - frame for frame in right]) / RATE
    assert np.abs(late).max() < 0.005
    before = [
        np.abs(out[attack_near(out, frame) - 480 : attack_near(out, frame) - 96]).max() for frame in right
    ]
    assert np.median(before) < 0.05, "no echo ahead of a stroke"


@pytest.mark.parametrize("hertz", [41.2, 55.0, 82.4, 164.8, 440.0])
@pytest.mark.parametrize("speed", [0.96, 1.02])
def test_a_held_tone_keeps_its_pitch_and_its_level(hertz: float, speed: float) -> None:
    time = np.arange(7 * RATE) / RATE
    tone = sum(np.sin(2 * np.pi * hertz * number * time + number) / number for number in range(1, 6))
    out = warped(np.stack([0.2 * tone] * 2, axis=1).astype(np.float32), even_map(6, speed))[:, 0]
    band = butter(2, [hertz * 0.75, hertz * 1.35], "band", fs=RATE, output="sos")
    analytic = hilbert(sosfiltfilt(band, out))[RATE:-RATE]
    step = max(RATE // 10, round(3 * RATE / hertz))
    turned = np.unwrap(np.angle(analytic))
    cents = 1_200 * np.log2((turned[step:] - turned[:-step]) * RATE / (2 * np.pi * step) / hertz)
    assert np.abs(cents).max() < 3
    level = 20 * np.log10(np.abs(analytic))
    assert np.ptp(level) < 1.0


def test_long_audio_is_warped_in_pieces_without_a_seam() -> None:
    at = np.arange(0.5, 139, 0.5) * RATE
    out = warped(strokes(at, 140), even_map(135, 1.01))
    assert len(out) == 135 * RATE
    late = [attack_near(out, frame / 1.01) - frame / 1.01 for frame in at[at < 135 * RATE]]
    assert np.abs(late).max() < 0.004 * RATE


def test_silence_stays_silent() -> None:
    """Where the speed changes, pieces of it are joined, which have nothing to be compared by."""
    two_speeds = TimeMap(np.array([0.0, 3.84, 8.0]) * RATE, np.array([0.0, 4.0, 8.0]) * RATE)
    assert not warped(np.zeros((8 * RATE, 1), np.float32), two_speeds).any()
