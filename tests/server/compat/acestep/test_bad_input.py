"""Bodies that are too deep, too large, or broken: refused within bounds, in upstream's form, without a trace."""

import json

import pytest

from tests.server.compat.acestep.flow import ended, multipart, query, release

JSON = {"Content-Type": "application/json"}


def deep(depth):
    return b'{"prompt":' + b"[" * depth + b"]" * depth + b"}"


def many_parts(count, kind):
    end = '; filename="a"' if kind == "files" else ""
    part = f'--b\r\nContent-Disposition: form-data; name="src_audio"{end}\r\n\r\nx\r\n'.encode()
    return part * count + b"--b--\r\n", {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.mark.parametrize(
    ("body", "headers", "statuses"),
    [
        (deep(100_000), JSON, (400, 413)),
        (deep(900), JSON, (200, 400)),
        (b"[" * 4_000_000, JSON, (413,)),
        (b'{"prompt": "' + b"x" * 10_000_000 + b'"}', JSON, (413,)),
        (b'{"prompt": "' + b"x" * 100_000 + b'"}', JSON, (422,)),
        (b"{", JSON, (400,)),
        (b'{"prompt": "\\ud800"}', JSON, (400,)),
        (b"[]", JSON, (400,)),
        (b"null", JSON, (400,)),
        (b'{"prompt": "\xff"}', JSON, (400,)),
        (b"\x00\x01", {}, (415,)),
        (b"<a/>", {"Content-Type": "application/xml"}, (415,)),
        (b"a=1&" * 1_000, {"Content-Type": "application/x-www-form-urlencoded"}, (413,)),
        (*many_parts(1_000, "fields"), (400,)),
        (*many_parts(5, "files"), (400,)),
        (b"no parts", {"Content-Type": "multipart/form-data; boundary=b"}, (400,)),
        (b"x", {"Content-Type": "multipart/form-data"}, (400,)),
        (*multipart({"prompt": "x" * 2_000_000}, {}), (400,)),
        (*multipart({"task_type": "cover"}, {}), (404, 422)),
        (*multipart({"task_type": "cover"}, {"src_audio": b"not audio"}), (422,)),
        (*multipart({"task_type": "cover"}, {"src_audio": b""}), (404, 422)),
        (b'{"task_type": "repaint", "repainting_start": 5, "repainting_end": 2}', JSON, (404, 422)),
        (b"x", {"Content-Encoding": "gzip"}, (415,)),
    ],
)
def test_a_bad_body_is_refused_with_a_sentence(acestep, body, headers, statuses):
    answer = acestep("POST", "/release_task", body, headers)
    assert answer.status in statuses, answer.data[:500]
    if answer.status != 200:
        assert answer.json["detail"]
        assert answer.json["error"]
        assert b"Traceback" not in answer.data
        assert len(answer.data) < 2_000


def test_a_million_ids_are_refused(acestep):
    answer = acestep("POST", "/query_result", {"task_id_list": ["a"] * 1_000_000})
    assert answer.status == 413
    answer = acestep("POST", "/query_result", {"task_id_list": ["a"] * 1_001})
    assert answer.status == 413


@pytest.mark.parametrize(
    "ids", [None, {}, True, "x", 5, [None, {}, [1], "../../token", "a" * 100_000, "\ud800"]]
)
def test_ids_that_are_none_have_failed_or_are_asked_for(acestep, ids):
    answer = acestep("POST", "/query_result", {"task_id_list": ids})
    assert answer.status in (200, 400)
    for entry in answer.json["data"] if answer.status == 200 else []:
        assert entry["status"] == 2
        assert len(entry["task_id"]) <= 64


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "\x00 \x1b[31m", "lyrics": "\x00", "duration": 1, "batch_size": 1},
        {
            "prompt": ["funk", {"a": 1}],
            "bpm": "x",
            "duration": "1",
            "batch_size": "1",
            "key_scale": {"a": []},
        },
        {"prompt": 5, "bpm": -3, "duration": 1e-9, "batch_size": -5, "time_signature": "0/0", "language": 7},
    ],
)
def test_odd_values_still_make_music_or_say_why(acestep, body):
    task = release(acestep, json.dumps(body).encode(), JSON)
    assert query(acestep, task)["status"] in (0, 1, 2)


def test_a_range_that_is_too_long_fails_with_a_sentence(acestep):
    status, (item,) = ended(acestep, release(acestep, {"prompt": "funk", "bpm": 100, "duration": 1e9}))
    assert status == 2
    assert "at most" in item["error"]


def test_nobody_unknown_fills_the_disk(acestep):
    body, headers = multipart({}, {"src_audio": b"\0" * 5_000_000})
    assert acestep.raw("POST", "/release_task", body, headers).status == 413
    body, headers = multipart({}, {"src_audio": b"\0" * 1_000})
    assert acestep.raw("POST", "/release_task", body, headers).status == 401
