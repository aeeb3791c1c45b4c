"""The models that a running server lists."""

from __future__ import annotations

from tests.server.compat.chat.music import ask, message_of


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
