"""Players come in a little beside the grid if the prompt wants it, as far as their style does."""

from __future__ import annotations

import numpy as np
import pytest

from bandmate_plugins import LoadedEngine
from bandmate_plugins._engines.sketch import library
from bandmate_plugins._engines.sketch.players.chart import NoteEvent
from bandmate_plugins._engines.sketch.players.looseness import offset_ms
from bandmate_protocol.messages import Note
from tests.plugins.sketch.conftest import perform, timeline

RATE = 48_000
BPM = 120


def starts_ms(engine: LoadedEngine, prompt: str, stem: int, seed: int = 3) -> np.ndarray:
    """Where each note begins, by number."""
    show = perform(engine, prompt, timeline(8, BPM), seed=seed)
    return np.array([note.start for note in sorted(show.notes[stem], key=note_order)]) / RATE * 1_000


def note_order(note: Note) -> tuple[int, int]:
    return round(note.start / RATE * BPM / 60 * 12), note.pitch


@pytest.mark.parametrize("style", ["rock", "jazz", "techno"])
def test_players_who_are_loose_are_never_far_from_the_beat(engine: LoadedEngine, style: str) -> None:
    loose_ms = library.genres()[style].loose_ms
    for stem in range(3):
        # Its swing and what is always played late are where they were.
        exact = starts_ms(engine, style, stem)
        off = starts_ms(engine, f"{style}, loose", stem) - exact
        assert 0.5 * loose_ms < off.std() < 1.5 * loose_ms
        assert np.abs(off).max() <= 2.2 * loose_ms + 0.1
        assert abs(off.mean()) < loose_ms
        assert np.array_equal(starts_ms(engine, f"{style}, humanised", stem) - exact, off)
        assert not np.array_equal(starts_ms(engine, f"{style}, loose", stem, seed=4), exact + off)


@pytest.mark.parametrize("seed", range(6))
def test_the_first_stroke_of_a_range_is_not_lost(engine: LoadedEngine, seed: int) -> None:
    show = perform(engine, "punk drums, loose", timeline(4, BPM), seed=seed)
    assert min(note.start for note in show.notes[0]) < 0.01 * RATE


def test_a_note_comes_as_it_did_whatever_is_played_beside_it() -> None:
    events = [NoteEvent(place / 4, place / 4 + 0.25, 38, 90) for place in range(4_000)]
    offsets = np.array([offset_ms(event, 4.0, 7, "Drums") for event in events])
    assert offsets.std() == pytest.approx(4.0, rel=0.1)
    assert abs(offsets.mean()) < 0.3
    assert [offset_ms(event, 4.0, 7, "Drums") for event in events[::-7]] == offsets[::-7].tolist()
    other = np.array([offset_ms(event, 4.0, 7, "Bass") for event in events])
    assert 0.1 < np.corrcoef(offsets, other)[0, 1] < 0.45
    assert abs(np.corrcoef(offsets[1:], offsets[:-1])[0, 1]) < 0.1
    assert offset_ms(events[0], 0.0, 7, "Drums") == 0.0
