"""Voices whose notes are known: made here, or sung by Festival where it is installed.

Festival (Debian: festival, festvox-kallpc16k) sings words with diphones of a man's voice at given pitches,
and tells when each syllable begins. It knows nothing of any tracker.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from bandmate_protocol.messages import Note

RATE = 44_100
FORMANTS = ((700.0, 150.0, 1.0), (1_150.0, 200.0, 0.7), (2_800.0, 350.0, 0.4))
"""Of an open vowel: hertz, width in hertz, level."""
VIBRATO_HZ = 5.6
Voice = NDArray[np.float32]
_SYLLABLES = ("la", "doe", "no", "ray", "me", "low", "you", "moon")
_HIGHEST_SUNG = 62
"""A MIDI note: Festival's man sings higher ones an octave or two down."""
_SHORTEST_REST = 0.08
_HOOK = """
(require 'singing-mode)
(define (tell utt)
  (let ((file (fopen "{labels}" "a")))
    (mapcar
      (lambda (one) (format file "%f %f\\n" (item.feat one 'syllable_start) (item.feat one 'syllable_end)))
      (utt.relation.items utt 'Syllable))
    (fclose file)
    utt))
(set! after_synth_hooks (list tell))
"""
_HEAD = """<?xml version="1.0"?>
<!DOCTYPE SINGING PUBLIC "-//SINGING//DTD SINGING mark up//EN" "Singing.v0_1.dtd" []>
<SINGING BPM="60">
"""


def sung(
    notes: Sequence[Note], frames: int, *, vibrato: float = 0.5, glide: float = 0.05, breath: float = 0.01
) -> Voice:
    """A voice on some notes, one at a time; shape (frames,).

    `vibrato` is how far it goes to each side in semitones, `glide` the seconds from note to note, `breath`
    how loud the noise is.
    """
    level = np.zeros(frames)
    for note in notes:
        span = slice(note.start, min(note.start + note.frames, frames))
        count = span.stop - span.start
        rise = np.minimum(np.arange(count) / (0.04 * RATE), 1)
        fall = np.minimum((count - np.arange(count)) / (0.05 * RATE), 1)
        level[span] = rise * fall * note.velocity / 127
    line = 2 ** (
        _gliding(notes, frames, glide)
        + vibrato / 12 * np.sin(2 * np.pi * VIBRATO_HZ * np.arange(frames) / RATE)
    )
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
    noise = np.random.default_rng(5).standard_normal(frames) * (0.2 + level)
    return np.asarray(0.5 * (made + breath * noise), dtype=np.float32)


def _gliding(notes: Sequence[Note], frames: int, seconds: float) -> NDArray[np.float64]:
    """The octaves above one hertz of each frame."""
    hertz = np.zeros(frames)
    for note in notes:
        hertz[note.start : note.start + note.frames] = 440 * 2 ** ((note.pitch - 69) / 12)
    known = np.flatnonzero(hertz)
    pitch = np.log2(np.interp(np.arange(frames), known, hertz[known]))
    window = np.hanning(round(seconds * RATE))
    pitch = np.convolve(np.pad(pitch, len(window), mode="edge"), window / window.sum(), mode="same")
    return np.asarray(pitch[len(window) : -len(window)])


def festival_sings(notes: Sequence[Note], vibrato: float = 0.0) -> tuple[Voice, list[Note]] | None:
    """What Festival sings of some notes, at pitches of a man, and the notes as it times them.

    None where it is not installed. `vibrato` is as for `sung`.
    """
    program = shutil.which("text2wave")
    if program is None:
        return None
    low = [note.pitch - 12 * max(0, -(-(note.pitch - _HIGHEST_SUNG) // 12)) for note in notes]
    with tempfile.TemporaryDirectory() as folder:
        song, hook, labels, wave = (Path(folder, name) for name in ("song.xml", "hook", "labels", "sung.wav"))
        song.write_text(_song(notes, low, vibrato), encoding="utf-8")
        hook.write_text(_HOOK.format(labels=labels), encoding="utf-8")
        command = [program, "-mode", "singing", "-eval", str(hook), str(song), "-o", str(wave)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        samples, rate = soundfile.read(wave, dtype="float32")
        times = [tuple(map(float, line.split())) for line in labels.read_text().splitlines()]
    truth = [
        Note(start=round(start * RATE), frames=round((end - start) * RATE), pitch=pitch, velocity=90)
        for pitch, (start, end) in zip(low, times, strict=True)
    ]
    return 0.7 * np.asarray(soxr.resample(samples, rate, RATE), dtype=np.float32), truth


def _song(notes: Sequence[Note], pitches: Sequence[int], vibrato: float) -> str:
    """The notes as Festival reads them: a syllable each; a vibrato is a slur over many small notes."""
    ends = [*(note.start for note in notes[1:]), notes[-1].start + notes[-1].frames]
    lines = [_HEAD]
    for number, (note, pitch, end) in enumerate(zip(notes, pitches, ends, strict=True)):
        seconds, whole = note.frames / RATE, (end - note.start) / RATE
        rest = whole - seconds
        if rest < _SHORTEST_REST:
            seconds, rest = whole, 0.0
        turns = max(1, round(seconds * VIBRATO_HZ * 2)) if vibrato else 1
        steps = [vibrato * (-1) ** turn for turn in range(turns)]
        hertz = "+".join(f"{440 * 2 ** ((pitch + step - 69) / 12):.2f}" for step in steps)
        parts = "+".join([f"{seconds / turns:.4f}"] * turns)
        word = _SYLLABLES[number % len(_SYLLABLES)]
        lines.append(f'<PITCH FREQ="{hertz}"><DURATION SECONDS="{parts}">{word}</DURATION></PITCH>')
        if rest:
            lines.append(f'<REST SECONDS="{rest:.4f}"></REST>')
    return "\n".join([*lines, "</SINGING>"])


def in_a_row(pitches: Sequence[int], seconds: float) -> list[Note]:
    """Notes of one length, one after the other."""
    edges = [round(number * seconds * RATE) for number in range(len(pitches) + 1)]
    return [
        Note(start=start, frames=end - start, pitch=pitch, velocity=90)
        for pitch, (start, end) in zip(pitches, pairwise(edges), strict=True)
    ]
