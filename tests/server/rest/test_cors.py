"""Pages of other origins: none but those that the settings allow, and these can read the answers."""

from __future__ import annotations

import pytest

from tests.running import RunningServer
from tests.server.console_http import request
from tests.server.rest.client import RestClient

ALLOWED = "http://localhost:3000"


@pytest.fixture(scope="module")
def rest(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    (home / "config").mkdir()
    (home / "config" / "server.toml").write_text(f'allowed_origins = ["{ALLOWED}"]\n')
    server = RunningServer(home).start()
    yield RestClient(server)
    assert server.stop() == 0


def asked(rest, method, origin, path="/jobs", **more):
    return rest(method, path, headers={"Origin": origin, **more})


def test_an_allowed_page_asks_first_and_reads_the_answer(rest):
    preflight = {"Authorization": "", "Access-Control-Request-Method": "PATCH"}
    headers = {"Access-Control-Request-Headers": "authorization,content-type,last-event-id"}
    allowed = asked(rest, "OPTIONS", ALLOWED, **preflight, **headers)
    assert allowed.status == 200
    assert allowed.headers["access-control-allow-origin"] == ALLOWED
    assert "PATCH" in allowed.headers["access-control-allow-methods"]
    answer = asked(rest, "GET", ALLOWED, **{"Sec-Fetch-Site": "cross-site"})
    assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, ALLOWED)
    refused = asked(rest, "GET", ALLOWED, Authorization="")
    assert (refused.status, refused.headers["access-control-allow-origin"]) == (401, ALLOWED)


@pytest.mark.parametrize("origin", ["http://localhost:3001", "https://localhost:3000", "null"])
def test_others_are_told_nothing(rest, origin):
    for method in ("OPTIONS", "GET"):
        answer = asked(rest, method, origin, **{"Access-Control-Request-Method": "GET"})
        assert answer.status == 403
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_the_console_answers_no_other_page(rest):
    headers = rest.headers | {"Origin": ALLOWED}
    status, answered, _ = request(rest.server, "GET", "/metrics", headers)
    assert status == 200, "a page of an allowed origin may ask"
    assert "access-control-allow-origin" not in answered, "and its browser keeps the answer from it"
