"""The compatible APIs where a model and its planners are here: by name, by default, and `/lm`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bandmate_plugins._models.place import MIRROR
from tests.plugins.acestep.planner.conftest import MIDDLE_PLANNER, SMALL_PLANNER
from tests.running import RunningServer
from tests.server.compat.acestep import flow as acestep_flow
from tests.server.compat.acestep_cpp import flow as cpp_flow
from tests.server.compat.chat.music import ask, message_of
from tests.server.compat.client import CompatClient

SHORT = {"bpm": 120, "duration": 1, "keyscale": "A minor", "timesignature": "4"}
CHAT_SHORT = {"bpm": 120, "duration": 1, "key_scale": "A minor", "time_signature": "4"}
CHECKPOINTS = ["acestep-v15-turbo", "acestep-v15-base"]


@pytest.fixture(scope="module")
def server(planner_hub: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    environ = {
        MIRROR: str(planner_hub),
        "HF_HUB_CACHE": str(tmp_path_factory.mktemp("cache")),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": "",
    }
    ports = ("--acestep-api", "0", "--acestep-cpp-api", "0", "--chat-api", "0")
    running = RunningServer(tmp_path_factory.mktemp("home"), *ports, environ=environ).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture(scope="module")
def acestep(server: RunningServer) -> CompatClient:
    return CompatClient(server, "acestep_api")


@pytest.fixture(scope="module")
def acestep_cpp(server: RunningServer) -> CompatClient:
    return CompatClient(server, "acestep_cpp_api")


@pytest.fixture(scope="module")
def chat(server: RunningServer) -> CompatClient:
    return CompatClient(server, "chat_api")


def written(client: CompatClient, body: dict[str, Any]) -> list[dict[str, Any]]:
    """What `/lm` makes of a request."""
    found: list[dict[str, Any]] = cpp_flow.result(client, cpp_flow.asked(client, "/lm", body)).json
    return found


def test_all_list_the_checkpoints_and_the_embedded_engine(
    acestep: CompatClient, acestep_cpp: CompatClient, chat: CompatClient
) -> None:
    models = acestep("GET", "/v1/models").json["data"]
    names = [model["name"] for model in models["models"]]
    assert names[:3] == [*CHECKPOINTS, "sketch"]
    assert models["default_model"] == CHECKPOINTS[0]
    planners = {MIDDLE_PLANNER, SMALL_PLANNER}
    assert {model["name"] for model in models["lm_models"]} == planners
    props = acestep_cpp("GET", "/props").json["models"]
    assert (props["dit"], set(props["lm"])) == (names[:3], planners)
    ids = [model["id"] for model in chat("GET", "/v1/models").json["data"]]
    assert ids == ["acestep/acestep-v15-turbo", "acestep/acestep-v15-base", "bandmate/sketch"]


@pytest.mark.parametrize(("model", "engine"), [("sketch", "sketch"), ("", "acestep")])
def test_a_model_that_is_named_plays(
    acestep: CompatClient, acestep_cpp: CompatClient, chat: CompatClient, model: str, engine: str
) -> None:
    body = {"prompt": "jazz", "batch_size": 1, "model": model, "use_random_seed": False, "seed": 3, **SHORT}
    body["vocal_language"] = "en"
    (item,) = acestep_flow.made(acestep, {**body, "audio_format": "wav"})
    assert item["dit_model"] == engine
    said = message_of(ask(chat, "jazz", model=model, audio_config=CHAT_SHORT))["content"]
    assert f"**Engine:** {engine}\n" in said
    cpp_body = {"caption": "jazz", "synth_model": model, "output_format": "wav24", "seed": 3, **SHORT}
    cpp_body["vocal_language"] = "en"
    (track,) = cpp_flow.tracks(acestep_cpp, cpp_body)
    assert np.array_equal(track, acestep_flow.decoded(acestep, item))


def test_a_model_can_be_made_ready_by_any_of_its_names(acestep: CompatClient) -> None:
    for name, model in (
        ("", CHECKPOINTS[0]),
        ("acestep-v15-base", CHECKPOINTS[1]),
        ("ACE-Step/Ace-Step1.5", CHECKPOINTS[0]),
        ("sketch", "sketch"),
    ):
        said = acestep("POST", "/v1/init", {"model": name, "init_llm": True}).json
        assert (said["code"], said["data"]["loaded_model"]) == (200, model)
    refused = acestep("POST", "/v1/init", {"model": "acestep-v15-xl-turbo"}).json
    assert (refused["code"], "sketch" in refused["error"]) == (400, True)


def test_lm_fills_in_a_request_that_synth_then_makes(acestep_cpp: CompatClient) -> None:
    asked = {"caption": "a song about rain", "seed": 5, "synth_batch_size": 1, "output_format": "wav16"}
    (filled,) = written(acestep_cpp, asked)
    assert filled["lyrics"]
    assert 30 <= filled["bpm"] <= 300
    assert 10 <= filled["duration"] <= 600
    assert filled["keyscale"]
    assert filled["timesignature"] in ("2", "3", "4", "6")
    assert (filled["audio_codes"], filled["seed"], filled["output_format"]) == ("", 5, "wav16")
    # What random weights write is more than the renderer's tiny vocabulary has room for.
    short = {name: filled[name][:20] for name in ("caption", "lyrics")}
    (track,) = cpp_flow.tracks(acestep_cpp, {**filled, **short, "duration": 1})
    assert len(track) == cpp_flow.RATE


def test_lm_keeps_what_is_given(acestep_cpp: CompatClient) -> None:
    given = {"bpm": 93, "duration": 45, "keyscale": "Eb minor", "timesignature": "6", "vocal_language": "no"}
    (filled,) = written(acestep_cpp, {"caption": "sad piano", "lyrics": "[Verse]\nrain", **given})
    assert {name: filled[name] for name in given} == given
    assert filled["lyrics"] == "[Verse]\nrain"
    kept = {"caption": "sad piano", "lyrics": "[Instrumental]", "use_cot_caption": False, **given}
    (filled,) = written(acestep_cpp, kept)
    assert (filled["caption"], filled["lyrics"]) == ("sad piano", "[Instrumental]")


@pytest.mark.parametrize("mode", ["inspire", "format"])
def test_lm_has_upstreams_other_modes(acestep_cpp: CompatClient, mode: str) -> None:
    body = {"caption": "sad piano", "lyrics": "rain rain", "lm_mode": mode, "lm_batch_size": 2}
    first, second = written(acestep_cpp, {**body, "lm_model": "acestep-5Hz-lm-1.7B-Q8_0.gguf", **SHORT})
    assert first["caption"]
    assert first["lyrics"]
    assert first != second


def test_a_song_is_written_for_the_other_apis(acestep: CompatClient, chat: CompatClient) -> None:
    said = acestep("POST", "/v1/create_sample", {"query": "a song about rain"}).json
    assert said["code"] == 200
    assert said["data"]["lyrics"] not in ("", "[Instrumental]")
    asked = {"model": "sketch", "sample_mode": True, "audio_config": CHAT_SHORT}
    content = message_of(ask(chat, "a song about rain", **asked))["content"]
    assert "**Engine:** sketch\n" in content
    assert "## Lyrics\n" in content


def test_a_recording_is_described_by_the_planner(acestep_cpp: CompatClient) -> None:
    body = {"caption": "jazz", "output_format": "wav16", **SHORT}
    ((_, data),) = cpp_flow.parts(cpp_flow.result(acestep_cpp, cpp_flow.asked(acestep_cpp, "/synth", body)))
    form, headers = cpp_flow.form(None, {"audio": data})
    answer = cpp_flow.result(acestep_cpp, cpp_flow.asked(acestep_cpp, "/understand", form, headers))
    ((kind, said),) = cpp_flow.parts(answer)
    assert kind == "application/json"
    (found,) = json.loads(said)
    assert found["caption"]
    assert found["duration"] == 1.0
