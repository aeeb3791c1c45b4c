"""The song that the samples speak of: its ids, files and time."""

from __future__ import annotations

import hashlib
import struct

from bandmate_protocol.messages import (
    BendPoint,
    ChordMark,
    Fade,
    GivenPart,
    Input,
    Note,
    SectionMark,
    TempoPoint,
    Timeline,
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

ENGINE_SCHEMA = {
    "type": "object",
    "properties": {
        "steps": {"type": "integer", "minimum": 1, "maximum": 200, "nullable": True, "advanced": True},
        "layer": {"type": "string", "default": "auto", "abilities": ["accompany"]},
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
    parts=(
        GivenPart(
            name="Lead",
            program=73,
            use="melody",
            notes=(
                Note(
                    start=0,
                    frames=24_000,
                    pitch=66,
                    velocity=101,
                    bend=(BendPoint(frame=480, cents=-50.0), BendPoint(frame=960)),
                ),
                Note(start=48_000, frames=1, pitch=127, velocity=1, channel=9),
            ),
        ),
    ),
    sections=(
        SectionMark(start_frame=600_000, end_frame=1_000_000, name="Verse 2"),
        SectionMark(start_frame=1_411_201, end_frame=1_500_000, name=""),
    ),
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
    mono=True,
    preserve_pitch=True,
    pitch_semitones=-1.5,
    gain=-0.5,
    fade_in=Fade(frames=480, shape="fast"),
    fade_out=Fade(frames=0, shape="smooth"),
    joins=True,
)
