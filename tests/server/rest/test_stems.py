"""The audio of jobs over REST: whole, in ranges, while it grows, and in other formats."""

from __future__ import annotations

import hashlib
import http.client
import io
import zipfile

import mido
import numpy as np
import pytest
import soundfile

FRAMES = 96_000


@pytest.fixture(scope="module")
def made(rest):
    """A finished job of two stems, as REST has it."""
    return rest.ended(rest.submit("noise", {"stems": 2}, seed=5))


def audio(rest, job, stem=0, headers=None, **query):
    answer = rest("GET", f"/jobs/{job}/stems/{stem}/audio", headers=headers, **query)
    assert answer.status in (200, 206), answer.data
    return answer


def test_floats_are_the_stem_to_the_bit(rest, made):
    answer = audio(rest, made["job"], bits=32)
    assert answer.headers["content-type"] == "audio/wav"
    samples, rate = soundfile.read(io.BytesIO(answer.data), dtype="float32")
    assert (rate, samples.shape) == (48_000, (FRAMES, 2))
    assert hashlib.sha256(samples.tobytes()).hexdigest() == made["stems"][0]["sha256"]


def test_integers_are_those_of_the_exporter(rest, made):
    """24 bits are made here, in pieces; 16 bits by the process that exports."""
    exact = soundfile.read(io.BytesIO(audio(rest, made["job"], bits=32).data))[0]
    for bits, steps in ((24, 0.5), (16, 1.5)):
        samples = soundfile.read(io.BytesIO(audio(rest, made["job"], bits=bits).data))[0]
        assert np.abs(samples - exact).max() <= steps / 2 ** (bits - 1)
    whole = audio(rest, made["job"], format="flac", bits=24).data
    part = audio(rest, made["job"], format="flac", bits=24, headers={"Range": "bytes=1000-300000"})
    assert (part.status, part.data) == (206, whole[1_000:300_001])
    flac = soundfile.read(io.BytesIO(whole))[0]
    np.testing.assert_array_equal(flac, soundfile.read(io.BytesIO(audio(rest, made["job"], bits=24).data))[0])


def test_mp3_is_as_long_and_sounds_alike(rest, made):
    answer = audio(rest, made["job"], format="mp3")
    assert answer.headers["content-type"] == "audio/mpeg"
    samples, rate = soundfile.read(io.BytesIO(answer.data))
    exact = soundfile.read(io.BytesIO(audio(rest, made["job"], bits=32).data))[0]
    assert rate == 48_000
    assert abs(len(samples) - FRAMES) <= 2_304
    level = np.sqrt(np.mean(samples**2)) / np.sqrt(np.mean(exact**2))
    assert 0.7 < level < 1.1
    assert len(answer.data) < exact.size


SPANS = ["0-0", "3-60", "40-47", "43-50", "1000-300001", "-1", "-77", "500000-", "0-"]


@pytest.mark.parametrize("bits", [24, 32])
def test_a_range_is_a_part_of_the_whole(rest, made, bits):
    whole = audio(rest, made["job"], bits=bits).data
    for span in SPANS:
        answer = audio(rest, made["job"], headers={"Range": f"bytes={span}"}, bits=bits)
        first, _, last = span.partition("-")
        expected = whole[-int(last) :] if not first else whole[int(first) : int(last) + 1 if last else None]
        assert (answer.status, answer.data) == (206, expected)
        start = int(first) if first else len(whole) - int(last)
        assert answer.headers["content-range"] == f"bytes {start}-{start + len(expected) - 1}/{len(whole)}"


def test_ranges_outside_and_nonsense(rest, made):
    path = f"/jobs/{made['job']}/stems/0/audio"
    refused = rest("GET", path, headers={"Range": "bytes=999999999-"})
    assert (refused.status, refused.json["code"]) == (416, "bad_params")
    assert refused.headers["content-range"].startswith("bytes */")
    for ignored in ("bytes=5-2", "frames=0-1", "bytes=a-b", "bytes=0-1,5-6", "bytes"):
        assert rest("GET", path, headers={"Range": ignored}).status == 200
    tag = rest("GET", path).headers["etag"]
    assert rest("GET", path, headers={"Range": "bytes=0-9", "If-Range": tag}).status == 206
    assert rest("GET", path, headers={"Range": "bytes=0-9", "If-Range": '"other"'}).status == 200
    assert rest("HEAD", path).data == b""


@pytest.mark.parametrize("bits", [24, 32])
def test_a_stem_is_read_while_it_grows(rest, bits):
    """The first bytes come while the job still has most of its work before it; the whole is that of the end."""
    job = rest.submit("noise", {"stems": 1, "pieces": 200, "delay_ms": 15}, seed=3)
    rest.when(job, lambda found: found.get("announced"))
    with rest.opened("GET", f"/jobs/{job}/stems/0/audio", bits=bits) as answer:
        first = answer.read(4_000)
        assert rest.get(f"/jobs/{job}")["state"] == "running"
        refused = rest.get(f"/jobs/{job}/stems/0/audio", 409, format="flac")
        assert refused["code"] == "not_ready"
        part = rest("GET", f"/jobs/{job}/stems/0/audio", headers={"Range": "bytes=100000-200000"}, bits=bits)
        data = first + answer.read()
    assert part.data == data[100_000:200_001]
    rest.ended(job)
    assert data == audio(rest, job, bits=bits).data


def test_a_stem_that_is_given_up_is_cut_off(rest):
    job = rest.submit("noise", {"stems": 1, "pieces": 1_000, "delay_ms": 20})
    rest.when(job, lambda found: found.get("announced"))
    with rest.opened("GET", f"/jobs/{job}/stems/0/audio") as answer:
        answer.read(1_000)
        rest.expect(202, "POST", f"/jobs/{job}/cancel")
        with pytest.raises(http.client.IncompleteRead):
            answer.read()
    assert rest.get(f"/jobs/{job}/stems/0/audio", 404)["code"] == "input_missing"


def test_all_stems_come_in_a_zip(rest, made):
    answer = rest("GET", f"/jobs/{made['job']}/stems.zip", bits=32)
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as bundle:
        assert len(bundle.namelist()) == 2
        assert bundle.read(bundle.namelist()[0]) == audio(rest, made["job"], bits=32).data


def test_what_is_not_there_is_said(rest, made):
    assert rest.get(f"/jobs/{made['job']}/stems/7/audio", 404)["code"] == "input_missing"
    assert rest.get(f"/jobs/{made['job']}/stems/0/audio", 422, format="ogg")["code"] == "bad_params"
    assert rest.get(f"/jobs/{made['job']}/stems/0/audio", 422, format="flac", bits=32)["code"] == "bad_params"
    assert rest.get("/jobs/nosuchid/stems/0/audio", 404)["code"] == "no_such_job"


def test_notes_as_json_and_as_midi(rest, wire):
    job = rest.submit("generate", {"prompt": "house drums and bass"}, engine="sketch", seed=2)
    rest.ended(job)
    stems = rest.get(f"/jobs/{job}/notes")["stems"]
    assert sum(len(stem["notes"]) for stem in stems) > 8
    answer = rest("GET", f"/jobs/{job}/notes.mid")
    assert answer.headers["content-type"] == "audio/midi"
    midi = mido.MidiFile(file=io.BytesIO(answer.data))
    assert [track.name for track in midi.tracks[1:]] == [stem["name"] for stem in stems]
    struck = sum(message.type == "note_on" for track in midi.tracks for message in track)
    assert struck == sum(len(stem["notes"]) for stem in stems)
    one = rest("GET", f"/jobs/{job}/notes.mid", stem=stems[0]["stem"])
    assert len(mido.MidiFile(file=io.BytesIO(one.data)).tracks) == 2
    silent = rest.ended(rest.submit("noise", {"stems": 1}))["job"]
    assert rest.get(f"/jobs/{silent}/notes.mid", 404, stem=5)["code"] == "input_missing"
