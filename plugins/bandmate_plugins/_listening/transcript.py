"""A recording as a score, written down a stretch at a time as far as it is asked for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bandmate_plugins._listening import strokes
from bandmate_plugins._listening.cells import GridMeasure, bar_measures, beat_cells
from bandmate_plugins._listening.chords import CHORD_SHAPES, NO_CHORD, chord_symbol
from bandmate_plugins._listening.decimated import DecimatedReader
from bandmate_plugins._listening.harmony import detect_harmony, state_changes
from bandmate_plugins._listening.key import key_profile
from bandmate_plugins._listening.melody import lines, voice
from bandmate_plugins._listening.melody.lines import TranscribedNote
from bandmate_plugins._listening.notes import detect_notes
from bandmate_plugins._listening.project_features import SpectralFeatures, measure_features
from bandmate_plugins._listening.strokes import DrumHit
from bandmate_plugins._theory.keys import Key
from bandmate_plugins.request import AudioInput
from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import TempoMap

T = TypeVar("T", DrumHit, TranscribedNote)
_MIN_TONAL, _MIN_TONAL_OVER_NOISE = 0.37, 0.05
"""What `tonal` is at least where there are notes, and where there is more than noise."""
PASSAGE_SECONDS = 300.0
"""So much is heard at a time: a song as a whole, an hour by parts."""
_SILENT_POWER = 1e-10
"""Mean squares under this are silence."""
_PIECE_SECONDS = 10.0
_MIN_CLARITY = 0.45
"""How well chords fit at least where they can be used: a recording in many keys has 0.50, atonal metal 0.35."""
_CLEAR_DRUMS = 0.25
"""Where drums are so clear no voice is alone."""


@dataclass(frozen=True, slots=True)
class TranscriptClarity:
    """How clearly each thing was heard; 0 is not at all, and 1 is the most there is."""

    drums: float = 0.0
    bass: float = 0.0
    melody: float = 0.0
    chords: float = 0.0
    key: float = 0.0
    tonal: float = 0.0
    """How much of what sounds goes on sounding a moment later: little in noise, speech and drums."""
    sings: bool | None = None
    """Of a voice that sounds by itself, whether it sings, else speaks; None where there is none."""

    @property
    def has_drums(self) -> bool:
        """Whether the hits are those of drums."""
        return self.drums >= 0.15 and self.tonal >= _MIN_TONAL_OVER_NOISE

    @property
    def has_bass(self) -> bool:
        """Whether the bass line can be used."""
        return self._is_tonal and self.sings is None and self.bass >= 0.15

    @property
    def has_melody(self) -> bool:
        """Whether the melody can be used."""
        return bool(self.sings) or (self._is_tonal and self.melody >= 0.15)

    @property
    def has_chords(self) -> bool:
        """Whether the chords and the key can be used."""
        return self._is_tonal and self.chords >= _MIN_CLARITY

    @property
    def _is_tonal(self) -> bool:
        return self.tonal >= _MIN_TONAL and self.sings is not False


@dataclass(frozen=True, slots=True)
class TranscribedChord:
    """A chord from a frame of the project on, held until the next."""

    start: float
    state: int
    """As `chords` numbers them."""

    @property
    def symbol(self) -> str:
        """Such as `F#m7`."""
        return chord_symbol(self.state)

    @property
    def root(self) -> int:
        """A pitch class."""
        return self.state % 12

    @property
    def minor(self) -> bool:
        """Whether its third is minor."""
        return 3 in CHORD_SHAPES[self.state // 12][1]

    @property
    def tones(self) -> frozenset[int]:
        """The pitch classes of all its tones."""
        return frozenset((self.root + tone) % 12 for tone in CHORD_SHAPES[self.state // 12][1])


@dataclass(frozen=True, slots=True)
class PassageHarmony:
    """What was detected of a passage's harmony."""

    key: Key | None
    key_confidence: float
    """0 to 1."""
    chords: list[TranscribedChord]
    clarity: float
    """How well the chords fit, -1 to 1."""


@dataclass
class TranscribedPassage:
    """What was heard between two measures."""

    start: float
    end: float
    """Frames of the project."""
    hits: list[DrumHit] = field(default_factory=list)
    onsets: list[tuple[float, float]] = field(default_factory=list)
    """Frame and strength, 0 to 1, of all that begins."""
    bass: list[TranscribedNote] = field(default_factory=list)
    melody: list[TranscribedNote] = field(default_factory=list)
    chords: list[TranscribedChord] = field(default_factory=list)
    measures: list[float] = field(default_factory=list)
    """Where each measure begins."""
    levels: list[float] = field(default_factory=list)
    """The mean square of each measure."""
    tracker: str = ""
    """What followed the pitch of a voice that sings by itself; empty where there is none."""
    key: Key | None = None
    tuning_cents: int = 0
    """How far it lies above concert pitch; 0 where that cannot be told."""
    clear: TranscriptClarity = field(default_factory=TranscriptClarity)

    @property
    def is_silent(self) -> bool:
        """Whether there is nothing in it."""
        return max(self.levels, default=0.0) < _SILENT_POWER


class Transcript:
    """Listens to a source along a timeline, a stretch ahead of whoever reads it."""

    def __init__(
        self,
        source: AudioInput,
        timeline: Timeline,
        line: lines.LineSearch,
        check: Callable[[], None],
        tracker: str = "",
        measures: Iterator[GridMeasure] | None = None,
    ) -> None:
        """`measures` are those of the timeline, in order: its bars, where a caller has no others."""
        self._timeline, self._line, self._check, self._tracker = timeline, line, check, tracker
        self._ear = DecimatedReader(source, timeline.sample_rate)
        self._ahead = bar_measures(timeline) if measures is None else measures
        self._next = next(self._ahead, None)
        self.stretches: list[TranscribedPassage] = []
        self.key: Key | None = None
        """The project's, or that of the first stretch; chords are heard in it."""

    def transcribe_next(self) -> TranscribedPassage | None:
        """Hears one more stretch; None when there is none."""
        taken: list[GridMeasure] = []
        most = PASSAGE_SECONDS * self._timeline.sample_rate
        while self._next is not None:
            first = taken[0] if taken else self._next
            if taken and self._next.end - first.start > most:
                break
            taken.append(self._next)
            self._next = next(self._ahead, None)
        if not taken:
            return None
        self.stretches.append(self._transcribe_passage(taken))
        return self.stretches[-1]

    def passage_at(self, frame: float) -> TranscribedPassage:
        """The stretch that a frame lies in, heard if need be; the last one for what lies after it."""
        while frame >= self.stretches[-1].end and self.transcribe_next() is not None:
            pass
        return next((one for one in self.stretches if frame < one.end), self.stretches[-1])

    def level_at(self, frame: float) -> float:
        """The level of the measure at a frame in dB, next to the loud ones of its stretch; 0 at the most."""
        stretch = self.passage_at(frame)
        loud = float(np.percentile(stretch.levels, 90))
        own = stretch.levels[max(bisect_right(stretch.measures, frame + 1) - 1, 0)]
        return 10 * float(np.log10(max(own, 1e-12) / max(loud, 1e-12))) if own < loud else 0.0

    def _transcribe_passage(self, taken: Sequence[GridMeasure]) -> TranscribedPassage:
        start = max(taken[0].start, float(self._timeline.start_frame))
        end = min(taken[-1].end, float(self._timeline.end_frame))
        profile = None if self.key is None else key_profile(self.key)
        features = measure_features(
            self._ear, self._timeline.sample_rate, start, max(end, start + 1), self._check, profile
        )
        places = [max(one.start, start) for one in taken]
        stretch = TranscribedPassage(
            start, end, measures=places, levels=_measure_levels(features, [*places, end])
        )
        stretch.tuning_cents = features.tuning_cents
        if stretch.is_silent:
            return stretch
        found = strokes.detect_strokes(features)
        self._check()
        stretch.hits = found.hits
        stretch.onsets = list(zip(found.onsets.tolist(), found.strengths.tolist(), strict=True))
        stretch.bass, bass = lines.transcribe_line(features, lines.BASS, found.onsets, found.strengths)
        self._check()
        stretch.melody, melody = lines.transcribe_line(features, self._line, found.onsets, found.strengths)
        self._check()
        harmony = self._detect_harmony(start, end, features.tuning_cents)
        stretch.key, stretch.chords = harmony.key, harmony.chords
        stretch.clear = TranscriptClarity(
            found.clear, bass, melody, harmony.clarity, harmony.key_confidence, _sustained_share(features)
        )
        if found.clear < _CLEAR_DRUMS:
            self._transcribe_voice(stretch)
        return stretch

    def _detect_harmony(self, start: float, end: float, cents: int) -> PassageHarmony:
        notes = detect_notes(self._read_pieces(start, end), self._ear.rate, 1)
        begins = self._ear.frame_at(self._ear.sample_at(start))
        cells = beat_cells(TempoMap.from_timeline(self._timeline), start, end)
        edges = np.array([cell.start - begins for cell in cells]) / self._timeline.sample_rate
        firsts = np.flatnonzero([cell.opens for cell in cells])
        found = detect_harmony(notes.strengths(cents), edges, firsts, self.key)
        chords = [
            TranscribedChord(cells[at].start, found.states[at])
            for at in state_changes(found.states).tolist()
            if found.states[at] != NO_CHORD
        ]
        key = self.key or (found.key.key if found.key else None)
        return PassageHarmony(key, found.key.confidence if found.key else 0.0, chords, found.clarity)

    def _read_pieces(self, start: float, end: float) -> Iterator[NDArray[np.float32]]:
        first, last = self._ear.sample_at(start), self._ear.sample_at(end)
        piece = round(_PIECE_SECONDS * self._ear.rate)
        for at in range(first, last, piece):
            self._check()
            yield self._ear.read_samples(at, min(piece, last - at))[:, np.newaxis]

    def _transcribe_voice(self, stretch: TranscribedPassage) -> None:
        """Takes the melody from a voice that sounds by itself, if there is one."""
        clear = stretch.clear
        heard = voice.detect_voice(
            self._ear, stretch.start, stretch.end, clear.tonal, self._tracker, self._check
        )
        if heard is None:
            return
        stretch.clear = replace(clear, sings=heard.sings)
        if heard.sings:
            stretch.melody, stretch.tracker = heard.notes, heard.tracker
            stretch.clear = replace(stretch.clear, melody=max(clear.melody, heard.voiced))


def notes_between(notes: Sequence[T], start: float, end: float) -> Sequence[T]:
    """Those of some notes or hits, in order of time, that begin in [start, end)."""
    return notes[bisect_left(notes, start, key=onset_frame) : bisect_left(notes, end, key=onset_frame)]


def onset_frame(note: DrumHit | TranscribedNote) -> float:
    """The frame of the project at which a note or a hit begins."""
    return note.frame if isinstance(note, DrumHit) else note.start


def _sustained_share(features: SpectralFeatures) -> float:
    """How much of the peaks goes on a sixth of a second later, where no spectrum has both."""
    root = np.sqrt(features.peaks)
    apart = max(1, round(0.16 / max(features.rows_to_seconds(2), 1e-6)))
    total = float(root[:-apart].sum())
    return float(np.minimum(root[:-apart], root[apart:]).sum()) / total if total > 0 else 0.0


def _measure_levels(features: SpectralFeatures, borders: Sequence[float]) -> list[float]:
    rows = np.round((np.array(borders) - features.start) / features.hop).astype(np.int64)
    total = np.concatenate(([0.0], np.cumsum(features.loud)))
    rows = np.clip(rows, 0, len(features.loud))
    return [
        float(total[max(b, a + 1) if a < len(features.loud) else b] - total[a]) / max(b - a, 1)
        for a, b in pairwise(rows.tolist())
    ]
