"""Which notes sound: the peaks of long spectra by note, their tuning, and their pitch classes.

Windows of 0.37 s tell the notes of a bass apart and average over strokes: they are for chords and keys. For the
notes of a line, which may last a tenth of a second, `project_features` has shorter ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bandmate_plugins._listening.mono_stream import RATE, MonoStream
from bandmate_plugins._listening.spectra import WindowStream, find_peaks
from bandmate_plugins._listening.tuning import TuningMeter
from bandmate_plugins._platform.arrays import FloatArray32, FloatArray64

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples

NOTE_HOP = 1_024
NOTES_PER_SECOND = RATE / NOTE_HOP
"""Rows of notes in a second: 21.5."""
_NOTE_SIZE = 8_192
LOWEST_NOTE, HIGHEST_NOTE = 28, 96
"""MIDI notes that are listened to: E1 to B6."""
STEPS = 5
"""Parts of a semitone that rows of notes tell apart, so that a tuning can be taken out later."""
_ABOVE = 2.0
"""How much a peak must stand out."""
_COLUMNS = (HIGHEST_NOTE - LOWEST_NOTE) * STEPS
_BASS_HIGH, _TREBLE_LOW, _TREBLE_HIGH = 52, 48, 90
_ROWS_AT_ONCE = 4_096
_LASTING_ROWS = 7
"""Over which notes must last to count: a third of a second."""
_OVERTONES = ((12, 0.35), (19, 0.25), (24, 0.2), (28, 0.15))
"""Semitones above a note, and how much of it is taken for its overtone there."""
_MIN_BASS = 0.1
"""Less than this part of the treble is no bass: strokes leave a little of any note there."""
_MIN_UNEVENNESS = 0.2
"""How uneven the pitch classes of music are at least: their deviation over their mean."""


@dataclass(frozen=True)
class NoteRows:
    """The notes of a stretch, in rows of NOTES_PER_SECOND."""

    rows: NDArray[np.float16]
    """The square root of the magnitude of the spectrum's peaks by parts of semitones, (rows, 68 * STEPS)."""
    tuning_cents: int | None
    """How far the music is above 440 Hz, -50 to 50; None where that cannot be told."""

    def strengths(self, cents: int | None = None) -> FloatArray32:
        """`note_strengths` of these rows, in another tuning than the one that was detected if one is given."""
        return note_strengths(self.rows, (self.tuning_cents or 0) if cents is None else cents)

    def held_share(self) -> float:
        """How much of what sounds goes on a whole window later, 0 to 1: more in music than in drums or speech."""
        root = self.rows.reshape(len(self.rows), -1, STEPS).astype(np.float32)
        root = np.sqrt(np.square(root).sum(axis=2))
        apart = _NOTE_SIZE // NOTE_HOP
        held = np.minimum(root[:-apart], root[apart:]).sum(dtype=np.float64)
        return float(held / max(float(root[:-apart].sum(dtype=np.float64)), 1e-9))


class NoteStream:
    """Takes in mono audio at RATE, in pieces of any size, and keeps its notes."""

    def __init__(self) -> None:
        self._windows = WindowStream(_NOTE_SIZE, NOTE_HOP)
        self._tuning = TuningMeter(_NOTE_SIZE // NOTE_HOP // 2)
        self._count = 0
        self._made: list[NDArray[np.float16]] = []

    def add(self, mono: FloatArray32) -> None:
        """Takes in samples."""
        self._keep(self._windows.add(mono))

    def finish(self) -> NoteRows:
        """The notes of all that came in."""
        self._keep(self._windows.finish())
        made, self._made = self._made, []
        return NoteRows(
            np.concatenate(made) if made else np.zeros((0, _COLUMNS), np.float16), self._tuning.cents()
        )

    def _keep(self, magnitudes: FloatArray32) -> None:
        low, high = (440 * 2 ** ((note - 69.5) / 12) for note in (LOWEST_NOTE, HIGHEST_NOTE))
        for start in range(0, len(magnitudes), _ROWS_AT_ONCE):
            part = magnitudes[start : start + _ROWS_AT_ONCE]
            peaks = find_peaks(part, RATE / _NOTE_SIZE, low, high, _ABOVE)
            self._tuning.add(self._count + peaks.rows, peaks.pitches, peaks.magnitudes)
            self._count += len(part)
            place = np.round((peaks.pitches - LOWEST_NOTE) * STEPS).astype(np.int64) + STEPS // 2
            good = (place >= 0) & (place < _COLUMNS)
            flat = np.bincount(
                peaks.rows[good] * _COLUMNS + place[good],
                weights=peaks.magnitudes[good],
                minlength=len(part) * _COLUMNS,
            )
            self._made.append(np.sqrt(flat.reshape(len(part), _COLUMNS)).astype(np.float16))


def detect_notes(pieces: Iterable[Samples], rate: float, channels: int) -> NoteRows:
    """The notes of audio at a sample rate, in pieces of shape (frames, channels)."""
    stream, notes = MonoStream(rate, channels), NoteStream()
    for piece in pieces:
        notes.add(stream.add(piece))
    notes.add(stream.finish())
    return notes.finish()


def note_strengths(rows: NDArray[np.float16], cents: int) -> FloatArray32:
    """How much each semitone from LOWEST_NOTE on sounds; shape (rows, notes).

    The tuning is taken out, and so is what does not last, and what may be overtones of lower notes.
    """
    count = HIGHEST_NOTE - LOWEST_NOTE
    if not len(rows):
        return np.zeros((0, count), np.float32)
    shift = round(cents / 100 * STEPS)
    weight = np.array([0.4, 1.0, 1.0, 1.0, 0.4], np.float32)
    semitones = np.empty((len(rows), count), np.float32)
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = np.roll(np.square(rows[start : start + _ROWS_AT_ONCE], dtype=np.float32), -shift, axis=1)
        semitones[start : start + len(part)] = part.reshape(len(part), count, STEPS) @ weight
    # Peaks by their square root: a loud note is no more a tone of the chord than a soft one.
    rooted = np.sqrt(ndimage.median_filter(semitones, size=(_LASTING_ROWS, 1), mode="nearest"))
    remove_overtones(rooted, _OVERTONES)
    return np.asarray(rooted, dtype=np.float32)


def remove_overtones(notes: NDArray[np.floating], overtones: Iterable[tuple[int, float]]) -> None:
    """Takes from each note, from the lowest up, what may be overtones of it; changes rows of semitones in place.

    `overtones` are semitones above a note, and how much of it is taken for its overtone there.
    """
    taken = tuple(overtones)
    for low in range(notes.shape[1]):
        for above, share in taken:
            if low + above < notes.shape[1]:
                notes[:, low + above] = np.maximum(notes[:, low + above] - share * notes[:, low], 0.0)


def pitch_classes(
    notes: NDArray[np.floating], low: int = LOWEST_NOTE, high: int = HIGHEST_NOTE, lowest: int = LOWEST_NOTE
) -> FloatArray64:
    """Rows by pitch class, from MIDI note `low` up to `high`; shape (rows, 12).

    `lowest` is the MIDI note of the first column.
    """
    out = np.zeros((len(notes), 12))
    for pitch in range(low, high):
        out[:, pitch % 12] += notes[:, pitch - lowest]
    return out


def treble_classes(notes: NDArray[np.float32]) -> FloatArray64:
    """Pitch classes from C3 up."""
    return pitch_classes(notes, _TREBLE_LOW, _TREBLE_HIGH)


def bass_classes(notes: NDArray[np.float32]) -> FloatArray64:
    """Pitch classes up to E3."""
    return pitch_classes(notes, LOWEST_NOTE, _BASS_HIGH)


def class_shares(rows: FloatArray64, beside: FloatArray64 | None = None) -> FloatArray64:
    """Rows that sum to 3, as three notes would; to less where there is next to nothing `beside` others."""
    least = 1e-9 if beside is None else _MIN_BASS * beside.sum(axis=1, keepdims=True) + 1e-9
    return np.asarray(3 * rows / np.maximum(rows.sum(axis=1, keepdims=True), least))


def are_classes_even(rows: FloatArray64) -> bool:
    """Whether all pitch classes sound alike, as in noise."""
    mean = class_shares(rows).mean(axis=0)
    return bool(np.std(mean) < _MIN_UNEVENNESS * np.mean(mean))
