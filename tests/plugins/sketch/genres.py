"""Genres as they are played, shared by the tests of the music."""

from __future__ import annotations

from functools import lru_cache

from bandmate_plugins import LoadedEngine, Note, TaskRequest
from bandmate_plugins.generate import SuggestParams
from bandmate_plugins.sketch import SketchEngine, data
from bandmate_plugins.testing.running import PatientContext
from bandmate_protocol.messages import Timeline
from tests.plugins.sketch.conftest import Performance, perform, timeline

GENRES = sorted(data.genres())
RATE = 24_000


@lru_cache(maxsize=1)
def shared() -> LoadedEngine:
    return SketchEngine().load("cpu", "full")


@lru_cache(maxsize=64)
def played(genre: str, bars: int = 8, seed: int = 3) -> tuple[Performance, Timeline]:
    """A genre at its own tempo and in its own key."""
    word = data.genres()[genre].words[0]
    (report,) = shared().suggest(TaskRequest(SuggestParams(prompt=word), timeline(1), seed), PatientContext())
    wanted = report.values
    metre = (wanted["numerator"], wanted["denominator"])
    seconds = bars * 240 * metre[0] / metre[1] / wanted["bpm"]
    when = timeline(seconds, wanted["bpm"], metre, RATE)
    return perform(shared(), word, when, seed=seed), when


def quarters(note: Note, when: Timeline) -> float:
    return note.start / when.sample_rate * when.tempo[0].bpm / 60
