"""The parameter `follow`: what of the project the embedded band follows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bandmate_plugins._engines.guide.rhythm import rhythm_part
from bandmate_plugins._engines.sketch.loaded import LoadedSketch
from bandmate_plugins.engine import LoadedEngine
from bandmate_plugins.testing import MemoryInput, TaskResult, make_timeline, run_task
from bandmate_protocol.errors import RequestError
from bandmate_protocol.messages import ChordMark, Note, Timeline

RATE = 16_000


@pytest.fixture(scope="module")
def band() -> LoadedEngine:
    return LoadedSketch()


def bars(count: int, *symbols: str) -> Timeline:
    marks = [ChordMark(position=number * 2 * RATE, symbol=symbol) for number, symbol in enumerate(symbols)]
    return make_timeline(count, sample_rate=RATE, chords=marks)


def played(band: LoadedEngine, timeline: Timeline, *, task: str = "generate", **params: Any) -> TaskResult:
    inputs = params.pop("inputs", ())
    values = {"prompt": "upright bass", "sound": "own"} | params
    return run_task(task, values, timeline=timeline, engine=band, seed=3, inputs=inputs)


def pitch_classes(result: TaskResult) -> set[int]:
    return {note.pitch % 12 for note in result.stems[0].notes}


def tune(band: LoadedEngine) -> np.ndarray:
    """A flute by itself, in C major."""
    return played(band, make_timeline(4, sample_rate=RATE, key="C major"), prompt="flute").stems[0].samples


def test_it_follows_the_chords_of_the_project_unless_it_is_not_to(band: LoadedEngine) -> None:
    results = {
        follow: played(band, bars(2, "Ebm7"), follow=follow) for follow in ("auto", "chords", "groove", "off")
    }
    for follow in ("auto", "chords"):
        assert pitch_classes(results[follow]) <= {3, 6, 10, 1}
        told = results[follow].report["follow"]
        assert (told["what"], told["from"]) == ("chords", "project")
        assert told["chords"] == [{"bar": 1, "chords": ["Ebm7"]}, {"bar": 2, "chords": ["Ebm7"]}]
    for follow in ("groove", "off"):
        assert not pitch_classes(results[follow]) <= {3, 6, 10, 1}
        assert "follow" not in results[follow].report
    assert results["auto"].stems[0].samples.tobytes() == results["chords"].stems[0].samples.tobytes()


def test_it_says_where_the_chords_are_from(band: LoadedEngine) -> None:
    given = played(band, bars(2, "Ebm7"), chords="Am F")
    assert given.report["follow"]["from"] == "given"
    named = played(band, bars(2), prompt="upright bass, chords Am F C G")
    assert named.report["follow"]["from"] == "prompt"
    own = played(band, bars(2))
    assert "follow" not in own.report


def test_chords_that_are_nowhere_cannot_be_followed(band: LoadedEngine) -> None:
    with pytest.raises(RequestError, match="There are no chords to follow") as refused:
        played(band, bars(2), follow="chords")
    assert "--chords" in refused.value.remedy
    with pytest.raises(RequestError, match="These chords cannot be read: Hugo"):
        played(band, bars(2, "Hugo"), follow="chords")
    with pytest.raises(RequestError, match="Follow is `off`"):
        played(band, bars(2), follow="off", chords="Am")


def test_chords_are_heard_in_what_plays_beside_it(band: LoadedEngine) -> None:
    beside = played(band, bars(4, "Am", "F", "C", "G"), prompt="piano").stems[0].samples
    audio = [MemoryInput(beside, role="context")]
    heard = played(band, bars(4), inputs=audio)
    assert heard.report["follow"]["from"] == "heard"
    assert heard.report["follow"]["chords"][1]["chords"][0].startswith("F")
    assert "follow" not in played(band, bars(4), inputs=audio, follow="off").report


@pytest.mark.parametrize(("prompt", "stem"), [("trumpet", "Melody"), ("jazz band", "Melody")])
def test_a_melody_is_heard_and_played_by_who_was_asked_for(
    band: LoadedEngine, prompt: str, stem: str
) -> None:
    flute = played(band, make_timeline(4, sample_rate=RATE, key="C major"), prompt="flute").stems[0]
    audio = [MemoryInput(flute.samples, role="context")]
    result = played(band, bars(4), prompt=prompt, follow="melody", inputs=audio)
    melody = next(one for one in result.stems if one.name == stem)
    assert [note.pitch for note in melody.notes] == [note.pitch for note in flute.notes]
    assert result.report["follow"] == {"what": "melody", "from": "heard", "notes": len(flute.notes)}
    assert (len(result.stems) > 1) == (prompt == "jazz band")


def test_an_accompaniment_doubles_the_melody_of_its_source(band: LoadedEngine) -> None:
    source = [MemoryInput(tune(band))]
    doubled = played(band, bars(4), task="accompany", prompt="trumpet", follow="melody", inputs=source)
    other = played(band, bars(4), task="accompany", prompt="trumpet", inputs=source)
    assert doubled.report["follow"]["what"] == "melody"
    assert other.report["follow"] == {"what": "chords", "from": "source"}
    assert len(doubled.stems[0].samples) == bars(4).frames


def test_there_must_be_a_melody_to_follow(band: LoadedEngine) -> None:
    with pytest.raises(RequestError, match="There is no melody to follow") as refused:
        played(band, bars(2), follow="melody")
    assert "--midi-in" in refused.value.remedy
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, (4 * RATE, 1)).astype(np.float32)
    with pytest.raises(RequestError, match="No melody was heard"):
        played(band, bars(2), follow="melody", inputs=[MemoryInput(noise, role="context")])


def test_a_rhythm_keeps_drums_and_strikes_one_where_others_begin() -> None:
    def note(start: int, pitch: int, channel: int = 0) -> Note:
        return Note(start=start, frames=100, pitch=pitch, velocity=100, channel=channel)

    drums, bass, keys = [note(0, 36, 9), note(500, 38, 9)], [note(0, 40), note(250, 43)], [note(125, 60)]
    both = rhythm_part({"drums": drums, "bass": bass, "keys": keys}, RATE)
    assert [(one.start, one.pitch) for one in both.notes] == [(0, 36), (250, 36), (500, 38)]
    alone = rhythm_part({"bass": bass, "keys": keys}, RATE)
    assert [(one.start, one.pitch) for one in alone.notes] == [(0, 36), (125, 42), (250, 36)]
    assert {one.channel for one in (*both.notes, *alone.notes)} == {9}
