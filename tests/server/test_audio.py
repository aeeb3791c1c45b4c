"""Audio on its way up: by hash, checked, taken up again, decoded onto the project's frames, or refused."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from bandmate_protocol.codec import SERVER_FRAMES
from bandmate_protocol.messages import (
    Done,
    Error,
    Failed,
    Have,
    Input,
    Missing,
    Pin,
    Probe,
    Probed,
    Submit,
    Upload,
    Uploaded,
)
from bandmate_server.audio import BlobStore
from bandmate_server.jobs import JobStore
from bandmate_server.jobs.dropping import JobDropper
from bandmate_server.jobs.retention import RetentionSweeper
from tests.running import DOUBLES
from tests.server.wire import Wire, timeline_of


def wav(samples, rate=48_000, **options):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=options.pop("format", "WAV"), **options)
    return buffer.getvalue()


def tone(seconds=1.0, rate=48_000, channels=2, hertz=440.0):
    time = np.arange(round(seconds * rate)) / rate
    return np.repeat(0.5 * np.sin(2 * np.pi * hertz * time)[:, None], channels, axis=1).astype(np.float32)


def gain(wire, data, factor=1.0, seconds=1.0, rate=48_000, **where):
    given = Input(role="source", sha256=wire.upload(data), **where)
    ended = wire.run("gain", {"factor": factor}, timeline=timeline_of(seconds, rate), inputs=(given,))
    if isinstance(ended, Failed):
        return ended
    assert isinstance(ended, Done)
    (stem,) = [each.stem for each in wire.events if type(each).__name__ == "StemStarted"][-1:]
    return np.frombuffer(bytes(wire.audio[ended.job, 0]), "<f4").reshape(-1, stem.channels)


def test_a_file_comes_back_as_it_went_up(wire):
    source = tone()
    out = gain(wire, wav(source, subtype="FLOAT"), factor=0.5)
    assert np.array_equal(out, source * np.float32(0.5))


def test_the_same_file_is_sent_once(wire):
    data = wav(tone(hertz=333))
    digest = hashlib.sha256(data).hexdigest()
    assert wire.ask(Have(request="h1", sha256=(digest,))).sha256 == (digest,)
    wire.upload(data)
    assert wire.ask(Have(request="h2", sha256=(digest,))) == Missing(request="h2")


def test_an_upload_that_was_cut_goes_on_where_it_was(server, wire):
    data = wav(tone(hertz=222))
    digest = hashlib.sha256(data).hexdigest()
    with Wire(server) as first:
        first.send(Upload(sha256=digest, total_bytes=len(data), offset=0, data=data[:100_000]))
        first.ask(Have(request="sync", sha256=(digest,)))
    missing = wire.ask(Have(request="h", sha256=(digest,)))
    assert missing.offsets == (100_000,)
    wire.send(Upload(sha256=digest, total_bytes=len(data), offset=100_000, data=data[100_000:]))
    assert wire.until(lambda each: isinstance(each, Uploaded)).sha256 == digest


def test_a_wrong_hash_is_refused_and_forgotten(wire):
    digest = hashlib.sha256(b"something else").hexdigest()
    wire.send(Upload(sha256=digest, total_bytes=4, offset=0, data=b"what"))
    error = wire.until(lambda each: isinstance(each, Error))
    assert error.code == "input_unusable"
    assert wire.ask(Have(request="h", sha256=(digest,))).offsets == (0,)


@pytest.mark.parametrize(("source_rate", "rate"), [(44_100, 48_000), (96_000, 44_100), (48_000, 48_000)])
def test_other_rates_land_on_the_projects_frames(wire, source_rate, rate):
    out = gain(wire, wav(tone(1.0, source_rate), source_rate, subtype="FLOAT"), rate=rate)
    assert len(out) == rate
    expected = tone(1.0, rate)
    middle = slice(rate // 10, -rate // 10)
    assert np.abs(out[middle] - expected[middle]).max() < 1e-4


def test_a_slice_with_channels_and_play_rate(wire):
    source = np.stack([np.arange(48_000) / 48_000, np.zeros(48_000)], axis=1).astype(np.float32)
    data = wav(source, subtype="FLOAT")
    out = gain(wire, data, start_frame=1_000, frames=2_000, channels=(0,))
    assert np.array_equal(out[:, 0], source[1_000:3_000, 0])
    assert len(gain(wire, data, start_frame=0, frames=48_000, play_rate=2.0)) == 24_000


@pytest.mark.parametrize(
    ("container", "subtype", "most"),
    [("WAV", "PCM_16", 1e-4), ("FLAC", "PCM_24", 1e-6), ("OGG", "VORBIS", 0.1), ("RF64", "FLOAT", 0.0)],
)
def test_usual_formats_are_read(wire, container, subtype, most):
    out = gain(wire, wav(tone(), format=container, subtype=subtype))
    assert len(out) == 48_000
    assert np.abs(out[2_000:-2_000] - tone()[2_000:-2_000]).max() <= most


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "cannot be read"),
        (b"not audio at all", "cannot be read"),
        (wav(np.zeros((0, 2), np.float32)), "empty"),
        (wav(np.full((48_000, 2), np.nan, np.float32), subtype="FLOAT"), "not numbers"),
        (wav(tone())[:30], "cannot be read"),
    ],
)
def test_audio_that_cannot_be_used_is_said(wire, data, words):
    failed = gain(wire, data)
    assert isinstance(failed, Failed)
    assert failed.code == "input_unusable"
    assert words in failed.sentence
    assert failed.remedy


@pytest.mark.parametrize(
    "where", [{"start_frame": 47_999, "frames": 2}, {"start_frame": 48_000}, {"channels": (2,)}]
)
def test_a_slice_outside_the_file_is_said(wire, where):
    failed = gain(wire, wav(tone()), **where)
    assert failed.code == "input_unusable"
    assert "48000 frames" in failed.sentence or "2 channels" in failed.sentence


def test_audio_that_is_not_there_is_said_before_the_job(wire):
    given = Input(role="source", sha256="0" * 64)
    assert wire.submit("gain", inputs=(given,)).code == "input_missing"


def test_an_input_that_joins_none_is_said(wire):
    data = wav(tone())
    digest = wire.upload(data)
    first = Input(role="source", sha256=digest, joins=True)
    context = Input(role="context", sha256=digest)
    for inputs in ((first,), (context, first)):
        refused = wire.submit("gain", inputs=inputs)
        assert (refused.code, "continues the previous input, which has another role" in refused.sentence) == (
            "bad_params",
            True,
        )


def test_a_finished_stem_is_an_input_without_an_upload(wire):
    done = wire.run("noise", {"stems": 1}, seed=8)
    digest = wire.finished[done.job, 0]
    assert wire.ask(Have(request="h", sha256=(digest,))).sha256 == ()
    again = wire.run("gain", inputs=(Input(role="source", sha256=digest),))
    assert wire.finished[again.job, 0] == digest


@pytest.mark.anyio
async def test_retention_drops_the_least_recently_used_and_keeps_pins(tmp_path):
    store, shelf = JobStore(tmp_path / "jobs.sqlite"), BlobStore(tmp_path / "audio")
    contents = [bytes([number]) * 1_000 for number in range(4)]
    names = [hashlib.sha256(content).hexdigest() for content in contents]
    for name, content in zip(names, contents, strict=True):
        shelf.upload_path(name).write_bytes(content)
    store.mark_used([names[0]])
    for age, name in enumerate(names[1:]):
        store._db.execute("INSERT OR REPLACE INTO used VALUES (?, ?)", (name, age))

    async def sweep(budget_bytes):
        spool = tmp_path / "spool"
        dropper = JobDropper(store, shelf, spool)
        return await RetentionSweeper(
            shelf, tmp_path / "uploads", spool, store, dropper, budget_bytes
        ).sweep()

    async def kept():
        return [await shelf.find(name) is not None for name in names]

    store.replace_pins("song", [names[1]])
    assert await sweep(2_000) == 1_000
    assert await kept() == [True, True, False, True]
    store.replace_pins("song", [])
    assert await sweep(1_000) == 2_000
    assert await kept() == [True, False, False, False]
    store.close()


def test_pins_over_the_wire_say_what_is_missing(wire):
    digest = wire.upload(wav(tone(hertz=111)))
    pinned = wire.ask(Pin(request="p", owner="song.rpp", sha256=(digest, "0" * 64)))
    assert pinned.missing == ("0" * 64,)


def test_a_dropped_stem_is_said_with_the_way_to_have_it_again(server, wire):
    from bandmate_protocol.messages import Attach

    done = wire.run("noise", {"stems": 1}, seed=77)
    path = server.home / "data" / "audio" / f"{wire.finished[done.job, 0]}.f32"
    path.unlink()
    with Wire(server) as late:
        late.send(Attach(request="a", job=done.job))
        failed = late.end(done.job)
    assert isinstance(failed, Failed)
    assert "redo" in failed.remedy
    assert "--seed 77" in failed.remedy


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is Linux's")
def test_a_full_disk_fails_the_job_with_a_sentence(tmp_path, monkeypatch):
    """The journal of the job's first attempt is a link to a device that is always full."""
    from bandmate_server.workers.link import RunJob
    from bandmate_server.workers.runner import JobRunner

    spool = tmp_path / "spool"
    spool.mkdir()
    (spool / "0.journal").symlink_to("/dev/full")
    submit = Submit(request="r", task="noise", timeline=timeline_of(1.0))
    run = RunJob(
        job="abcdefgh",
        attempt=0,
        submit=submit,
        engine="",
        seed=1,
        tier="full",
        inputs=(),
        spool=str(spool),
        shelf=str(tmp_path / "audio"),
        input_seconds=60.0,
    )
    monkeypatch.syspath_prepend(str(DOUBLES))
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PYTHONPATH", str(DOUBLES))
    performer = JobRunner("cpu", lambda report: None, lambda job: False)
    failed = SERVER_FRAMES.decode(performer.run_job(run).frame)
    assert failed.code == "disk_full"
    assert "disk is full" in failed.sentence
    assert "retention" in failed.remedy


def probe(wire, sha256):
    wire.send(Probe(request="p", sha256=sha256))
    return wire.until(lambda each: isinstance(each, Probed | Error))


@pytest.mark.parametrize("kind", ["WAV", "RF64", "AIFF", "FLAC", "OGG", "MP3"])
def test_a_file_is_probed_as_it_will_be_decoded(server, kind):
    data = wav(tone(1.5, 44_100), 44_100, format=kind)
    with Wire(server) as wire:
        digest = wire.upload(data)
        found = probe(wire, digest)
    assert isinstance(found, Probed), found
    with soundfile.SoundFile(io.BytesIO(data)) as sound:
        assert (found.sample_rate, found.channels, found.frames) == (44_100, 2, len(sound))


def test_a_finished_stem_is_probed(server):
    with Wire(server) as wire:
        ended = wire.run("noise", timeline=timeline_of(0.5))
        assert isinstance(ended, Done)
        found = probe(wire, wire.finished[ended.job, 0])
    assert isinstance(found, Probed), found
    assert (found.sample_rate, found.frames) == (48_000, 24_000)


def test_what_cannot_be_probed_is_said(server):
    with Wire(server) as wire:
        absent = probe(wire, "0" * 64)
        noise = probe(wire, wire.upload(b"this is no audio at all" * 50))
        slow = probe(wire, wire.upload(wav(tone(0.5), 4_000)))
    assert absent.code == "input_missing"
    assert noise.code == "input_unusable"
    assert "WAV" in noise.remedy
    assert slow.code == "input_unusable"
    assert "8 to 384 kHz" in slow.remedy
