"""The models that requests may name, with and without weights."""

from __future__ import annotations

import msgspec
import pytest

from bandmate_plugins._host.loading.records import EngineRecord, PluginCatalogue
from bandmate_protocol.messages import EngineInfo, ModelInfo
from bandmate_server.compat.chat.errors import UnknownModelError
from bandmate_server.compat.chat.models import check_model, describe_models, music_models
from bandmate_server.compat.songs.models import choose_model, offered_models
from bandmate_server.compat.songs.music_request import read_music_request
from bandmate_server.compat.songs.planning import SourceAudio, Surroundings, plan_jobs


def checkpoint(name, pull, *, present=True):
    return ModelInfo(
        name=name, revision="main", licence="mit", size_bytes=1, present=present, pull=pull, about=pull
    )


SKETCH = EngineRecord(
    info=EngineInfo(name="sketch", title="Sketch", abilities=("text", "variation"), status="ready"), rank=1
)
DEMUCS, ROFORMER = (
    EngineRecord(info=EngineInfo(name=name, title=name, abilities=("separate",), status="ready"), rank=50)
    for name in ("demucs", "roformer")
)
CHECKPOINTS = (
    checkpoint("ACE-Step/Ace-Step1.5", "ace_step1.5"),
    checkpoint("ACE-Step/acestep-v15-xl-turbo", "acestep_v15_xl_turbo", present=False),
    checkpoint("ACE-Step/acestep-v15-base", "acestep_v15_base"),
    checkpoint("ACE-Step/acestep-5Hz-lm-0.6B", "acestep_5hz_lm_0.6b"),
    checkpoint("ACE-Step/Ace-Step1.5", "acestep_5hz_lm_1.7b"),
)
ACESTEP = EngineRecord(
    info=EngineInfo(
        name="acestep",
        title="ACE-Step",
        abilities=("text", "variation"),
        status="ready",
        models=CHECKPOINTS,
        options={"properties": {"model": {}}},
    ),
    rank=10,
)
WITHOUT_WEIGHTS = msgspec.structs.replace(
    ACESTEP,
    info=msgspec.structs.replace(
        ACESTEP.info,
        status="needs_weights",
        models=tuple(msgspec.structs.replace(each, present=False) for each in CHECKPOINTS),
    ),
)


def catalogue(*engines):
    return PluginCatalogue(plugins=(), tasks=(), engines=engines, hooks={})


def infos(*engines):
    return tuple(engine.info for engine in engines)


def test_each_checkpoint_is_a_model_and_the_best_engine_comes_first():
    ids = [model.id for model in music_models(catalogue(SKETCH, ACESTEP, DEMUCS))]
    assert ids == ["acestep/acestep-v15-turbo", "acestep/acestep-v15-base", "bandmate/sketch"]
    listed = describe_models(music_models(catalogue(SKETCH, ACESTEP, DEMUCS)))
    assert [each["id"] for each in listed["data"]] == ids


def test_engines_that_make_no_music_come_after_those_that_do():
    offered = offered_models([DEMUCS, SKETCH, ACESTEP], ["text", "separate"])
    assert [model.name for model in offered] == ["acestep-v15-turbo", "acestep-v15-base", "sketch", "demucs"]


@pytest.mark.parametrize(
    ("name", "engine", "checkpoint"),
    [
        ("acestep/acestep-v15-turbo", "acestep", "ace_step1.5"),
        ("acestep-v15-turbo", "acestep", "ace_step1.5"),
        ("ace_step1.5", "acestep", "ace_step1.5"),
        ("ACE-Step/Ace-Step1.5", "acestep", "ace_step1.5"),
        ("acestep/ACESTEP-V15-BASE", "acestep", "acestep_v15_base"),
        ("bandmate/sketch", "sketch", ""),
        (" Sketch", "sketch", ""),
        ("demucs", "demucs", ""),
        ("auto", "", ""),
        ("acestep", "", ""),
        ("", "", ""),
    ],
)
def test_names_that_are_here(name, engine, checkpoint):
    chosen = choose_model(infos(SKETCH, ACESTEP, DEMUCS), name)
    assert (chosen.engine, chosen.checkpoint, chosen.is_here) == (engine, checkpoint, True)


@pytest.mark.parametrize(
    ("name", "pull"),
    [
        ("acestep-v15-xl-turbo", "acestep_v15_xl_turbo"),
        ("acestep-5Hz-lm-0.6B", None),
        ("acestep-v16", None),
    ],
)
def test_names_that_are_not_here(name, pull):
    chosen = choose_model(infos(SKETCH, ACESTEP), name)
    assert (chosen.engine, chosen.is_here, chosen.pull, chosen.is_known) == (
        "",
        False,
        pull,
        pull is not None,
    )


def plan(model, engines, task="text2music", **fields):
    request = read_music_request(
        {"prompt": "x", "model": model, "task_type": task, "inference_steps": 5, **fields}
    )
    around = Surroundings(
        infos(*engines), SourceAudio("0" * 64, 48_000), chosen=choose_model(infos(*engines), model)
    )
    return plan_jobs(request, request.song, around)[0]


@pytest.mark.parametrize("task", ["text2music", "cover"])
def test_an_engine_that_is_named_plays_also_where_acesteps_weights_are(task):
    job = plan("sketch", (SKETCH, ACESTEP), task)
    assert (job.engine, job.options) == ("sketch", {"anyway": True})
    job = plan("acestep-v15-base", (SKETCH, ACESTEP), task)
    assert (job.engine, job.options) == ("acestep", {"steps": 5, "model": "acestep_v15_base"})
    for model in ("", "nobody", "acestep-v15-xl-turbo"):
        job = plan(model, (SKETCH, ACESTEP), task)
        assert (job.engine, job.options) == (None, {"steps": 5})


def test_an_engine_that_cannot_do_it_leaves_the_choice_to_the_server():
    assert plan("demucs", (SKETCH, ACESTEP, DEMUCS)).engine is None
    assert plan("sketch", (SKETCH, ACESTEP, DEMUCS), "stem_separation").engine is None
    assert plan("demucs", (SKETCH, ACESTEP, DEMUCS), "stem_separation").engine == "demucs"
    # Its own field counts more.
    assert (
        plan("demucs", (SKETCH, ROFORMER, DEMUCS), "stem_separation", engine="roformer").engine == "roformer"
    )


def test_one_that_is_known_and_not_here_is_replaced_and_said():
    taken, remark = check_model(catalogue(SKETCH, ACESTEP), "acestep/acestep-v15-xl-turbo")
    assert taken == "acestep/acestep-v15-turbo"
    assert "`bandmate models pull acestep_v15_xl_turbo`" in remark
    taken, remark = check_model(catalogue(SKETCH, WITHOUT_WEIGHTS), "acestep/acestep-v15-turbo")
    assert taken == "bandmate/sketch"
    assert "`bandmate models pull ace_step1.5`" in remark
    for name in ("sketch", "bandmate/sketch"):
        assert check_model(catalogue(SKETCH, ACESTEP), name) == (name, "")
    assert check_model(catalogue(SKETCH, ACESTEP), "") == ("acestep/acestep-v15-turbo", "")


def test_one_that_nobody_knows_is_refused_with_those_that_there_are():
    with pytest.raises(UnknownModelError) as refused:
        check_model(catalogue(SKETCH), "bandmate/skech")
    assert "Did you mean `bandmate/sketch`?" in refused.value.remedy
    assert refused.value.status == 404
