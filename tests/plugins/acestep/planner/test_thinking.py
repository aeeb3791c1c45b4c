"""`generate` with a planner: its codes lead the rendering, and what the project says is never changed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, get_args

import pytest

from bandmate_plugins._engines.acestep.latents import LatentStore
from bandmate_plugins._engines.acestep.loaded import LoadedAceStep
from bandmate_plugins._engines.acestep.options import AceStepOptions
from bandmate_plugins._engines.acestep.planner.fields import KEY_VALUES, METRE_VALUES
from bandmate_plugins._models.place import MIRROR
from bandmate_plugins._tasks.generate import GenerateParams
from bandmate_plugins._tasks.vocals import LanguageCode
from bandmate_plugins.outputs import StageProgress
from bandmate_plugins.request import JobCancelled, TaskContext, TaskRequest
from bandmate_plugins.testing import TaskResult, make_timeline
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import ChordMark
from tests.plugins.acestep.making import RATE, made, same
from tests.plugins.acestep.planner.conftest import MIDDLE_PLANNER, SMALL_PLANNER


def think(engine: LoadedAceStep, seconds: float = 2.0, **params: Any) -> TaskResult:
    music = {"bpm": 93.0, "key": "A minor"} | params.pop("music", {})
    asked = make_timeline(frames=round(seconds * RATE), sample_rate=RATE, **music)
    seed = params.pop("seed", 3)
    return made(
        engine, "generate", {"prompt": "slow jazz", "think": True} | params, timeline=asked, seed=seed
    )


def test_the_plan_leads_the_rendering_and_is_reported(thinker: LoadedAceStep) -> None:
    plain = made(thinker, "generate", {"prompt": "slow jazz"})
    planned = think(thinker)
    assert len(planned.stems[0].samples) == 2 * RATE
    assert not same(plain, planned)
    assert same(planned, think(thinker))
    plan = planned.report["plan"]
    assert (plan["bpm"], plan["keyscale"], plan["timesignature"], plan["language"]) == (
        93,
        "A minor",
        4,
        "unknown",
    )
    assert plan["given"] == ["bpm", "duration", "keyscale", "language", "timesignature"]
    assert (plan["codes"], plan["seed"], plan["planner"]) == (10, 3, SMALL_PLANNER)
    assert plan["caption"]
    assert planned.report["recipe"] == {"planner": SMALL_PLANNER}
    assert any(remark == f"Planned: {plan['caption']}" for remark in planned.remarks)
    stages = [step.stage for step in planned.steps]
    assert [
        stages.index(stage) for stage in ("Planning", "Writing audio codes", "Rendering", "Decoding")
    ] == sorted(stages.index(stage) for stage in ("Planning", "Writing audio codes", "Rendering", "Decoding"))
    assert [step.step for step in planned.steps if step.stage == "Writing audio codes"][-1] == 10


@pytest.mark.parametrize(("seconds", "codes"), [(0.3, 2), (2.0, 10), (2.01, 11), (11.0, 55)])
def test_there_are_as_many_codes_as_cover_the_range(
    thinker: LoadedAceStep, seconds: float, codes: int
) -> None:
    result = think(thinker, seconds, steps=1)
    assert result.report["plan"]["codes"] == codes
    assert len(result.stems[0].samples) == round(seconds * RATE)
    assert result.report["plan"]["duration"] == max(10, round(seconds))


_PLAIN: list[TaskResult] = []
"""The piece that others are compared with, made once."""


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 4},
        {"prompt": "loud metal"},
        {"lyrics": "[Verse]\nhello"},
        {"planner": MIDDLE_PLANNER},
        {"plan_guidance": 5.0},
        {"plan_temperature": 0.2},
        {"rewrite": False},
        {"music": {"bpm": 140.0}},
        {"music": {"key": "C major"}},
        {"music": {"metre": "3/4"}},
    ],
)
def test_all_that_is_said_changes_the_music(thinker: LoadedAceStep, change: dict[str, Any]) -> None:
    if not _PLAIN:
        _PLAIN.append(think(thinker, steps=1))
    assert not same(_PLAIN[0], think(thinker, steps=1, **change))


def test_what_the_project_does_not_say_is_planned_legally(thinker: LoadedAceStep) -> None:
    result = think(thinker, steps=1, lyrics="[Verse]\nhello", music={"key": None})
    plan = result.report["plan"]
    assert plan["keyscale"] in KEY_VALUES
    assert plan["language"] in get_args(LanguageCode)
    assert plan["given"] == ["bpm", "duration", "timesignature"]
    assert any("The planner chose the key" in remark for remark in result.remarks)


@pytest.mark.parametrize(("metre", "told"), [("6/8", 6), ("12/8", 6), ("2/2", 2), ("4/4", 4), ("7/8", None)])
def test_a_metre_is_told_as_the_planner_was_trained_and_that_is_said(
    thinker: LoadedAceStep, metre: str, told: int | None
) -> None:
    result = think(thinker, steps=1, music={"metre": metre})
    assert result.report["plan"].get("timesignature") == told
    mapped = f"The planner was given {metre} as {told}, the form that it was trained on."
    assert (mapped in result.remarks) == (metre in ("6/8", "12/8", "2/2"))
    assert any("was not given 7/8" in remark for remark in result.remarks) == (metre == "7/8")
    assert told in (None, *METRE_VALUES)


def test_the_requested_language_is_obeyed(thinker: LoadedAceStep) -> None:
    for language in ("no", "yue"):
        plan = think(thinker, steps=1, lyrics="la la", language=language).report["plan"]
        assert plan["language"] == language
        assert "language" in plan["given"]


def test_a_guide_leads_first_and_the_plan_goes_on(thinker: LoadedAceStep) -> None:
    wanted: dict[str, Any] = {"chords": "Am F", "steps": 4, "rewrite": False}
    planned, guided = think(thinker, **wanted), think(thinker, think=False, **wanted)
    alone = think(
        thinker, follow="off", **{name: value for name, value in wanted.items() if name != "chords"}
    )
    assert planned.report["guide"]["steps"] == 2
    assert planned.report["plan"]["codes"] == 10
    assert planned.report["recipe"] == guided.report["recipe"] | {"planner": SMALL_PLANNER}
    assert not same(planned, guided)
    assert not same(planned, alone)


def test_ones_own_prompt_can_be_kept(thinker: LoadedAceStep) -> None:
    plan = think(thinker, steps=1, rewrite=False).report["plan"]
    assert plan["caption"] == "slow jazz"
    assert "caption" in plan["given"]


class Switch(TaskContext):
    """A host that cancels once it is told to."""

    cancelled = False

    def check(self) -> None:
        if self.cancelled:
            raise JobCancelled


@pytest.mark.parametrize("stage", ["Planning", "Writing audio codes"])
def test_a_cancel_takes_effect_at_the_next_token(thinker: LoadedAceStep, stage: str) -> None:
    host = Switch()
    request = TaskRequest(
        GenerateParams(prompt="slow jazz"),
        make_timeline(frames=60 * RATE, sample_rate=RATE),
        3,
        options=AceStepOptions(think=True, fit="off"),
    )
    seen: list[StageProgress] = []

    def listen() -> None:
        for output in thinker.text(request, host):
            if isinstance(output, StageProgress):
                seen.append(output)
                host.cancelled = [step.stage for step in seen].count(stage) == 3

    with pytest.raises(JobCancelled):
        listen()
    assert [step.stage for step in seen].count(stage) == 3
    assert len(think(thinker, steps=1).stems) == 1


def test_without_a_planner_the_error_says_what_to_pull_and_what_works(engine: LoadedAceStep) -> None:
    with pytest.raises(RequestError, match="No planner of ACE-Step is installed") as caught:
        think(engine)
    assert caught.value.code == ErrorCode.ENGINE_UNAVAILABLE
    assert f"bandmate models pull {SMALL_PLANNER}" in caught.value.remedy
    assert "works without `--think`" in caught.value.remedy
    assert caught.value.models == (SMALL_PLANNER,)
    assert len(made(engine, "generate", {"prompt": "a"}).stems) == 1


@pytest.mark.parametrize(
    ("name", "code"),
    [("acestep_5hz_lm_9b", ErrorCode.BAD_PARAMS), ("acestep_5hz_lm_4b", ErrorCode.ENGINE_UNAVAILABLE)],
)
def test_planners_that_are_not_here(thinker: LoadedAceStep, name: str, code: ErrorCode) -> None:
    with pytest.raises(RequestError) as caught:
        think(thinker, planner=name)
    assert caught.value.code == code
    assert "acestep_5hz_lm_4b" in str(caught.value) + caught.value.remedy


def test_lyrics_that_do_not_fit_are_refused_before_anything_is_planned(thinker: LoadedAceStep) -> None:
    with pytest.raises(RequestError, match="lyrics are too long") as caught:
        think(thinker, lyrics="zq" * 2_048)
    assert caught.value.code == ErrorCode.BAD_PARAMS


def test_a_planner_that_was_named_does_not_stand_in_for_the_automatic_choice(thinker: LoadedAceStep) -> None:
    named = think(thinker, steps=1, rewrite=False, planner=MIDDLE_PLANNER)
    chosen = think(thinker, steps=1, rewrite=False)
    assert [each.report["plan"]["planner"] for each in (named, chosen)] == [MIDDLE_PLANNER, SMALL_PLANNER]


def test_a_damaged_planner_is_named(
    planner_mirror: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "damaged"
    shutil.copytree(planner_mirror, root)
    for name, spoil in {
        "tokenizer.json": lambda path: path.write_text("{}"),
        "model.safetensors": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    }.items():
        monkeypatch.setenv(MIRROR, str(root))
        path = root / "ACE-Step" / "acestep-5Hz-lm-0.6B" / name
        whole = path.read_bytes()
        spoil(path)
        fresh = LoadedAceStep("cpu", "full", LatentStore(tmp_path / "latents"))
        with pytest.raises(RequestError, match="cannot be used") as caught:
            think(fresh, planner=SMALL_PLANNER)
        assert caught.value.code == ErrorCode.ENGINE_UNAVAILABLE
        path.write_bytes(whole)


def test_a_guide_leads_the_first_steps_and_the_plan_those_after_it(thinker: LoadedAceStep) -> None:
    chords = {"chords": [ChordMark(position=0, symbol="Am")]}
    both = think(thinker, music=chords)
    assert both.report["guide"]["steps"] == 4
    assert both.report["plan"]["codes"] == 10
    assert {"guide", "planner"} <= set(both.report["recipe"])
    assert not same(both, think(thinker))
    assert not same(both, think(thinker, music=chords, think=False))
    assert same(both, think(thinker, music=chords, **both.report["recipe"]))
