"""The models that a request may name."""

from __future__ import annotations

import msgspec
import pytest

from bandmate_plugins._host.loading.records import EngineRecord, PluginCatalogue
from bandmate_protocol.messages import EngineInfo, ModelInfo
from bandmate_server.compat.chat.errors import UnknownModelError
from bandmate_server.compat.chat.models import choose_model, describe_models, offered_models
from tests.server.compat.chat.music import ask, message_of


def checkpoint(name, pull, *, present=True):
    return ModelInfo(
        name=name, revision="main", licence="mit", size_bytes=1, present=present, pull=pull, about=pull
    )


SKETCH = EngineRecord(
    info=EngineInfo(name="sketch", title="Sketch", abilities=("text",), status="ready"), rank=1
)
CHECKPOINTS = (
    checkpoint("ACE-Step/Ace-Step1.5", "ace_step1.5"),
    checkpoint("ACE-Step/acestep-v15-xl-turbo", "acestep_v15_xl_turbo", present=False),
    checkpoint("ACE-Step/acestep-v15-base", "acestep_v15_base"),
    checkpoint("ACE-Step/acestep-5Hz-lm-0.6B", "acestep_5hz_lm_0.6b"),
)
ACESTEP = EngineRecord(
    info=EngineInfo(
        name="acestep",
        title="ACE-Step",
        abilities=("text",),
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


def test_each_checkpoint_is_a_model_and_the_best_engine_comes_first():
    ids = [model.id for model in offered_models(catalogue(SKETCH, ACESTEP))]
    assert ids == ["acestep/acestep-v15-turbo", "acestep/acestep-v15-base", "bandmate/sketch"]
    listed = describe_models(offered_models(catalogue(SKETCH, ACESTEP)))
    assert [each["id"] for each in listed["data"]] == ids


@pytest.mark.parametrize(
    ("name", "engine", "model"),
    [
        ("acestep/acestep-v15-turbo", "acestep", "ace_step1.5"),
        ("acestep-v15-turbo", "acestep", "ace_step1.5"),
        ("ace_step1.5", "acestep", "ace_step1.5"),
        ("acestep/ACESTEP-V15-BASE", "acestep", "acestep_v15_base"),
        ("bandmate/sketch", "sketch", ""),
        ("sketch", "sketch", ""),
        ("auto", None, ""),
        ("", None, ""),
    ],
)
def test_names_that_are_here(name, engine, model):
    chosen = choose_model(catalogue(SKETCH, ACESTEP), name)
    assert (chosen.engine, chosen.checkpoint, chosen.remark) == (engine, model, "")


def test_one_that_is_known_and_not_here_is_replaced_and_said():
    chosen = choose_model(catalogue(SKETCH, ACESTEP), "acestep/acestep-v15-xl-turbo")
    assert (chosen.id, chosen.engine) == ("acestep/acestep-v15-turbo", None)
    assert "`bandmate models pull acestep_v15_xl_turbo`" in chosen.remark
    chosen = choose_model(catalogue(SKETCH, WITHOUT_WEIGHTS), "acestep/acestep-v15-turbo")
    assert chosen.id == "bandmate/sketch"
    assert "`bandmate models pull ace_step1.5`" in chosen.remark


def test_one_that_nobody_knows_is_refused_with_those_that_there_are():
    with pytest.raises(UnknownModelError) as refused:
        choose_model(catalogue(SKETCH), "bandmate/skech")
    assert "Did you mean `bandmate/sketch`?" in refused.value.remedy
    assert refused.value.status == 404


def test_a_server_without_weights_lists_the_embedded_engine(chat):
    for path in ("/v1/models", "/api/v1/models", "/models"):
        (model,) = chat("GET", path).json["data"]
        assert (model["id"], model["object"]) == ("bandmate/sketch", "model")
        assert model["output_modalities"] == ["audio", "text"]


def test_upstreams_model_makes_music_without_weights_and_says_what_played(chat):
    completion = ask(chat, model="acestep/acestep-v15-turbo")
    assert completion["model"] == "bandmate/sketch"
    message = message_of(completion)
    assert message["audio"]
    assert "`bandmate models pull ace_step1.5` downloads it." in message["content"]


def test_health_is_open(chat):
    assert chat.raw("GET", "/health").json["status"] == "ok"
