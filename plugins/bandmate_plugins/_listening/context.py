"""Key, chords and register of what plays around a range, so that something new can be played to it.

What is not clear is not told: an engine then plays as it would without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from bandmate_plugins._listening.cells import beat_cells
from bandmate_plugins._listening.chords import NO_CHORD, chord_symbol, power_chord_symbol
from bandmate_plugins._listening.harmony import DetectedHarmony, detect_harmony, state_changes
from bandmate_plugins._listening.key import key_profile
from bandmate_plugins._listening.mono_stream import MonoStream
from bandmate_plugins._listening.notes import (
    LOWEST_NOTE,
    NoteRows,
    NoteStream,
    pitch_classes,
)
from bandmate_plugins._listening.tuning import other_tuning
from bandmate_plugins._platform.arrays import FloatArray32, FloatArray64
from bandmate_plugins._theory.keys import Key, parse_key
from bandmate_protocol.messages import ChordMark, Timeline
from bandmate_protocol.tempo import TempoMap, nearest_frame

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples

_CERTAIN_FIT, _MIN_FIT, _MIN_HELD = 0.83, 0.6, 0.55
"""A key is told where its profile correlates so well, or less well but what sounds is held."""
_MIN_CLARITY = 0.5
"""How well the chords of the range must fit."""
_CHORDAL_HELD = 0.6
"""So much must be held where only the chords are clear: drums are held less, or fit chords less than half as well."""
_MIN_OVERLAP = 0.6
"""The share of the range that must be heard for its chords to be told."""
_MELODY_LOW, _MELODY_HIGH, _MELODY_ROWS = 55, 85, 12
_STANDS_OUT = 0.3


@dataclass(frozen=True, slots=True)
class ContextAnalysis:
    """What could be told for sure; None or empty where it could not."""

    key: Key | None = None
    chords: tuple[ChordMark, ...] = ()
    busy: float | None = None
    """The MIDI note around which the melody lies."""
    tuning_cents: int = 0
    """How far the audio lies above concert pitch; 0 where that cannot be told."""


class ContextAnalyser:
    """Takes in audio in order, in pieces of any size, and keeps the notes that sound."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._mono: MonoStream | None = None
        self._notes = NoteStream()
        self._frames = 0

    def add(self, samples: Samples) -> None:
        """Takes in samples of shape (frames, channels)."""
        if self._mono is None:
            self._mono = MonoStream(self._rate, samples.shape[1])
        self._frames += len(samples)
        self._notes.add(self._mono.add(samples))

    def analyse(self, start_frame: int, timeline: Timeline, tempo: TempoMap) -> ContextAnalysis:
        """What the audio says, which began at a frame of the project."""
        if self._mono is None:
            return ContextAnalysis()
        self._notes.add(self._mono.finish())
        notes = self._notes.finish()
        given = parse_key(timeline.key) if timeline.key else None
        strengths, cents = _tuned_strengths(notes, given)
        cells = beat_cells(tempo, start_frame, start_frame + self._frames)
        starts = np.array([cell.start for cell in cells])
        firsts = np.flatnonzero([cell.opens for cell in cells])
        harmony = detect_harmony(strengths, (starts - start_frame) / self._rate, firsts, given)
        if harmony.key is None:
            return ContextAnalysis(tuning_cents=cents)
        clear = _is_key_clear(harmony, notes)
        heard = min(start_frame + self._frames, timeline.end_frame) - max(start_frame, timeline.start_frame)
        enough = heard >= _MIN_OVERLAP * timeline.frames and harmony.clarity >= _MIN_CLARITY
        chords = _chord_marks(starts, harmony.states, timeline, thirds=clear) if enough else ()
        # Heavy music leaves its key often, but not its chords.
        if not clear and not (chords and notes.held_share() >= _CHORDAL_HELD):
            return ContextAnalysis(tuning_cents=cents)
        return ContextAnalysis(harmony.key.key, chords, _melody_register(strengths), cents)


def _tuned_strengths(notes: NoteRows, key: Key | None) -> tuple[FloatArray32, int]:
    """The notes in the tuning that was detected, and that tuning in cents.

    In the one that suits a key which is known, where half a semitone up or down is the question.
    """
    cents = notes.tuning_cents or 0
    strengths = notes.strengths(cents)
    if key is None:
        return strengths, cents
    other = other_tuning(cents, pitch_classes(strengths).sum(axis=0), key_profile(key))
    return (strengths, cents) if other == cents else (notes.strengths(other), other)


def _is_key_clear(harmony: DetectedHarmony, notes: NoteRows) -> bool:
    """Whether what sounds is music in a key, rather than drums, speech or noise."""
    assert harmony.key is not None
    both = harmony.treble + 0.5 * harmony.bass
    loud = both.sum(axis=1)
    used = both[loud > 0.1 * loud.max()]
    mean = (used / used.sum(axis=1, keepdims=True)).mean(axis=0)
    fit = float(np.corrcoef(key_profile(harmony.key.key), mean)[0, 1])
    return fit >= _CERTAIN_FIT or (fit >= _MIN_FIT and notes.held_share() >= _MIN_HELD)


def _chord_marks(
    starts: FloatArray64, states: list[int], timeline: Timeline, *, thirds: bool
) -> tuple[ChordMark, ...]:
    """The chords of the range, or their fifths alone; one holds where none sounds.

    Without a clear key thirds are not clear either: those of distorted fifths are overtones, which are always major.
    """
    symbol_of = chord_symbol if thirds else power_chord_symbol
    marks: list[ChordMark] = []
    for at in state_changes(states).tolist():
        if states[at] == NO_CHORD or starts[at] >= timeline.end_frame:
            continue
        mark = ChordMark(position=max(nearest_frame(float(starts[at])), 0), symbol=symbol_of(states[at]))
        if starts[at] <= timeline.start_frame:
            marks.clear()
        if not marks or marks[-1].symbol != mark.symbol:
            marks.append(mark)
    return tuple(marks)


def _melody_register(strengths: FloatArray32) -> float | None:
    """Where the loudest note above the basses lies, if it lies close together."""
    upper = strengths[:, _MELODY_LOW - LOWEST_NOTE : _MELODY_HIGH - LOWEST_NOTE]
    most = float(upper.max(initial=0.0))
    tops = upper.argmax(axis=1)[upper.max(axis=1) > _STANDS_OUT * most] if most > 0 else np.zeros(0)
    return float(_MELODY_LOW + np.median(tops)) if len(tops) >= _MELODY_ROWS else None
