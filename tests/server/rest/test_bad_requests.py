"""Requests that cannot be done: each is answered by a problem with a code, a sentence and a remedy."""

from __future__ import annotations

import socket

import pytest

from tests.patience import PATIENCE_SECONDS
from tests.server.rest.client import TIMELINE, RestClient
from tests.server.wire import Wire


def submitted(**more):
    return {"task": "noise", "timeline": TIMELINE} | more


REFUSED = [
    ("POST", "/jobs", submitted(task="sing"), 422, "no_such_task"),
    ("POST", "/jobs", submitted(engine="nobody"), 422, "no_such_engine"),
    ("POST", "/jobs", submitted(params={"colour": 1}), 422, "bad_params"),
    ("POST", "/jobs", submitted(parms={}), 422, "bad_params"),
    ("POST", "/jobs", submitted(timeline=TIMELINE | {"fps": 25}), 422, "bad_params"),
    ("POST", "/jobs", submitted(timeline=TIMELINE | {"end_frame": 48_000 * 100_000}), 422, "range_too_long"),
    ("POST", "/jobs", submitted(seed=-1), 400, "bad_message"),
    ("POST", "/jobs", submitted(seed=2**70), 400, "bad_message"),
    ("POST", "/jobs", submitted(seed="7"), 400, "bad_message"),
    ("POST", "/jobs", submitted(type="cancel"), 422, "bad_params"),
    ("POST", "/jobs", {"task": "noise"}, 400, "bad_message"),
    ("POST", "/jobs", [], 400, "bad_message"),
    ("POST", "/jobs", b"{", 400, "bad_message"),
    ("POST", "/jobs", b"\xff\xfe", 400, "bad_message"),
    ("POST", "/jobs", b'{"task": "\\ud800"}', 400, "bad_message"),
    ("POST", "/jobs", b'{"task": NaN}', 400, "bad_message"),
    ("POST", "/jobs", b"[" * 100_000, 400, "bad_message"),
    ("POST", "/jobs", b"[" * 400_000, 413, "bad_message"),
    ("POST", "/jobs", b'{"params": ' + b'{"a":' * 60 + b"1" + b"}" * 61, 400, "bad_message"),
    ("POST", "/jobs", b'{"params": {"a": 1e999}}', 400, "bad_message"),
    ("POST", "/jobs", submitted(params={"prompt": "a" * 300_000}), 400, "bad_message"),
    ("POST", "/jobs", submitted(params={"prompt": "a" * 10_000_000}), 413, "bad_message"),
    ("POST", "/jobs/drop", {"jobs": ["a" * 8] * 1_000_000}, 413, "bad_message"),
    ("POST", "/jobs/drop", {"jobs": []}, 400, "bad_message"),
    ("POST", "/jobs/drop", {"jobs": ["nosuchid"]}, 404, "no_such_job"),
    ("GET", "/jobs/nosuchid", None, 404, "no_such_job"),
    ("GET", "/jobs/..%2f..%2fetc", None, 404, "bad_message"),
    ("GET", "/jobs/UPPER", None, 404, "bad_message"),
    ("GET", "/jobs?most=0", None, 422, "bad_params"),
    ("GET", "/jobs?most=x", None, 422, "bad_params"),
    ("GET", "/jobs?mots=1", None, 422, "bad_params"),
    ("GET", "/jobs?most=1&most=2", None, 422, "bad_params"),
    ("PUT", "/jobs", None, 405, "bad_message"),
    ("GET", "/nothing/here", None, 404, "bad_message"),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "code"), REFUSED, ids=range(len(REFUSED)))
def test_a_bad_request_is_a_problem(rest, method, path, body, status, code):
    answer = rest(method, path, body)
    assert answer.headers["content-type"] == "application/problem+json", answer.data
    problem = answer.json
    assert (answer.status, problem["status"], problem["code"]) == (status, status, code), problem
    assert problem["sentence"].endswith(".")
    assert problem["type"] == f"urn:bandmate:error:{code}"
    assert "Traceback" not in problem["detail"]


def test_a_wrong_name_gets_the_nearest(rest):
    assert "`params`" in rest.expect(422, "POST", "/jobs", submitted(parms={}))["remedy"]
    assert "`most`" in rest.get("/jobs", 422, mots=1)["remedy"]


def test_an_address_that_cannot_be_says_what_is_not_there(rest):
    assert rest.expect(404, "GET", "/jobs/nope")["sentence"] == "There is no job nope."


def test_what_is_too_long_is_said(rest):
    said = rest.expect(400, "POST", "/jobs", submitted(params={"prompt": "a" * 300_000}))["sentence"]
    assert "262144 bytes" in said
    said = rest.expect(400, "POST", "/jobs", submitted(timeline=TIMELINE | {"tempo": []}))["sentence"]
    assert "$.timeline.tempo" in said


def test_compressed_and_other_bodies_are_refused(rest):
    assert rest("POST", "/jobs", b"x", {"Content-Encoding": "gzip"}).status == 415
    assert rest("POST", "/jobs", b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}).status == 415


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Origin": "https://example.org"}, 403),
        ({"Host": "example.org"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
    ],
)
def test_the_door_is_that_of_the_socket(rest, headers, status):
    answer = rest("GET", "/jobs", headers=headers)
    assert (answer.status, answer.json["code"]) == (status, "not_allowed")
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_quota_of_jobs_is_kept(own_server):
    own_server.stop()
    own_server.environ["BANDMATE_SERVER_JOBS_PER_CLIENT"] = "2"
    own_server.start()
    rest = RestClient(own_server)
    for _ in range(2):
        rest.submit("noise", {"pieces": 100_000, "delay_ms": 5})
    refused = rest.expect(429, "POST", "/jobs", submitted())
    assert refused["code"] == "quota_exceeded"
    with Wire(own_server) as wire:
        assert wire.submit("noise", {"pieces": 1}).job, "another client has a quota of its own"


def test_a_body_that_never_comes_holds_nobody_up(rest):
    """The server answers others meanwhile, and gives up as soon as the client does."""
    head = f"POST /api/v1/jobs HTTP/1.1\r\nHost: {rest.server.address}\r\nAuthorization: Bearer {rest.server.token}\r\n"
    with socket.create_connection(("127.0.0.1", rest.server.port), PATIENCE_SECONDS) as slow:
        slow.sendall((head + "Content-Length: 1000\r\n\r\n{").encode())
        rest.get("/jobs")
    assert "Traceback" not in rest.server.log
