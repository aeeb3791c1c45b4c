"""A guide by the embedded band leads the model through its cover path."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
import pytest

from bandmate_plugins._engines.acestep import AceStepEngine
from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins._host.loading.describe import describe_engine
from bandmate_plugins.request import JobCancelled
from bandmate_plugins.testing import MemoryInput, TaskResult, make_timeline, run_task
from bandmate_plugins.testing.running import CancellingContext
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import ChordMark, GivenPart, Note, Timeline
from tests.plugins.acestep.making import RATE, made, music, same

BASE = {"model": "acestep_v15_base", "steps": 8}


def chorded(*symbols: str, key: str | None = "A minor") -> Timeline:
    marks = [
        ChordMark(position=number * RATE, symbol=symbol)
        for number, symbol in enumerate(symbols or ("Am", "F"))
    ]
    return make_timeline(frames=2 * RATE, sample_rate=RATE, key=key, chords=marks)


def led(engine: LoadedAceStep, timeline: Timeline | None = None, **params: Any) -> TaskResult:
    values = {"prompt": "upright bass", "guide_track": True} | params
    return made(engine, "generate", values, timeline=timeline or chorded())


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_the_model_is_led_by_exactly_the_guide_as_by_the_source_of_a_cover(
    engine: LoadedAceStep, strength: float
) -> None:
    result = led(engine, guide_strength=strength, match_loudness=False)
    guide = result.stem("guide").samples
    params = {"prompt": "upright bass", "strength": 1 - strength, "match_loudness": False}
    cover = made(engine, "cover", params, timeline=chorded(), inputs=[MemoryInput(guide)])
    assert np.array_equal(result.stems[0].samples, cover.stems[0].samples)
    assert result.report["guide"]["steps"] == 8 * strength


def test_the_band_plays_the_same_when_it_is_asked_itself(engine: LoadedAceStep) -> None:
    guide = led(engine).stem("guide").samples
    params = {"prompt": "upright bass", "mix": True, "match_loudness": False}
    own = run_task("generate", params, timeline=chorded(), engine="sketch", seed=3).stems[0].samples
    assert np.array_equal(guide, own)


def test_its_notes_are_those_of_the_chords_and_it_says_where_they_are_from(engine: LoadedAceStep) -> None:
    result = led(engine, chorded("Ebm"), follow="chords")
    told = result.report["guide"]
    assert (told["what"], told["from"], told["strength"], told["form"]) == ("chords", "project", 0.5, "codes")
    assert told["chords"] == [{"bar": 1, "chords": ["Ebm"]}]
    assert "A guide by the embedded band leads the first 4 steps; it plays the chords of the project." in (
        result.remarks
    )
    given = led(engine, chorded(), chords="C#m")
    assert given.report["guide"]["from"] == "given"
    assert given.report["guide"]["chords"][0]["chords"] == ["C#m"]


def test_other_chords_give_another_guide_and_other_music(engine: LoadedAceStep) -> None:
    one, other = (led(engine, chorded(symbol)) for symbol in ("Am", "Ebm"))
    assert not np.array_equal(one.stem("guide").samples, other.stem("guide").samples)
    assert one.report["guide"]["sha256"] != other.report["guide"]["sha256"]


def test_without_chords_or_with_follow_off_nothing_leads(engine: LoadedAceStep) -> None:
    plain = make_timeline(frames=2 * RATE, sample_rate=RATE, key="A minor")
    free = led(engine, plain)
    assert "guide" not in free.report
    assert [stem.role for stem in free.stems] == ["bass"]
    assert same(free, led(engine, follow="off"))
    assert same(free, led(engine, follow="chords", guide_strength=0.0))
    with pytest.raises(RequestError, match="There are no chords to follow") as refused:
        led(engine, plain, follow="chords")
    assert "--chords" in refused.value.remedy


def test_drums_alone_follow_no_chords_unless_they_are_asked_to(engine: LoadedAceStep) -> None:
    assert "guide" not in led(engine, prompt="rock drums").report
    asked = led(engine, prompt="rock drums", follow="chords")
    assert "The prompt asks for drums only, so the guide has no chords." in asked.remarks


def test_a_project_without_a_key_gets_that_of_its_guide(engine: LoadedAceStep) -> None:
    options = {"guide_strength": 0.5, "match_loudness": False}
    assert same(
        led(engine, chorded("Ebm", key=None), **options, guide_track=False),
        led(engine, chorded("Ebm", key="Eb minor"), **options, guide_track=False),
    )


@pytest.mark.parametrize(
    "change",
    [{"guide_strength": 0.25}, {"guide_form": "latents"}, {"noise_start": 0.5}, {"follow": "groove"}],
)
def test_each_option_of_the_guide_changes_the_music(engine: LoadedAceStep, change: dict[str, Any]) -> None:
    plain = led(engine, guide_track=False)
    assert same(plain, led(engine, guide_track=False))
    assert not same(plain, led(engine, guide_track=False, **change))


def test_a_groove_has_the_rhythm_and_no_pitches(engine: LoadedAceStep) -> None:
    result = led(engine, follow="groove", prompt="rock band")
    told = result.report["guide"]
    assert (told["what"], told["strength"]) == ("groove", 0.375)
    assert told["notes"] > 4
    assert same(result, led(engine, chorded("Ebm"), follow="groove", prompt="rock band"))


def tune(*pitches: int) -> GivenPart:
    step = 2 * RATE // len(pitches)
    return GivenPart(
        name="Tune",
        notes=tuple(
            Note(start=number * step, frames=step, pitch=pitch, velocity=90)
            for number, pitch in enumerate(pitches)
        ),
    )


def test_given_notes_become_the_melody_of_the_guide(engine: LoadedAceStep) -> None:
    plain = make_timeline(frames=2 * RATE, sample_rate=RATE, key="A minor")
    asked = msgspec.structs.replace(plain, parts=(tune(69, 72, 76),))
    result = led(engine, asked, prompt="trumpet", notes="only", follow="melody")
    told = result.report["guide"]
    assert (told["what"], told["from"], told["notes"], told["strength"]) == ("melody", "notes", 3, 0.75)
    own = run_task(
        "generate",
        {"prompt": "trumpet", "notes": "only", "mix": True, "match_loudness": False},
        timeline=asked,
        engine="sketch",
        seed=3,
    )
    assert np.array_equal(result.stem("guide").samples, own.stems[0].samples)


def sung(*pitches: int) -> np.ndarray:
    """Tones with overtones, a second each."""
    times = np.arange(RATE) / RATE
    envelope = np.minimum(1, np.minimum(times, times[::-1]) * 20)
    tones = [
        sum(
            np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * over * times) / over**2
            for over in range(1, 6)
        )
        * envelope
        for pitch in pitches
    ]
    return (0.2 * np.concatenate(tones)).astype(np.float32)


@pytest.mark.parametrize("task", ["generate", "accompany"])
def test_a_recording_becomes_the_melody_of_the_guide(engine: LoadedAceStep, task: str) -> None:
    asked = make_timeline(frames=4 * RATE, sample_rate=RATE)
    role = "source" if task == "accompany" else "context"
    audio = MemoryInput(sung(69, 72, 76, 74), role=role)
    params = {"prompt": "trumpet", "follow": "melody", "match_loudness": False, "guide_track": True}
    params |= BASE if task == "accompany" else {}
    result = made(engine, task, params, timeline=asked, inputs=[audio])
    assert (result.report["guide"]["what"], result.report["guide"]["from"]) == ("melody", "heard")
    own = run_task(task, {"prompt": "trumpet", "follow": "melody", "match_loudness": False},
                   timeline=asked, inputs=[audio], engine="sketch", seed=3)  # fmt: skip
    assert [note.pitch for note in own.stems[0].notes] == [69, 72, 76, 74]
    assert np.array_equal(result.stem("guide").samples, own.stems[0].samples)
    quiet = MemoryInput(np.zeros((4 * RATE, 1), np.float32), role=role)
    with pytest.raises(RequestError, match="No melody was heard") as refused:
        made(engine, task, params, timeline=asked, inputs=[quiet])
    assert refused.value.code == ErrorCode.INPUT_UNUSABLE


def test_chords_lead_an_accompaniment_and_then_the_source_does(engine: LoadedAceStep) -> None:
    def backed(source: np.ndarray, **params: Any) -> TaskResult:
        values = {"prompt": "bass", "match_loudness": False} | BASE | params
        return made(engine, "accompany", values, timeline=chorded(), inputs=[MemoryInput(source)])

    one, other = music(2 * RATE), music(2 * RATE, seed=6)
    half = backed(one)
    assert half.report["guide"]["from"] == "project"
    assert not same(half, backed(one, follow="off"))
    assert not same(half, backed(other))
    whole = backed(one, guide_strength=1.0, guide_track=True)
    params = {"prompt": "bass", "strength": 0.0, "match_loudness": False} | BASE | {"guidance": 1.0}
    guide = whole.stem("guide").samples
    cover = made(engine, "cover", params, timeline=chorded(), inputs=[MemoryInput(guide)])
    assert np.array_equal(whole.stems[0].samples, cover.stems[0].samples)


def test_a_redo_with_what_the_recipe_keeps_gives_the_same(engine: LoadedAceStep) -> None:
    first = led(engine)
    recipe = first.report["recipe"]
    assert recipe["guide"] == first.report["guide"]["sha256"]
    assert {"band", "soundfont"} <= set(recipe)
    again = led(engine, **recipe)
    assert same(first, again)
    assert again.report["guide"] == first.report["guide"]


def test_chords_that_cannot_be_read_are_named(engine: LoadedAceStep) -> None:
    some = led(engine, chorded("Am", "Hugo"))
    assert "The guide leaves out chords that cannot be read: Hugo." in some.remarks
    with pytest.raises(RequestError, match="These chords cannot be read: Hugo, Xm7"):
        led(engine, chorded("Hugo", "Xm7"), follow="chords")
    with pytest.raises(RequestError, match="nothing would play them"):
        led(engine, chords="Am F", follow="groove")


def test_odd_metres_are_led_and_too_long_a_range_is_refused(engine: LoadedAceStep) -> None:
    odd = make_timeline(1, bpm=97.3, metre="13/16", sample_rate=RATE, chords=chorded().chords)
    result = led(engine, odd)
    assert {len(stem.samples) for stem in result.stems} == {odd.frames}
    assert result.report["guide"]["chords"][0]["chords"]
    long = make_timeline(frames=601 * RATE, sample_rate=RATE, chords=chorded().chords)
    with pytest.raises(RequestError, match="at most 600 s") as refused:
        led(engine, long)
    assert refused.value.code == ErrorCode.RANGE_TOO_LONG


def test_a_fitted_result_is_led_to_its_end_and_exactly_as_long(engine: LoadedAceStep) -> None:
    result = led(engine, fit="auto")
    assert [len(stem.samples) for stem in result.stems] == [2 * RATE] * 2
    assert np.array_equal(result.stem("guide").samples, led(engine).stem("guide").samples)


def test_it_is_cancelled_while_the_guide_is_composed_and_while_it_leads(engine: LoadedAceStep) -> None:
    counting = CancellingContext()
    params = {"prompt": "upright bass", "fit": "off"}
    whole = run_task("generate", params, timeline=chorded(), engine=engine, seed=3, context=counting)
    stages = list(dict.fromkeys(step.stage for step in whole.steps))
    assert stages[0] == "Composing the guide"
    assert {"Rendering", "Decoding"} <= set(stages)
    for at in (2, 3, counting.checks // 2, counting.checks):
        with pytest.raises(JobCancelled):
            run_task(
                "generate", params, timeline=chorded(), engine=engine, seed=3, context=CancellingContext(at)
            )
    again = run_task("generate", params, timeline=chorded(), engine=engine, seed=3)
    assert same(whole, again)


def test_the_catalogue_says_that_it_can_be_led() -> None:
    assert describe_engine(AceStepEngine()).led_abilities == ("accompany", "text")


def test_chords_that_are_heard_beside_it_are_followed(engine: LoadedAceStep) -> None:
    asked = make_timeline(4, sample_rate=RATE)
    symbols = ("Am", "F", "C", "G")
    marks = [ChordMark(position=number * 2 * RATE, symbol=symbol) for number, symbol in enumerate(symbols)]
    known = make_timeline(4, sample_rate=RATE, chords=marks)
    piano = run_task("generate", {"prompt": "piano", "sound": "own"}, timeline=known, engine="sketch", seed=3)
    beside = MemoryInput(piano.stems[0].samples, role="context")
    params = {"prompt": "upright bass", "guide_track": True}
    result = made(engine, "generate", params, timeline=asked, inputs=[beside])
    told = result.report["guide"]
    assert told["from"] == "heard"
    assert told["chords"][1]["chords"][0].startswith("F")
    noise = MemoryInput(music(asked.frames), role="context")
    assert "guide" not in made(engine, "generate", params, timeline=asked, inputs=[noise]).report
