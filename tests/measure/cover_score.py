"""Scores covers and accompaniments of recordings and transcriptions of known pieces, by librosa and mir_eval.

python -m tests.measure.cover_score [--music FOLDER] [--only transcription|covers|accompaniments]

The recordings are those of the Debian packages named in `RECORDINGS`; what is not installed is left out.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import librosa
import mir_eval
import numpy as np
import soundfile
from numpy.typing import NDArray

from bandmate_plugins._engines.sketch import SketchEngine
from bandmate_plugins._listening.melody.lines import MELODY, TranscribedNote
from bandmate_plugins._listening.transcript import TranscribedPassage, Transcript
from bandmate_plugins._tasks.accompany import AccompanyTask
from bandmate_plugins._tasks.cover import CoverTask
from bandmate_plugins._tasks.generate import GenerateTask
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.task import Task
from bandmate_plugins.testing import MemoryInput, make_timeline, run_task
from bandmate_protocol.messages import Note, TempoPoint, Timeline

RATE = 44_100
SECONDS = 40
HOP = 512
Audio = NDArray[np.float32]
RECORDINGS = (
    ("sectoid: Metal madness", "games/fretsonfire/data/songs/sectoid/Metal madness/song.ogg", 60),
    ("sectoid: Feelings", "games/fretsonfire/data/songs/sectoid/Feelings/song.ogg", 60),
    ("hyperrogue: Crossroads", "hyperrogue/music/hr3-crossroads.ogg", 20),
    ("hyperrogue: Caves", "hyperrogue/music/hr3-caves.ogg", 30),
    ("hyperrogue: Caribbean", "hyperrogue/music/hr-savino-caribbean.ogg", 20),
    ("vonsh: play tune", "games/vonsh/play_tune.mp3", 5),
    ("asc: frontiers", "games/asc/music/frontiers.mp3", 60),
)
"""Names, files under the music's folder, and the second that is begun at."""
COVERS = (("rock", 0.0), ("as a string quartet", 0.2), ("jazz trio", 0.5), ("8-bit", 0.9))
ACCOMPANIMENTS = ("pop", "jazz trio")
SKETCHES = (
    ("rock", 132), ("funk", 104), ("pop ballad", 72), ("house", 124), ("jazz", 140), ("reggae", 80),
    ("chiptune", 140), ("disco", 118), ("metal", 150), ("soul", 88),
)  # fmt: skip
SEED = 100
"""Other seeds than those that the transcription was made with."""
KINDS = {
    "kick": ("kick", {35, 36}),
    "snare": ("snare", {37, 38, 39, 40}),
    "cymbals": ("hat", {42, 44, 46, 49, 51, 53, 54, 69, 82}),
}


@dataclass(frozen=True)
class Recording:
    """Some seconds of a piece, on the grid that librosa's beats give it."""

    name: str
    samples: Audio
    beats: NDArray[np.float64]
    when: Timeline


@dataclass(frozen=True)
class Likeness:
    """How alike two recordings are."""

    beats: float
    """F-measure of librosa's beats, within 70 ms, at the source's tempo."""
    pulse: float
    """The share of the beats in step at any metrical level, off-beats and double time included (AMLt)."""
    onsets: float
    """F-measure of librosa's onsets, within 50 ms."""
    chords: float
    """Share of the beats on which the best of 24 triads is the same."""
    chroma: float
    """Mean correlation of the chroma beat by beat."""


def recordings(folder: Path) -> Iterator[Recording]:
    """Those that are there."""
    for name, file, start in RECORDINGS:
        path = folder / file
        if not path.exists():
            print(f"(not installed: {path})")
            continue
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        part = samples[start * rate : (start + SECONDS) * rate]
        if rate != RATE:
            part = librosa.resample(part.T, orig_sr=rate, target_sr=RATE).T
        part = np.ascontiguousarray(part[:, :2], dtype=np.float32)
        beats = beats_of(part)
        yield Recording(name, part, beats, grid(beats, len(part)))


def beats_of(samples: Audio, tempo: float | None = None) -> NDArray[np.float64]:
    """Librosa's beats in seconds, at a tempo or at the one that it finds."""
    mono = samples.mean(axis=1)
    _, beats = librosa.beat.beat_track(y=mono, sr=RATE, hop_length=HOP, trim=False, units="time", bpm=tempo)
    return np.asarray(beats, dtype=np.float64)


def grid(beats: NDArray[np.float64], frames: int) -> Timeline:
    """A project whose beats are those, four to a bar."""
    mean = float(np.median(np.diff(beats)))
    while 60 / mean > 400:
        mean *= 2
    places = [float(beat * RATE) for beat in beats]
    if places[0] > 0:
        before = int(np.ceil(places[0] / (mean * RATE)))
        places = [places[0] - mean * RATE * n for n in range(before, 0, -1)] + places
    places.append(places[-1] + mean * RATE)
    points = [
        TempoPoint(position=a, bpm=min(max(60 * RATE / (b - a), 20.0), 400.0), numerator=4, denominator=4)
        for a, b in pairwise(places)
    ]
    first = points[0]
    # Positions are not negative: the grid begins with the recording, in the middle of a beat.
    kept = [point for point in points if point.position > 0]
    held = TempoPoint(position=0.0, bpm=first.bpm, numerator=4, denominator=4)
    beat = min(max((0.0 - first.position) / (RATE * 60 / first.bpm), 0.0), 3.99)
    return Timeline(sample_rate=RATE, start_frame=0, end_frame=frames, tempo=(held, *kept), bar=1, beat=beat)


def likeness(source: Recording, samples: Audio) -> Likeness:
    """Compares a result with its source."""
    tempo = 60 / float(np.median(np.diff(source.beats)))
    pair = [mir_eval.beat.trim_beats(beats) for beats in (source.beats, beats_of(samples, tempo))]
    beats, pulse = mir_eval.beat.f_measure(*pair), mir_eval.beat.continuity(*pair)[3]
    onsets, _, _ = mir_eval.onset.f_measure(onsets_of(source.samples), onsets_of(samples))
    one, other = chroma_of(source.samples, source.beats), chroma_of(samples, source.beats)
    same = np.mean(triads(one) == triads(other))
    alike = [np.corrcoef(a, b)[0, 1] for a, b in zip(one.T, other.T, strict=True) if a.std() and b.std()]
    return Likeness(float(beats), float(pulse), float(onsets), float(same), float(np.mean(alike)))


def onsets_of(samples: Audio) -> NDArray[np.float64]:
    """Librosa's onsets in seconds."""
    found = librosa.onset.onset_detect(y=samples.mean(axis=1), sr=RATE, hop_length=256, units="time")
    return np.asarray(found, dtype=np.float64)


def chroma_of(samples: Audio, beats: NDArray[np.float64]) -> NDArray[np.float64]:
    """Chroma of the harmonic part between the beats, shape (12, beats + 1)."""
    harmonic = librosa.effects.harmonic(samples.mean(axis=1))
    chroma = librosa.feature.chroma_cqt(y=harmonic, sr=RATE, hop_length=HOP)
    frames = librosa.time_to_frames(beats, sr=RATE, hop_length=HOP)
    return np.asarray(librosa.util.sync(chroma, frames, aggregate=np.mean))


def triads(chroma: NDArray[np.float64]) -> NDArray[np.int64]:
    """The best of 24 triads for each column, smoothed over three beats: plain templates, none of ours."""
    smooth = (np.roll(chroma, 1, axis=1) + 2 * chroma + np.roll(chroma, -1, axis=1)) / 4
    templates = []
    for third in (4, 3):
        for root in range(12):
            template = np.zeros(12)
            template[[root, (root + third) % 12, (root + 7) % 12]] = 1
            templates.append(template / np.sqrt(3))
    return np.asarray((np.array(templates) @ librosa.util.normalize(smooth, norm=2, axis=0)).argmax(axis=0))


def made(task: Task, params: dict[str, Any], source: Recording, engine: LoadedEngine) -> Audio:
    """The mix of what a task makes of a recording."""
    inputs = [] if task.source == "none" else [MemoryInput(source.samples)]
    result = run_task(task, params, timeline=source.when, inputs=inputs, engine=engine, seed=1)
    return np.sum([stem.samples for stem in result.stems], axis=0, dtype=np.float32)


def score_covers(folder: Path, engine: LoadedEngine) -> None:
    """A line for each recording and cover, and one that ignores the recording."""
    ways: list[tuple[str, Task, dict[str, Any]]] = [
        (f"{prompt}, {strength:g}", CoverTask(), {"prompt": prompt, "strength": strength})
        for prompt, strength in COVERS
    ]
    ways.append(("(generate, rock)", GenerateTask(), {"prompt": "rock"}))
    _table("cover", ways, folder, engine)


def score_accompaniments(folder: Path, engine: LoadedEngine) -> None:
    """A line for each recording and accompaniment, and one that ignores the recording."""
    ways: list[tuple[str, Task, dict[str, Any]]] = [
        (prompt, AccompanyTask(), {"prompt": prompt}) for prompt in ACCOMPANIMENTS
    ]
    ways.append(("(generate, pop)", GenerateTask(), {"prompt": "pop"}))
    _table("accompaniment", ways, folder, engine)


def _table(
    title: str, ways: Sequence[tuple[str, Task, dict[str, Any]]], folder: Path, engine: LoadedEngine
) -> None:
    print(
        f"| recording | {title} | beats | pulse | onsets | chords | chroma |\n|---|---|---|---|---|---|---|"
    )
    found: dict[str, list[Likeness]] = {name: [] for name, _, _ in ways}
    for source in recordings(folder):
        for name, task, params in ways:
            like = likeness(source, made(task, params, source, engine))
            found[name].append(like)
            print(_row(source.name, name, [like]), flush=True)
    for name, all_of in found.items():
        if all_of:
            print(_row("mean", name, all_of))
    print()


def _row(recording: str, name: str, likes: Sequence[Likeness]) -> str:
    means = [
        np.mean([getattr(like, what) for like in likes])
        for what in ("beats", "pulse", "onsets", "chords", "chroma")
    ]
    return f"| {recording} | {name} | " + " | ".join(f"{mean:.2f}" for mean in means) + " |"


def score_transcription(engine: LoadedEngine) -> None:
    """F-measures of what is written down of pieces whose notes are known."""
    print("| piece | kick | snare | cymbals | bass | melody | chord tones |\n|---|---|---|---|---|---|---|")
    rows = []
    for number, (prompt, bpm) in enumerate(SKETCHES):
        when = make_timeline(12, bpm=bpm, sample_rate=RATE)
        result = run_task(
            GenerateTask(), {"prompt": prompt}, timeline=when, seed=SEED + number, engine=engine
        )
        mix = np.sum([stem.samples for stem in result.stems], axis=0, dtype=np.float32)
        heard = Transcript(MemoryInput(mix), when, MELODY, lambda: None).transcribe_next()
        assert heard is not None
        row = _transcribed(heard, [stem.notes for stem in result.stems])
        rows.append(row)
        print(f"| {prompt} | " + " | ".join(f"{value:.2f}" for value in row) + " |", flush=True)
    print("| mean | " + " | ".join(f"{value:.2f}" for value in np.nanmean(rows, axis=0)) + " |\n")


def _transcribed(heard: TranscribedPassage, parts: Sequence[Sequence[Note]]) -> list[float]:
    drums, bass, keys, lead = parts
    found = []
    for kind, pitches in KINDS.values():
        truth = {note.start for note in drums if note.pitch in pitches and note.velocity > 50}
        hits = {hit.frame for hit in heard.hits if hit.kind == kind}
        found.append(_onset_f(truth, hits))
    return [
        *found,
        note_f(bass, heard.bass),
        note_f(lead, heard.melody),
        _chord_tones(heard, [*bass, *keys]),
    ]


def _onset_f(truth: set[int], found: set[float]) -> float:
    if not truth:
        return float("nan")
    times = [np.array(sorted(frames)) / RATE for frames in (truth, found)]
    return float(mir_eval.onset.f_measure(*times)[0]) if found else 0.0


def note_f(truth: Sequence[Note], found: Sequence[TranscribedNote], within: float = 0.05) -> float:
    """Onsets within so many seconds and pitch within a quarter tone; lengths do not count."""
    if not truth:
        return float("nan")
    if not found:
        return 0.0
    spans = [(note.start / RATE, (note.start + note.frames) / RATE) for note in truth]
    others = [(max(note.start, 0) / RATE, note.end / RATE) for note in found]
    pitches = [librosa.midi_to_hz(np.array([note.pitch for note in notes])) for notes in (truth, found)]
    _, _, f_measure, _ = mir_eval.transcription.precision_recall_f1_overlap(
        np.array(spans), pitches[0], np.array(others), pitches[1], offset_ratio=None, onset_tolerance=within
    )
    return float(f_measure)


def _chord_tones(heard: TranscribedPassage, notes: Sequence[Note]) -> float:
    """The share of the tones of bass and keys that the chord that was heard has, each quarter second."""
    inside = total = 0
    for frame in range(0, round(heard.end), RATE // 4):
        sounding = {note.pitch % 12 for note in notes if note.start <= frame < note.start + note.frames}
        chord = next((one for one in reversed(heard.chords) if one.start <= frame), None)
        if chord is None:
            continue
        inside, total = inside + len(sounding & chord.tones), total + len(sounding)
    return inside / max(total, 1)


def main() -> None:
    """Reads the command line and prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--music", type=Path, default=Path("/usr/share"), help="where the packages put music")
    parser.add_argument("--only", choices=("transcription", "covers", "accompaniments"))
    asked = parser.parse_args()
    engine = SketchEngine().load("cpu", "full")
    if asked.only in (None, "transcription"):
        score_transcription(engine)
    if asked.only in (None, "covers"):
        score_covers(asked.music, engine)
    if asked.only in (None, "accompaniments"):
        score_accompaniments(asked.music, engine)


if __name__ == "__main__":
    main()
