"""Recordings to work on, and projects with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from bandmate_bridge.rpp import Item, NewStem, NewTake, Project, new_project
from bandmate_protocol.messages import TempoPoint

RATE = 44_100
BPM = 120
SECONDS = 24.0
START = 2.0001234
"""Where the item lies: off every grid."""


def recording(path: Path, *, seconds: float = SECONDS, rate: int = RATE, channels: int = 2) -> np.ndarray:
    """Chords in half notes over a kick and a hat, at 120 beats a minute; PCM of 16 bits."""
    frames = round(seconds * rate)
    time = np.arange(frames) / rate
    dice = np.random.default_rng(3)
    out = np.zeros(frames)
    for index, root in enumerate((45, 41, 48, 43)):
        sounding = (time // 2) % 4 == index
        for third in (0, 3 if root == 45 else 4, 7, 12):
            out += sounding * 0.05 * np.sin(2 * np.pi * 440 * 2 ** ((root + third - 69) / 12) * time)
    beat = time % 0.5
    out += 0.5 * np.exp(-beat * 30) * np.sin(2 * np.pi * 60 * beat)
    out += 0.1 * np.exp(-(time % 0.25) * 80) * dice.uniform(-1, 1, frames)
    samples = np.stack([out * (1 - 0.1 * channel) for channel in range(channels)], axis=1)
    soundfile.write(path, samples, rate, subtype="PCM_16")
    return soundfile.read(path, dtype="float32", always_2d=True)[0]


def audio_song(folder: Path, *, sample_rate: int = 48_000, frames: int | None = None) -> Path:
    """A project at another rate than its recording, on the track `Drums`; the other track is empty."""
    recording(folder / "take.wav")
    project = new_project(
        folder / "song.rpp",
        sample_rate=sample_rate,
        tempo=[TempoPoint(position=0.0, bpm=float(BPM))],
        media="Audio",
    )
    length = round(SECONDS * sample_rate) if frames is None else frames
    project.insert_stems(
        [NewStem("Drums", 0, length, [NewTake("take", folder / "take.wav")]), NewStem("Empty", 0, 10, [])]
    )
    text = project.encode().decode().replace("POSITION 0\n", f"POSITION {START}\n", 1)
    first, *rest = text.split('    NAME "Empty"\n')
    begin, end = rest[0].index("    <ITEM"), rest[0].index("    >\n") + 6
    text = first + '    NAME "Empty"\n' + rest[0][:begin] + rest[0][end:]
    project.path.write_text(text)
    return project.path


def changed(song: Path, old: str, new: str) -> None:
    """Replaces a text that is there, once."""
    text = song.read_text()
    assert old in text, old
    song.write_text(text.replace(old, new, 1))


def items_of(song: Path, track: int = 0) -> tuple[Item, ...]:
    return Project.load(song).tracks[track].items


def file_of(item: Item) -> Path:
    assert item.take is not None
    assert item.take.source is not None
    assert item.take.source.file is not None
    return item.take.source.file
