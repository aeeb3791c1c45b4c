"""Listening to music by signal processing, for every task and engine.

`MusicAnalyser` takes audio in as it comes and returns its beats, tempo map, metre, key, chords, sections and
loudness. `transcript` writes down the strokes, the bass, the melody and the chords of a source along the project's
grid; `context` tells key and chords of what plays around a range. docs/analysis.md and docs/measured say how well.
numpy, scipy and soxr come with it: import it inside functions where that matters.
"""

from bandmate_plugins._listening.analysis import (
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
