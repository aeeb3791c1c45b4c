"""Prompts that say little and ranges that hold nearly nothing, with every stem checked."""

import numpy as np
import pytest

from bandmate_plugins import LoadedEngine
from bandmate_plugins._engines.sketch.options import SketchOptions
from tests.plugins.sketch.conftest import perform, timeline

RATE = 48_000


@pytest.mark.parametrize("prompt", ["rock", "ambient", "warm upright bass", "jazz drums", "string pad", ""])
@pytest.mark.parametrize("start", [0, 24_001])
def test_a_range_of_exactly_one_frame(engine: LoadedEngine, prompt: str, start: int) -> None:
    when = timeline(1 / RATE, rate=RATE, start=start)
    assert when.frames == 1
    played = perform(engine, prompt, when)
    assert played.stems
    for stem, notes in enumerate(played.notes):
        assert played.audio(stem).shape == (1, 2)
        assert np.isfinite(played.audio(stem)).all()
        assert all((note.start, note.frames) == (0, 1) for note in notes)
    assert np.abs(played.mix).max() <= 10 ** (-1 / 20)


@pytest.mark.parametrize(
    "prompt",
    ["موسيقى هادئة", "रात का संगीत", "조용한 밤", "ήσυχη νύχτα", "e\u0301\u0302\u0303", "\u202eabc", "🥁"],
)
def test_a_word_that_is_known_counts_among_other_scripts(engine: LoadedEngine, prompt: str) -> None:
    alone = perform(engine, prompt, timeline(1), options=SketchOptions(anyway=True))
    assert any("The prompt names no style, so" in sentence for sentence in alone.remarks)
    mixed = perform(engine, f"{prompt} reggae drums {prompt}", timeline(1), seed=2)
    plain = perform(engine, "reggae drums", timeline(1), seed=2)
    assert [stem.role for stem in mixed.stems] == ["drums"]
    assert mixed.notes == plain.notes
    assert mixed.audio(0).tobytes() == plain.audio(0).tobytes()
