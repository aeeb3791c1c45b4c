"""What the console fetches of audio over HTTP: peaks, ranges of stems, files to take away."""

import io
import json
import zipfile

import numpy as np
import pytest
import soundfile
from websockets.sync.client import connect

from bandmate_protocol.codec import SERVER_FRAMES, encode_message
from bandmate_protocol.messages import Attach, Audio, Done, Hello, ListJobs, Notes, Stem, StemEnd
from bandmate_server.audio.peaks import BUCKET_FRAMES, PEAKS_SUFFIX, PeakMeter, read_peaks
from tests.server.console_http import Browser
from tests.server.test_audio import tone, wav
from tests.server.wire import Wire

RATE = 48_000


@pytest.fixture(scope="module")
def browser(server):
    return Browser.signed_in(server)


@pytest.fixture(scope="module")
def made(server):
    """A finished job of three stems: its id, and the stems' hashes and samples."""
    with Wire(server) as wire:
        done = wire.run("noise", {"stems": 3}, seconds=2.1, seed=7)
        assert isinstance(done, Done)
        hashes = [wire.finished[done.job, index] for index in range(3)]
        audio = [np.frombuffer(wire.audio[done.job, index], "<f4").reshape(-1, 2) for index in range(3)]
    return done.job, hashes, audio


def expected_peaks(samples, factor=1):
    size = BUCKET_FRAMES * factor
    padded = np.pad(samples, ((0, -len(samples) % BUCKET_FRAMES), (0, 0)), mode="edge")
    low = np.floor(padded.reshape(-1, BUCKET_FRAMES * 2).min(axis=1).clip(-1, 1) * 127)
    high = np.ceil(padded.reshape(-1, BUCKET_FRAMES * 2).max(axis=1).clip(-1, 1) * 127)
    starts = np.arange(0, len(low), size // BUCKET_FRAMES)
    return np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)


def asked_peaks(browser, sha256, most):
    status, headers, body = browser.get(f"/console/peaks/{sha256}?most={most}")
    assert status == 200, body
    values = np.frombuffer(body, np.int8)
    return int(headers["x-bandmate-bucket-frames"]), values[: len(values) // 2], values[len(values) // 2 :]


@pytest.mark.parametrize(("most", "factor"), [(100_000, 1), (197, 1), (196, 2), (20, 10), (1, 197)])
def test_peaks_are_the_lowest_and_the_highest_of_every_bucket(browser, made, most, factor):
    _, hashes, audio = made
    bucket_frames, lows, highs = asked_peaks(browser, hashes[0], most)
    assert bucket_frames == BUCKET_FRAMES * factor
    low, high = expected_peaks(audio[0], factor)
    np.testing.assert_array_equal(lows, low)
    np.testing.assert_array_equal(highs, high)


def test_peaks_lie_beside_the_stem_when_it_ends_and_are_made_again_when_they_are_gone(server, browser, made):
    _, hashes, _ = made
    file = server.home / "data" / "audio" / f"{hashes[1]}{PEAKS_SUFFIX}"
    before = file.read_bytes()
    file.unlink()
    assert asked_peaks(browser, hashes[1], 1_000)[0] == BUCKET_FRAMES
    assert file.read_bytes() == before
    for damaged in (b"", before[:-1], before[:-2], before[: len(before) // 2], bytes(len(before))):
        file.write_bytes(damaged)
        assert asked_peaks(browser, hashes[1], 1_000)[0] == BUCKET_FRAMES
        assert file.read_bytes() == before, "a damaged file is made again"


def test_an_uploaded_file_has_peaks_too(server, browser):
    samples = tone(1.3, 44_100)
    with Wire(server) as wire:
        sha256 = wire.upload(wav(samples, 44_100, format="FLAC"))
    _, lows, highs = asked_peaks(browser, sha256, 10_000)
    assert len(lows) == -(-len(samples) // BUCKET_FRAMES)
    assert abs(highs.max() / 127 - samples.max()) < 0.02
    assert abs(lows.min() / 127 - samples.min()) < 0.02


def test_an_uploaded_file_comes_back_as_it_was(server, browser, made):
    data = wav(tone(0.4, 44_100), 44_100)
    with Wire(server) as wire:
        sha256 = wire.upload(data)
    status, _, body = browser.get(f"/console/upload/{sha256}")
    assert (status, body) == (200, data)
    assert browser.get(f"/console/upload/{made[1][0]}")[0] == 404, "a stem is no upload"


def test_a_file_that_is_no_audio_has_none_and_it_is_said(server, browser):
    with Wire(server) as wire:
        sha256 = wire.upload(b"no audio at all" * 100)
    status, _, body = browser.get(f"/console/peaks/{sha256}")
    assert status == 422
    assert "cannot be read" in json.loads(body)["sentence"]


@pytest.mark.parametrize(("start", "frames"), [(0, 100), (1_000, 4_096), (100_000, 5_000), (200_000, 10)])
def test_a_range_of_a_stem_is_its_samples(browser, made, start, frames):
    _, hashes, audio = made
    status, _, body = browser.get(f"/console/audio/{hashes[2]}?from={start}&frames={frames}")
    assert status == 200
    np.testing.assert_array_equal(np.frombuffer(body, "<f4").reshape(-1, 2), audio[2][start : start + frames])


@pytest.mark.parametrize(
    "path", ["audio/{}", "peaks/{}", "upload/{}", "audio/x", "audio/%2e%2e", "peaks/" + "F" * 64]
)
def test_what_is_not_there_is_said(browser, path):
    status, _, body = browser.get("/console/" + path.format("0" * 64))
    assert status == 404
    assert b"no longer on the server" in body or path.endswith("%2e%2e")


@pytest.mark.parametrize("query", ["from=-1", "from=x", "frames=1.5", "from=" + "9" * 30])
def test_a_range_that_is_none_is_refused(browser, made, query):
    assert browser.get(f"/console/audio/{made[1][0]}?{query}")[0] == 422


def download(browser, order):
    status, _, body = browser.post("/console/download", order)
    assert status == 200, body
    ticket = json.loads(body)
    # The address is all that a browser sends with a download.
    status, headers, data = Browser(browser.server).get(ticket["address"])
    assert status == 200, data
    assert headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    return ticket["name"], data


@pytest.mark.parametrize(
    ("container", "bits", "tolerance"),
    [("wav", 32, 0), ("wav", 24, 2**-23), ("flac", 24, 2**-23), ("wav", 16, 2**-13)],
)
def test_a_stem_comes_as_the_file_that_was_asked_for(browser, made, container, bits, tolerance):
    job, _, audio = made
    name, data = download(browser, {"job": job, "stem": 1, "container": container, "bits": bits})
    assert name == f"noise - Noise 1 {job}.{container}"
    with soundfile.SoundFile(io.BytesIO(data)) as file:
        assert (file.format, file.samplerate) == (container.upper(), RATE)
        assert file.subtype == ("FLOAT" if bits == 32 else f"PCM_{bits}")
        assert np.abs(file.read(dtype="float32") - audio[1]).max() <= tolerance


def test_all_stems_come_in_a_zip(browser, made):
    job, _, audio = made
    name, data = download(browser, {"job": job, "bits": 32})
    assert name == f"noise {job}.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        assert bundle.namelist() == ["01 Noise 0.wav", "02 Noise 1.wav", "03 Noise 2.wav"]
        for index, inside in enumerate(bundle.namelist()):
            samples, _ = soundfile.read(io.BytesIO(bundle.read(inside)), dtype="float32")
            np.testing.assert_array_equal(samples, audio[index])


def piece(sha256, start, frames, at):
    return {"sha256": sha256, "start_frame": start, "frames": frames, "at_frame": at}


def test_stems_are_put_together_from_ranges_of_others(browser, made):
    job, hashes, audio = made
    frames = len(audio[0])
    slices = [
        piece(hashes[0], 0, 4_000, 0),
        piece(hashes[1], 100, 2_000, 4_000),
        piece(hashes[2], 0, 1_000, 5_500),
    ]
    mixes = [{"name": "Patched", "frames": frames, "slices": slices}]
    wanted = np.zeros_like(audio[0])
    for samples, each in zip(audio, slices, strict=True):
        part = samples[each["start_frame"] : each["start_frame"] + each["frames"]]
        wanted[each["at_frame"] : each["at_frame"] + len(part)] += part
    name, data = download(browser, {"job": job, "stem": 0, "bits": 32, "mixes": mixes})
    assert name == f"noise - Patched {job}.wav"
    np.testing.assert_array_equal(soundfile.read(io.BytesIO(data), dtype="float32")[0], wanted)
    _, data = download(browser, {"job": job, "container": "flac", "mixes": mixes * 2})
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        assert bundle.namelist() == ["01 Patched.flac", "02 Patched.flac"]
        samples = soundfile.read(io.BytesIO(bundle.read("02 Patched.flac")), dtype="float32")[0]
    assert np.abs(samples - wanted).max() <= 2**-23


@pytest.mark.parametrize(
    ("change", "status", "words"),
    [
        ({"start_frame": 1 << 39}, 422, "ends after the stem"),
        ({"frames": 0}, 422, ""),
        ({"sha256": "0" * 64}, 404, "no longer on the server"),
    ],
)
def test_a_mix_of_what_is_not_there_is_refused(browser, made, change, status, words):
    job, hashes, _ = made
    mix = {"name": "x", "frames": 1_000, "slices": [piece(hashes[0], 0, 10, 0) | change]}
    answered, _, body = browser.post("/console/download", {"job": job, "mixes": [mix]})
    if answered == 200:
        # What the order alone does not show comes with the file.
        answered, _, body = browser.get(json.loads(body)["address"])
    assert answered == status
    assert words in json.loads(body)["sentence"]


def test_a_mix_that_is_longer_than_any_job_fills_no_disk(browser, made):
    job, hashes, _ = made
    mix = {"name": "x", "frames": 1 << 40, "slices": [piece(hashes[0], 0, 10, 0)]}
    _, _, body = browser.post("/console/download", {"job": job, "mixes": [mix]})
    assert browser.get(json.loads(body)["address"])[0] == 422


def test_a_stem_of_an_odd_name_gets_a_file_name(server, browser):
    with Wire(server) as wire:
        job = wire.run("noise", {"track": '../a "b"\\c'}, seconds=0.1).job
    assert download(browser, {"job": job, "stem": 0})[0] == f"noise - _a _b_c 0 {job}.wav"


@pytest.mark.parametrize(
    ("order", "status"),
    [
        ({"job": "zzzzzzzz"}, 404),
        ({"job": "{job}", "stem": 99}, 404),
        ({"job": "{job}", "container": "flac", "bits": 32}, 422),
        ({"job": "{job}", "container": "ogg"}, 422),
        ({"job": "../../etc"}, 422),
        ({}, 422),
        ({"job": "{job}", "path": "/etc/passwd"}, 422),
    ],
)
def test_an_order_that_cannot_be_is_refused(browser, made, order, status):
    filled = json.loads(json.dumps(order).replace("{job}", made[0]))
    answer = browser.post("/console/download", filled)
    assert answer[0] == status
    assert json.loads(answer[2])["sentence"]


def test_a_ticket_that_nobody_got_opens_nothing(browser):
    assert Browser(browser.server).get("/ticket/x/song.wav")[0] == 404


def test_nothing_is_fetched_without_a_sign_in(browser, made):
    stranger = Browser(browser.server)
    for path in (
        f"/console/peaks/{made[1][0]}",
        f"/console/audio/{made[1][0]}",
        f"/console/upload/{made[1][0]}",
    ):
        assert stranger.get(path)[0] == 401
    assert stranger.post("/console/download", {"job": made[0]})[0] == 401


def test_a_job_can_be_taken_up_without_its_audio(server, made):
    job, hashes, _ = made
    hello = Hello(
        protocol_min=1, protocol_max=1, role="console", client_name="x", client_version="1", credit_bytes=0
    )
    headers = {"Authorization": f"Bearer {server.token}"}
    messages = []
    with connect(f"ws://{server.address}/ws", additional_headers=headers, proxy=None) as socket:
        socket.send(encode_message(hello))
        socket.send(encode_message(Attach(request="a", job=job, without_audio=True)))
        while not messages or not isinstance(messages[-1], Done):
            messages.append(SERVER_FRAMES.decode(socket.recv(60)))
    kinds = [type(message) for message in messages]
    assert Audio not in kinds
    assert [kinds.count(kind) for kind in (Stem, Notes, StemEnd)] == [3, 1, 3]
    ends = {message.stem: message.sha256 for message in messages if isinstance(message, StemEnd)}
    assert [ends[index] for index in range(3)] == hashes


def test_older_jobs_come_page_by_page(wire):
    made = [wire.run("noise", seconds=0.01, seed=seed).job for seed in range(5)]
    first = wire.ask(ListJobs(request="l1", most=2)).jobs
    assert [each.job for each in first] == made[:-3:-1]
    second = wire.ask(ListJobs(request="l2", most=2, before=first[-1].job)).jobs
    assert [each.job for each in second] == made[2:0:-1]
    assert wire.ask(ListJobs(request="l3", most=2, before="zzzzzzzz")).jobs == ()


def test_peaks_of_any_pieces_are_those_of_the_whole(tmp_path):
    noise = np.random.default_rng(1).uniform(-1.2, 1.2, (5_003, 2)).astype(np.float32)
    whole, pieces = PeakMeter(), PeakMeter()
    whole.add(noise)
    for start in range(0, len(noise), 617):
        pieces.add(noise[start : start + 617])
    whole.write_file(tmp_path / "whole.peaks")
    pieces.write_file(tmp_path / "pieces.peaks")
    assert (tmp_path / "whole.peaks").read_bytes() == (tmp_path / "pieces.peaks").read_bytes()
    assert min(np.frombuffer(read_peaks(tmp_path / "whole.peaks", 1_000)[1], np.int8)) == -127


def test_silence_and_nothing_have_peaks_too(tmp_path):
    meter = PeakMeter()
    meter.write_file(tmp_path / "none.peaks")
    assert read_peaks(tmp_path / "none.peaks", 100) == (BUCKET_FRAMES, b"", b"")
    meter = PeakMeter()
    meter.add(np.zeros((1_000, 1), np.float32))
    meter.write_file(tmp_path / "zero.peaks")
    assert read_peaks(tmp_path / "zero.peaks", 100) == (BUCKET_FRAMES, b"\0\0", b"\0\0")
