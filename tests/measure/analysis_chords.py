"""The chords of tracker modules, from the notes of their patterns, where these leave no doubt.

A module says which note is struck, not at which pitch its sample was recorded. What each instrument really
sounds is in TONES, labelled by hand from the votes of `vote`:

python -m tests.measure.analysis_chords FOLDER [--libopenmpt LIBRARY]
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import librosa
import numpy as np
from numpy.typing import NDArray

from tests.measure.analysis_module import RATE, Audio, Module, Note, Row

NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
Tones = Mapping[int, tuple[int, ...]]

TONES: dict[str, Tones] = {
    "biniax_common00.it": {6: (), 7: (5,), 10: (1,), 11: (3,), 21: (5,)},
    "biniax_common01.it": {1: (1,), 2: (1,), 7: (1,), 13: (1,), 14: (1,)},
    "biniax_common02.it": {5: (4, 8, 11)},
    "biniax_common03.it": {2: (0,), 6: (), 8: (0,), 9: (0,)},
    "biniax_common04.it": {0: (0,), 4: (), 5: (), 7: (0,)},
    "biniax_common05.it": {0: (1,), 1: (1,), 6: (1,), 7: (1,)},
    "biniax_common06.it": {0: (0,), 1: (0,), 7: (0,), 8: (), 9: ()},
    "biniax_common07.it": {0: (1,), 1: (1,), 2: (1,), 7: (1,), 11: (1,)},
}
"""The semitones from the nominal note to what is heard, by instrument; none where no one pitch is clear.

One instrument, number 5 of common02, is a recording of a major chord. Drums and noise are left out.
"""

BASS: dict[str, tuple[int, ...]] = {
    "biniax_common00.it": (7, 21),
    "biniax_common01.it": (1, 7, 14),
    "biniax_common02.it": (),
    "biniax_common03.it": (2,),
    "biniax_common04.it": (0,),
    "biniax_common05.it": (7,),
    "biniax_common06.it": (0, 7),
    "biniax_common07.it": (7, 11),
}
"""The instruments that sound lowest, most of the time below 100 Hz."""

_FRAME = RATE // 20
_AUDIBLE = 0.1
"""A channel counts while it is louder than this share of the loudness of the whole (its median)."""
_INSIDE, _ROOT, _THIRD = 0.8, 0.15, 0.1
"""The least shares, of all time that tones sound, of a triad's three tones, its root and its third."""
_LEAST = 3.0
"""Seconds of clear chords below which a module is not scored."""
_THIRDS = {"maj": 4, "min": 3}
_ROWS_IN_HALF = 8
"""Rows of half a bar; bars begin on the rows that sixteen divides."""


def clear_chords(
    module: Module, name: str, audio: Audio, rows: list[Row], *, strict: bool = False
) -> list[tuple[float, float, str]]:
    """Start, end (seconds) and label of each half bar: a major or minor triad, or X where none is clear.

    Empty if hardly any is clear. A half bar of the root (mostly) takes the third from its bar. If strict,
    there is a doubt too where sounds without a clear pitch are audible, and where the fifth is not there and
    the bass does not have the root.
    """
    weights = _weights(module, name, audio, rows)
    if not strict:
        weights[:, 0, 12] = weights[:, 1] = 0
    times = (np.arange(len(weights)) + 0.5) * _FRAME / RATE
    starts = [row for row in rows if row.number % _ROWS_IN_HALF == 0]
    ends = [*(row.seconds for row in starts[1:]), len(audio) / RATE]
    halves = [
        weights[(times >= row.seconds) & (times < end)].sum(axis=0)
        for row, end in zip(starts, ends, strict=True)
    ]
    found = []
    for place, (row, half) in enumerate(zip(starts, halves, strict=True)):
        bar = place // 2 * 2
        label = triad(half)
        if label == "X":
            label = _of_bar(half, triad(np.sum(halves[bar : bar + 2], axis=0)))
        found.append((row.seconds, ends[place], label))
    clear = sum(end - start for start, end, label in found if label != "X")
    return found if clear >= _LEAST else []


def _weights(module: Module, name: str, audio: Audio, rows: list[Row]) -> NDArray[np.float64]:
    """How many notes are audible in each frame, shape (frames, 2, 13): all and the bass, by pitch class.

    The last column is for sounds without a clear pitch.
    """
    tones, bass = TONES[name], BASS[name]
    notes = [note for note in module.notes(rows, len(audio) / RATE) if note.instrument in tones]
    heard = {
        channel: _loudness(module.played(len(audio), channel=channel)[0])
        for channel in {note.channel for note in notes}
    }
    least = _AUDIBLE * float(np.median(_loudness(audio)))
    weights = np.zeros((len(audio) // _FRAME, 2, 13))
    times = (np.arange(len(weights)) + 0.5) * _FRAME / RATE
    for note in notes:
        sounds = (times >= note.start) & (times < note.end) & (heard[note.channel] > least)
        sounding = [(note.pitch_class + tone) % 12 for tone in tones[note.instrument]]
        for column in sounding or [12]:
            weights[sounds, 0, column] += 1
            weights[sounds, 1, column] += note.instrument in bass
    return weights


def _of_bar(half: NDArray[np.float64], label: str) -> str:
    """The chord of the bar, if its tones make up the half bar and its root is the heaviest; else X."""
    if label == "X" or not half.any():
        return "X"
    tonic, kind = NAMES.index(label.split(":")[0]), label.split(":")[1]
    inside = sum(float(half[0, (tonic + step) % 12]) for step in (0, _THIRDS[kind], 7))
    return label if int(half[0].argmax()) == tonic and inside >= _INSIDE * float(half[0].sum()) else "X"


def _loudness(audio: Audio) -> NDArray[np.float64]:
    """The root mean square of each twentieth of a second."""
    whole = len(audio) // _FRAME * _FRAME
    squares: NDArray[np.float64] = (audio[:whole].astype(np.float64) ** 2).reshape(-1, _FRAME * 2)
    loud: NDArray[np.float64] = np.sqrt(squares.mean(axis=1))
    return loud


def triad(weights: NDArray[np.float64]) -> str:
    """The one triad that weights, as of `_weights`, spell: as mir_eval reads it, and X if in doubt.

    Without the fifth, two tones a third apart may belong to another triad: they count only if the root weighs
    at least as much as the third, and most in the bass, if that is known.
    """
    total = float(weights[0].sum())
    lowest = int(weights[1].argmax()) if weights[1].any() else None
    best, label = 0.0, "X"
    for kind, size in _THIRDS.items():
        for tonic in range(12):
            root, third, fifth = (float(weights[0, (tonic + step) % 12]) for step in (0, size, 7))
            inside = root + third + fifth
            clear = inside >= _INSIDE * total and root >= _ROOT * total and third >= _THIRD * total
            sure = fifth >= _THIRD * total or (root >= third and lowest in (tonic, None))
            if clear and sure and inside > best:
                best, label = inside, f"{NAMES[tonic]}:{kind}"
    return label


def vote(module: Module, seconds: float = 60.0) -> Iterator[tuple[int, Counter[int]]]:
    """What each instrument sounds above its nominal note, in semitones: votes of notes that sound alone.

    The pitch is that of YIN (de Cheveigné and Kawahara 2002), less how far the instrument is out of tune.
    """
    audio, rows = module.played(round(seconds * RATE))
    notes = module.notes(rows, len(audio) / RATE)
    for instrument in sorted({note.instrument for note in notes}):
        mine = [note for note in notes if note.instrument == instrument]
        alone = module.played(len(audio), instrument=instrument)[0].mean(axis=1)
        steps = [_step(alone, note) for note in mine if not any(_clash(note, other) for other in mine)]
        known = np.array([step for step in steps[:60] if step is not None])
        if known.size:
            off = float(np.angle(np.exp(2j * np.pi * known).mean())) / (2 * np.pi)
            yield instrument, Counter((np.round(known - off).astype(int) % 12).tolist())


def _clash(note: Note, other: Note) -> bool:
    overlap = other.start < note.end and note.start < other.end
    return overlap and other.pitch_class != note.pitch_class


def _step(alone: NDArray[np.floating], note: Note) -> float | None:
    """Semitones from the nominal pitch class to the heard one; None if the note is too short or too soft."""
    part = alone[int((note.start + 0.02) * RATE) : int(min(note.end, note.start + 0.5) * RATE)]
    if len(part) < RATE // 10 or float(np.abs(part).max()) < 1e-3:
        return None
    hertz = float(np.median(librosa.yin(part, fmin=30, fmax=1_500, sr=RATE, frame_length=4_096)))
    return float(librosa.hz_to_midi(hertz)) - note.pitch_class


def main() -> None:
    """Prints the votes beside the labels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="the folder `music` of biniax2-data")
    parser.add_argument("--libopenmpt", default="libopenmpt.so.0", help="the library that plays modules")
    asked = parser.parse_args()
    for name, tones in TONES.items():
        module = Module((asked.folder / name).read_bytes(), asked.libopenmpt)
        for instrument, votes in vote(module):
            print(name, instrument, dict(votes.most_common(3)), "labelled", tones.get(instrument, "none"))


if __name__ == "__main__":
    main()
