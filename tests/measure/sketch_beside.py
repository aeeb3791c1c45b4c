"""Measures parts that are added to songs: their level, the peak of the sum, and whose chords they play.

python -m tests.measure.sketch_beside

The songs are three of Debian's package fretsonfire-songs-sectoid, mixed from their two files; the range is sixteen bars
from bar 17 on, at the tempo of the game's own score. Each part is made beside the song alone. The chord of a bar
is the triad that librosa's chroma of the song correlates best with; a bar agrees where seven tenths of what the part
plays there are tones of that triad. `detected` says whether the engine found the song's chords clear enough to follow.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import librosa
import numpy as np
import soundfile
from numpy.typing import NDArray

from bandmate_plugins import AudioInput, Remark, StemAudio, StemNotes, TaskRequest
from bandmate_plugins._engines.sketch import SketchEngine
from bandmate_plugins._engines.sketch.options import SketchOptions
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins._tasks.generate import GenerateParams
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.testing.running import PatientContext
from bandmate_protocol.messages import Note, TempoPoint, Timeline
from tests.material.game_recordings import SECTOID

Audio = NDArray[np.float32]
SONGS = {"Feelings": 95.0, "Metal madness": 150.0, "War of freedom": 140.0}
PARTS = {"strings pad": -9.0, "electric bass": -6.0, "rock drums": -5.0}
"""Prompts, and where their role is to be, in LU relative to the song."""
FIRST_BAR, BARS = 16, 16
_TONES = 0.7


class _Song(AudioInput):
    """A song in memory, as the context of a job."""

    def __init__(self, samples: Audio) -> None:
        self.role, self.start_frame = "context", 0
        self.frames, self.channels = samples.shape
        self._samples = samples

    def read(self, offset: int = 0, frames: int | None = None) -> Audio:
        """Frames from an offset on."""
        return self._samples[offset : None if frames is None else offset + frames]


def _read_song(folder: Path, bpm: float) -> tuple[Audio, int]:
    """The mix of a song's files over the range, and its rate."""
    files = [soundfile.read(path, dtype="float32", always_2d=True) for path in sorted(folder.glob("*.ogg"))]
    rate = files[0][1]
    length = round(BARS * 240 / bpm * rate)
    start = round(FIRST_BAR * 240 / bpm * rate)
    parts = [samples[start : start + length] for samples, _ in files]
    return np.sum([part for part in parts if len(part) == length], axis=0, dtype=np.float32), rate


def _make_part(
    engine: LoadedEngine, prompt: str, song: Audio, rate: int, bpm: float
) -> tuple[Audio, list[Note], bool]:
    point = TempoPoint(position=0.0, bpm=bpm, numerator=4, denominator=4)
    when = Timeline(sample_rate=rate, start_frame=0, end_frame=len(song), tempo=(point,))
    request = TaskRequest(GenerateParams(prompt=prompt), when, 1, (_Song(song),), SketchOptions(sound="own"))
    pieces, notes, follows = list[Audio](), list[Note](), False
    for output in engine.text(request, PatientContext()):
        if isinstance(output, StemAudio):
            pieces.append(np.asarray(output.samples, dtype=np.float32))
        elif isinstance(output, StemNotes):
            notes += output.notes
        elif isinstance(output, Remark):
            follows = follows or output.sentence.startswith("It follows the detected chords")
    return np.concatenate(pieces), notes, follows


def _measure(samples: Audio, rate: int) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP."""
    meter = LoudnessMeter(rate, samples.shape[1])
    meter.add(samples)
    return meter.integrated_lufs() or -99.0, meter.true_peak_dbtp() or -99.0


def _bar_triads(song: Audio, rate: int) -> list[frozenset[int]]:
    """The triad of each bar by librosa."""
    chroma = librosa.feature.chroma_cqt(y=song.mean(axis=1), sr=rate)
    edges = np.linspace(0, chroma.shape[1], BARS + 1).astype(int)
    triads = [
        frozenset({root, (root + third) % 12, (root + 7) % 12}) for root in range(12) for third in (3, 4)
    ]
    shapes = np.array([[float(tone in triad) for tone in range(12)] for triad in triads])
    shapes -= shapes.mean(axis=1, keepdims=True)
    found = []
    for first, last in pairwise(edges):
        mean = chroma[:, first:last].mean(axis=1)
        found.append(triads[int((shapes @ (mean - mean.mean())).argmax())])
    return found


def _agreement(notes: Sequence[Note], triads: Sequence[frozenset[int]], frames: int) -> float:
    """The share of bars that play the triads."""
    bar, right = frames / BARS, 0
    for number, triad in enumerate(triads):
        held: Counter[int] = Counter()
        for note in notes:
            inside = min(note.start + note.frames, (number + 1) * bar) - max(note.start, number * bar)
            held[note.pitch % 12] += max(round(inside), 0)
        total = sum(held.values())
        right += total > 0 and sum(held[tone] for tone in triad) >= _TONES * total
    return right / BARS


def main() -> None:
    """Prints the table."""
    warnings.filterwarnings("ignore")
    engine = SketchEngine().load("cpu", "full")
    print("| song | LUFS | part | LU below the song | its role's | detected | bars on the song's chords |")
    print("|---|---|---|---|---|---|---|")
    peaks = []
    for name, bpm in SONGS.items():
        song, rate = _read_song(SECTOID / name, bpm)
        lufs, peak = _measure(song, rate)
        triads, total = _bar_triads(song, rate), song.copy()
        for prompt, role in PARTS.items():
            samples, notes, follows = _make_part(engine, prompt, song, rate, bpm)
            total += samples
            own, _ = _measure(samples, rate)
            pitched = all(note.channel != 9 for note in notes)
            share = f"{_agreement(notes, triads, len(song)):.0%}" if pitched else ""
            detected = ("yes" if follows else "no") if pitched else ""
            print(f"| {name} | {lufs:.1f} | {prompt} | {lufs - own:.1f} | {-role:g} | {detected} | {share} |")
        after, sum_peak = _measure(total, rate)
        peaks.append((name, lufs, peak, after, sum_peak))
    print(
        "\n| song | LUFS | true peak, dBTP | LUFS with three parts | true peak with them |\n|---|---|---|---|---|"
    )
    for name, lufs, peak, after, sum_peak in peaks:
        print(f"| {name} | {lufs:.1f} | {peak:.1f} | {after:.1f} | {sum_peak:.1f} |")


if __name__ == "__main__":
    main()
