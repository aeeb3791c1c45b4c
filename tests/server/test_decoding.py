"""MP3s of small frames: what a job reads is what one pass through the file gives, wherever it begins."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from bandmate_protocol.messages import Input
from bandmate_server.workers.inputs.job_inputs import FileInput
from bandmate_server.workers.link import InputFile

RATE = 44_100
SECONDS = 12


def file_input(path: Path, rate: int = RATE, **where) -> FileInput:
    given = Input(role="source", sha256="0" * 64, **where)
    return FileInput(given, InputFile(str(path)), rate, path.with_suffix(".f32"), lambda: None)


@pytest.fixture(scope="module")
def small_frames(tmp_path_factory) -> Path:
    """A quiet tone at a low variable rate: each frame borrows most of its bits from those before."""
    path = tmp_path_factory.mktemp("mp3") / "tone.mp3"
    time = np.arange(RATE * SECONDS) / RATE
    tone = 0.5 * np.sin(2 * np.pi * 220 * time)
    soundfile.write(path, np.stack([tone, tone], 1), RATE, format="MP3")
    return path


@pytest.fixture(scope="module")
def one_pass(small_frames) -> np.ndarray:
    return soundfile.read(small_frames, dtype="float32", always_2d=True)[0]


def test_the_whole_file(small_frames, one_pass):
    source = file_input(small_frames)
    assert source.frames == len(one_pass)
    assert np.abs(source.read() - one_pass).max() < 1e-4
    source.close()


def test_in_pieces_that_are_no_multiple_of_a_block(small_frames, one_pass):
    source = file_input(small_frames)
    pieces = [source.read(offset, 50_001) for offset in range(0, len(one_pass), 50_001)]
    assert np.abs(np.concatenate(pieces) - one_pass).max() < 1e-4
    source.close()


@pytest.mark.parametrize("start", [1, 575, 65_536, 65_537, 131_072 + 30_000, RATE * SECONDS - 1_000])
def test_a_range_from_the_middle(small_frames, one_pass, start):
    frames = min(150_000, len(one_pass) - start)
    source = file_input(small_frames, start_frame=start, frames=frames)
    assert np.abs(source.read() - one_pass[start : start + frames]).max() < 1e-4
    source.close()


def test_tape_speed_and_another_rate(small_frames, one_pass):
    start, frames, speed, rate = 100_000, 300_000, 1.25, 48_000
    source = file_input(small_frames, rate, start_frame=start, frames=frames, play_rate=speed)
    heard = source.read()
    expected = soxr.resample(one_pass[start : start + frames], RATE * speed, rate, "VHQ")
    assert len(heard) == round(frames * rate / (RATE * speed))
    shared = min(len(heard), len(expected))
    assert np.abs(heard[:shared] - expected[:shared]).max() < 1e-4
    source.close()


_WAVE_HERTZ = [200, 300, 400, 50, 600, 700, 800, 900]
"""Of a tone in each channel, in the order of WAVE files; the fourth is the LFE."""
_OGG_HERTZ = {
    3: [200, 400, 300],
    5: [200, 400, 300, 50, 600],
    6: [200, 400, 300, 600, 700, 50],
    8: [200, 400, 300, 800, 900, 600, 700, 50],
}
"""As Vorbis has them: left, centre, right, sides, rear, LFE (Vorbis I, 4.3.9); 5.0 has no LFE."""


@pytest.mark.parametrize("channels", _OGG_HERTZ)
@pytest.mark.parametrize("kind", ["VORBIS", "OPUS"])
def test_channels_of_an_ogg_come_in_the_order_of_wave_files(tmp_path: Path, channels: int, kind: str) -> None:
    path, rate = tmp_path / "surround.ogg", 48_000
    time = np.arange(rate) / rate
    tones = [0.2 * np.sin(2 * np.pi * hertz * time) for hertz in _OGG_HERTZ[channels]]
    soundfile.write(path, np.stack(tones, axis=1), rate, format="OGG", subtype=kind)
    with closing(file_input(path, rate)) as source:
        assert [_loudest(channel, rate) for channel in source.read().T] == _WAVE_HERTZ[:channels]
    with closing(file_input(path, rate, channels=(1,))) as chosen:
        assert _loudest(chosen.read()[:, 0], rate) == 400, "one that was chosen is the file's own"


def _loudest(samples: np.ndarray, rate: int) -> int:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return round(spectrum.argmax() * rate / len(samples) / 10) * 10
