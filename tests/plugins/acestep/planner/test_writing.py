"""`write`: songs in words, by the planner and, without one, tempo and key by the embedded engine."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins._engines.acestep.planner.planning import lyrics_alone
from bandmate_plugins._engines.acestep.writing import METRES
from bandmate_plugins._tasks.vocals import LanguageCode
from bandmate_plugins.testing import TaskResult, make_timeline, run_task
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.keys import read_key
from tests.plugins.acestep.planner.conftest import SMALL_PLANNER
from tests.plugins.acestep.planner.tiny import vocabulary


def write(engine: Any, prompt: str = "a song about rain", seed: int = 3, **params: Any) -> TaskResult:
    asked = make_timeline(frames=8_000, sample_rate=8_000)
    return run_task("write", {"prompt": prompt} | params, timeline=asked, engine=engine, seed=seed)


def test_a_song_is_written_from_an_idea(thinker: LoadedAceStep) -> None:
    song = write(thinker).report
    assert song["prompt"]
    assert song["lyrics"]
    assert 30 <= song["bpm"] <= 300
    assert 10 <= song["seconds"] <= 600
    assert song["metre"] in METRES.values()
    assert song["language"] in get_args(LanguageCode)
    assert read_key(song["key"]) is not None
    assert (song["given"], song["planner"], song["seed"]) == ([], SMALL_PLANNER, 3)
    assert song == write(thinker).report
    assert song != write(thinker, seed=4).report
    assert song != write(thinker, "a song about the sea").report


def test_a_caption_is_no_longer_than_what_the_renderer_reads(thinker: LoadedAceStep) -> None:
    """Of the real tokens, of which these random ones are a small part, 160 leave room for tempo, key and length."""
    for seed in range(3):
        assert len(vocabulary().encode_text(write(thinker, seed=seed).report["prompt"])) <= 170


def test_what_is_given_stays(thinker: LoadedAceStep) -> None:
    given = {"bpm": 93.0, "key": "Eb minor", "metre": "6/8", "language": "no", "seconds": 200.0}
    song = write(thinker, instrumental=True, **given).report
    assert {name: song[name] for name in given} == given
    assert song["given"] == ["bpm", "duration", "keyscale", "language", "timesignature"]
    assert song["lyrics"] == ""


def test_a_prompt_and_lyrics_are_tidied(thinker: LoadedAceStep) -> None:
    song = write(thinker, "sad piano", lyrics="rain rain", tidy=True).report
    assert song["prompt"]
    assert song != write(thinker, "sad piano", lyrics="sun sun", tidy=True).report
    assert write(thinker, "", lyrics="rain rain", tidy=True).report["prompt"]


def test_headings_above_lyrics_are_left_out() -> None:
    assert lyrics_alone("\n\n# Languages\nen\n\n# Lyric\n[Verse]\nRain\n") == "[Verse]\nRain"
    assert lyrics_alone("[Verse]\nRain") == "[Verse]\nRain"


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"prompt": " "}, "nothing to write about"),
        ({"prompt": "rain", "lyrics": "la"}, "without lyrics of your own"),
        ({"bpm": 500.0}, "does not know 500 bpm"),
        ({"key": "D dorian"}, "does not know the key D dorian"),
        ({"language": "tlh"}, "tlh"),
        ({"prompt": "zq" * 2_048, "lyrics": "zq" * 2_000, "tidy": True}, "too long for"),
    ],
)
def test_what_cannot_be_written_is_refused(
    thinker: LoadedAceStep, params: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(RequestError, match=sentence) as caught:
        write(thinker, **params)
    assert caught.value.code == ErrorCode.BAD_PARAMS


def test_an_unknown_language_is_refused_with_the_list(thinker: LoadedAceStep) -> None:
    with pytest.raises(RequestError) as caught:
        write(thinker, language="tlh")
    assert all(code in caught.value.sentence + caught.value.remedy for code in ("en", "yue", "pt"))


def test_without_a_planner_it_says_what_to_pull_and_the_embedded_engine_suggests(
    engine: LoadedAceStep,
) -> None:
    with pytest.raises(RequestError, match="No planner of ACE-Step is installed") as caught:
        write(engine)
    assert "`write --engine sketch` suggests tempo and key" in caught.value.remedy
    suggested = write("sketch", "slow jazz waltz in D minor", bpm=70.0)
    song = suggested.report
    assert (song["bpm"], song["metre"], song["key"], song["given"]) == (70.0, "3/4", "D minor", ["bpm"])
    assert song["prompt"] == "slow jazz waltz in D minor"
    assert any("writes no prompts and no lyrics" in remark for remark in suggested.remarks)
