"""How well the melody of a voice or an instrument is heard, alone and in a band, by each way to listen.

python -m tests.measure.voice_score [--recordings FOLDER]

The melodies are those of leads of the engine `sketch`, half of them with seeds nothing was adjusted with.
A line in the folder of recordings, people who sing alone, is compared with librosa's pYIN.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import librosa
import numpy as np
import soundfile
import swift_f0
from numpy.typing import NDArray

from bandmate_plugins._engines.sketch import SketchEngine
from bandmate_plugins._engines.sketch.accompany.reading import SOLO
from bandmate_plugins._listening import strokes
from bandmate_plugins._listening.decimated import DecimatedReader
from bandmate_plugins._listening.melody import lines
from bandmate_plugins._listening.melody.lines import MELODY, TranscribedNote
from bandmate_plugins._listening.melody.voice import BUILT_IN_TRACKER
from bandmate_plugins._listening.project_features import measure_features
from bandmate_plugins._listening.transcript import Transcript
from bandmate_plugins._tasks.generate import GenerateTask
from bandmate_plugins.testing import MemoryInput, make_timeline, run_task
from bandmate_protocol.messages import Note
from tests.material.voices import Voice, festival_sings, sung
from tests.measure.cover_score import RATE, note_f

PIECES = (("pop", 104), ("soul", 84), ("country", 112), ("jazz", 132))
SEEDS = (100, 200)
_SYLLABLE = 0.1
"""Seconds within which a note of a syllable begins: its consonant may have no pitch."""
_BLEED = 10 ** (-15 / 20)
"""How loud a band is in a singer's microphone, next to the voice."""


def in_a_band(mono: Voice) -> list[TranscribedNote]:
    """The melody as it is heard in a mix: no voice by itself is looked for."""
    features = measure_features(_ear(mono), RATE, 0, len(mono), lambda: None)
    found = strokes.detect_strokes(features)
    return lines.transcribe_line(features, MELODY, found.onsets, found.strengths)[0]


def by_cover(mono: Voice, tracker: str, line: lines.LineSearch = MELODY) -> list[TranscribedNote]:
    """What `cover` hears, and `accompany` with its line."""
    source, when = (
        MemoryInput(np.stack((mono, mono), axis=1)),
        make_timeline(frames=len(mono), sample_rate=RATE),
    )
    heard = Transcript(source, when, line, lambda: None, tracker).transcribe_next()
    assert heard is not None
    return heard.melody


def by_swift(mono: Voice) -> list[TranscribedNote]:
    """The notes that swift-f0 hears by itself."""
    sixteen = librosa.resample(mono, orig_sr=RATE, target_sr=16_000)
    pitches = swift_f0.SwiftF0(threads=1).detect(sixteen, 16_000, fmin=60, fmax=1_600)
    return [
        TranscribedNote(one.start * RATE, one.end * RATE, round(69 + 12 * np.log2(one.pitch_hz / 440)), 1.0)
        for one in swift_f0.segment_notes(pitches)
    ]


WAYS: dict[str, Callable[[Voice], list[TranscribedNote]]] = {
    "as in a band": in_a_band,
    "cover": lambda mono: by_cover(mono, BUILT_IN_TRACKER),
    "cover, swift-f0": lambda mono: by_cover(mono, ""),
    "accompany": lambda mono: by_cover(mono, BUILT_IN_TRACKER, SOLO),
    "accompany, swift-f0": lambda mono: by_cover(mono, "", SOLO),
    "swift-f0 by itself": by_swift,
}


def _ear(mono: Voice) -> DecimatedReader:
    return DecimatedReader(MemoryInput(np.stack((mono, mono), axis=1)), RATE)


def materials() -> Iterator[tuple[str, Voice, Sequence[Note], float]]:
    """Names, sounds, their notes, and within how many seconds these begin."""
    engine = SketchEngine().load("cpu", "full")
    for seed in SEEDS:
        for number, (prompt, bpm) in enumerate(PIECES):
            when = make_timeline(8, bpm=bpm, sample_rate=RATE)
            params = {"prompt": prompt, "sound": "own"}
            made = run_task(GenerateTask(), params, timeline=when, seed=seed + number, engine=engine)
            lead = made.stems[-1].samples.mean(axis=1)
            others = np.sum([stem.samples.mean(axis=1) for stem in made.stems[:-1]], axis=0)
            yield from _of_a_piece(made.stems[-1].notes, lead, others)


def _of_a_piece(
    notes: Sequence[Note], lead: Voice, others: Voice
) -> Iterator[tuple[str, Voice, Sequence[Note], float]]:
    frames = len(lead)
    voice = sung(notes, frames)
    yield "a voice, 1/2 semitone of vibrato", voice, notes, 0.05
    yield "a voice, 1 semitone", sung(notes, frames, vibrato=1.0), notes, 0.05
    yield "a voice that glides", sung(notes, frames, glide=0.15), notes, 0.05
    yield "a voice with much breath", sung(notes, frames, breath=0.05), notes, 0.05
    scale = _BLEED * np.sqrt(np.mean(np.square(voice)) / np.mean(np.square(others)))
    yield "a voice, a band 15 dB below", np.asarray(voice + scale * others, dtype=np.float32), notes, 0.05
    for name, vibrato in (("Festival", 0.0), ("Festival, 0.3 semitones of vibrato", 0.3)):
        made = festival_sings(notes, vibrato)
        if made is not None:
            yield name, *made, _SYLLABLE
    yield "an instrument", lead, notes, 0.05
    yield "a voice in a band", np.asarray(0.6 * voice + others, dtype=np.float32), notes, 0.05
    yield "an instrument in a band", lead + others, notes, 0.05


def score_known() -> None:
    """A line for each kind of material."""
    scores: dict[str, list[list[float]]] = defaultdict(list)
    for name, mono, notes, within in materials():
        scores[name].append([note_f(notes, way(mono), within) for way in WAYS.values()])
    print(f"| melody of | {' | '.join(WAYS)} |\n|---|{'---|' * len(WAYS)}")
    for name, rows in scores.items():
        print(f"| {name} | " + " | ".join(f"{mean:.2f}" for mean in np.mean(rows, axis=0)) + " |")


def score_recordings(folder: Path) -> None:
    """For each recording, the share of what pYIN holds for sung in which a note within a semitone sounds."""
    print(f"\n| recording | {' | '.join(WAYS)} |\n|---|{'---|' * len(WAYS)}")
    for path in sorted(folder.glob("*.wav")):
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
        mono = librosa.resample(samples.mean(axis=1), orig_sr=rate, target_sr=RATE)
        how = {"sr": RATE, "frame_length": 4_096, "hop_length": 512}
        hertz, voiced, _ = librosa.pyin(mono, fmin=65, fmax=1_200, **how)
        sung_at = librosa.hz_to_midi(hertz)
        times = librosa.times_like(hertz, sr=RATE) * RATE
        found = [_share(way(mono), times[voiced], sung_at[voiced]) for way in WAYS.values()]
        print(f"| {path.name} | " + " | ".join(f"{value:.2f}" for value in found) + " |")


def _share(
    notes: Sequence[TranscribedNote], times: NDArray[np.float64], pitches: NDArray[np.float64]
) -> float:
    right = np.zeros(len(times), dtype=bool)
    for note in notes:
        inside = (times >= note.start) & (times < note.end)
        right |= inside & (np.abs(pitches - note.pitch) < 1)
    return float(right.mean())


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recordings", type=Path, help="a folder of .wav files of one person who sings")
    asked = parser.parse_args()
    score_known()
    if asked.recordings:
        score_recordings(asked.recordings)


if __name__ == "__main__":
    main()
