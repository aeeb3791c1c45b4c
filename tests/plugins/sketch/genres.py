"""Genres as they are played, shared by the tests of the music."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from bandmate_plugins import LoadedEngine, Note, TaskRequest
from bandmate_plugins._engines.sketch import SketchEngine, library
from bandmate_plugins._engines.sketch.performance.writer import NoteWriter
from bandmate_plugins._engines.sketch.players import band as bands
from bandmate_plugins._engines.sketch.players.band import Band
from bandmate_plugins._engines.sketch.theory.measures import Measure, iter_measures
from bandmate_plugins._engines.sketch.words import decisions
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._tasks.generate import SuggestParams
from bandmate_plugins._theory.keys import Key
from bandmate_plugins._theory.musical_range import MusicalRange
from bandmate_plugins.testing.running import PatientContext
from bandmate_protocol.messages import Timeline
from bandmate_protocol.tempo import TempoMap
from tests.plugins.sketch.conftest import Performance, perform, timeline

GENRES = sorted(name for name, genre in library.genres().items() if not genre.base)
"""Those that are no variant of another."""
RATE = 24_000


@lru_cache(maxsize=1)
def shared() -> LoadedEngine:
    return SketchEngine().load("cpu", "full")


@lru_cache(maxsize=64)
def played(genre: str, bars: int = 8, seed: int = 3) -> tuple[Performance, Timeline]:
    """A genre at its own tempo and in its own key."""
    word = library.genres()[genre].words[0]
    (report,) = shared().suggest(TaskRequest(SuggestParams(prompt=word), timeline(1), seed), PatientContext())
    wanted = report.values
    metre = (wanted["numerator"], wanted["denominator"])
    seconds = bars * 240 * metre[0] / metre[1] / wanted["bpm"]
    when = timeline(seconds, wanted["bpm"], metre, RATE)
    return perform(shared(), word, when, seed=seed), when


def quarters(note: Note, when: Timeline) -> float:
    return note.start / when.sample_rate * when.tempo[0].bpm / 60


@dataclass(frozen=True)
class Written:
    """A piece as notes, before any sound."""

    band: Band
    key: Key
    tempo: TempoMap
    parts: dict[str, list[Note]]
    """By kind."""
    measures: list[Measure]

    def at(self, note: Note) -> float:
        """Quarters."""
        return self.tempo.quarters_at(float(note.start))

    def bars(self, kind: str) -> list[list[Note]]:
        """A part's notes by measure; what is played a little early counts to the measure that it is for."""
        return [
            [note for note in self.parts[kind] if one.start - 0.02 <= self.at(note) < one.end - 0.02]
            for one in self.measures
        ]


@lru_cache(maxsize=512)
def written(genre: str, bars: int = 8, seed: int = 1) -> Written:
    """A genre at its own tempo and in one of its own keys, as notes."""
    wish = parse_prompt(library.genres()[genre].words[0])
    (numerator, denominator), bpm = decisions.choose_metre(wish), decisions.choose_tempo(wish)
    when = timeline(bars * 240 * numerator / denominator / bpm, bpm, (numerator, denominator), RATE)
    music = MusicalRange.from_timeline(when)
    key, _ = decisions.choose_key(wish, when, seed)
    band = bands.assemble_band(wish, music, key, seed)
    notes = NoteWriter(band, music).write_until(when.frames)
    kinds = [part.kind for part in band.parts]
    return Written(
        band, key, music.tempo, dict(zip(kinds, notes, strict=True)), list(iter_measures(music, band.level))
    )
