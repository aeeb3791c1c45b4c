"""What an engine needs to listen: the same code that Bandmate's own tasks and engines detect with.

- `MusicAnalyser`: beats, tempo map, metre, key, chords, sections and loudness of a whole piece.
- `Transcript`: strokes, bass, melody, chords and key of a source along the project's grid, a stretch at a time.
- `ContextAnalyser`: key, chords, register and tuning of what plays around a range, where they are clear.
- `LoudnessMeter`, `mono_downmix`, `mix_inputs`: loudness, one channel in which nothing cancels, inputs added up.

numpy, scipy and soxr come with it: import it inside functions. Results may change when `LISTENING_VERSION` does.
"""

from bandmate_plugins._listening.analysis import MusicAnalyser, MusicAnalysis
from bandmate_plugins._listening.context import ContextAnalyser, ContextAnalysis
from bandmate_plugins._listening.downmix import mono_downmix
from bandmate_plugins._listening.loudness import LoudnessMeter
from bandmate_plugins._listening.melody.lines import MELODY, LineSearch, TranscribedNote
from bandmate_plugins._listening.mixed_input import mix_inputs
from bandmate_plugins._listening.strokes import DrumHit
from bandmate_plugins._listening.transcript import (
    TranscribedChord,
    TranscribedPassage,
    Transcript,
    TranscriptClarity,
)
from bandmate_plugins._listening.version import LISTENING_VERSION
from bandmate_plugins._theory.keys import Key

__all__ = [
    "LISTENING_VERSION",
    "MELODY",
    "ContextAnalyser",
    "ContextAnalysis",
    "DrumHit",
    "Key",
    "LineSearch",
    "LoudnessMeter",
    "MusicAnalyser",
    "MusicAnalysis",
    "TranscribedChord",
    "TranscribedNote",
    "TranscribedPassage",
    "Transcript",
    "TranscriptClarity",
    "mix_inputs",
    "mono_downmix",
]
