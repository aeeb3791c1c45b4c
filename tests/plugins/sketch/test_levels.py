"""How loud new parts are beside the song that they are added to."""

from __future__ import annotations

import re

import numpy as np
import pytest

from bandmate_plugins import LoadedEngine
from bandmate_plugins._engines.sketch.words.loudness import read_loudness
from bandmate_plugins._engines.sketch.words.prompt import parse_prompt
from bandmate_plugins._listening.loudness import LoudnessMeter
from tests.plugins.sketch.conftest import Performance, Recording, perform, timeline

RATE = 48_000
WHEN = timeline(16, 120, key="A minor")


@pytest.fixture(scope="module")
def song(engine: LoadedEngine) -> np.ndarray:
    """A full band at -14 LUFS, as loud as a finished mix."""
    band = perform(engine, "rock band", WHEN, seed=3).mix
    return band * np.float32(10 ** ((-14 - measured(band)[0]) / 20))


def measured(samples: np.ndarray) -> tuple[float, float]:
    """Integrated loudness and true peak."""
    meter = LoudnessMeter(RATE, samples.shape[1])
    meter.add(samples)
    lufs, peak = meter.integrated_lufs(), meter.true_peak_dbtp()
    assert lufs is not None
    assert peak is not None
    return lufs, peak


def beside(engine: LoadedEngine, song: np.ndarray, prompt: str, **params: object) -> Performance:
    return perform(engine, prompt, WHEN, inputs=(Recording(song),), **params)


def stated_peak(show: Performance) -> float | None:
    """The true peak of the sum that a remark names, if one does."""
    found = [re.search(r"the true peak is ([+-][\d.]+) dBTP", sentence) for sentence in show.remarks]
    return next((float(match[1]) for match in found if match), None)


@pytest.mark.parametrize(
    ("prompt", "below"), [("rock drums", 5), ("electric bass", 6), ("saxophone", 6), ("strings pad", 9)]
)
def test_a_part_is_as_far_below_the_song_as_in_accompany(
    engine: LoadedEngine, song: np.ndarray, prompt: str, below: float
) -> None:
    assert measured(beside(engine, song, prompt).mix)[0] == pytest.approx(-14 - below, abs=1.0)


def test_three_parts_in_turn_stay_below_and_do_not_clip_unsaid(
    engine: LoadedEngine, song: np.ndarray
) -> None:
    total = song
    for prompt in ("strings pad", "saxophone", "electric bass"):
        lufs_before, _ = measured(total)
        show = beside(engine, total, prompt)
        assert 5 <= lufs_before - measured(show.mix)[0] <= 14
        total = total + show.mix
        peak = measured(total)[1]
        said = stated_peak(show)
        assert said == pytest.approx(peak, abs=0.1) if peak > -1.0 else said is None
    assert measured(total)[0] < -14 + 3


def test_a_part_beside_a_soft_song_keeps_the_sum_below_the_ceiling(
    engine: LoadedEngine, song: np.ndarray
) -> None:
    show = beside(engine, song * np.float32(0.1), "strings pad")
    assert stated_peak(show) is None
    assert measured(show.mix)[0] == pytest.approx(-43, abs=1.0)


@pytest.mark.parametrize(
    ("words", "change"),
    [
        ("quiet", -3),
        ("in the background", -3),
        ("far in the background", -6),
        ("loud", 3),
        ("in front", 3),
        ("not too loud", -3),
    ],
)
def test_words_move_a_part(engine: LoadedEngine, song: np.ndarray, words: str, change: float) -> None:
    show = beside(engine, song, f"strings pad, {words}")
    assert measured(show.mix)[0] == pytest.approx(-23 + change, abs=1.2)
    assert not any("Unknown words" in sentence for sentence in show.remarks)
    (understood,) = [sentence for sentence in show.remarks if sentence.startswith("Understood")]
    assert words.split()[-1] in understood


@pytest.mark.parametrize(
    ("prompt", "level"),
    [
        ("background vocals", 0),
        ("solo piano", 0),
        ("guitar solo", 3),
        ("a soft, quiet pad", -3),
        ("a soft lead in front", 0),
        ("very quiet, far in the background", -6),
        ("Up-front bass", 3),
    ],
)
def test_words_are_read_as_they_are_meant(prompt: str, level: float) -> None:
    assert read_loudness(prompt).level_lu == level


@pytest.mark.parametrize(
    ("prompt", "levels", "whole"),
    [
        ("piano in the background, guitar in front", {"piano": -3, "acoustic_guitar": 3}, 0),
        ("soft piano and loud guitar", {"piano": -3, "acoustic_guitar": 3}, 0),
        ("guitar in front of soft strings", {"acoustic_guitar": 3, "strings": -3}, 0),
        ("metal drums and guitar far in the background", {"distorted_guitar": -6}, 0),
        ("piano and guitar, quiet", {}, -3),
        ("strings pad, in the background", {}, -3),
        ("rock band with piano in front", {"piano": 3}, 0),
        ("not too loud drums and bass", {"drums": -3}, 0),
        ("piano with very quiet shaker", {"shaker": -6}, 0),
        ("percussion in the background, piano", {"conga": -3, "shaker": -3, "tambourine": -3}, 0),
    ],
)
def test_words_are_for_the_player_that_they_stand_with(
    prompt: str, levels: dict[str, float], whole: float
) -> None:
    wish = parse_prompt(prompt)
    assert {name: one.level_lu for name, one in wish.part_levels.items()} == levels
    assert wish.loudness.level_lu == whole
    assert not wish.unknown


@pytest.mark.parametrize("with_song", [False, True])
def test_a_player_in_front_is_louder_than_one_in_the_background(
    engine: LoadedEngine, song: np.ndarray, with_song: bool
) -> None:
    inputs = (Recording(song),) if with_song else ()

    def gap(prompt: str) -> float:
        show = perform(engine, prompt, WHEN, inputs=inputs)
        piano, guitar = (measured(show.audio(at))[0] for at in (0, 1))
        assert not any("does not change it" in sentence for sentence in show.remarks)
        return guitar - piano

    plain = gap("piano, guitar")
    assert gap("piano in the background, guitar in front") - plain == pytest.approx(6, abs=1.0)


@pytest.mark.parametrize("level", [-6.0, 3.0])
def test_the_level_is_relative_to_its_place(engine: LoadedEngine, song: np.ndarray, level: float) -> None:
    moved = beside(engine, song, "strings pad", level=level)
    assert measured(moved.mix)[0] == pytest.approx(-23 + level, abs=1.0)
    alone = perform(engine, "strings pad", WHEN, level=level)
    assert measured(alone.mix)[0] == pytest.approx(-16 + level, abs=1.0)


def test_without_a_song_words_leave_the_level_and_that_is_said(engine: LoadedEngine) -> None:
    show = perform(engine, "strings pad in the background", WHEN)
    assert measured(show.mix)[0] == pytest.approx(-16, abs=1.0)
    assert any("in the background does not change it" in sentence for sentence in show.remarks)


def test_a_level_that_does_not_match_is_the_usual_one(engine: LoadedEngine, song: np.ndarray) -> None:
    show = beside(engine, song, "strings pad", match_loudness=False)
    assert measured(show.mix)[0] == pytest.approx(-16, abs=1.0)


def test_the_peak_counts_where_the_song_begins_later(engine: LoadedEngine, song: np.ndarray) -> None:
    late = Recording(song[: 4 * RATE])
    late.start_frame = 8 * RATE
    show = perform(engine, "electric bass", WHEN, inputs=(late,), level=12.0)
    total = show.mix
    total[8 * RATE : 12 * RATE] += song[: 4 * RATE]
    said = stated_peak(show)
    assert said == pytest.approx(measured(total)[1], abs=0.1)
