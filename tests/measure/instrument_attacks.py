"""Measures where in the attacks of real instruments beats are placed.

python -m tests.measure.instrument_attacks --soundfont FILE.sf2

Each instrument plays a note or a chord on every beat. Its attack is told by when it first comes within 20, 10
and 6 dB of its greatest level, and what is heard by how long after that beat's note it lies.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import mido
import numpy as np

from tests.measure.analysis_tempo import RATE, Floats, listen, played

_BPM, _BEATS = 112.0, 44
_TICKS_PER_BEAT, _HELD_TICKS = 480, 430
_CHORD, _LOW = (60, 64, 67), (36,)
_LEVELS_DB = (-20.0, -10.0, -6.0)
INSTRUMENTS = {
    "piano": (0, _CHORD),
    "guitar": (24, _CHORD),
    "acoustic bass": (32, _LOW),
    "finger bass": (33, _LOW),
    "synth bass": (38, _LOW),
    "trumpets": (56, _CHORD),
    "brass": (61, _CHORD),
    "celli": (42, _CHORD),
    "organ": (19, _CHORD),
    "synth strings": (50, _CHORD),
    "pad": (91, _CHORD),
}
"""The program of General MIDI, and the notes of each."""


def notes_on_beats(program: int, notes: tuple[int, ...]) -> mido.MidiFile:
    """A file that plays notes on each beat, every fourth one louder."""
    track = mido.MidiTrack()
    track.append(mido.MetaMessage("set_tempo", tempo=round(60e6 / _BPM)))
    track.append(mido.Message("program_change", program=program))
    wait = 0
    for beat in range(_BEATS):
        velocity = 80 if beat % 4 else 110
        for kind, ticks in (("note_on", wait), ("note_off", _HELD_TICKS)):
            for number, note in enumerate(notes):
                track.append(mido.Message(kind, note=note, velocity=velocity, time=0 if number else ticks))
        wait = _TICKS_PER_BEAT - _HELD_TICKS
    return mido.MidiFile(ticks_per_beat=_TICKS_PER_BEAT, tracks=[track])


def attack_ms(samples: Floats) -> list[float]:
    """When the first note comes within each of the levels of its greatest."""
    first = np.abs(samples[: round(60 / _BPM * RATE)])
    return [1000 * float(np.argmax(first > first.max() * 10 ** (level / 20))) / RATE for level in _LEVELS_DB]


def late_ms(samples: Floats) -> float | None:
    """How long after the notes beats are, in the mean; None without beats, or if they lie between the notes."""
    period = 60 / _BPM
    beats = listen(samples).beats
    off = 1000 * ((beats + period / 2) % period - period / 2)
    within = np.abs(off) < 1000 * period / 8
    return float(np.mean(off)) if len(off) and within.all() else None


def main() -> None:
    """Prints a row for each instrument."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--soundfont", type=Path, required=True)
    asked = parser.parse_args()
    print("| instrument | -20 dB | -10 dB | -6 dB | beats |\n|---|---|---|---|---|")
    for name, (program, notes) in INSTRUMENTS.items():
        samples = played(notes_on_beats(program, notes), asked.soundfont)
        late = late_ms(samples)
        cells = [f"{ms:.1f}" for ms in attack_ms(samples)] + ["none" if late is None else f"{late:.1f}"]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
