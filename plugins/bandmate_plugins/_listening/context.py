"""Listens to audio of the project: its key, its chords under the range, and where its melody lies.

Chroma comes from the peaks of the spectrum, so that noise and drums weigh little. The key is the one whose
profile (Albrecht and Shanahan, "The use of large corpora to train a new type of key-finding algorithm", 2013)
correlates best with it; chords are the best path through templates of triads (after Fujishima, 1999), held
where in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening.downmix import MonoDownmix
from bandmate_plugins._listening.tuning import TuningMeter, other_tuning
from bandmate_plugins._platform.arrays import FloatArray64
from bandmate_plugins._theory.best_path import best_path
from bandmate_plugins._theory.key_profiles import MAJOR_PROFILE, MINOR_PROFILE
from bandmate_plugins._theory.keys import Key, parse_key
from bandmate_plugins._theory.pitch_names import PITCH_NAMES
from bandmate_protocol.messages import ChordMark, Timeline
from bandmate_protocol.tempo import TempoMap, nearest_frame

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples

_FRAME_SECONDS = 0.3
_LOW, _HIGH, _BASS_HIGH = 33, 89, 52
"""MIDI notes that are listened to, and up to where they may be a bass."""
_KICK_HIGH, _KICK_WEIGHT = 37, 0.4
"""Below this MIDI note a kick's tone is mixed up with the bass, whose overtones tell its note as well."""
_MIN_KEY_FIT, _CERTAIN_KEY_FIT = 0.77, 0.83
_MIN_UNEVENNESS = 0.3
"""How uneven the chroma of music is at least: its deviation over its mean."""
_MIN_SUSTAINED = 0.55
"""How much of each frame of music goes on in the next; drums have less."""
_MIN_CHORD_FIT = 0.62
_STAY_IN_BAR, _STAY_AT_BAR = 0.25, 0.06
"""How much better a new chord must fit than the old one goes on fitting, inside a bar and at its start."""
_MIN_OVERLAP = 0.6
_DIATONIC = 0.14
"""How much a chord of the key is preferred."""
_OVERTONES = ((12, 0.1), (19, 0.2), (28, 0.2))
"""Semitones above a note, and how much of it is taken for its overtone there."""


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
    """Takes in audio in order and keeps a few numbers for each third of a second."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._downmix: MonoDownmix | None = None
        self._size = 1 << max(8, round(np.log2(rate * _FRAME_SECONDS)))
        self._window = np.hanning(self._size)
        self._open = np.zeros(0)
        self._at = 0
        hertz = np.fft.rfftfreq(self._size, 1 / rate)
        self._pitch = 69 + 12 * np.log2(np.maximum(hertz, 1.0) / 440)
        self._bins = np.flatnonzero((self._pitch > _LOW - 1.5) & (self._pitch < _HIGH + 0.5))
        self._middle = np.flatnonzero((self._pitch > _LOW - 0.5) & (self._pitch < _HIGH - 0.5))
        self._tuning = TuningMeter(1)
        self._peaks: list[_SpectrumPeaks] = []
        self._times: list[float] = []

    def add(self, samples: Samples) -> None:
        """Takes in samples of shape (frames, channels)."""
        if self._downmix is None:
            self._downmix = MonoDownmix(self._rate, samples.shape[1])
        self._analyse_mono(self._downmix.add(samples))

    def _analyse_mono(self, mono: FloatArray64) -> None:
        self._open = np.concatenate((self._open, mono))
        while len(self._open) >= self._size:
            self._peaks.append(self._find_peaks(self._open[: self._size]))
            self._times.append(self._at + self._size / 2)
            self._open = self._open[self._size // 2 :]
            self._at += self._size // 2

    def analyse(self, start_frame: int, timeline: Timeline, tempo: TempoMap) -> ContextAnalysis:
        """What the audio says, which began at a frame of the project."""
        if self._downmix is not None:
            self._analyse_mono(self._downmix.finish())
        if not self._peaks:
            return ContextAnalysis()
        given = parse_key(timeline.key) if timeline.key else None
        rows, cents = self._note_rows(given)
        key = _detect_key(rows)
        if key is None:
            return ContextAnalysis(tuning_cents=cents)
        times = np.array(self._times) + start_frame
        chords = _detect_chords(
            _remove_overtones(rows), times, _half_bar_borders(timeline, tempo, times), key
        )
        return ContextAnalysis(key, chords, _melody_register(rows), cents)

    def _find_peaks(self, frame: FloatArray64) -> _SpectrumPeaks:
        magnitude = np.abs(np.fft.rfft(frame * self._window))
        floor = 4 * float(np.median(magnitude[self._middle]))
        near = magnitude[self._bins[0] - 1 : self._bins[-1] + 2]
        top = (near[1:-1] > near[:-2]) & (near[1:-1] >= near[2:])
        bins = self._bins[top]
        self._meter_tuning(magnitude, bins[magnitude[bins] > floor])
        return _SpectrumPeaks(bins.astype(np.int32), magnitude[bins], floor)

    def _meter_tuning(self, magnitude: FloatArray64, bins: NDArray[np.int64]) -> None:
        """Lets the tuning be metered by the peaks that stand out, placed between the bins by a parabola."""
        left, top, right = (np.log(magnitude[bins + way] + 1e-12) for way in (-1, 0, 1))
        shift = np.clip(0.5 * (left - right) / np.minimum(left - 2 * top + right, -1e-9), -0.5, 0.5)
        pitch = 69 + 12 * np.log2((bins + shift) * self._rate / self._size / 440)
        self._tuning.add(np.full(len(bins), len(self._peaks)), pitch, magnitude[bins])

    def _note_rows(self, key: Key | None) -> tuple[NDArray[np.float64], int]:
        """How much each note sounds in each row, in the tuning that was heard; and that tuning in cents.

        The one that suits a key which is known, where half a semitone up or down is the question.
        """
        cents = self._tuning.cents() or 0
        rows = self._fold_peaks(cents)
        other = (
            cents if key is None else other_tuning(cents, _chroma_rows(rows).sum(axis=0), _key_profile(key))
        )
        return (rows, cents) if other == cents else (self._fold_peaks(other), other)

    def _fold_peaks(self, cents: int) -> NDArray[np.float64]:
        """The square root of the peaks' magnitude by note, shape (rows, notes)."""
        notes = np.round(self._pitch - cents / 100).astype(np.int64) - _LOW
        found = np.zeros((len(self._peaks), _HIGH - _LOW))
        for row, peaks in enumerate(self._peaks):
            places = notes[peaks.bins]
            inside = (places >= 0) & (places < _HIGH - _LOW)
            sums = np.bincount(places[inside], weights=peaks.magnitudes[inside], minlength=_HIGH - _LOW)
            found[row] = np.sqrt(np.maximum(sums - peaks.floor, 0))
        return found


@dataclass(frozen=True, slots=True)
class _SpectrumPeaks:
    """The peaks of one spectrum."""

    bins: NDArray[np.int32]
    magnitudes: FloatArray64
    floor: float
    """What a note has to have at least."""


def _remove_overtones(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is left when each note, from the lowest up, has taken away its first overtones; of kicks, less."""
    left = rows.copy()
    left[:, : _KICK_HIGH - _LOW] *= _KICK_WEIGHT
    for low in range(left.shape[1]):
        for above, share in _OVERTONES:
            if low + above < left.shape[1]:
                left[:, low + above] = np.maximum(left[:, low + above] - share * left[:, low], 0.0)
    return left


def _chroma_rows(rows: NDArray[np.float64], low: int = _LOW, high: int = _HIGH) -> NDArray[np.float64]:
    """Rows by pitch class, from some of the notes; shape (frames, 12)."""
    out = np.zeros((len(rows), 12))
    for pitch in range(low, high):
        out[:, pitch % 12] += rows[:, pitch - _LOW]
    return out


def _detect_key(rows: NDArray[np.float64]) -> Key | None:
    chroma = _chroma_rows(rows)
    loud = chroma.sum(axis=1)
    if loud.max() <= 0:
        return None
    used = chroma[loud > 0.1 * loud.max()]
    mean = (used / used.sum(axis=1, keepdims=True)).mean(axis=0)
    keys = [Key(tonic, mode) for mode in ("major", "minor") for tonic in range(12)]
    fits = {key: _profile_fit(_key_profile(key), mean) for key in keys}
    best = max(fits, key=lambda key: fits[key])
    if fits[best] < _MIN_KEY_FIT or np.std(mean) < _MIN_UNEVENNESS * np.mean(mean):
        return None
    held = np.minimum(rows[:-1], rows[1:]).sum() / max(float(rows[:-1].sum()), 1e-12)
    return best if fits[best] >= _CERTAIN_KEY_FIT or held >= _MIN_SUSTAINED else None


def _key_profile(key: Key) -> FloatArray64:
    """What a key expects of the twelve pitch classes."""
    return np.roll(MINOR_PROFILE if key.is_minor else MAJOR_PROFILE, key.tonic)


def _half_bar_borders(timeline: Timeline, tempo: TempoMap, times: FloatArray64) -> list[tuple[float, bool]]:
    """The borders of the half bars of the range in frames, and whether a bar begins there.

    None if too little of the range is heard.
    """
    start, end = max(times[0], timeline.start_frame), min(times[-1], timeline.end_frame)
    if end - start < _MIN_OVERLAP * timeline.frames:
        return []
    borders: list[tuple[float, bool]] = []
    for bar in tempo.bars(timeline.start_frame, timeline.end_frame):
        borders.append((bar.start, True))
        if bar.numerator % 2 == 0 and bar.numerator > 2:
            borders.append((tempo.position_of(bar.number, bar.numerator / 2), False))
    return [*borders, (float(timeline.end_frame), True)]


def _detect_chords(
    rows: NDArray[np.float64], times: FloatArray64, cells: Sequence[tuple[float, bool]], key: Key
) -> tuple[ChordMark, ...]:
    """The best path through the triads, a choice for each cell that is heard."""
    whole_chroma, bass = _chroma_rows(rows), _chroma_rows(rows, _LOW, _BASS_HIGH)
    starts, fits, prices = [], [], []
    for (start, opens), (end, _) in pairwise(cells):
        inside = (times >= start) & (times < end)
        if not inside.any():
            continue
        starts.append(start)
        prices.append(_STAY_AT_BAR if opens else _STAY_IN_BAR)
        fits.append(_triad_fits(whole_chroma[inside].mean(axis=0), bass[inside].mean(axis=0)))
    if not fits:
        return ()
    path, sure = best_triad_path(np.array(fits) + _diatonic_bonus(key), prices)
    if sure < _MIN_CHORD_FIT:
        return ()
    marks: list[ChordMark] = []
    for start, chord in zip(starts, path, strict=True):
        symbol = PITCH_NAMES[chord % 12] + ("m" if chord >= 12 else "")
        if not marks or marks[-1].symbol != symbol:
            marks.append(ChordMark(position=max(nearest_frame(start), 0), symbol=symbol))
    return tuple(marks)


def _triad_fits(chroma: FloatArray64, bass: FloatArray64) -> FloatArray64:
    """How well each of the 24 triads fits, the twelve major ones first."""
    if chroma.sum() <= 0:
        return np.zeros(24)
    root = bass / max(float(bass.sum()), 1e-12)
    found = []
    for third in (4, 3):
        for tonic in range(12):
            template = np.zeros(12)
            template[[tonic, (tonic + third) % 12, (tonic + 7) % 12]] = (1.0, 0.9, 0.8)
            found.append(_profile_fit(template, chroma) + 0.25 * float(root[tonic]))
    return np.array(found)


def _diatonic_bonus(key: Key) -> FloatArray64:
    """A little more for the triads of the key, and for the dominant of a minor one."""
    found = np.zeros(24)
    scale = set(key.scale)
    for root in scale:
        for number, third in ((root, 4), (root + 12, 3)):
            if {(root + third) % 12, (root + 7) % 12} <= scale:
                found[number] = _DIATONIC
    dominant = (key.tonic + 7) % 12
    found[dominant], found[dominant + 12] = _DIATONIC, 0.0
    return found


def best_triad_path(fits: NDArray[np.float64], prices: Sequence[float]) -> tuple[list[int], float]:
    """The path with the best sum of fits, less a price for each change; and its mean fit."""
    path = best_path(fits.tolist(), prices)
    return path, float(fits[np.arange(len(path)), path].mean())


def _melody_register(rows: NDArray[np.float64]) -> float | None:
    """Where the loudest note above the basses lies, if it lies close together."""
    upper = rows[:, 55 - _LOW : 85 - _LOW]
    tops = (
        55 + upper.argmax(axis=1)[upper.max(axis=1) > 0.3 * upper.max()] if upper.max() > 0 else np.zeros(0)
    )
    return float(np.median(tops)) if len(tops) >= 4 else None


def _profile_fit(template: FloatArray64 | Sequence[float], chroma: FloatArray64) -> float:
    spread = float(np.std(chroma))
    return float(np.corrcoef(template, chroma)[0, 1]) if spread > 0 else 0.0
