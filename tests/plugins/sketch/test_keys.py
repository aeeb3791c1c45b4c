"""Every key and every mode: what a prompt names and a project gives is what is played."""

import pytest

from bandmate_plugins import LoadedEngine
from bandmate_plugins._theory.keys import MODES, Key
from tests.plugins.sketch.conftest import perform, timeline

_KEYS = [Key(tonic, mode) for tonic in range(12) for mode in ("major", "minor")]
_MODES = [Key((5 * number) % 12, mode) for number, mode in enumerate(sorted(MODES))]


@pytest.mark.parametrize("key", [*_KEYS, *_MODES], ids=lambda key: key.name)
def test_a_band_plays_in_the_key_that_the_prompt_names(engine: LoadedEngine, key: Key) -> None:
    show = perform(engine, f"pop in {key.name}", timeline(8), seed=key.tonic)
    assert show.report["key"] == key.name
    lead, bass = show.notes[3], show.notes[1]
    assert len(lead) >= 4
    inside = sum(note.pitch % 12 in key.scale for note in lead)
    assert inside >= 0.9 * len(lead), [note.pitch % 12 for note in lead]
    held = {note.pitch % 12: 0 for note in bass}
    for note in bass:
        held[note.pitch % 12] += note.frames
    assert sum(frames for pitch, frames in held.items() if pitch in key.scale) >= 0.75 * sum(held.values())


@pytest.mark.parametrize("key", _MODES, ids=lambda key: key.name)
def test_the_key_of_the_project_wins_in_every_mode(engine: LoadedEngine, key: Key) -> None:
    other = Key((key.tonic + 6) % 12)
    show = perform(engine, f"pop bass in {other.name}", timeline(4, key=key.name))
    assert show.report["key"] == key.name
    assert any(f"replaces the prompt's {other.name}." in sentence for sentence in show.remarks)
