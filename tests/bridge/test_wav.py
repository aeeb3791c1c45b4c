"""WAV files as they grow: read back by libsndfile, in any order, past 4 GB, with no room left."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import textwrap
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from bandmate_bridge.audiofiles.wav import WavFile
from bandmate_protocol.errors import ErrorCode, RequestError


def noise(frames: int, channels: int, seed: int = 1) -> np.ndarray:
    values = np.random.default_rng(seed).uniform(-1, 1, (frames, channels))
    return values.astype("<f4")


def made(path: Path, samples: np.ndarray, rate: int = 48_000, **options: int) -> str:
    frames, channels = samples.shape
    with WavFile(path, sample_rate=rate, channels=channels, frames=frames, **options) as file:
        file.write(0, samples.tobytes())
        return file.sha256()


@pytest.mark.parametrize("channels", [1, 2, 3, 6, 8, 12])
@pytest.mark.parametrize("rate", [44_100, 96_000])
def test_other_programs_read_the_same_samples(tmp_path: Path, channels: int, rate: int) -> None:
    samples = noise(1000, channels)
    made(tmp_path / "a.wav", samples, rate)
    found, found_rate = soundfile.read(tmp_path / "a.wav", dtype="float32", always_2d=True)
    info = soundfile.info(tmp_path / "a.wav")
    assert found_rate == rate
    assert info.subtype == "FLOAT"
    assert info.format == ("WAV" if channels <= 2 else "WAVEX")
    np.testing.assert_array_equal(found, samples)


def test_a_file_over_the_limit_is_rf64(tmp_path: Path) -> None:
    samples = noise(5000, 2)
    made(tmp_path / "a.wav", samples, riff_limit=20_000)
    found, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert soundfile.info(tmp_path / "a.wav").format == "RF64"
    np.testing.assert_array_equal(found, samples)


def test_the_limit_itself_is_still_riff(tmp_path: Path) -> None:
    samples = noise(500, 1)
    made(tmp_path / "a.wav", samples)
    size = (tmp_path / "a.wav").stat().st_size
    made(tmp_path / "b.wav", samples, riff_limit=size - 8)
    made(tmp_path / "c.wav", samples, riff_limit=size - 9)
    assert (tmp_path / "b.wav").read_bytes()[:4] == b"RIFF"
    assert (tmp_path / "c.wav").read_bytes()[:4] == b"RF64"


@given(
    frames=st.integers(0, 200),
    cuts=st.lists(st.integers(0, 200), max_size=6),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=60, deadline=None)
def test_pieces_in_any_order_give_the_same_file_and_hash(
    tmp_path_factory: pytest.TempPathFactory, frames: int, cuts: list[int], order: object
) -> None:
    folder = tmp_path_factory.mktemp("wav")
    samples = noise(frames, 2, seed=frames)
    edges = sorted({0, frames, *(cut for cut in cuts if cut < frames)})
    pieces = list(pairwise(edges))
    order.shuffle(pieces)  # type: ignore[attr-defined]
    with WavFile(folder / "a.wav", sample_rate=48_000, channels=2, frames=frames) as file:
        for start, end in pieces:
            file.write(start, samples[start:end].tobytes())
        assert file.sha256() == hashlib.sha256(samples.tobytes()).hexdigest()
    made(folder / "b.wav", samples)
    assert (folder / "a.wav").read_bytes() == (folder / "b.wav").read_bytes()


def test_pieces_that_replace_others_count_in_the_hash(tmp_path: Path) -> None:
    first, second = noise(300, 1, 1), noise(300, 1, 2)
    with WavFile(tmp_path / "a.wav", sample_rate=48_000, channels=1, frames=300) as file:
        file.write(0, first.tobytes())
        file.write(100, second[100:200].tobytes())
        expected = np.concatenate([first[:100], second[100:200], first[200:]])
        assert file.sha256() == hashlib.sha256(expected.tobytes()).hexdigest()


def test_what_was_not_written_is_silence(tmp_path: Path) -> None:
    with WavFile(tmp_path / "a.wav", sample_rate=48_000, channels=2, frames=100) as file:
        file.write(90, noise(10, 2).tobytes())
    found, _ = soundfile.read(tmp_path / "a.wav")
    assert found.shape == (100, 2)
    assert not found[:90].any()


def test_a_file_can_be_read_while_it_grows(tmp_path: Path) -> None:
    samples = noise(4000, 2)
    with WavFile(tmp_path / "a.wav", sample_rate=48_000, channels=2, frames=4000) as file:
        file.write(0, samples[:1000].tobytes())
        file.show()
        found, _ = soundfile.read(tmp_path / "a.wav", dtype="float32")
    assert found.shape == (4000, 2)
    np.testing.assert_array_equal(found[:1000], samples[:1000])


@pytest.mark.parametrize(("offset", "size"), [(-1, 8), (99, 16), (100, 8), (0, 7), (0, 808)])
def test_what_does_not_fit_is_a_mistake_of_the_caller(tmp_path: Path, offset: int, size: int) -> None:
    with (
        WavFile(tmp_path / "a.wav", sample_rate=48_000, channels=2, frames=100) as file,
        pytest.raises(ValueError, match="do not fit"),
    ):
        file.write(offset, b"\0" * size)


def test_a_file_that_is_there_stays(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"mine")
    with pytest.raises(RequestError) as caught:
        WavFile(tmp_path / "a.wav", sample_rate=48_000, channels=2, frames=100)
    assert caught.value.code == ErrorCode.FILE_EXISTS
    assert (tmp_path / "a.wav").read_bytes() == b"mine"


def test_a_folder_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as caught:
        WavFile(tmp_path / "no" / "a.wav", sample_rate=48_000, channels=2, frames=100)
    assert caught.value.code == ErrorCode.FILE_UNUSABLE


def test_an_error_leaves_no_file(tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError),
        WavFile(tmp_path / "a.wav", sample_rate=48_000, channels=2, frames=100),
    ):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit on a process's file sizes")
def test_no_room_is_said_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    script = """
        import pathlib, resource, sys
        from bandmate_bridge.audiofiles.wav import WavFile
        from bandmate_protocol.errors import RequestError
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
        try:
            WavFile(pathlib.Path(sys.argv[1]), sample_rate=48_000, channels=2, frames=100_000)
        except RequestError as error:
            print(error.code)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "a.wav")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "disk_full"
    assert list(tmp_path.iterdir()) == []


def test_a_live_file_can_be_read_at_once_and_filled_again(tmp_path: Path) -> None:
    first, second = noise(400, 2, 1), noise(400, 2, 2)
    path, shape = tmp_path / "a.wav", {"sample_rate": 48_000, "channels": 2, "frames": 400}
    file = WavFile(path, live=True, **shape)
    file.write(0, first[:100].tobytes())
    found, _ = soundfile.read(path, dtype="float32")
    np.testing.assert_array_equal(found[:100], first[:100])
    assert file.filled_frames == 100
    file.release()
    again = WavFile.reopen(path, **shape)
    assert again.filled_frames == 0
    again.write(0, second.tobytes())
    assert again.sha256() == hashlib.sha256(second.tobytes()).hexdigest()
    again.release()
    found, _ = soundfile.read(path, dtype="float32")
    np.testing.assert_array_equal(found, second)


@pytest.mark.parametrize("other", [{"frames": 99}, {"channels": 1}, {"sample_rate": 44_100}])
def test_a_file_of_another_shape_is_not_filled_again(tmp_path: Path, other: dict[str, int]) -> None:
    path, shape = tmp_path / "a.wav", {"sample_rate": 48_000, "channels": 2, "frames": 100}
    made(path, noise(100, 2))
    before = path.read_bytes()
    with pytest.raises(RequestError) as caught:
        WavFile.reopen(path, **shape | other)
    assert caught.value.code == ErrorCode.FILE_UNUSABLE
    assert path.read_bytes() == before
