"""An hour of eight stems on the shelf of a server, as a finished job has them, without the hours that it took.

The audio is silence after its first seconds, in files with holes; the peaks are those of an hour of music.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np

from bandmate_protocol.codec import encode_message
from bandmate_protocol.messages import Done, Stem, StemEnd, Submit, TempoPoint, Timeline
from bandmate_server.audio.file_state import FileState
from bandmate_server.audio.peaks import BUCKET_FRAMES, PEAKS_SUFFIX, PeakMeter
from bandmate_server.jobs import Job, JobStore
from bandmate_server.spool import AudioEntry, JobSpool
from bandmate_server.spool.journal import audio_record, message_record

JOB = "hourlong"
RATE = 48_000
FRAMES = 3_600 * RATE
STEMS = 8
CHANNELS = 2
SOUNDING_FRAMES = 30 * RATE
PIECE_FRAMES = 1 << 16


def put_hour_of_stems(data: Path) -> str:
    """Puts the job into the data folder of a server that does not run; returns its id."""
    store = JobStore(data / "jobs.sqlite")
    shelf = data / "audio"
    shelf.mkdir(parents=True, exist_ok=True)
    spool = JobSpool(data / "spool" / JOB)
    spool.folder.mkdir(parents=True)
    timeline = Timeline(
        sample_rate=RATE, start_frame=0, end_frame=FRAMES, tempo=(TempoPoint(position=0.0, bpm=120.0),)
    )
    submit = Submit(request="r", task="noise", timeline=timeline, params={"stems": STEMS}, seed=1)
    job = Job(
        id=JOB, owner="bench", submit=submit, engine="", reason="", placement="cpu", seed=1, version="1"
    )
    store.add(job)
    records = [_put_stem(store, shelf, number) for number in range(STEMS)]
    spool.journal_path(0).write_bytes(b"".join(records))
    done = Done(job=JOB, attempt=0, seconds=1.0)
    job.state, job.end, job.finished_ms = "done", encode_message(done), job.created_ms + 1
    store.save(job)
    store.marks.mark_stopped()
    store.close()
    return JOB


def _put_stem(store: JobStore, shelf: Path, number: int) -> bytes:
    """Its part of the journal."""
    random = np.random.default_rng(number)
    sounding = ((random.random((SOUNDING_FRAMES, CHANNELS), np.float32) - 0.5) * 0.4).astype(np.float32)
    sha256 = _hash(sounding)
    path = shelf / f"{sha256}.f32"
    with path.open("xb") as file:
        file.write(sounding.tobytes())
        file.truncate(FRAMES * CHANNELS * 4)
    about = path.stat()
    store.checked.record_check(path.name, FileState(about.st_size, about.st_mtime_ns))
    meter = PeakMeter()
    swell = np.repeat(np.sin(np.arange(FRAMES // BUCKET_FRAMES // 64 + 1) / 9) ** 2, 64)[
        : FRAMES // BUCKET_FRAMES
    ]
    for block in np.array_split(swell.astype(np.float32), 64):
        meter.add(np.repeat(block * random.random(len(block), np.float32), BUCKET_FRAMES)[:, None])
    meter.write_file(shelf / f"{sha256}{PEAKS_SUFFIX}")
    stem = Stem(
        job=JOB, attempt=0, stem=number, name=f"Stem {number + 1}", role="other", sample_rate=RATE,
        channels=CHANNELS, frames=FRAMES, start_frame=0, colour="#4477aa",
    )  # fmt: skip
    end = StemEnd(job=JOB, attempt=0, stem=number, sha256=sha256, frames=FRAMES, loudness_lufs=-20.0)
    store.add_stem(stem, end)
    pieces = [
        audio_record(AudioEntry(number, 0, start, min(PIECE_FRAMES, FRAMES - start)))
        for start in range(0, FRAMES, PIECE_FRAMES)
    ]
    return b"".join([message_record(encode_message(stem)), *pieces, message_record(encode_message(end))])


def _hash(sounding: np.ndarray) -> str:
    hashed = hashlib.sha256(sounding.tobytes())
    silence = bytes(1 << 22)
    left = (FRAMES - SOUNDING_FRAMES) * CHANNELS * 4
    while left:
        hashed.update(silence[: min(left, len(silence))])
        left -= min(left, len(silence))
    return hashed.hexdigest()
