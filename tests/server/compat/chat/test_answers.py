"""What an answer says, without a server."""

from __future__ import annotations

import json

import pytest

from bandmate_protocol.errors import BandmateError, ErrorCode, RequestError
from bandmate_server.compat.chat.answers import Completion
from bandmate_server.compat.chat.content import MadeMusic, describe_music
from bandmate_server.compat.chat.errors import FieldError, UnknownModelError, error_body
from bandmate_server.compat.chat.routes import error_answer


def events(data: bytes) -> list:
    return [json.loads(each.removeprefix("data: ")) for each in data.decode().split("\n\n") if each]


def test_music_is_described_as_upstream_does():
    music = MadeMusic(
        caption="jazz",
        bpm=92.0,
        seconds=12.5,
        key="A minor",
        metre="3/4",
        lyrics="la\nla",
        engine="sketch",
        seeds=(7, 8),
        remarks=("One.", "Two."),
    )
    assert describe_music(music) == (
        "## Metadata\n**Caption:** jazz\n**BPM:** 92\n**Duration:** 12.5s\n**Key:** A minor\n**Time Signature:** 3/4\n"
        "**Engine:** sketch\n**Seed:** 7, 8\n\n## Lyrics\nla\nla\n\n## Remarks\n- One.\n- Two."
    )


def test_what_is_not_known_is_left_out():
    assert describe_music(MadeMusic(caption="jazz")) == "## Metadata\n**Caption:** jazz"
    assert describe_music(MadeMusic()) == ""


def test_a_whole_answer_has_the_form_of_a_completion():
    answer = json.loads(
        Completion("bandmate/sketch", "chatcmpl-1", 5).whole("words", [{"type": "audio_url"}])
    )
    assert answer["object"] == "chat.completion"
    assert (answer["id"], answer["created"], answer["model"]) == ("chatcmpl-1", 5, "bandmate/sketch")
    (choice,) = answer["choices"]
    assert choice["finish_reason"] == "stop"
    assert choice["message"] == {
        "role": "assistant",
        "content": "words",
        "audio": [{"type": "audio_url"}],
        "audio_codes": None,
    }
    assert answer["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


def test_chunks_belong_together():
    completion = Completion("m")
    said = events(completion.chunk(role="assistant", content="Hi") + completion.end() + completion.usage())
    assert {each["id"] for each in said} == {completion.id}
    assert [each["object"] for each in said] == ["chat.completion.chunk"] * 3
    assert said[0]["choices"][0]["delta"] == {"role": "assistant", "content": "Hi"}
    assert said[1]["choices"][0]["finish_reason"] == "stop"
    assert (said[2]["choices"], said[2]["usage"]["total_tokens"]) == ([], 0)


def test_a_failure_is_said_to_both_kinds_of_clients():
    error = RequestError(ErrorCode.ENGINE_FAILED, "It broke.", "Try again.")
    text, end = events(Completion("m").failure(error, 503))
    assert text["choices"][0]["delta"]["content"] == "\n\nError: It broke. Try again."
    assert end["choices"][0]["finish_reason"] == "error"
    assert end["error"] == {
        "message": "It broke. Try again.",
        "type": "server_error",
        "param": None,
        "code": "engine_failed",
    }


def test_errors_have_both_forms():
    body = error_body(FieldError("seed", "x is not a seed.", "Use a number."), 400)
    assert body["detail"] == body["error"]["message"] == "x is not a seed. Use a number."
    assert (body["error"]["type"], body["error"]["param"], body["error"]["code"]) == (
        "invalid_request_error",
        "seed",
        "bad_params",
    )
    assert error_body(UnknownModelError("No.", "Yes."), 404)["error"]["code"] == "model_not_found"
    kinds = {
        status: error_body(RequestError(ErrorCode.NOT_ALLOWED, "No."), status)["error"]
        for status in (401, 403, 429, 500)
    }
    assert kinds[401]["type"] == "authentication_error"
    assert kinds[401]["code"] == "invalid_api_key"
    assert kinds[403]["type"] == "permission_error"
    assert kinds[429]["type"] == "rate_limit_error"
    assert kinds[500]["type"] == "server_error"


@pytest.mark.parametrize(
    ("status", "again"), [(500, False), (503, False), (409, False), (400, True), (429, True)]
)
def test_a_failed_job_is_not_asked_for_again(status, again):
    """OpenAI's packages repeat what failed on the server, unless they are told."""
    answer = error_answer(BandmateError(ErrorCode.ENGINE_FAILED, "It broke."), status)
    assert ("x-should-retry" not in answer.headers) is again
