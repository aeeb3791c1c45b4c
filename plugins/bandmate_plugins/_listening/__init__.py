"""Listening to music: beats, tempo map, metre, key, chords, sections and loudness, by signal processing.

`MusicAnalyser` takes audio in as it comes and returns what it detected. docs/analysis.md says how, and how well.
numpy, scipy and soxr come with it: import it inside functions where that matters.
"""

from bandmate_plugins._listening.ear import (
    DetectedBeats,
    DetectedChord,
    DetectedSection,
    MusicAnalyser,
    MusicAnalysis,
    TempoChange,
)

__all__ = [
    "DetectedBeats",
    "DetectedChord",
    "DetectedSection",
    "MusicAnalyser",
    "MusicAnalysis",
    "TempoChange",
]
