"""Requests that are too deep, too large, or broken: refused within bounds, in upstream's form, without a trace."""

from __future__ import annotations

import json

import pytest

from tests.server.compat.acestep_cpp.flow import ended, form

JSON = {"Content-Type": "application/json"}


def text(value):
    return json.dumps(value).encode(), JSON


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"caption":' + b"[" * 100_000 + b"]" * 100_000 + b"}", JSON, (400, 413)),
        (b"[" * 4_000_000, JSON, (413,)),
        (b'{"caption": "' + b"x" * 5_000_000 + b'"}', JSON, (413,)),
        (b"{", JSON, (400,)),
        (b"", JSON, (400,)),
        (b"[]", JSON, (400,)),
        (b"null", JSON, (400,)),
        (b"[[]]", JSON, (400,)),
        (b"\x00\x01", {}, (400,)),
        (b'{"caption": "\xff"}', JSON, (400,)),
        (b"x", {"Content-Encoding": "gzip"}, (415,)),
        (b"no parts", {"Content-Type": "multipart/form-data; boundary=b"}, (400,)),
        (b"x", {"Content-Type": "multipart/form-data"}, (400,)),
        (*text([{}] * 9), (413,)),
        (*text([{"synth_batch_size": 8}] * 3), (400,)),
        (*text({"caption": "x" * 10_001}), (400,)),
        (*text({"caption": "a", "lyrics": "x" * 4_097}), (400,)),
        (*text({"caption": "a", "task_type": "text2musik"}), (400,)),
        (*text({"caption": "a", "output_format": "opus"}), (400,)),
        (*text({"caption": "a", "audio_codes": "1,2,3"}), (400,)),
        (*text({"caption": "a", "task_type": "cover"}), (400,)),
        (*text({"caption": "a", "task_type": "lego"}), (400,)),
        (*form({"task_type": "cover"}, {"audio": b"not audio"}), (400,)),
        (*form({"task_type": "cover"}, {"audio": b""}), (400,)),
        (*form({"task_type": "cover"}, {"src_latents": b"\0" * 512}), (400,)),
        (*form({"task_type": "lego", "track": "kazoo"}, {"audio": b"x"}), (400,)),
        (*form("x", {}), (400,)),
    ],
)
def test_a_bad_body_is_refused_with_a_sentence(acestep_cpp, body, headers, status):
    answer = acestep_cpp("POST", "/synth", body, headers)
    assert answer.status in status, answer.data[:500]
    assert answer.json["error"]
    assert b"Traceback" not in answer.data
    assert len(answer.data) < 2_000


@pytest.mark.parametrize(
    "body",
    [
        {"caption": "\x00 \x1b[31m", "lyrics": "\x00", "duration": 1},
        {"caption": ["funk", {"a": 1}], "bpm": "x", "duration": "1", "synth_batch_size": "1", "keyscale": {}},
        {"caption": 5, "bpm": -3, "duration": 1e-9, "synth_batch_size": -5, "timesignature": "0/0"},
        {"caption": "a", "duration": 1, "inference_steps": 1e308, "guidance_scale": -1, "seed": 2**80},
        {"caption": "a", "duration": 1, "output_format": None, "synth_model": {"a": []}, "track": 7},
    ],
)
def test_odd_values_make_music_or_say_why(acestep_cpp, body):
    answer = acestep_cpp("POST", "/synth", body)
    assert answer.status in (200, 400), answer.data
    if answer.status == 200:
        found = ended(acestep_cpp, answer.json["id"])
        assert found["status"] == "done" or found["error"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/job", 400),
        ("GET", "/job?id=0123456789abcdef", 404),
        ("GET", "/job?id=../../token&result=1", 404),
        ("POST", "/job?id=0123456789abcdef&cancel=1", 404),
        ("POST", "/job", 400),
        ("POST", "/vae", 501),
        ("POST", "/understand", 400),
        ("GET", "/", 404),
        ("GET", "/synth", 405),
    ],
)
def test_what_is_not_here_is_said_in_upstreams_form(acestep_cpp, method, path, status):
    answer = acestep_cpp(method, path, {} if method == "POST" else None)
    assert answer.status == status, answer.data
    assert answer.json["error"]


def test_who_shows_no_token_gets_nothing(acestep_cpp):
    answer = acestep_cpp.raw("POST", "/synth", b"{}", JSON)
    assert (answer.status, "token" in answer.json["error"]) == (401, True)
