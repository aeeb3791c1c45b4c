"""How well the melody of a singing voice is heard, alone and in a band, next to swift-f0 where it is here.

uv run --with swift-f0 python -m tests.tools.voice_score

The voice is made here: formants, glides, a vibrato of half a tone and breath, on the notes of four leads.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins.generate import Generate
from bandmate_plugins.sketch import SketchEngine
from bandmate_plugins.sketch.transcribe.pitch import MELODY, Heard
from bandmate_plugins.sketch.transcribe.transcript import Transcript
from bandmate_plugins.testing import MemoryInput, run_task, timeline
from bandmate_protocol.messages import Note
from tests.tools.cover_score import RATE, SEED, note_f

PIECES = (("pop", 104), ("soul", 84), ("country", 112), ("jazz", 132))
FORMANTS = ((700.0, 150.0, 1.0), (1_150.0, 200.0, 0.7), (2_800.0, 350.0, 0.4))
"""Of an open vowel: hertz, width in hertz, level."""
_GLIDE_SECONDS, _VIBRATO_HZ, _VIBRATO_SEMITONES = 0.05, 5.6, 0.5
Voice = NDArray[np.float32]


def sung(notes: Sequence[Note], frames: int) -> Voice:
    """A voice on some notes, one at a time; shape (frames,)."""
    hertz, level = np.zeros(frames), np.zeros(frames)
    for note in notes:
        span = slice(note.start, min(note.start + note.frames, frames))
        count = span.stop - span.start
        hertz[span] = 440 * 2 ** ((note.pitch - 69) / 12)
        rise = np.minimum(np.arange(count) / (0.04 * RATE), 1)
        fall = np.minimum((count - np.arange(count)) / (0.05 * RATE), 1)
        level[span] = rise * fall * note.velocity / 127
    known = np.flatnonzero(hertz)
    pitch = np.log2(np.interp(np.arange(frames), known, hertz[known]))
    glide = np.hanning(round(_GLIDE_SECONDS * RATE))
    pitch = np.convolve(np.pad(pitch, len(glide), mode="edge"), glide / glide.sum(), mode="same")
    pitch = pitch[len(glide) : -len(glide)]
    time = np.arange(frames) / RATE
    line = 2 ** (pitch + _VIBRATO_SEMITONES / 12 * np.sin(2 * np.pi * _VIBRATO_HZ * time))
    turns = np.cumsum(line) / RATE
    made = np.zeros(frames)
    for number in range(1, 30):
        at = line * number
        formed = sum(gain * np.exp(-0.5 * ((at - middle) / width) ** 2) for middle, width, gain in FORMANTS)
        made += np.where(at < 0.45 * RATE, formed / number**1.2 + 0.02 / number, 0) * np.sin(
            2 * np.pi * number * turns
        )
    made *= level
    made /= np.abs(made).max()
    breath = np.random.default_rng(5).standard_normal(frames) * (0.2 + level)
    return np.asarray(0.5 * (made + 0.01 * breath), dtype=np.float32)


def swift_notes(module: Any, mono: Voice) -> list[Heard]:
    """The notes that swift-f0 hears."""
    sixteen = importlib.import_module("librosa").resample(mono, orig_sr=RATE, target_sr=16_000)
    pitches = module.SwiftF0(threads=1).detect(sixteen, 16_000, fmin=60, fmax=1_600)
    return [
        Heard(one.start * RATE, one.end * RATE, round(69 + 12 * np.log2(one.pitch_hz / 440)), 1.0)
        for one in module.segment_notes(pitches)
    ]


def main() -> None:
    """Prints the table."""
    engine = SketchEngine().load("cpu", "full")
    swift = importlib.import_module("swift_f0") if importlib.util.find_spec("swift_f0") else None
    scores: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for number, (prompt, bpm) in enumerate(PIECES):
        when = timeline(8, bpm=bpm, sample_rate=RATE)
        params = {"prompt": prompt, "sound": "own"}
        made = run_task(Generate(), params, timeline=when, seed=SEED + number, engine=engine)
        lead, others = made.stems[-1], np.sum([stem.samples for stem in made.stems[:-1]], axis=0)
        voice = sung(lead.notes, len(others))[:, None]
        sources = {
            "a voice alone": np.repeat(voice, 2, axis=1),
            "an instrument alone": lead.samples,
            "a voice in a band": 0.6 * voice + others,
            "an instrument in a band": lead.samples + others,
        }
        for name, stereo in sources.items():
            samples = np.asarray(stereo, dtype=np.float32)
            heard = Transcript(MemoryInput(samples), when, MELODY, lambda: None).listen()
            assert heard is not None
            other = note_f(lead.notes, swift_notes(swift, samples.mean(axis=1))) if swift else np.nan
            scores[name].append((note_f(lead.notes, heard.melody), other))
    print("| melody of | own | swift-f0 |\n|---|---|---|")
    for name, rows in scores.items():
        own, other = np.mean(rows, axis=0)
        print(f"| {name} | {own:.2f} | {other:.2f} |")


if __name__ == "__main__":
    main()
