"""Lengths that a file's header does not know, or is wrong about: they are counted."""

import struct
from pathlib import Path

import numpy as np
import pytest

from bandmate_protocol.errors import RequestError
from bandmate_server.audio.decoder import AudioDecoder
from tests.wrong_lengths import flac_total, mp3, music, packed, sized, without_xing

PCM = packed(music(), subtype="PCM_16")
CONTAINERS = ["WAV", "RF64", "W64", "AIFF"]


def decoded(path: Path, data: bytes, start: int = 0) -> tuple[AudioDecoder, np.ndarray]:
    path.write_bytes(data)
    decoder = AudioDecoder(path)
    blocks = list(decoder.blocks(start, decoder.header.frames))
    decoder.close()
    return decoder, np.concatenate(blocks)


@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE"])
@pytest.mark.parametrize("rate", [44_100, 48_000])
def test_an_mp3_without_a_header(tmp_path, mode, rate):
    """All frames of 1152 count, with the delays in front, as nothing says how long those are."""
    whole = mp3(music(rate=rate), rate, mode)
    decoder, heard = decoded(tmp_path / "bare.mp3", without_xing(whole))
    _, expected = decoded(tmp_path / "whole.mp3", whole)
    delay = 576 + 529
    frames = -(-(len(expected) + delay) // 1_152) * 1_152
    assert decoder.header.frames in (frames, frames + 1_152)
    assert len(heard) == decoder.header.frames
    assert np.abs(heard[delay : delay + len(expected)] - expected).max() < 1e-4


def test_joined_mp3s_are_heard_to_the_end(tmp_path):
    data = mp3(music())
    decoder, heard = decoded(tmp_path / "joined.mp3", data + data)
    _, once = decoded(tmp_path / "once.mp3", data)
    assert len(heard) == decoder.header.frames > 2 * len(once)
    assert np.abs(heard[: len(once)] - once).max() < 1e-4
    tail = len(heard) - len(once)
    places = [
        place
        for place in range(tail - 3 * 1_152, tail + 1)
        if np.abs(heard[place + 1_000 : place + 1_100] - once[1_000:1_100]).max() < 1e-4
    ]
    assert len(places) == 1
    assert np.abs(heard[places[0] :][1_000 : len(once)] - once[1_000:]).max() < 1e-4


def test_joined_mp3s_without_headers(tmp_path):
    data = without_xing(mp3(music(), mode="CONSTANT"))
    once = decoded(tmp_path / "once.mp3", data)[0].header.frames
    decoder, heard = decoded(tmp_path / "joined.mp3", data + data)
    assert len(heard) == decoder.header.frames == 2 * once


def test_joined_mp3s_of_two_rates_are_heard_as_far_as_the_first(tmp_path):
    first = mp3(music())
    decoder, heard = decoded(tmp_path / "joined.mp3", first + mp3(music(rate=48_000), 48_000))
    assert len(heard) == len(music())
    assert "another rate" in decoder.stopped


def test_tags_and_damage_between_frames(tmp_path):
    data = mp3(music())
    picture = b"ID3\x04\x00\x00" + bytes((0, 1, 0, 0)) + bytes(1 << 14)
    decoder, heard = decoded(tmp_path / "tagged.mp3", picture + data + b"TAG" + bytes(125))
    _, plain = decoded(tmp_path / "plain.mp3", data)
    assert decoder.header.frames == len(plain)
    assert np.array_equal(heard, plain)
    middle = len(data) // 2
    damaged = bytearray(data)
    damaged[middle : middle + 5_000] = bytes(5_000)
    decoder, heard = decoded(tmp_path / "damaged.mp3", bytes(damaged))
    assert 0 < decoder.header.missing_frames < 44_100
    assert decoder.header.frames + decoder.header.missing_frames == len(plain)


@pytest.mark.parametrize("start", [1, 10_000, 65_536, 100_000])
@pytest.mark.parametrize("mode", ["CONSTANT", "VARIABLE"])
def test_an_mp3_without_a_header_from_the_middle(tmp_path, mode, start):
    data = without_xing(mp3(music(), mode=mode))
    _, whole = decoded(tmp_path / "bare.mp3", data)
    _, part = decoded(tmp_path / "bare.mp3", data, start)
    assert len(part) == len(whole) - start
    assert np.abs(part - whole[start:]).max() < 1e-6


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 24_000, 32_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_mp3s_of_every_version_and_rate(tmp_path, rate, channels):
    source = music(rate=rate, channels=channels)
    data = mp3(source, rate)
    decoder, heard = decoded(tmp_path / "low.mp3", data)
    assert len(heard) == decoder.header.frames == len(source)
    _, part = decoded(tmp_path / "low.mp3", data, 9_999)
    assert np.abs(part - heard[9_999:]).max() < 1e-6


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize("said", [0, 0x7FFF_F000, 0xFFFF_FFFF])
def test_a_size_that_its_writer_did_not_know(tmp_path, kind, said):
    whole = packed(music(), kind=kind, subtype="PCM_16")
    decoder, heard = decoded(tmp_path / "stream", sized(whole, said))
    assert decoder.header.frames == len(heard) == len(music())
    assert decoder.header.missing_frames == 0
    assert np.abs(heard - music()).max() < 1e-4


@pytest.mark.parametrize("kind", CONTAINERS)
def test_a_file_that_is_cut_short(tmp_path, kind):
    whole = packed(music(), kind=kind, subtype="PCM_16")
    decoder, heard = decoded(tmp_path / "cut", whole[: len(whole) // 3 + 1])
    header = decoder.header
    assert header.frames == len(heard) == pytest.approx(len(music()) / 3, abs=100)
    assert header.frames + header.missing_frames == len(music())
    assert np.abs(heard - music()[: len(heard)]).max() < 1e-4


def test_audio_of_no_length_stays_empty(tmp_path):
    empty = packed(music()[:0], subtype="PCM_16")
    for tail in (b"", b"LIST" + struct_of(4) + b"INFO"):
        (tmp_path / "empty.wav").write_bytes(empty + tail)
        decoder = AudioDecoder(tmp_path / "empty.wav")
        assert decoder.header.frames == 0
        decoder.close()


def struct_of(size: int) -> bytes:
    return size.to_bytes(4, "little")


def test_chunks_behind_the_audio_are_no_audio(tmp_path):
    decoder, heard = decoded(tmp_path / "tagged.wav", PCM + b"LIST" + struct_of(4) + b"INFO")
    assert decoder.header.frames == len(heard) == len(music())


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24"])
def test_a_flac_without_a_total(tmp_path, subtype):
    whole = packed(music(), kind="FLAC", subtype=subtype)
    decoder, heard = decoded(tmp_path / "stream.flac", flac_total(whole, 0))
    assert decoder.header.frames == len(heard) == len(music())
    assert decoder.header.missing_frames == 0
    assert np.abs(heard - music()).max() < 1e-4
    _, part = decoded(tmp_path / "stream.flac", flac_total(whole, 0), 70_000)
    assert np.array_equal(part, heard[70_000:])


@pytest.mark.parametrize("lost", [1, 2_000, 50_000])
@pytest.mark.parametrize("total", [True, False])
def test_a_flac_that_is_cut_short(tmp_path, lost, total):
    whole = packed(music(), kind="FLAC")
    whole = whole if total else flac_total(whole, 0)
    decoder, heard = decoded(tmp_path / "cut.flac", whole[:-lost])
    header = decoder.header
    assert 0 < header.frames < len(music())
    assert header.frames == len(heard)
    assert header.frames % 4_096 == 0
    assert header.frames + header.missing_frames == (len(music()) if total else header.frames)
    assert np.abs(heard - music()[: len(heard)]).max() < 1e-4


def test_a_flac_with_a_tag_behind_it(tmp_path):
    for total in (len(music()), 0):
        data = flac_total(packed(music(), kind="FLAC"), total) + b"TAG" + bytes(125)
        decoder, heard = decoded(tmp_path / "tagged.flac", data)
        assert decoder.header.frames == len(heard) == len(music())


def test_an_mp3_that_is_cut_short(tmp_path):
    whole = mp3(music())
    decoder, heard = decoded(tmp_path / "cut.mp3", whole[: len(whole) // 2])
    header = decoder.header
    assert 0 < header.frames == len(heard) < len(music())
    assert header.frames + header.missing_frames == len(music())


@pytest.mark.parametrize("start", [1_000, 80_000, 120_000, 132_000])
@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_an_ogg_from_the_middle(tmp_path, subtype, start):
    """libsndfile's seek into the last page of a Vorbis stream lands somewhere else."""
    data = packed(music(rate=48_000), 48_000, "OGG", subtype=subtype)
    _, whole = decoded(tmp_path / "song.ogg", data)
    _, part = decoded(tmp_path / "song.ogg", data, start)
    assert len(whole) == 144_000
    assert np.abs(part - whole[start:]).max() < 1e-5


@pytest.mark.parametrize(
    "data", [b"", b"RIFF", b"fLaC", b"\xff\xfb\x90\x64" * 4, b"FORM" + bytes(40), bytes(500)]
)
def test_what_is_no_audio_is_refused(tmp_path, data):
    (tmp_path / "broken").write_bytes(data)
    with pytest.raises(RequestError, match="cannot be read as audio"):
        AudioDecoder(tmp_path / "broken")


@pytest.mark.parametrize("said", [0, 0xFFFF_FFFF, 12_345 * 4])
def test_a_wav_that_grew_past_four_gigabytes(tmp_path, said):
    """The size is zero, unknown, or what is left of the true one in 32 bits; the file is a hole at first."""
    end = packed(music(), subtype="PCM_16")[44:]
    before = 2**32 + 12_345 * 4 - len(end)
    with (tmp_path / "long.wav").open("wb") as file:
        file.write(sized(PCM, said)[:44])
        file.seek(44 + before)
        file.write(end)
    decoder = AudioDecoder(tmp_path / "long.wav")
    assert (decoder.header.frames, decoder.header.missing_frames) == (2**30 + 12_345, 0)
    heard = np.concatenate(list(decoder.blocks(before // 4, 1 << 20)))
    decoder.close()
    assert np.abs(heard - music()).max() < 1e-4


def test_an_mp3_in_a_wav(tmp_path):
    data = mp3(music())
    form = struct.pack("<HHIIHHHHIHHH", 0x55, 2, 44_100, 16_000, 1, 0, 12, 1, 0, 418, 1, 0)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    decoder, heard = decoded(tmp_path / "mp3.wav", b"RIFF" + struct.pack("<I", len(body)) + body)
    _, plain = decoded(tmp_path / "plain.mp3", data)
    assert decoder.header.frames == len(plain)
    assert np.array_equal(heard, plain)


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_how_an_ogg_ends(tmp_path, subtype):
    whole = packed(music(rate=48_000), 48_000, "OGG", subtype=subtype)
    assert decoded(tmp_path / "whole.ogg", whole)[0].stopped == ""
    cut, heard = decoded(tmp_path / "cut.ogg", whole[: 2 * len(whole) // 3])
    assert cut.stopped == "its end is missing"
    assert cut.header.frames == len(heard) < 144_000
    assert decoded(tmp_path / "two.ogg", whole + whole)[0].stopped == "another stream follows"
