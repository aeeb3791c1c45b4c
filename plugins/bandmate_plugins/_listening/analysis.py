"""Listens to a piece once, in order, and says what is in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening import attacks, bare, metre, pace, steady, tempo, trust
from bandmate_plugins._listening import beats as pulse
from bandmate_plugins._listening.chords import chord_symbol
from bandmate_plugins._listening.cues import BeatCues
from bandmate_plugins._listening.features import (
    BANDS_PER_SECOND,
    AudioFeatures,
    FeatureExtractor,
    means_between,
)
from bandmate_plugins._listening.harmony import detect_harmony
from bandmate_plugins._listening.key import DetectedKey
from bandmate_plugins._listening.levels import LevelMeter, MeteredLevels
from bandmate_plugins._listening.notes import NOTES_PER_SECOND, bass_classes, treble_classes
from bandmate_plugins._listening.onsets import EARLY_ROWS, detect_onsets
from bandmate_plugins._listening.sections import find_sections
from bandmate_plugins._platform.arrays import FloatArray64

if TYPE_CHECKING:
    from bandmate_plugins.request import Samples

_AHEAD_SECONDS = 0.06


@dataclass(frozen=True)
class TempoChange:
    """Tempo and metre from a time on."""

    seconds: float
    bpm: float
    """Quarter notes a minute."""


@dataclass(frozen=True)
class DetectedChord:
    """A chord from a time on; `N` is none."""

    seconds: float
    symbol: str


@dataclass(frozen=True)
class DetectedSection:
    """A stretch with a letter; stretches that sound alike have the same."""

    start: float
    end: float
    """Seconds."""
    label: str


@dataclass(frozen=True)
class DetectedBeats:
    """Beats in seconds, which of them begin a bar (by number), and the metre."""

    beats: FloatArray64
    downbeats: NDArray[np.int64]
    numerator: int
    denominator: int
    tempo: list[TempoChange]
    sure: bool = True
    """Whether the tempo can be relied on."""


@dataclass(frozen=True)
class MusicAnalysis:
    """What was heard. Times are seconds from the start of the audio; lists are empty where nothing was."""

    seconds: float
    beats: FloatArray64
    downbeats: FloatArray64
    tempo: list[TempoChange]
    sure: bool
    """Whether the tempo can be relied on: it holds throughout, or the beats follow it wherever it moves."""
    numerator: int
    denominator: int
    key: str | None
    key_confidence: float
    chords: list[DetectedChord]
    sections: list[DetectedSection]
    levels: MeteredLevels
    pulse: DetectedBeats
    """What beats, bars and tempo come from."""
    tuning_cents: int | None
    """How far it lies above concert pitch (A4 = 440 Hz); None where that cannot be told."""
    fitted_changes: int = 0
    """As `DetectedHarmony` counts them."""

    @property
    def is_steady(self) -> bool:
        """Whether there is one tempo, which holds throughout."""
        return len(self.tempo) == 1


class MusicAnalyser:
    """Takes audio in, in pieces of any size, then tells what it heard.

    `frames` is how many there will be. Memory grows by about 100 MB an hour, whatever the rate and channels.
    """

    def __init__(self, rate: int, channels: int, frames: int) -> None:
        self._features = FeatureExtractor(rate, channels)
        self._levels = LevelMeter(rate, channels, frames)

    def add(self, samples: Samples) -> None:
        """Takes in finite samples of shape (frames, channels)."""
        self._levels.add(samples)
        self._features.add(samples)

    def finish_analysis(
        self,
        check: Callable[[], None],
        known: DetectedBeats | None = None,
        settled: Callable[[DetectedBeats], DetectedBeats] = lambda pulse: pulse,
    ) -> MusicAnalysis:
        """What is in all that came in; `known` are beats to take as they are, instead of hearing them.

        `settled` is given the beats that were heard, and says which ones to go by. `check` is called now and
        then, and may raise to stop.
        """
        features = self._features.finish()
        levels = self._levels.finish()
        if features.is_silent:
            found = known or _no_beats()
            return _build_analysis(features, levels, found, None, [], [])
        notes = features.notes.strengths()
        check()
        treble, bass = treble_classes(notes), bass_classes(notes)
        found = known or settled(_detect_beats(features, treble, bass, check))
        check()
        cells = _chord_cells(found.beats, features.seconds)
        firsts = np.flatnonzero(np.isin(cells, found.beats[found.downbeats]))
        heard = detect_harmony(notes, cells, firsts)
        check()
        parts = _detect_sections(features, treble, bass, cells, firsts)
        chords = _merge_chords(cells, heard.states)
        whole = _build_analysis(features, levels, found, heard.key, chords, parts)
        return replace(whole, fitted_changes=heard.fitted_changes)


def _no_beats() -> DetectedBeats:
    return DetectedBeats(np.zeros(0), np.zeros(0, np.int64), 4, 4, [])


def _detect_beats(
    features: AudioFeatures, treble: FloatArray64, bass: FloatArray64, check: Callable[[], None]
) -> DetectedBeats:
    starts, ends = features.sounding_span
    span = starts - _AHEAD_SECONDS, ends
    begins = detect_onsets(features)
    rows = pulse.track_beats(begins, check)
    rows = steady.steady_beats(begins.all, rows, (span[0] * BANDS_PER_SECOND, ends * BANDS_PER_SECOND), check)
    if len(rows) < 3:
        return _no_beats()
    seconds, counted = _count_bars(
        (rows + EARLY_ROWS) / BANDS_PER_SECOND, span, features, BeatCues(begins, treble, bass)
    )
    found = tempo.split_stretches(seconds, set(counted.downbeats.tolist()))
    even = tempo.even_beats(seconds, found)
    sure = len(found) == 1 or trust.can_trust_beats(begins.all, even * BANDS_PER_SECOND - EARLY_ROWS)
    even = attacks.align_to_attacks(features.attacks, even, even=len(found) == 1)
    if len(found) == 1:
        found = [replace(found[0], period=float(even[-1] - even[0]) / (len(even) - 1))]
    changes = [TempoChange(float(even[one.first]), 60 * counted.quarters / one.period) for one in found]
    # A first beat on the very start may have been heard a little before it.
    inside = (even >= span[0]) & (even < ends)
    first = int(np.argmax(inside)) if inside.any() else 0
    downbeats = counted.downbeats[(counted.downbeats >= first)] - first
    downbeats = downbeats[downbeats < inside.sum()]
    return DetectedBeats(np.maximum(even[inside], 0.0), downbeats, *counted.metre, changes, sure)


def _count_bars(
    beats: FloatArray64, span: tuple[float, float], features: AudioFeatures, cues: BeatCues
) -> tuple[FloatArray64, metre.BarGrid]:
    """The beats at the pace that is felt, and their bars."""
    ways = pace.pace_candidates(beats, span)
    clicks = bare.pick_bare_pulse(ways, features)
    if clicks is not None:
        return clicks, metre.bars_from_accents(clicks, bare.find_accents(clicks, features, metre.BAR_LENGTHS))
    seconds = pace.choose_pace(ways, cues)
    counted = metre.detect_bars(seconds, cues)
    again = pace.regroup_in_three(seconds, counted, cues)
    return (seconds, counted) if again is None else (again, metre.detect_bars(again, cues))


def _chord_cells(beats: FloatArray64, seconds: float) -> FloatArray64:
    """Where chords may change: on beats, before the first and after the last one at the same distance."""
    if len(beats) < 2:
        return np.arange(0.0, max(seconds, 0.1), 0.5)
    period = float(np.median(np.diff(beats)))
    before = beats[0] - period * np.arange(int(beats[0] / period + 0.9), 0, -1)
    after = np.arange(beats[-1] + period, seconds, period)
    return np.concatenate((np.maximum(before, 0.0), beats, after))


def _merge_chords(cells: FloatArray64, states: list[int]) -> list[DetectedChord]:
    found: list[DetectedChord] = []
    for start, symbol in zip(cells.tolist(), map(chord_symbol, states), strict=True):
        if not found or found[-1].symbol != symbol:
            found.append(DetectedChord(0.0 if not found else start, symbol))
    return found


def _detect_sections(
    features: AudioFeatures,
    treble: FloatArray64,
    bass: FloatArray64,
    cells: FloatArray64,
    firsts: NDArray[np.int64],
) -> list[DetectedSection]:
    """Sections of whole bars, or of stretches of 2 s where there are none."""
    edges = cells[firsts] if len(firsts) >= 8 else np.arange(0.0, features.seconds, 2.0)
    if len(edges) < 2:
        return [DetectedSection(0.0, features.seconds, "A")]
    both = means_between(np.hstack((treble, bass)), NOTES_PER_SECOND, edges)
    timbre = np.log(means_between(features.bands, BANDS_PER_SECOND, edges) + 1e-4)
    parts = find_sections(both, timbre)
    ends = [*(float(edges[part.first]) for part in parts[1:]), features.seconds]
    starts = [0.0, *ends[:-1]]
    return [
        DetectedSection(start, end, part.label) for start, end, part in zip(starts, ends, parts, strict=True)
    ]


def _build_analysis(
    features: AudioFeatures,
    levels: MeteredLevels,
    found: DetectedBeats,
    key: DetectedKey | None,
    chords: list[DetectedChord],
    sections: list[DetectedSection],
) -> MusicAnalysis:
    return MusicAnalysis(
        seconds=features.seconds,
        beats=found.beats,
        downbeats=found.beats[found.downbeats],
        tempo=found.tempo,
        sure=found.sure,
        numerator=found.numerator,
        denominator=found.denominator,
        key=key.name if key else None,
        key_confidence=key.confidence if key else 0.0,
        chords=chords,
        sections=sections,
        levels=levels,
        pulse=found,
        tuning_cents=features.tuning_cents,
    )
