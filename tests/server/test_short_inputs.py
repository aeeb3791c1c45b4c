"""Files that hold less than they promise, or would need more room than a job may have."""

import io

import numpy as np
import pytest
import soundfile

from bandmate_protocol.messages import Done, Failed, Input, Probe, Probed
from bandmate_server.workers.inputs.project_rate import resample_varispeed
from tests.server.wire import Wire, timeline_of
from tests.wrong_lengths import flac_total, mp3, music, packed, sized, without_xing

RATE = 48_000
SOUND = music(3.0, RATE)
HALF = RATE * 3 // 2


def gained(wire: Wire, data: bytes, *where: dict, rate: int = RATE) -> tuple[Done | Failed, np.ndarray]:
    """A job that gives back its first source at half its level."""
    digest = wire.upload(data)
    inputs = tuple(Input(role="source", sha256=digest, **each) for each in where or ({},))
    ended = wire.run("gain", {"factor": 0.5}, timeline=timeline_of(1.0, rate), inputs=inputs)
    audio = np.frombuffer(bytes(wire.audio.get((ended.job, 0), b"")), "<f4").reshape(-1, 2)
    return ended, audio


def probed(wire: Wire, data: bytes) -> Probed:
    found = wire.ask(Probe(request="p", sha256=wire.upload(data)))
    assert isinstance(found, Probed), found
    return found


def test_a_wav_that_is_cut_short_is_told_once(wire):
    data = packed(SOUND, RATE, subtype="FLOAT")[: -HALF * 8]
    found = probed(wire, data)
    assert (found.frames, found.missing_frames) == (HALF, HALF)
    ended, audio = gained(wire, data, {}, {"start_frame": 5, "frames": 1_000})
    assert ended.remarks == ("The source file is truncated: its header promises 3.0 s, but it has 1.5 s.",)
    assert np.array_equal(audio, SOUND[:HALF] * np.float32(0.5))


def test_a_slice_of_what_is_missing_is_silent(wire):
    data = packed(SOUND, RATE, subtype="FLOAT")[: -HALF * 8]
    ended, audio = gained(wire, data, {"start_frame": HALF - 1_000, "frames": 100_000 - HALF})
    assert len(audio) == 100_000 - HALF
    assert np.array_equal(audio[:1_000], SOUND[HALF - 1_000 : HALF] * np.float32(0.5))
    assert not audio[1_000:].any()
    assert len(ended.remarks) == 1
    ended, _ = gained(wire, data, {"start_frame": HALF, "frames": HALF + 1})
    assert ended.code == "input_unusable"


@pytest.mark.parametrize(
    "data",
    [
        sized(packed(SOUND, RATE, subtype="FLOAT"), 0),
        sized(packed(SOUND, RATE, subtype="FLOAT"), 0xFFFF_FFFF),
        flac_total(packed(SOUND, RATE, "FLAC", subtype="PCM_24"), 0),
    ],
)
def test_a_length_that_was_not_known_is_no_matter(wire, data):
    found = probed(wire, data)
    assert (found.frames, found.missing_frames) == (len(SOUND), 0)
    ended, audio = gained(wire, data)
    assert ended.remarks == ()
    assert np.abs(audio - SOUND * np.float32(0.5)).max() < 1e-6


@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE"])
def test_an_mp3_without_a_header_is_heard_whole(wire, mode):
    bare = without_xing(mp3(SOUND, RATE, mode))
    frames = probed(wire, bare).frames
    ended, audio = gained(wire, bare)
    assert ended.remarks == ()
    assert len(audio) == frames > len(SOUND)
    tone = slice(1_105, 1_105 + RATE)
    assert np.abs(2 * audio[tone] - SOUND[:RATE]).max() < 0.1


def test_joined_mp3s_of_two_rates_are_told(wire):
    ended, audio = gained(wire, mp3(SOUND, RATE) + mp3(music()))
    assert len(audio) == len(SOUND)
    assert ended.remarks == (
        "The source file was read up to 3.0 s: another rate or number of channels follows.",
    )


def test_damage_inside_a_file_is_told(wire):
    data = bytearray(packed(SOUND, RATE, "FLAC"))
    data[len(data) // 2 : len(data) // 2 + 60_000] = bytes(60_000)
    ended, audio = gained(wire, bytes(data))
    assert len(audio) == len(SOUND)
    (remark,) = ended.remarks
    assert "is damaged" in remark


def test_a_header_that_would_fill_the_disk(wire):
    slow = io.BytesIO()
    soundfile.write(slow, np.zeros((7_000, 1)), 1, format="WAV", subtype="PCM_16")
    failed, _ = gained(wire, slow.getvalue())
    assert failed.code == "input_unusable"
    assert "8 to 384 kHz" in failed.remedy


@pytest.mark.parametrize("speed", [1e-6, 1e-300])
def test_a_tape_that_hardly_moves(wire, speed):
    failed, _ = gained(wire, packed(SOUND, RATE), {"play_rate": speed})
    assert failed.code == "input_unusable"
    assert "0.001" in failed.sentence


def test_audio_that_is_longer_than_any_range(wire):
    failed, _ = gained(wire, packed(music(8.0, 8_000), 8_000), {"play_rate": 0.001})
    assert failed.code == "range_too_long"
    assert "8000 s" in failed.sentence
    assert "range_seconds" in failed.remedy


def test_slow_tape_comes_in_small_blocks():
    """A block of the file is 3072 times as long in the project."""
    sound = np.zeros((1 << 12, 2), np.float32)
    blocks = list(resample_varispeed([sound], 125.0, 384_000, 2))
    assert max(map(len, blocks)) < 1 << 22
    assert sum(map(len, blocks)) == pytest.approx(3_072 << 12, abs=1 << 13)
