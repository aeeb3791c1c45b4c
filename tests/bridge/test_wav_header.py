"""The headers of WAV files of integers, as other programs read them. Those of floats are in test_wav.py."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_bridge.audiofiles.wav import create_pcm_wav
from bandmate_plugins._platform.wav_header import WavShape
from bandmate_protocol.errors import ErrorCode, RequestError


def filled(path: Path, shape: WavShape, **more: int) -> bytes:
    at = create_pcm_wav(path, shape, **more)
    data = np.random.default_rng(1).bytes(shape.data_bytes)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)
    return data


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8])
@pytest.mark.parametrize("limit", [2**32 - 1, 100])
def test_other_programs_read_the_same_frames(tmp_path: Path, bits: int, channels: int, limit: int) -> None:
    """An odd number of frames, so that one channel of 24 bits needs a byte to fill its chunk up."""
    shape = WavShape(44_100, channels, 1_001, bits)
    data = filled(tmp_path / "a.wav", shape, riff_limit=limit)
    info = soundfile.info(tmp_path / "a.wav")
    assert (info.samplerate, info.channels, info.frames) == (44_100, channels, 1_001)
    assert info.subtype == f"PCM_{bits}"
    assert info.format == ("RF64" if limit == 100 else "WAV" if channels <= 2 else "WAVEX")
    read, _ = soundfile.read(tmp_path / "a.wav", dtype="int32", always_2d=True)
    bytes_read = (read >> (32 - bits)).astype("<i4").reshape(-1, 1).view(np.uint8)[:, : bits // 8]
    assert bytes_read.tobytes() == data
    assert (tmp_path / "a.wav").stat().st_size % 2 == 0


@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("channels", [1, 2])
def test_pythons_own_reader_takes_plain_ones(tmp_path: Path, bits: int, channels: int) -> None:
    data = filled(tmp_path / "a.wav", WavShape(48_000, channels, 777, bits))
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getnframes()) == (channels, bits // 8, 777)
        assert file.readframes(777) == data


def test_no_room_is_said_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        create_pcm_wav(tmp_path / "a.part", WavShape(48_000, 2, 2**50, 24), named=tmp_path / "a.wav")
    assert caught.value.code == ErrorCode.DISK_FULL
    assert "a.wav" in str(caught.value)
    assert not list(tmp_path.iterdir())
