"""Audio along a time map: attacks where the map says, pitch and level as they were, whole to the frame."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import butter, hilbert, sosfiltfilt

from bandmate_plugins._timing.time_map import TimeMap, warp_audio

RATE = 48_000


def warped(samples: NDArray[np.float32], time_map: TimeMap) -> NDArray[np.float32]:
    def read(start: int, stop: int) -> NDArray[np.float32]:
        out = np.zeros((stop - start, samples.shape[1]), np.float32)
        first, last = max(start, 0), min(stop, len(samples))
        out[first - start : last - start] = samples[first:last]
        return out

    pieces = warp_audio(read, time_map, RATE, lambda: None)
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


def held_tone(hertz: float, seconds: float) -> NDArray[np.float32]:
    """A tone of five partials."""
    time = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * hertz * number * time + number) / number for number in range(1, 6))
    return np.stack([0.2 * tone] * 2, axis=1).astype(np.float32)


def assert_pitch_and_level_stay(out: NDArray[np.float32], hertz: float) -> None:
    band = butter(2, [hertz * 0.75, hertz * 1.35], "band", fs=RATE, output="sos")
    analytic = hilbert(sosfiltfilt(band, out[:, 0]))[RATE:-RATE]
    step = max(RATE // 10, round(3 * RATE / hertz))
    turned = np.unwrap(np.angle(analytic))
    cents = 1_200 * np.log2((turned[step:] - turned[:-step]) * RATE / (2 * np.pi * step) / hertz)
    assert np.abs(cents).max() < 3
    level = 20 * np.log10(np.abs(analytic))
    assert np.ptp(level) < 1.0


@pytest.mark.parametrize("hertz", [41.2, 55.0, 82.4, 164.8, 440.0])
@pytest.mark.parametrize("speed", [0.96, 1.02])
def test_a_held_tone_keeps_its_pitch_and_its_level(hertz: float, speed: float) -> None:
    assert_pitch_and_level_stay(warped(held_tone(hertz, 7), even_map(6, speed)), hertz)


@pytest.mark.parametrize("hertz", [41.2, 82.4, 164.8, 440.0])
@pytest.mark.parametrize("speeds", [(0.97, 1.03), (0.96, 1.0, 1.02, 0.98)])
def test_a_held_tone_keeps_them_where_the_speed_changes(hertz: float, speeds: tuple[float, ...]) -> None:
    target = np.arange(17.0) * RATE / 2
    source = np.concatenate(([0.0], np.cumsum(np.resize(speeds, 16) * RATE / 2)))
    out = warped(held_tone(hertz, 10), TimeMap(source, target))
    assert_pitch_and_level_stay(out, hertz)


def test_music_in_one_channel_and_in_opposite_polarity_is_kept() -> None:
    left = held_tone(220.0, 5)[:, 0]
    for sides in ((left, 0 * left), (left, -left)):
        out = warped(np.stack(sides, axis=1), bending_map(4, 0.02))[RATE:-RATE]
        loud = np.sqrt(np.square(out).mean(axis=0))
        wanted = [np.sqrt(np.square(side).mean()) for side in sides]
        assert loud == pytest.approx(wanted, rel=0.02, abs=1e-4)


@pytest.mark.parametrize("speed", [0.96, 1.04])
def test_noise_begins_as_suddenly_as_before(speed: float) -> None:
    at = np.arange(0.5, 5.5, 0.37) * RATE
    made = warped(strokes(at, 7), even_map(6, speed))
    for frame in at:
        before = strokes(at, 7)[round(frame) : round(frame) + 480]
        begins = attack_near(made, frame / speed)
        after = made[begins : begins + 480]
        assert begins == pytest.approx(frame / speed, abs=0.001 * RATE)
        # The first 10 ms are the same wave.
        assert np.corrcoef(before[:, 0], after[:, 0])[0, 1] > 0.9


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
