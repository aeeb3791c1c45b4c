"""Converting floats to 16 and 24 bits: exact to half a step, dithered, the same bytes each time."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bandmate_server.audio.encode_process import EncodeRequest, Quantiser, encode_file

RATE = 48_000
STEP_16 = 1 / 32_768


def music(frames: int = 50_000, channels: int = 2, level: float = 0.5) -> NDArray[np.float32]:
    return np.random.default_rng(7).uniform(-level, level, (frames, channels)).astype(np.float32)


def request(folder: Path, audio: NDArray[np.float32], **changes: Any) -> EncodeRequest:
    source = folder / "source"
    source.write_bytes(b"head" + audio.astype("<f4").tobytes())
    known = {
        "source": os.fsencode(source),
        "source_at": 4,
        "target": os.fsencode(folder / "target"),
        "target_at": 0,
        "container": "flac",
        "bits": 24,
        "sample_rate": RATE,
        "channels": audio.shape[1],
        "frames": len(audio),
        "seed": "0a" * 32,
    }
    return EncodeRequest(**(known | changes))


def written(asked: EncodeRequest) -> NDArray[np.float64]:
    with open(asked.target, "rb") as file:
        return soundfile.read(file, always_2d=True)[0]


@given(st.lists(st.floats(-1, 1, width=32), min_size=1))
def test_24_bits_are_within_half_a_step(values: list[float]) -> None:
    audio = np.array(values, np.float32).reshape(-1, 1)
    whole = Quantiser(24, dither=False).quantise(audio)
    wrong = np.abs(whole / 2**23 - np.minimum(audio.astype(np.float64), 1 - 2**-23))
    assert wrong.max() <= 2**-24


def test_flac_of_24_bits_holds_what_was_rounded(tmp_path: Path) -> None:
    audio = music()
    asked = request(tmp_path, audio)
    answer = encode_file(asked)
    assert (answer.error, answer.clipped) == ("", 0)
    assert np.abs(written(asked) - audio).max() <= 2**-24
    info = soundfile.info(os.fsdecode(asked.target))
    assert (info.format, info.subtype, info.samplerate, info.frames) == ("FLAC", "PCM_24", RATE, len(audio))


@pytest.mark.parametrize("container", ["flac", "wav"])
@pytest.mark.parametrize("bits", [16, 24])
@pytest.mark.parametrize("channels", [1, 2, 6])
def test_what_fits_is_copied_exactly(tmp_path: Path, container: str, bits: int, channels: int) -> None:
    """Whole steps, so that nothing is rounded or dithered, whatever the container."""
    steps = np.random.default_rng(1).integers(-(2 ** (bits - 1)), 2 ** (bits - 1), (3_001, channels))
    audio = (steps / 2 ** (bits - 1)).astype(np.float32)
    asked = request(tmp_path, audio, container=container, bits=bits, target_at=3)
    if container == "wav":
        (tmp_path / "target").write_bytes(b"abc" + bytes(3_001 * channels * bits // 8))
    assert encode_file(asked).error == ""
    if container == "flac":
        assert np.array_equal(written(asked), audio)
        return
    data = (tmp_path / "target").read_bytes()
    assert data[:3] == b"abc"
    values = np.frombuffer(data[3:], np.uint8).reshape(-1, bits // 8)
    padded = np.concatenate([np.zeros((len(values), 4 - bits // 8), np.uint8), values], axis=1)
    found = padded.view("<i4").reshape(-1, channels) >> (32 - bits)
    assert np.array_equal(found, steps)


def test_dither_makes_the_error_independent_of_the_signal(tmp_path: Path) -> None:
    """A sine of half a step is lost by rounding; with dither its mean is there, and the noise is even."""
    frames = 200_000
    tone = (0.4 * STEP_16 * np.sin(2 * np.pi * 1_000 / RATE * np.arange(frames))).astype(np.float32)
    asked = request(tmp_path, tone.reshape(-1, 1), bits=16)
    encode_file(asked)
    wrong = (written(asked)[:, 0] - tone) / STEP_16
    assert abs(wrong.mean()) < 0.01
    # Triangular dither and rounding: a variance of 1/4 of a step squared, whatever the signal.
    assert wrong.var() == pytest.approx(0.25, rel=0.03)
    assert abs(np.corrcoef(wrong, tone)[0, 1]) < 0.01
    assert np.abs(wrong).max() <= 1.5
    rounded = np.rint(tone / STEP_16)
    assert not rounded.any(), "without dither nothing of the tone is left"


def test_the_same_audio_gives_the_same_bytes(tmp_path: Path) -> None:
    audio = music()
    found = []
    for seed in ("0a" * 32, "0a" * 32, "0b" * 32):
        asked = request(tmp_path, audio, bits=16, seed=seed)
        encode_file(asked)
        found.append((tmp_path / "target").read_bytes())
        (tmp_path / "target").unlink()
    assert found[0] == found[1] != found[2]


def test_the_dither_is_that_of_every_version_of_numpy() -> None:
    """Its first values, fixed: the bytes of a file must not change with a library."""
    quantiser = Quantiser(16, dither=True, seed=1)
    quiet = np.full((16, 1), 0.25 * STEP_16, np.float32)
    first = [0, 1, -1, 1, 0, 1, 0, 0, 0, -1, 1, 1, 0, 0, 0, 0]
    assert quantiser.quantise(quiet)[:, 0].tolist() == first


def test_silence_stays_silent_and_its_neighbours_are_dithered(tmp_path: Path) -> None:
    audio = music()
    audio[1_000:30_000] = 0
    asked = request(tmp_path, audio, bits=16)
    encode_file(asked)
    found = written(asked)
    assert not found[1_000:30_000].any()
    assert np.abs(found - audio).max() <= 1.5 * STEP_16


def test_what_is_above_full_scale_is_clipped_and_told(tmp_path: Path) -> None:
    audio = music(level=0.9)
    audio[100, 0], audio[200, 1], audio[300, 0] = 1.0, 1.25, -2.0
    asked = request(tmp_path, audio)
    answer = encode_file(asked)
    assert answer.clipped == 2
    assert answer.true_peak_dbtp is not None
    assert answer.true_peak_dbtp >= 20 * np.log10(2.0) - 0.01
    found = written(asked)
    assert (found[200, 1], found[300, 0]) == (1 - 2**-23, -1.0)


def test_what_is_no_number_is_silence(tmp_path: Path) -> None:
    audio = music(100)
    audio[5] = np.nan
    asked = request(tmp_path, audio)
    assert encode_file(asked).error == ""
    assert not written(asked)[5].any()


def ask(*requests: EncodeRequest, limit: int | None = None) -> list[dict[str, Any]]:
    """The program's answers, on a disk that takes so many bytes of a file."""
    code = "import resource\nfrom bandmate_server.audio.encode_process import main\n"
    if limit is not None:
        code += f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
    code += "main()"
    lines = b"".join(msgspec.json.encode(each) + b"\n" for each in requests)
    done = subprocess.run([sys.executable, "-c", code], input=lines, capture_output=True, check=True)
    return [msgspec.json.decode(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("container", ["flac", "wav"])
def test_a_full_disk_is_an_answer(tmp_path: Path, container: str) -> None:
    asked = request(tmp_path, music(), container=container)
    if container == "wav":
        (tmp_path / "target").touch()
    (answer,) = ask(asked, limit=20_000)
    assert answer["error"]


def test_one_process_answers_many_and_survives_mistakes(tmp_path: Path) -> None:
    good = request(tmp_path, music())
    missing = msgspec.structs.replace(good, source=b"/nowhere/at/all")
    short = msgspec.structs.replace(good, frames=60_000, target=good.target + b"2")
    wide = request(tmp_path, music(10, 9), target=good.target + b"3")
    answers = ask(missing, short, wide)
    assert [bool(each["error"]) for each in answers] == [True, True, True]
    assert answers[0]["errno"] == 2
    assert "at most 8 channels" in answers[2]["error"]
    (fine,) = ask(request(tmp_path, music()))
    assert fine["error"] == ""


def test_an_odd_rate_is_kept(tmp_path: Path) -> None:
    for rate in (8_000, 11_025, 88_200, 192_000, 384_000):
        asked = request(tmp_path, music(1_000), sample_rate=rate)
        assert encode_file(asked).error == ""
        assert soundfile.info(os.fsdecode(asked.target)).samplerate == rate
        (tmp_path / "target").unlink()


def test_the_order_of_bytes_is_little_endian(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(bytes(3))
    audio = np.array([[0x123456 / 2**23]], np.float32)
    encode_file(request(tmp_path, audio, container="wav"))
    assert (tmp_path / "target").read_bytes() == struct.pack("<I", 0x123456)[:3]
