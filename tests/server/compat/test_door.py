"""Who may come in on the port of a compatible API."""

import socket
import subprocess
import sys
from typing import Any

import psutil
import pytest

from bandmate_server.compat import APIS
from bandmate_server.compat.serving import lost_text
from bandmate_server.config import Settings
from bandmate_server.doctor.compat import check_compat_apis
from tests.patience import PATIENCE_SECONDS
from tests.running import server_environ
from tests.server.compat.client import CompatClient
from tests.server.compat.conftest import ORIGIN

STATS = "/v1/stats"


def test_health_is_open_and_says_ok(acestep):
    answer = acestep.raw("GET", "/health")
    assert (answer.status, answer.json["data"]["status"], answer.json["code"]) == (200, "ok", 200)


@pytest.mark.parametrize("shown", ["Bearer {}", "bearer {}", "{}"])
def test_the_token_opens_with_and_without_its_scheme(acestep, shown):
    assert acestep.raw("GET", STATS, headers={"Authorization": shown.format(acestep.token)}).status == 200


@pytest.mark.parametrize("shown", ["Bearer wrong", "wrong", "Bearer", "", "Bearer \xe9", "Basic {}"])
def test_all_else_is_refused_in_the_form_of_the_api(acestep, shown):
    headers = {"Authorization": shown.format(acestep.token)} if shown else {}
    answer = acestep.raw("GET", STATS, headers=headers)
    assert answer.status == 401
    assert "token" in answer.json["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ORIGIN.replace("5173", "5174")},
        {"Host": "evil.example:8001"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost:1"},
    ],
)
def test_pages_that_nobody_allowed_get_nothing_even_with_the_token(acestep, headers):
    answer = acestep("GET", "/health", headers=headers)
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers


def test_a_page_of_an_allowed_origin_asks_first_and_reads_the_answer(acestep):
    asked = acestep.raw(
        "OPTIONS",
        "/release_task",
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert asked.status == 200
    answer = acestep("GET", STATS, headers={"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"})
    assert answer.status == 200
    assert {asked.headers["access-control-allow-origin"], answer.headers["access-control-allow-origin"]} == {
        ORIGIN
    }


def test_an_address_that_is_none_and_a_method_that_is_none(acestep):
    assert acestep("GET", "/v2/else").status == 404
    assert acestep("DELETE", STATS).status == 405


@pytest.mark.parametrize("asked", APIS, ids=lambda api: api.setting)
@pytest.mark.parametrize("here", APIS, ids=lambda api: api.setting)
def test_whoever_has_the_port_of_another_api_is_told_so(compat_server, here, asked):
    client = CompatClient(compat_server, here.setting)
    if here is asked:
        assert all(client("GET", path).status != 404 for path in asked.paths)
        lost = client("POST", "/v1/nothing", {})
        assert (lost.status, all(path in lost.data.decode() for path in here.paths)) == (404, True)
        return
    for path in asked.paths:
        for answer in (client("GET", path), client("POST", path, {})):
            said = answer.json
            assert answer.status == 404
            expected = f"This is the {here.title}. {path} belongs to the {asked.title}"
            assert expected in said.get("detail", said["error"])


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        (Settings(), "which `bandmate serve --chat-api` opens."),
        (Settings(chat_api=9000), "which is on 127.0.0.1:9000."),
        (Settings(chat_api=0), "which has a port of its own: `bandmate doctor` lists it."),
    ],
)
def test_it_is_said_where_the_other_api_is(settings, where):
    (acestep,) = (api for api in APIS if api.setting == "acestep_api")
    assert lost_text(acestep, "/v1/chat/completions/", settings).endswith(where)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_refusals_have_all_that_clients_of_acestep_read(acestep, method):
    for path, shown, status, code in (
        ("/v1/stats" if method == "GET" else "/release_task", {}, 401, "not_allowed"),
        ("/nothing", {"Authorization": acestep.token}, 404, "bad_message"),
    ):
        answer = acestep.raw(method, path, b"{}" if method == "POST" else None, shown)
        said = answer.json
        assert (answer.status, said["code"], said["bandmate_code"]) == (status, status, code)
        assert said["detail"].startswith(said["error"])


def test_it_listens_on_loopback_alone(acestep):
    addresses: list[Any] = [each.laddr for each in psutil.net_connections("tcp") if each.status == "LISTEN"]
    assert {each.ip for each in addresses if each.port == acestep.port} == {"127.0.0.1"}


def test_without_a_token_only_where_the_settings_say_so(open_server):
    client = CompatClient(open_server, "acestep_api")
    assert client.raw("GET", STATS).status == 200
    assert client.raw("GET", STATS, headers={"Origin": "http://evil.example"}).status == 403
    assert f"The ACE-Step API is on 127.0.0.1:{client.port}." in open_server.log


def test_a_port_that_is_taken_is_said_before_anything_starts(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "bandmate_plugins", "serve", "--port", "0", "--acestep-api", port]
        ended = subprocess.run(
            command,
            env=server_environ(tmp_path),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    assert ended.returncode != 0
    assert f"Port {port} on 127.0.0.1 is in use" in ended.stderr
    assert "bandmate serve --acestep-api 0" in ended.stderr


def test_doctor_says_what_is_open(tmp_path, monkeypatch):
    monkeypatch.setenv("BANDMATE_HOME", str(tmp_path))
    assert not list(check_compat_apis())
    monkeypatch.setenv("BANDMATE_SERVER_ACESTEP_API", "8001")
    monkeypatch.setenv("BANDMATE_SERVER_COMPAT_NEEDS_TOKEN", "false")
    monkeypatch.setenv("BANDMATE_SERVER_COMPAT_FOLDERS", str(tmp_path / "none"))
    said, folder = check_compat_apis()
    assert (said.state, said.about) == ("note", "ACE-Step API")
    assert "port 8001" in said.sentence
    assert "asks for no token" in said.sentence
    assert str(tmp_path / "none") in said.sentence
    assert (folder.state, folder.about) == ("bad", "compat_folders")
