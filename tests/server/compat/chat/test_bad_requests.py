"""Requests that cannot be done: each is answered in OpenAI's form and in upstream's, with what would have worked."""

from __future__ import annotations

import json
import socket

import numpy as np
import pytest

from tests.patience import PATIENCE_SECONDS
from tests.server.compat.chat.music import COMPLETIONS, SHORT, ask, audio_part, request_for
from tests.server.compat.conftest import ORIGIN

WRONG_AUDIO = {"type": "input_audio", "input_audio": {"data": "bm8gYXVkaW8gYXQgYWxs", "format": "wav"}}
BROKEN = {"type": "input_audio", "input_audio": {"data": "n!o!", "format": "wav"}}
DEEP = b'{"messages": ' + b"[" * 100_000
NESTED = b'{"messages": [{"role": "user", "content": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}]}"
CONTENT = "messages[0].content"

REFUSED = [
    (b"", 400, None, "bad_message"),
    (b"{", 400, None, "bad_message"),
    (b"\xff\xfe", 400, None, "bad_message"),
    (b'{"messages": NaN}', 400, None, "bad_message"),
    (DEEP, 400, None, "bad_message"),
    (NESTED, 400, CONTENT, "bad_params"),
    (b"[" * 400_000, 413, None, "bad_message"),
    (b"[]", 400, "", "bad_params"),
    ({}, 400, "messages", "bad_params"),
    ({"messages": []}, 400, "messages", "bad_params"),
    ({"messages": [{"role": "user", "content": []}]}, 400, "messages", "bad_params"),
    (request_for(7), 400, CONTENT, "bad_params"),
    (request_for("a" * 10_000_000), 400, "messages", "bad_params"),
    (request_for("x", model="gpt-9"), 404, "model", "model_not_found"),
    (request_for("x", model=5), 400, "model", "bad_params"),
    (request_for("x", model="m" * 300), 400, "model", "bad_params"),
    (request_for("x", audio_config={"duration": 80_000}), 422, None, "range_too_long"),
    (request_for("x", audio_config={"duration": 1e300}), 400, "audio_config.duration", "bad_params"),
    (request_for([BROKEN]), 400, f"{CONTENT}[0].input_audio.data", "bad_params"),
    (request_for([WRONG_AUDIO]), 400, f"{CONTENT}[0].input_audio.data", "bad_params"),
    (request_for("x", task_type="repaint"), 400, "messages", "bad_params"),
    (request_for("x", task_type="dance"), 400, "task_type", "bad_params"),
]


@pytest.mark.parametrize(("body", "status", "param", "code"), REFUSED, ids=range(len(REFUSED)))
def test_a_bad_request_is_answered_in_both_forms(chat, body, status, param, code):
    answer = chat("POST", COMPLETIONS, body)
    assert answer.status == status, answer.data
    error = answer.json["error"]
    assert (error["type"], error["param"], error["code"]) == ("invalid_request_error", param, code)
    assert answer.json["detail"] == error["message"]
    assert "Traceback" not in error["message"]
    assert len(answer.data) < 2_000


def test_a_body_may_be_large_but_not_without_end(chat):
    answer = chat("POST", COMPLETIONS, b" " * (97 << 20))
    assert (answer.status, answer.json["error"]["code"]) == (413, "bad_message")


def test_compressed_bodies_are_refused(chat):
    assert chat("POST", COMPLETIONS, b"x", {"Content-Encoding": "gzip"}).status == 415


def test_a_range_after_the_audio_is_refused_before_anything_is_made(chat):
    content = [audio_part(np.zeros((24_000, 1)), 48_000)]
    fields = {"task_type": "repaint", "repainting_start": 2.0, "audio_config": SHORT | {"bpm": 100}}
    error = ask(chat, content, 400, **fields)["error"]
    assert error["param"] == "repainting_start"
    assert "0.50 s" in error["message"]


def test_a_job_that_fails_says_why(chat):
    error = ask(chat, [audio_part(np.zeros((48_000, 2)), 48_000)], 422, task_type="cover")["error"]
    assert error["code"] == "input_unusable"
    assert "silent" in error["message"]


def test_refusals_at_the_door_have_both_forms(chat):
    for headers, status, kind in (
        ({}, 401, "authentication_error"),
        ({"Authorization": "Bearer wrong"}, 401, "authentication_error"),
        ({"Origin": "http://evil.example"}, 403, "permission_error"),
    ):
        answer = chat.raw("POST", COMPLETIONS, b"{}", headers)
        assert (answer.status, answer.json["error"]["type"]) == (status, kind)
        assert answer.json["detail"]
    for method, path, status in (("GET", COMPLETIONS, 405), ("GET", "/v1/else", 404)):
        assert chat(method, path).status == status
        assert chat(method, path).json["detail"]


def test_a_body_that_never_comes_holds_nobody_up(chat):
    head = (
        f"POST {COMPLETIONS} HTTP/1.1\r\nHost: 127.0.0.1:{chat.port}\r\n"
        f"Authorization: Bearer {chat.token}\r\nContent-Length: 1000\r\n\r\n{{"
    )
    with socket.create_connection(("127.0.0.1", chat.port), PATIENCE_SECONDS) as slow:
        slow.sendall(head.encode())
        assert chat("GET", "/v1/models").status == 200


def test_none_of_them_is_a_fault_of_the_server(chat, compat_server):
    chat("POST", COMPLETIONS, DEEP)
    assert "the request complete failed" not in compat_server.log


def test_a_surrogate_in_a_prompt_is_answered(chat):
    body = json.dumps(request_for("x")).replace('"x"', '"\\ud800"').encode()
    answer = chat("POST", COMPLETIONS, body)
    assert answer.status == 400, answer.data
    assert answer.json["detail"]


def test_a_page_with_openais_package_may_send_its_headers(chat):
    """The package says in headers of its own what it runs on."""
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-stainless-os,x-stainless-retry-count",
    }
    answer = chat.raw("OPTIONS", COMPLETIONS, headers=asked)
    assert answer.status == 200
    assert "x-stainless-os" in answer.headers["access-control-allow-headers"]
    assert chat.raw("OPTIONS", COMPLETIONS, headers=asked | {"Origin": "http://evil.example"}).status == 403
