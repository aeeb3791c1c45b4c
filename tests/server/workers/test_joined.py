"""Slices with gain and fades, and several as one input: what is heard is their sum, in their places."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Fade, Input
from bandmate_server.workers.inputs.job_inputs import DecodedInput, FileInput, JoinedInput
from bandmate_server.workers.link import InputFile

RATE = 48_000


@pytest.fixture
def noise(tmp_path: Path) -> tuple[Path, np.ndarray]:
    path = tmp_path / "noise.wav"
    samples = (np.random.default_rng(0).standard_normal((RATE, 2)) * 0.1).astype(np.float32)
    soundfile.write(path, samples, RATE, subtype="FLOAT")
    return path, samples


def given(**about: Any) -> Input:
    return Input(role="source", sha256="0" * 64, **about)


def heard(path: Path, **about: Any) -> np.ndarray:
    opened = FileInput(given(**about), InputFile(str(path)), RATE, path.with_suffix(".f32"), lambda: None)
    return whole(opened)


def whole(opened: DecodedInput) -> np.ndarray:
    # In pieces that are no multiple of a block.
    pieces = [opened.read(at, 7_919) for at in range(0, opened.frames, 7_919)]
    opened.close()
    return np.concatenate(pieces)


def joined(path: Path, span: tuple[int, int], *slices: Input) -> JoinedInput:
    file = InputFile(str(path))
    return JoinedInput([(each, file) for each in slices], span, RATE, path.with_suffix(".f32"), lambda: None)


def test_gain_and_the_mix_to_mono(noise: tuple[Path, np.ndarray]) -> None:
    path, samples = noise
    assert np.array_equal(heard(path, gain=-0.5), samples * np.float32(-0.5))
    assert np.allclose(heard(path, mono=True), samples.mean(axis=1, keepdims=True), atol=1e-7)
    assert np.array_equal(heard(path, channels=(1,), mono=True), samples[:, 1:])


@pytest.mark.parametrize(
    ("shape", "halfway"), [("linear", 0.5), ("fast", 0.75), ("slow", 0.25), ("smooth", 0.5)]
)
def test_fades(noise: tuple[Path, np.ndarray], shape: Any, halfway: float) -> None:
    path, samples = noise
    made = heard(path, fade_in=Fade(frames=10_000, shape=shape), fade_out=Fade(frames=20_000, shape=shape))
    factors = made[:, 0] / samples[:, 0]
    assert factors[0] == factors[-1] == 0
    assert factors[5_000] == pytest.approx(halfway, abs=1e-4)
    assert factors[RATE - 1 - 10_000] == pytest.approx(halfway, abs=1e-4)
    assert np.array_equal(made[10_000:28_000], samples[10_000:28_000])
    assert (np.diff(factors[:10_000]) >= -1e-4).all()


def test_slices_in_their_places_are_added_up(noise: tuple[Path, np.ndarray]) -> None:
    path, samples = noise
    one = joined(
        path,
        (1_000, 150_000),
        given(at_frame=5_000, frames=20_000),
        given(at_frame=20_000, frames=RATE, gain=0.5, joins=True),
        given(at_frame=120_000, frames=70_000 - 60_000, channels=(0,), joins=True),
    )
    assert (one.start_frame, one.frames, one.channels) == (1_000, 149_000, 2)
    expected = np.zeros((149_000, 2), np.float32)
    expected[4_000:24_000] += samples[:20_000]
    expected[19_000 : 19_000 + RATE] += samples * np.float32(0.5)
    expected[119_000:129_000] += samples[:10_000, :1]
    assert np.array_equal(whole(one), expected)


def test_it_is_as_long_as_its_slices_where_those_reach_further(noise: tuple[Path, np.ndarray]) -> None:
    path, _ = noise
    one = joined(path, (10, 20), given(at_frame=5), given(at_frame=RATE, joins=True))
    assert (one.start_frame, one.frames) == (5, 2 * RATE - 5)
    one.close()


def test_one_that_cannot_be_read_closes_the_others(noise: tuple[Path, np.ndarray]) -> None:
    path, _ = noise
    with pytest.raises(RequestError) as caught:
        joined(path, (0, 10), given(), given(start_frame=RATE, joins=True))
    assert caught.value.code == ErrorCode.INPUT_UNUSABLE


def test_a_stretched_slice_has_the_projects_length(noise: tuple[Path, np.ndarray]) -> None:
    path, _ = noise
    made = heard(path, play_rate=1.25, preserve_pitch=True)
    assert made.shape == (round(RATE / 1.25), 2)
    tape = heard(path, play_rate=1.25)
    assert tape.shape == made.shape
    assert not np.allclose(tape, made, atol=0.01)
    both = heard(path, play_rate=2.0, pitch_semitones=3.0)
    assert both.shape == (RATE // 2, 2)
