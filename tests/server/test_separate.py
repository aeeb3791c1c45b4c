"""Separation through the whole server: any usual file comes apart on the project's own frames."""

import io

import numpy as np
import pytest
import soundfile

from bandmate_protocol.messages import Done, Failed, Input
from bandmate_protocol.session import StemStarted
from bandmate_server.workers.inputs.job_inputs import FileInput
from bandmate_server.workers.link import InputFile
from tests.server.wire import Wire, timeline_of

SECONDS = 3.0


def music(rate, channels, seconds=SECONDS):
    """Strokes and a chord, a little different in each channel."""
    random = np.random.default_rng(5)
    at = np.arange(round(rate * seconds)) / rate
    strokes = random.standard_normal(len(at)) * np.exp(-(at % 0.5) / 0.03)
    chord = sum(np.sin(2 * np.pi * hertz * at) for hertz in (110.0, 277.2, 659.3))
    sides = np.linspace(0.2, 1.0, channels)
    return (0.1 * strokes[:, None] * sides + 0.1 * chord[:, None] * sides[::-1]).astype(np.float32)


def packed(samples, rate, kind, subtype=None):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def separated(wire, data, project_rate=48_000, seconds=SECONDS, **params):
    """The stems by role, or how the job failed."""
    given = Input(role="source", sha256=wire.upload(data))
    begun = len(wire.events)
    ended = wire.run("separate", params, timeline=timeline_of(seconds, project_rate), inputs=(given,))
    if isinstance(ended, Failed):
        return ended
    assert isinstance(ended, Done)
    stems = [event.stem for event in wire.events[begun:] if isinstance(event, StemStarted)]
    assert all(stem.sample_rate == project_rate for stem in stems)
    return {
        stem.role: np.frombuffer(bytes(wire.audio[ended.job, stem.stem]), "<f4").reshape(-1, stem.channels)
        for stem in stems
    }


def lag(one, other, most=2_000):
    """Where the cross-correlation of two signals of one length is largest, in frames."""
    size = 2 * len(one)
    product = np.fft.rfft(one, size) * np.conj(np.fft.rfft(other, size))
    along = np.fft.irfft(product, size)
    near = np.concatenate((along[-most:], along[: most + 1]))
    return int(np.argmax(near)) - most


@pytest.mark.parametrize(
    ("kind", "subtype", "rate", "channels"),
    [
        ("WAV", "PCM_U8", 22_050, 1),
        ("WAV", "PCM_16", 44_100, 2),
        ("WAV", "PCM_24", 96_000, 2),
        ("WAV", "FLOAT", 192_000, 2),
        ("WAVEX", "DOUBLE", 48_000, 8),
        ("RF64", "PCM_24", 48_000, 2),
        ("W64", "PCM_32", 88_200, 6),
        ("AIFF", "PCM_16", 44_100, 2),
        ("FLAC", "PCM_24", 8_000, 1),
        ("OGG", "VORBIS", 44_100, 2),
        ("MP3", None, 44_100, 2),
    ],
)
def test_usual_files_come_apart_on_the_projects_frames(server, kind, subtype, rate, channels):
    source = music(rate, channels)
    data = packed(source, rate, kind, subtype)
    with Wire(server) as wire:
        stems = separated(wire, data)
    assert set(stems) == {"drums", "bass", "vocals", "other"}
    frames = round(SECONDS * 48_000)
    assert all(stem.shape == (frames, channels) for stem in stems.values())
    total = np.sum(list(stems.values()), axis=0)[:, 0]
    # The same music, made at the project's rate.
    at_project = music(rate, channels)[:, 0]
    grid = np.arange(frames) / 48_000
    expected = np.interp(grid, np.arange(len(at_project)) / rate, at_project)
    assert lag(total, expected) == 0


def test_the_stems_add_up_to_what_was_sent(server):
    source = music(44_100, 2)
    with Wire(server) as wire:
        stems = separated(wire, packed(source, 44_100, "WAV", "FLOAT"), project_rate=44_100)
    assert np.abs(np.sum(list(stems.values()), axis=0) - source).max() < 10 ** (-90 / 20)


def test_ends_of_the_range_of_sources(server):
    clipped = np.clip(20 * music(48_000, 2, 1.0), -1, 1)
    with Wire(server) as wire:
        for samples in (np.zeros((48_000, 2)), clipped, clipped[:1]):
            seconds = len(samples) / 48_000
            stems = separated(wire, packed(samples, 48_000, "WAV", "FLOAT"), seconds=seconds)
            assert np.abs(np.sum(list(stems.values()), axis=0) - samples).max() < 10 ** (-90 / 20)


def test_what_is_no_number_is_refused_with_a_sentence(server):
    broken = music(48_000, 2)
    broken[70_000] = np.nan
    with Wire(server) as wire:
        failed = separated(wire, packed(broken, 48_000, "WAV", "FLOAT"))
    assert isinstance(failed, Failed)
    assert failed.code == "input_unusable"
    assert "not numbers" in failed.sentence


def test_no_more_is_decoded_than_is_read(tmp_path):
    path = tmp_path / "long.wav"
    soundfile.write(path, music(44_100, 2, 60.0), 44_100)
    given = Input(role="source", sha256="0" * 64)
    scratch = tmp_path / "scratch"
    whole = FileInput(given, InputFile(str(path)), 48_000, tmp_path / "whole", lambda: None)
    parts = FileInput(given, InputFile(str(path)), 48_000, scratch, lambda: None)
    expected = whole.read()
    assert np.array_equal(parts.read(0, 1_000), expected[:1_000])
    parts.read(0, 1)
    assert scratch.stat().st_size < len(expected) * 8 / 10
    assert np.array_equal(parts.read(2_000_000, 70_000), expected[2_000_000:2_070_000])
    assert np.array_equal(parts.read(500, 500), expected[500:1_000])
    assert parts.read(len(expected), 10).shape == (0, 2)
    whole.close()
    parts.close()
