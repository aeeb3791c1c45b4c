"""WAV files of every usual format with some of their frames replaced."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from bandmate_bridge.audiofiles.wav import WavFile
from bandmate_bridge.audiofiles.wav_patch import read_layout, write_patched
from bandmate_protocol.errors import RequestError
from tests.wrong_lengths import packed, sized

STEPS = {"PCM_U8": 1 / 128, "PCM_16": 1 / 2**15, "PCM_24": 1 / 2**23, "PCM_32": 1e-7, "FLOAT": 0, "DOUBLE": 0}


@pytest.mark.parametrize("subtype", STEPS)
@pytest.mark.parametrize("form", ["WAV", "WAVEX", "RF64"])
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_only_the_range_changes(tmp_path: Path, subtype: str, form: str, channels: int) -> None:
    dice = np.random.default_rng(1)
    old = dice.uniform(-0.9, 0.9, (1000, channels))
    soundfile.write(tmp_path / "in.wav", old, 44_100, subtype=subtype, format=form)
    new = dice.uniform(-1.2, 1.2, (300, channels)).astype("<f4")
    write_patched(
        tmp_path / "in.wav",
        tmp_path / "out.wav",
        [(200, [new[:100].tobytes(), new[100:].tobytes()], channels)],
    )
    before, after = ((tmp_path / name).read_bytes() for name in ("in.wav", "out.wav"))
    layout = read_layout(tmp_path / "in.wav")
    assert (layout.frames, layout.channels, layout.sample_rate) == (1000, channels, 44_100)
    first, last = (layout.data_at + edge * layout.frame_bytes for edge in (200, 500))
    assert (after[:first], after[last:]) == (before[:first], before[last:])
    heard = soundfile.read(tmp_path / "out.wav", dtype="float64", always_2d=True)[0][200:500]
    wanted = new.astype("float64") if "PCM" not in subtype else np.clip(new, -1, 1 - STEPS[subtype])
    np.testing.assert_allclose(heard, wanted, atol=STEPS[subtype] * 1.01)


@given(st.integers(0, 999), st.integers(1, 1000), st.sampled_from([(1, 2), (2, 1), (1, 4), (6, 2)]))
def test_other_numbers_of_channels(
    tmp_path_factory: pytest.TempPathFactory, start: int, frames: int, channels: tuple[int, int]
) -> None:
    given_channels, there = channels
    frames = min(frames, 1000 - start)
    folder = tmp_path_factory.mktemp("wav")
    soundfile.write(folder / "in.wav", np.full((1000, there), 0.25), 8_000, subtype="FLOAT")
    new = np.random.default_rng(frames).uniform(-1, 1, (frames, given_channels)).astype("<f4")
    write_patched(folder / "in.wav", folder / "out.wav", [(start, [new.tobytes()], given_channels)])
    heard = soundfile.read(folder / "out.wav", dtype="float32", always_2d=True)[0]
    for channel in range(there):
        expected = new[:, 0] if given_channels == 1 else new[:, channel] if channel < given_channels else 0
        np.testing.assert_array_equal(heard[start : start + frames, channel], expected)
    assert (heard[:start] == 0.25).all()
    assert (heard[start + frames :] == 0.25).all()


def test_a_file_of_our_own_past_four_gigabytes_is_understood(tmp_path: Path) -> None:
    with WavFile(tmp_path / "a.wav", sample_rate=48_000, channels=2, frames=100, riff_limit=100) as file:
        file.write(0, bytes(800))
    assert read_layout(tmp_path / "a.wav").frames == 100


def test_a_file_that_promises_more_than_it_has(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(100), 8_000)
    (tmp_path / "a.wav").write_bytes((tmp_path / "a.wav").read_bytes()[:-100])
    assert read_layout(tmp_path / "a.wav").frames == 50


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"RIFF\x04\x00\x00\x00WAVE",
        b"RIFF\x04\x00\x00\x00WAVEdata\x04\x00\x00\x00\x00\x00\x00\x00",
        b"OggS" + bytes(100),
        b"RIFF\x40\x00\x00\x00WAVEfmt \x10\x00\x00\x00"
        + struct.pack("<HHIIHH", 2, 2, 44_100, 1, 1, 4)
        + b"data\x04\x00\x00\x00\x00\x00\x00\x00",
    ],
)
def test_what_is_no_such_file(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.wav").write_bytes(data)
    with pytest.raises(RequestError, match="is not a WAV file that can be changed in part"):
        read_layout(tmp_path / "a.wav")


@pytest.mark.parametrize("form", ["WAV", "RF64"])
@pytest.mark.parametrize("said", [0, 4, 0xFFFF_FFFF])
def test_wrong_sizes_are_right_in_the_copy(tmp_path: Path, form: str, said: int) -> None:
    old = np.full((1000, 2), 0.25, np.float32)
    (tmp_path / "in.wav").write_bytes(sized(packed(old, 8_000, form, subtype="FLOAT"), said))
    new = np.full((100, 2), 0.5, "<f4")
    write_patched(tmp_path / "in.wav", tmp_path / "out.wav", [(900, [new.tobytes()], 2)])
    heard, _ = soundfile.read(tmp_path / "out.wav", dtype="float32")
    assert np.array_equal(heard, np.concatenate([old[:900], new]))
    layout = read_layout(tmp_path / "out.wav")
    assert (layout.frames, layout.data_bytes) == (1000, 8000)
    size = (tmp_path / "out.wav").stat().st_size
    assert size == layout.data_at + 8000


def test_a_file_that_is_cut_short_promises_no_more_in_the_copy(tmp_path: Path) -> None:
    old = np.full((1000, 2), 0.25, np.float32)
    (tmp_path / "in.wav").write_bytes(packed(old, 8_000, subtype="FLOAT")[:-4003])
    write_patched(tmp_path / "in.wav", tmp_path / "out.wav", [(10, [old[:5].tobytes()], 2)])
    layout = read_layout(tmp_path / "out.wav")
    assert layout.data_bytes == layout.frames * 8 == 499 * 8
