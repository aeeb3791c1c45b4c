"""Whether one voice sounds by itself, and what it sings.

A voice is told from an instrument by its pitch, which is never still, and song from speech by notes that are
held, by a tuning and by what goes on sounding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from bandmate_plugins._listening.decimated import DecimatedReader
from bandmate_plugins._listening.melody import swift_f0
from bandmate_plugins._listening.melody.contour import (
    ROW_SECONDS,
    PitchContour,
    merge_contours,
    track_pitch_yin,
)
from bandmate_plugins._listening.melody.contour_notes import (
    ContourNote,
    loud_level,
    quantise_notes,
    segment_notes,
    tuning_agreement,
)
from bandmate_plugins._listening.melody.lines import TranscribedNote

BUILT_IN_TRACKER = "own"
"""The name of the tracker that needs nothing."""
_LOUD_DB = 15.0
_MIN_SURENESS = 0.988
_MIN_VOICED = 0.6
"""The share of what is loud that is surely voiced. Bands are below, also with a voice in them: up to 0.56."""
_MIN_UNSTEADINESS = 0.045
"""Semitones: instruments of the engine's own are at 0.03 at the most, sung diphones at 0.05 and more."""
_MIN_ROWS = 4
_HELD_SECONDS = 0.25
_SONG_TONAL, _WORTH = 0.37, 3.0
_MIN_SONG_SCORE = 0.8
"""What `_song_score` is at least: two people who sing are at 0.90 and 1.06, speech without tones is below."""
_FIRST_LOOK = 8


@dataclass(frozen=True)
class SoloVoice:
    """A voice that sounds by itself."""

    notes: list[TranscribedNote]
    voiced: float
    """How much of what is loud is voiced, 0 to 1."""
    sings: bool
    """Else it speaks."""
    tracker: str
    """What followed its pitch: `own`, or swift-f0 with its version."""


def detect_voice(
    ear: DecimatedReader, start: float, stop: float, tonal: float, tracker: str, check: Callable[[], None]
) -> SoloVoice | None:
    """The voice between two frames of the project; None where there is not one alone, or it is an instrument.

    `tracker` "own" asks for YIN, else it is swift-f0 where that is installed. Whether it is a voice, and
    whether it sings, is told from YIN in any case.
    """
    if _voiced_share(track_pitch_yin(ear, start, stop, check, _FIRST_LOOK)) < _MIN_VOICED:
        return None
    contour = track_pitch_yin(ear, start, stop, check)
    voiced = _voiced_share(contour)
    spans = segment_notes(contour)
    if voiced < _MIN_VOICED or not spans or _pitch_unsteadiness(contour, spans) < _MIN_UNSTEADINESS:
        return None
    if _song_score(spans, tonal) < _MIN_SONG_SCORE:
        return SoloVoice([], voiced, sings=False, tracker=BUILT_IN_TRACKER)
    other = None if tracker == BUILT_IN_TRACKER else swift_f0.track_pitch_swift_f0(ear, start, stop, check)
    if other is None:
        return SoloVoice(quantise_notes(contour, spans), voiced, sings=True, tracker=BUILT_IN_TRACKER)
    # The network was trained on voices and misses clean sines and odd harmonics, which YIN follows best.
    both = merge_contours(other, contour, _MIN_SURENESS)
    return SoloVoice(
        quantise_notes(both, segment_notes(both)), voiced, sings=True, tracker=swift_f0.tracker_version()
    )


def _voiced_share(contour: PitchContour) -> float:
    """The share of the loud rows that is surely voiced."""
    rows = contour.level > loud_level(contour) - _LOUD_DB
    return float((contour.sure[rows] >= _MIN_SURENESS).mean()) if rows.any() else 0.0


def _pitch_unsteadiness(contour: PitchContour, spans: list[ContourNote]) -> float:
    """How far the pitch strays inside notes, in semitones."""
    strays, weights = [0.0], [1e-9]
    for span in spans:
        rows = slice(span.first, span.last)
        pitch = contour.pitch[rows][contour.sure[rows] >= 0.5]
        if len(pitch) >= _MIN_ROWS:
            strays.append(float(np.median(np.abs(pitch - np.median(pitch)))))
            weights.append(float(len(pitch)))
    return float(np.average(strays, weights=weights))


def _song_score(spans: list[ContourNote], tonal: float) -> float:
    """How much it is song: how much of it is in held notes, how far they are in tune, and what goes on."""
    sizes = np.array([span.last - span.first for span in spans], dtype=np.float64)
    held = float(sizes[sizes * ROW_SECONDS > _HELD_SECONDS].sum() / sizes.sum())
    chance = float(np.square(sizes).sum() / sizes.sum() ** 2)
    """What the square of the agreement of notes at random is."""
    beyond = (abs(tuning_agreement(spans)) ** 2 - chance) / max(1 - chance, 1e-9)
    return held + float(np.sqrt(max(beyond, 0.0))) + _WORTH * (tonal - _SONG_TONAL)
