"""The choice of the engine, and the sentence that goes with it."""

from __future__ import annotations

import msgspec
import pytest

from bandmate_plugins._engines.sketch import SketchEngine
from bandmate_plugins._host.engine_choice import choose_engine, find_task
from bandmate_plugins._host.loading import EngineRecord, PluginCatalogue
from bandmate_plugins._host.loading.describe import describe_engine
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Ability, EngineInfo, TaskInfo


def engine(
    name: str, rank: int = 0, status: str = "ready", reason: str = "", ability: Ability = "text"
) -> EngineRecord:
    info = EngineInfo(name=name, title=name, abilities=(ability,), status=status, reason=reason)  # type: ignore[arg-type]
    return EngineRecord(info=info, rank=rank)


def task(name: str, ability: Ability | None = "text") -> TaskInfo:
    return TaskInfo(name=name, title=name, summary="It.", ability=ability, source="none", params={})


def plugins(*engines: EngineRecord) -> PluginCatalogue:
    return PluginCatalogue(
        plugins=(), tasks=(task("generate"), task("tidy", None)), engines=engines, hooks={}
    )


SKETCH = engine("sketch")
ACE = engine("ace", 10)
BIG = engine("big", 20, "needs_weights", "Run `bandmate models pull big`.")
OLD = engine("old", 30, "unavailable", "No GPU is here.")
CUTTER = engine("cutter", 5, ability="separate")


@pytest.mark.parametrize(
    ("engines", "name", "why"),
    [
        ((SKETCH,), "sketch", "sketch: the only engine that makes music from text."),
        (
            (SKETCH, BIG),
            "sketch",
            "sketch: the embedded engine, because no other engine that makes music from text is ready.",
        ),
        ((ACE, BIG), "ace", "ace: the engine, because no other engine that makes music from text is ready."),
        ((SKETCH, ACE, CUTTER), "ace", "ace: the best engine that makes music from text and is ready."),
        (
            (SKETCH, ACE, BIG),
            "ace",
            "ace: the best engine that makes music from text and is ready. Preferred, but not ready: big.",
        ),
        (
            (SKETCH, ACE, BIG, OLD),
            "ace",
            "ace: the best engine that makes music from text and is ready. "
            "Preferred, but not ready: old, big.",
        ),
    ],
)
def test_the_best_ready_engine_is_chosen(engines: tuple[EngineRecord, ...], name: str, why: str) -> None:
    for order in (engines, engines[::-1]):
        chosen, reason = choose_engine(plugins(*order), task("generate"))
        assert chosen is not None
        assert (chosen.name, reason) == (name, why)


def test_an_engine_that_lacks_an_ability_for_now_is_passed_over_and_says_why() -> None:
    lacks = {"text": "`bandmate models pull all` brings it."}
    info = EngineInfo(name="part", title="Part", abilities=("text",), status="ready", lacks=lacks)
    part = EngineRecord(info=info, rank=10)
    chosen, why = choose_engine(plugins(SKETCH, part), task("generate"))
    assert chosen is SKETCH
    assert why.startswith("sketch: the embedded engine")
    with pytest.raises(RequestError, match="cannot run `generate` at the moment: `bandmate models pull all`"):
        choose_engine(plugins(SKETCH, part), task("generate"), "part")
    with pytest.raises(RequestError) as refused:
        choose_engine(plugins(part), task("generate"))
    assert "part is missing something it needs: `bandmate models pull all` brings it." in refused.value.remedy


def test_models_that_would_help_are_named_beside_the_sentence() -> None:
    empty = engine("empty", 20, "needs_weights")
    empty = msgspec.structs.replace(empty, info=msgspec.structs.replace(empty.info, wanted_models=("big",)))
    lacks = {"text": "It takes more."}
    info = EngineInfo(name="part", title="Part", abilities=("text",), status="ready", lacks=lacks)
    part = EngineRecord(info=info, lacking_models={"text": ("all",)})
    for engines, wanted, models in (
        ((SKETCH, empty), "empty", ("big",)),
        ((SKETCH, part), "part", ("all",)),
        ((empty, part), None, ("big", "all")),
        ((OLD,), None, ()),
    ):
        with pytest.raises(RequestError) as refused:
            choose_engine(plugins(*engines), task("generate"), wanted)
        assert refused.value.models == models


def test_chords_go_to_an_engine_that_follows_them() -> None:
    deaf, follows = engine("deaf", 20), msgspec.structs.replace(engine("follows"), follows_chords=True)
    chosen, why = choose_engine(plugins(deaf, follows), task("generate"), with_chords=True)
    assert (chosen, why) == (follows, "follows: it follows the chords that you gave.")
    assert choose_engine(plugins(deaf, follows), task("generate"))[0] is deaf
    for engines, wanted, remedy in (
        ((deaf, follows), "deaf", "Choose follows"),
        ((deaf,), None, "Leave out"),
    ):
        with pytest.raises(RequestError, match="`deaf` does not follow chords") as refused:
            choose_engine(plugins(*engines), task("generate"), wanted, with_chords=True)
        assert refused.value.code == ErrorCode.BAD_PARAMS
        assert remedy in refused.value.remedy
    sketch = describe_engine(SketchEngine())
    assert sketch.follows_chords


def test_given_notes_go_to_an_engine_that_plays_them() -> None:
    deaf, plays = engine("deaf", 20), msgspec.structs.replace(engine("plays"), plays_notes=True)
    follows = msgspec.structs.replace(engine("follows", 10), follows_chords=True)
    both = msgspec.structs.replace(engine("both"), follows_chords=True, plays_notes=True)
    generate = task("generate")
    chosen, why = choose_engine(plugins(deaf, plays), generate, with_notes=True)
    assert (chosen, why) == (plays, "plays: it plays the notes that you gave.")
    assert (
        choose_engine(plugins(deaf, plays, follows, both), generate, with_notes=True, with_chords=True)[0]
        is both
    )
    with pytest.raises(RequestError, match="`deaf` does not play given notes") as refused:
        choose_engine(plugins(deaf, plays), generate, "deaf", with_notes=True)
    assert (refused.value.code, refused.value.remedy) == (
        ErrorCode.BAD_PARAMS,
        "Choose plays, or leave out the notes.",
    )
    with pytest.raises(RequestError, match="`follows` does not play given notes") as refused:
        choose_engine(plugins(follows), generate, with_notes=True)
    assert refused.value.remedy.startswith("Leave out the notes.")
    assert describe_engine(SketchEngine()).plays_notes


def test_an_engine_that_is_led_takes_chords_and_melodies_where_it_is() -> None:
    led = msgspec.structs.replace(engine("led", 20), led_abilities=("text",))
    both = msgspec.structs.replace(engine("both"), follows_chords=True, plays_notes=True)
    generate = task("generate")
    cover = task("cover", "variation")
    able = [msgspec.structs.replace(one, info=msgspec.structs.replace(one.info, abilities=("text", "variation")))
            for one in (led, both)]  # fmt: skip
    assert choose_engine(plugins(*able), generate, with_chords=True)[0] == able[0]
    assert choose_engine(plugins(*able), cover, with_chords=True)[0] == able[1]
    # Notes are played exactly, unless they are a melody to follow.
    assert choose_engine(plugins(*able), generate, with_notes=True)[0] == able[1]
    assert choose_engine(plugins(*able), generate, with_notes=True, follow="melody")[0] == able[0]
    with pytest.raises(RequestError, match="`led` does not play given notes") as refused:
        choose_engine(plugins(*able), generate, "led", with_notes=True)
    assert refused.value.remedy == (
        "Set Follow to melody to have led follow the notes, or choose both, to have them played."
    )
    for follow in ("chords", "groove", "melody"):
        chosen, why = choose_engine(plugins(engine("deaf", 30), *able), generate, follow=follow)
        assert (chosen, why) == (able[0], "led: it follows what you chose.")
    with pytest.raises(RequestError, match="`deaf` follows neither chords nor a melody") as refused:
        choose_engine(plugins(engine("deaf"), both), generate, "deaf", follow="groove")
    assert refused.value.remedy == "Choose both, or set Follow to auto."
    assert choose_engine(plugins(engine("deaf", 30), led), generate, follow="off")[0] == engine("deaf", 30)


def test_equal_ranks_are_decided_by_name() -> None:
    chosen, _ = choose_engine(plugins(engine("b", 1), engine("a", 1)), task("generate"))
    assert chosen == engine("a", 1)


def test_the_wanted_engine_is_taken() -> None:
    chosen, reason = choose_engine(plugins(SKETCH, ACE), task("generate"), "sketch")
    assert chosen is SKETCH
    assert reason == "sketch: the engine that you chose."


def test_a_task_without_an_ability_has_no_engine() -> None:
    assert choose_engine(plugins(SKETCH), task("tidy", None)) == (None, "tidy needs no engine.")
    chosen, reason = choose_engine(plugins(SKETCH), task("tidy", None), "sketch")
    assert chosen is None
    assert reason == "tidy needs no engine, so sketch is not used."


@pytest.mark.parametrize(
    ("engines", "name", "wanted", "code", "text"),
    [
        (
            (SKETCH, ACE),
            "generate",
            "skech",
            ErrorCode.NO_SUCH_ENGINE,
            "There is no engine `skech`. Did you mean `sketch`? Ready for `generate`: ace, sketch.",
        ),
        (
            (SKETCH,),
            "tidy",
            "zzz",
            ErrorCode.NO_SUCH_ENGINE,
            "There is no engine `zzz`. `tidy` needs no engine.",
        ),
        (
            (SKETCH, CUTTER),
            "generate",
            "cutter",
            ErrorCode.NO_SUCH_ENGINE,
            "`generate` requires an engine that makes music from text, and `cutter` does not. "
            "Ready for `generate`: sketch.",
        ),
        (
            (SKETCH, BIG),
            "generate",
            "big",
            ErrorCode.ENGINE_UNAVAILABLE,
            "The engine `big` needs its weights: Run `bandmate models pull big`. "
            "Ready for `generate`: sketch.",
        ),
        (
            (OLD,),
            "generate",
            "old",
            ErrorCode.ENGINE_UNAVAILABLE,
            "The engine `old` cannot run here: No GPU is here. No other engine is ready for `generate`.",
        ),
        (
            (BIG, OLD),
            "generate",
            None,
            ErrorCode.ENGINE_UNAVAILABLE,
            "No engine that makes music from text is ready for `generate`. "
            "old cannot run here: No GPU is here. "
            "big needs its weights: Run `bandmate models pull big`.",
        ),
        (
            (CUTTER,),
            "generate",
            None,
            ErrorCode.ENGINE_UNAVAILABLE,
            "`generate` needs an engine that makes music from text; none is installed. "
            "`bandmate plugins` lists the installed engines, and what is wrong with them.",
        ),
    ],
)
def test_a_refusal_says_what_would_have_worked(
    engines: tuple[EngineRecord, ...], name: str, wanted: str | None, code: ErrorCode, text: str
) -> None:
    with pytest.raises(RequestError) as caught:
        choose_engine(plugins(*engines), find_task(plugins(), name), wanted)
    assert (caught.value.code, str(caught.value)) == (code, text)


def test_an_unknown_task_is_refused_with_the_near_one() -> None:
    assert find_task(plugins(), "tidy").name == "tidy"
    with pytest.raises(RequestError) as caught:
        find_task(plugins(), "generat")
    assert caught.value.code == ErrorCode.NO_SUCH_TASK
    assert str(caught.value) == "There is no task `generat`. Did you mean `generate`? Tasks: generate, tidy."
