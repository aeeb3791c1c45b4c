"""ACE-Step's music is measured against the grid, and asked for a little more for that."""

from __future__ import annotations

from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins.testing import make_timeline
from tests.plugins.acestep.making import RATE, made, music, repaint, same


def test_music_from_words_is_measured_and_exactly_as_long(engine: LoadedAceStep) -> None:
    timeline = make_timeline(frames=2 * RATE + 7, sample_rate=RATE)
    result = made(engine, "generate", {"prompt": "a", "fit": "auto"}, timeline=timeline)
    assert [len(stem.samples) for stem in result.stems] == [2 * RATE + 7]
    # Random weights have no beat.
    assert result.report["grid"] == {"clear": False, "fitted": False}


def test_covers_and_accompaniments_too_and_no_more_is_asked_of_them(engine: LoadedAceStep) -> None:
    for task in ("cover", "accompany"):
        params = {"prompt": "a"} if task == "cover" else {"prompt": "bass"}
        measured = made(engine, task, params | {"fit": "auto"})
        assert measured.report["grid"]["fitted"] is False
        assert same(measured, made(engine, task, params))


def test_ranges_of_a_recording_are_measured_each(engine: LoadedAceStep) -> None:
    source = music(6 * RATE)
    result = repaint(engine, (RATE, 2 * RATE), (4 * RATE, 5 * RATE), source=source)
    assert result.report["grid"] == {"ranges": [{"clear": False, "fitted": False}] * 2}
    assert same(result, repaint(engine, (RATE, 2 * RATE), (4 * RATE, 5 * RATE), source=source, fit="off"))
