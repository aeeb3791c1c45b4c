"""Uploads over REST: by hash, in pieces, after a cut, and wrong ones."""

from __future__ import annotations

import hashlib
import http.client

import pytest

from tests.server.test_audio import tone, wav


@pytest.fixture
def file():
    data = wav(tone(3.0, 44_100), 44_100)
    return data + bytes(7), hashlib.sha256(data + bytes(7)).hexdigest()


def state(rest, sha256):
    found = rest.get(f"/uploads/{sha256}")
    return found["received_bytes"], found["complete"]


def fresh(data, mark):
    data = data + mark.encode()
    return data, hashlib.sha256(data).hexdigest()


def test_a_file_in_one_piece_works_in_a_job(rest, file):
    data, sha256 = fresh(file[0], "whole")
    assert state(rest, sha256) == (0, False)
    found = rest.expect(200, "PUT", f"/uploads/{sha256}", data)
    assert (found["received_bytes"], found["complete"]) == (len(data), True)
    probed = rest.get(f"/audio/{sha256}")
    assert (probed["sample_rate"], probed["frames"]) == (44_100, 132_300)
    job = rest.submit("analyse", engine="dsp", inputs=[{"role": "source", "sha256": sha256}])
    ended = rest.ended(job)
    assert ended["state"] == "done", ended["sentence"]
    assert rest.expect(200, "PUT", f"/uploads/{sha256}", data)["complete"], "again: nothing happens"
    assert rest.expect(200, "POST", "/uploads/missing", {"sha256": [sha256, "0" * 64]})["sha256"] == [
        "0" * 64
    ]
    assert "missing" not in rest.expect(200, "PUT", "/pins/song", {"sha256": [sha256]})
    rest.expect(200, "PUT", "/pins/song", {})


def test_pieces_follow_one_another(rest, file):
    data, sha256 = fresh(file[0], "pieces")
    half = len(data) // 2
    found = rest.expect(200, "PUT", f"/uploads/{sha256}", data[:half], offset=0, total_bytes=len(data))
    assert (found["received_bytes"], found["complete"]) == (half, False)
    gap = rest.expect(
        422, "PUT", f"/uploads/{sha256}", data[-10:], offset=len(data) - 10, total_bytes=len(data)
    )
    assert gap["code"] == "input_unusable"
    found = rest.expect(200, "PUT", f"/uploads/{sha256}", data[half - 100 :], offset=half - 100)
    assert found["complete"], "bytes that are here already are taken"


def test_a_cut_loses_nothing_that_came(rest):
    data = hashlib.sha256(b"noise").digest() * 100_000
    sha256 = hashlib.sha256(data).hexdigest()
    connection = http.client.HTTPConnection("127.0.0.1", rest.server.port, timeout=60)
    connection.putrequest("PUT", f"/api/v1/uploads/{sha256}")
    for name, value in {**rest.headers, "Content-Length": str(len(data))}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(data[: 2 << 20])
    while state(rest, sha256)[0] < 1 << 20:
        pass
    connection.close()
    received, complete = state(rest, sha256)
    assert not complete
    found = rest.expect(200, "PUT", f"/uploads/{sha256}", data[received:], offset=received)
    assert (found["received_bytes"], found["complete"]) == (len(data), True)


def test_wrong_files_are_refused(rest, file):
    data, sha256 = fresh(file[0], "wrong")
    refused = rest.expect(422, "PUT", f"/uploads/{sha256}", data[:-1] + b"?")
    assert refused["code"] == "input_unusable"
    assert state(rest, sha256) == (0, False), "what was wrong is dropped"
    too_long = rest.expect(422, "PUT", f"/uploads/{sha256}", data, total_bytes=10)
    assert "announced" in too_long["sentence"]
    large = rest.expect(413, "PUT", f"/uploads/{sha256}", b"x", total_bytes=10**15)
    assert large["code"] == "quota_exceeded"
    assert rest("PUT", f"/uploads/{sha256}", data, {"Content-Encoding": "gzip"}).status == 415
    assert rest("PUT", "/uploads/no-hash", data).status == 404
    empty = hashlib.sha256(b"").hexdigest()
    assert rest.expect(200, "PUT", f"/uploads/{empty}", b"")["complete"]
    assert rest.get(f"/audio/{empty}", 422)["code"] == "input_unusable"
