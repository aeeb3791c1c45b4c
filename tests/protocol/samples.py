"""One or more messages of every type, as a song in the making would bring them about.

The first of a type has every optional field, of its parts too; a spare one follows where any can be left out.
"""

from __future__ import annotations

import hashlib
import struct

from bandmate_protocol.messages import (
    Accepted,
    Attach,
    Attached,
    Audio,
    Cancel,
    Cancelled,
    Catalogue,
    ChordMark,
    Context,
    Credit,
    Describe,
    Done,
    EngineInfo,
    Error,
    Failed,
    Have,
    HeldStem,
    Hello,
    Input,
    Invoke,
    Invoked,
    ItemRef,
    JobList,
    JobStem,
    JobSummary,
    Limits,
    ListJobs,
    Message,
    Missing,
    ModelInfo,
    Note,
    Notes,
    Pin,
    Ping,
    Pinned,
    PluginInfo,
    Pong,
    Progress,
    Redo,
    Stem,
    StemEnd,
    Submit,
    TaskInfo,
    TempoPoint,
    Timeline,
    TrackRef,
    Transport,
    Upload,
    Uploaded,
    Welcome,
)

JOB = "7k2m9qxa"
KEY = "b7f3c1d09e5a48628d41f6a7c3e2b190"
FILE = b"RIFF\x1c\x00\x00\x00WAVE"
FILE_HASH = hashlib.sha256(FILE).hexdigest()
OTHER_HASH = hashlib.sha256(b"another file").hexdigest()
SAMPLES = struct.pack("<8f", 0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.25, 2.0**-40)
STEM_HASH = hashlib.sha256(SAMPLES).hexdigest()
LAST_FRAME = 2**53
TASK_SCHEMA = {
    "type": "object",
    "properties": {
        "prompt": {"type": "string", "title": "Prompt", "default": ""},
        "swing": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.25, "unit": "%"},
        "layers": {"type": "integer", "minimum": 1, "maximum": 8, "default": 4},
        "drums": {"type": ["boolean", "null"], "default": None},
    },
}

TIMELINE = Timeline(
    sample_rate=48_000,
    start_frame=705_600,
    end_frame=1_411_201,
    tempo=(
        TempoPoint(position=-0.5, bpm=118.5, numerator=7, denominator=8, shape="linear", starts_bar=True),
        TempoPoint(position=1_000_000.25, bpm=92.0),
    ),
    bar=9,
    beat=-0.001,
    context_before_frames=96_000,
    context_after_frames=48_000,
    key="F# dorian",
    chords=(ChordMark(position=705_600, symbol="F#m7"), ChordMark(position=900_000, symbol="B/D#")),
)
SPARE_TIMELINE = Timeline(
    sample_rate=44_100, start_frame=0, end_frame=88_200, tempo=(TempoPoint(position=0.0, bpm=120.0),)
)
INPUT = Input(
    role="source",
    sha256=FILE_HASH,
    start_frame=1_024,
    frames=200_000,
    play_rate=0.5,
    at_frame=705_600,
    channels=(0, 1),
)

GREETINGS: tuple[Message, ...] = (
    Hello(
        protocol_min=1,
        protocol_max=3,
        role="vst",
        client_name="Bandmate VST",
        client_version="1.0.2",
        resume_key=KEY,
        encodings=("flac", "s24le", "f32le"),
        credit_bytes=1 << 20,
    ),
    Hello(protocol_min=1, protocol_max=1, role="cli", client_name="bandmate", client_version="0.1.0"),
    Welcome(
        protocol=1,
        server_version="0.1.0",
        resume_key=KEY,
        resumed=True,
        encoding="s24le",
        limits=Limits(frame_bytes=4 << 20, upload_bytes=1 << 31, range_seconds=600.0, jobs=16),
        machine="NVIDIA RTX 4090, 24 GB",
    ),
    Welcome(
        protocol=1,
        server_version="0.1.0",
        resume_key=KEY,
        limits=Limits(frame_bytes=4 << 20, upload_bytes=1 << 31, range_seconds=600.0, jobs=16),
    ),
    Ping(request="p-1"),
    Pong(request="p-1"),
    Error(
        code="no_such_task",
        sentence="There is no task “sing”.",
        remedy="There are: generate, cover, repaint.",
        request="r-2",
    ),
    Error(code="bad_message", sentence="The frame is not a map."),
)

CATALOGUE: tuple[Message, ...] = (
    Describe(request="r-3"),
    Catalogue(
        request="r-3",
        tasks=(
            TaskInfo(
                name="generate",
                title="Generate",
                summary="Makes parts from words.",
                ability="text",
                source="optional",
                params=TASK_SCHEMA,
                engines=("acestep", "sketch"),
                plugin="generate",
            ),
        ),
        engines=(
            EngineInfo(
                name="acestep",
                title="ACE-Step",
                abilities=("text", "inpaint", "variation", "accompany"),
                status="needs_weights",
                reason="Its weights are not here; `bandmate models pull acestep` brings them.",
                models=(
                    ModelInfo(
                        name="ACE-Step/ACE-Step-v1-3.5B",
                        revision="82cd0d7b6322",
                        licence="Apache-2.0",
                        size_bytes=8_113_000_000,
                        present=False,
                    ),
                ),
                plugin="acestep",
            ),
        ),
        plugins=(
            PluginInfo(
                name="generate",
                distribution="bandmate",
                version="0.1.0",
                status="failed",
                reason="No x.",
            ),
        ),
    ),
    Catalogue(request="r-3", tasks=(), engines=(), plugins=()),
)

FOCUS: tuple[Message, ...] = (
    Context(
        project="{5F1C-22}",
        project_name="Märchen 東京.rpp",
        focused=False,
        timeline=TIMELINE,
        transport=Transport(position=705_600, playing=True, recording=True, looping=True, bpm=118.5),
        tracks=(TrackRef(id="{A1}", index=3, name="Drums", colour="#c05030"),),
        items=(ItemRef(id="{B2}", track="{A1}", start_frame=705_600, frames=LAST_FRAME, name="take 3"),),
    ),
    Context(project="1"),
    Invoke(
        request="i-1",
        task="generate",
        params={"prompt": "brushed snare"},
        engine="sketch",
        project="{5F1C-22}",
    ),
    Invoke(request="i-1", task="generate"),
    Invoked(request="i-1", job=JOB, sentence="It is on its way."),
    Invoked(request="i-1"),
)

INPUTS: tuple[Message, ...] = (
    Have(request="r-4", sha256=(FILE_HASH, OTHER_HASH)),
    Missing(request="r-4", sha256=(FILE_HASH,), offsets=(4,)),
    Missing(request="r-4"),
    Upload(sha256=FILE_HASH, total_bytes=len(FILE), offset=4, data=FILE[4:]),
    Uploaded(sha256=FILE_HASH),
)

SUMMARY = JobSummary(
    job=JOB,
    state="done",
    task="generate",
    engine="sketch",
    created_ms=1_790_000_000_000,
    finished_ms=1_790_000_004_321,
    seed=2**32 - 1,
    attempt=1,
    params={"prompt": "dusty lo-fi drums"},
    timeline=TIMELINE,
    inputs=(INPUT,),
    origin={"project": "{5F1C-22}"},
    stems=(
        JobStem(stem=0, name="Drums", sha256=STEM_HASH, frames=4, sample_rate=48_000, loudness_lufs=-14.25),
    ),
    sentence="",
)

WORK: tuple[Message, ...] = (
    Submit(
        request="r-5",
        task="generate",
        timeline=TIMELINE,
        params={
            "prompt": "dusty lo-fi drums",
            "swing": 0.25,
            "layers": 3,
            "drums": None,
            "more": [True, {"x": -1}],
        },
        engine="sketch",
        seed=1_234_567_890,
        inputs=(INPUT,),
        origin={"track": "{A1}"},
    ),
    Submit(request="r-5", task="analyse", timeline=SPARE_TIMELINE),
    Accepted(
        request="r-5",
        job=JOB,
        task="generate",
        engine="sketch",
        reason="No weights are here.",
        seed=7,
        ahead=2,
    ),
    Accepted(request="r-5", job=JOB, task="generate", engine="sketch", reason="", seed=0),
    Progress(job=JOB, attempt=1, stage="Rendering the bass", step=17, steps=64, seconds_left=3.5),
    Progress(job=JOB, attempt=0, stage="", step=0, steps=0),
    Cancel(job=JOB),
    Attach(request="r-6", job=JOB, held=(HeldStem(stem=2, attempt=1, revision=1, frames=131_072),)),
    Attach(request="r-6", job=JOB),
    Attached(request="r-6", job=JOB, state="interrupted", attempt=1),
    Redo(request="r-7", job=JOB, seed=8),
    Redo(request="r-7", job=JOB),
    ListJobs(request="r-8", most=1_000, prefix="7k"),
    ListJobs(request="r-8"),
    JobList(
        request="r-8",
        jobs=(
            SUMMARY,
            JobSummary(
                job="00000000",
                state="failed",
                task="cover",
                engine="acestep",
                created_ms=0,
                seed=0,
                sentence="The device ran out of memory.",
            ),
        ),
    ),
    Pin(request="r-9", owner="song.rpp", sha256=(FILE_HASH, STEM_HASH)),
    Pin(request="r-9", owner=""),
    Pinned(request="r-9", missing=(OTHER_HASH,)),
    Pinned(request="r-9"),
)

STEMS: tuple[Message, ...] = (
    Stem(
        job=JOB,
        attempt=1,
        revision=1,
        stem=2,
        name="Bass, grave",
        role="bass",
        colour="#3060c0",
        sample_rate=48_000,
        channels=2,
        frames=4,
        start_frame=705_600,
    ),
    Stem(
        job=JOB,
        attempt=0,
        stem=0,
        name="",
        role="mix",
        colour="#000000",
        sample_rate=44_100,
        channels=1,
        frames=0,
        start_frame=LAST_FRAME,
    ),
    Audio(job=JOB, attempt=1, revision=1, stem=2, offset=0, data=SAMPLES),
    Audio(job=JOB, attempt=0, stem=0, offset=LAST_FRAME, data=b""),
    StemEnd(
        job=JOB,
        attempt=1,
        revision=1,
        stem=2,
        frames=4,
        sha256=STEM_HASH,
        loudness_lufs=-23.0,
        true_peak_dbtp=1.938,
    ),
    StemEnd(job=JOB, attempt=0, stem=0, frames=0, sha256=hashlib.sha256(b"").hexdigest()),
    Notes(
        job=JOB,
        attempt=1,
        revision=1,
        stem=2,
        notes=(
            Note(start=0, frames=12_000, pitch=36, velocity=127, channel=9),
            Note(start=12_000, frames=0, pitch=0, velocity=1),
        ),
    ),
    Notes(job=JOB, attempt=0, stem=0, notes=()),
    Done(
        job=JOB,
        attempt=1,
        remarks=("The word “wonky” is not known.",),
        report={"bpm": 118.5, "words": {"unknown": ["wonky"]}},
        seconds=4.321,
    ),
    Done(job=JOB, attempt=0),
    Failed(
        job=JOB,
        attempt=0,
        code="out_of_memory",
        sentence="The device ran out of memory.",
        remedy="Less.",
    ),
    Failed(job=JOB, attempt=0, code="worker_died", sentence="The worker ended."),
    Cancelled(job=JOB, attempt=3),
    Credit(bytes=262_144),
)

ALL_SAMPLES = (*GREETINGS, *CATALOGUE, *FOCUS, *INPUTS, *WORK, *STEMS)
