"""Who signs in to the console, and what a sign-in is good for: both of its secrets, from its own page."""

import json
import stat
import sys

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from bandmate_protocol.codec import SERVER_FRAMES, encode_message
from bandmate_protocol.messages import Catalogue, Describe
from bandmate_server.web.sign_in import CODE_SECONDS, SIGN_IN_SECONDS, SignIns
from bandmate_server.web.tickets import TICKET_SECONDS, Tickets
from tests.running import RunningServer
from tests.server.console_http import Browser, make_code, request
from tests.server.wire import Wire


@pytest.fixture
def browser(server):
    return Browser.signed_in(server)


def test_the_page_is_open_and_talks_to_nobody_else(server):
    status, headers, body = request(server, "GET", "/")
    assert status == 200
    assert b"/page/main.js" in body
    policy = headers["content-security-policy"].split("; ")
    assert "default-src 'self'" in policy
    assert f"connect-src 'self' ws://{server.address}" in policy
    assert not any("unsafe" in part or "*" in part for part in policy)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


def test_no_part_of_the_page_is_inline_or_comes_from_elsewhere(server):
    body = request(server, "GET", "/")[2].decode()
    assert "<style" not in body
    assert body.count("<script") == body.count("<script src=") + body.count('<script type="module" src=')
    assert "http" not in body.replace("http-equiv", "")


def test_a_file_that_the_browser_has_is_not_sent_again(server):
    status, headers, body = request(server, "GET", "/page/main.js")
    assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    assert body
    again = request(server, "GET", "/page/main.js", {"If-None-Match": headers["etag"]})
    assert (again[0], again[2]) == (304, b"")


@pytest.mark.parametrize("name", ["", "nothing.js", "../guard.py", "%2e%2e/guard.py", "vendor/packages.json"])
def test_nothing_but_the_pages_own_files_is_served(server, name):
    assert request(server, "GET", f"/page/{name}")[0] == 404


def test_the_page_answers_only_to_the_servers_names(server):
    assert request(server, "GET", "/", {"Host": f"evil.example:{server.port}"})[0] == 403


def test_codes_are_for_programs_with_the_token(server, browser):
    assert request(server, "POST", "/console/code")[0] == 401
    assert browser.post("/console/code")[0] == 403, "a page may not sign another browser in"
    assert len(make_code(server)) > 40


def test_a_code_works_once(server):
    code = make_code(server)
    assert Browser.signed_in(server, code).get("/console/signed-in")[0] == 204
    status, _, body = Browser(server).exchange(code)
    assert status == 401
    assert "bandmate console" in json.loads(body)["sentence"]


def test_only_the_own_page_signs_in(server):
    for origin in (None, "null", "http://evil.example", f"http://localhost:{server.port}"):
        headers = {} if origin is None else {"Origin": origin}
        body = json.dumps({"code": make_code(server)})
        assert request(server, "POST", "/console/sign-in", headers, body)[0] == 403


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"code": 1}', '{"code": "x"}', "x" * 10_000])
def test_anything_but_a_code_is_refused(server, body):
    headers = {"Origin": f"http://{server.address}"}
    status, _, answer = request(server, "POST", "/console/sign-in", headers, body)
    assert status in (400, 401)
    assert json.loads(answer)["sentence"]


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(server):
    _, headers, _ = Browser(server).exchange(make_code(server))
    cookie = headers["set-cookie"].lower()
    assert cookie.startswith(f"bandmate_{server.port}=")
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie


def test_one_secret_of_two_is_none(server, browser):
    """Browsers send the cookies of 127.0.0.1 to every port, so another program may have seen it."""
    other = Browser.signed_in(server)
    for cookie, key in ((browser.cookie, ""), ("", browser.key), (browser.cookie, other.key), ("", "")):
        thief = Browser(server, cookie, key)
        assert thief.get("/console/signed-in")[0] == 401
        assert thief.upgrade() == 401
    assert browser.upgrade() == 101


def test_a_socket_wants_the_pages_own_origin(server, browser):
    assert browser.upgrade(origin=None) == 401
    assert browser.upgrade(origin="http://evil.example") == 403
    assert browser.upgrade(origin="null") == 403
    assert browser.upgrade(origin=f"http://localhost:{server.port}") == 403


def test_what_changes_something_wants_the_pages_own_origin(server, browser):
    assert request(server, "POST", "/console/sign-out", browser.headers)[0] == 401
    assert browser.get("/console/signed-in")[0] == 204


def test_the_key_is_not_echoed(server, browser):
    with connect(
        f"ws://{server.address}/ws",
        subprotocols=["bandmate.v1", f"bandmate.key.{browser.key}"],
        additional_headers={"Cookie": browser.cookie, "Origin": f"http://{server.address}"},
        proxy=None,
    ) as socket:
        assert socket.subprotocol == "bandmate.v1"


def test_whoever_signs_out_is_out(server):
    browser, other = Browser.signed_in(server), Browser.signed_in(server)
    assert browser.post("/console/sign-out")[0] == 204
    assert browser.get("/console/signed-in")[0] == 401
    assert browser.upgrade() == 401
    assert other.get("/console/signed-in")[0] == 204


def test_a_sign_out_closes_the_sockets_that_the_sign_in_opened_and_no_others(server):
    browser, other = Browser.signed_in(server), Browser.signed_in(server)
    with (
        browser.greeted() as first,
        browser.greeted() as second,
        other.greeted() as foreign,
        Wire(server) as program,
    ):
        assert browser.post("/console/sign-out")[0] == 204
        for socket in (first, second):
            with pytest.raises(ConnectionClosed, match="signed out"):
                socket.recv(60)
        foreign.send(encode_message(Describe(request="d")))
        assert isinstance(SERVER_FRAMES.decode(foreign.recv(60)), Catalogue)
        assert isinstance(program.ask(Describe(request="d")), Catalogue)


def test_a_socket_ends_with_its_sign_in_when_newer_ones_take_its_place(own_server):
    with Browser.signed_in(own_server).greeted() as oldest:
        for _ in range(64):
            Browser.signed_in(own_server)
        with pytest.raises(ConnectionClosed, match="signed out"):
            oldest.recv(60)


def test_a_sign_in_lasts_as_long_as_it_says(tmp_path):
    now = [1_000.0]
    sign_ins, ended = SignIns(tmp_path / "console.json", lambda: now[0]), []
    sign_ins.on_end(lambda names: ended.extend(names))
    fresh = sign_ins.exchange_code(sign_ins.new_code())
    name = sign_ins.name_of(fresh.cookie, fresh.key)
    now[0] += 60
    assert sign_ins.seconds_left(name) == SIGN_IN_SECONDS - 60
    sign_ins.end_sign_in(fresh.cookie)
    assert (sign_ins.seconds_left(name), ended) == (0, [name])


def test_a_restarted_server_knows_its_browsers_and_no_secret_of_theirs_is_on_the_disk(own_server):
    browser = Browser.signed_in(own_server)
    assert own_server.stop() == 0
    file = own_server.home / "state" / "console.json"
    text = file.read_text()
    assert browser.key not in text
    assert browser.cookie.partition("=")[2] not in text
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    own_server.start()
    assert browser.get("/console/signed-in")[0] == 204


def test_a_damaged_list_of_sign_ins_costs_nothing_but_the_sign_ins(tmp_path):
    home = tmp_path / "home"
    server = RunningServer(home).start()
    browser = Browser.signed_in(server)
    server.stop()
    (home / "state" / "console.json").write_text('[{"cookie": 1')
    server.start()
    try:
        assert browser.get("/console/signed-in")[0] == 401
        assert Browser.signed_in(server).get("/console/signed-in")[0] == 204
        assert "sign in again" in server.log
    finally:
        assert server.stop() == 0


def test_codes_and_sign_ins_end_with_time(tmp_path):
    now = [1_000.0]
    sign_ins = SignIns(tmp_path / "console.json", lambda: now[0])
    late, code = sign_ins.new_code(), sign_ins.new_code()
    fresh = sign_ins.exchange_code(code)
    assert fresh is not None
    now[0] += CODE_SECONDS
    assert sign_ins.exchange_code(late) is None
    assert sign_ins.name_of(fresh.cookie, fresh.key)
    now[0] += SIGN_IN_SECONDS
    assert not sign_ins.name_of(fresh.cookie, fresh.key)


def test_there_is_a_bound_to_codes_and_sign_ins(tmp_path):
    sign_ins = SignIns(tmp_path / "console.json")
    first = sign_ins.new_code()
    for _ in range(20):
        sign_ins.new_code()
    assert sign_ins.exchange_code(first) is None, "the oldest was dropped"
    oldest = sign_ins.exchange_code(sign_ins.new_code())
    assert oldest is not None
    for _ in range(64):
        assert sign_ins.exchange_code(sign_ins.new_code())
    assert not sign_ins.name_of(oldest.cookie, oldest.key)


def test_a_disk_that_refuses_leaves_a_sign_in_for_this_server(tmp_path):
    (tmp_path / "state").write_text("no folder")
    sign_ins = SignIns(tmp_path / "state" / "console.json")
    fresh = sign_ins.exchange_code(sign_ins.new_code())
    assert fresh is not None
    assert sign_ins.name_of(fresh.cookie, fresh.key)


def test_tickets_end_with_time_and_number():
    now = [0.0]
    tickets = Tickets(lambda: now[0])
    ticket = tickets.give("a stem")
    assert tickets.redeem(ticket) == tickets.redeem(ticket) == "a stem"
    assert tickets.redeem("x") is None
    now[0] += TICKET_SECONDS
    assert tickets.redeem(ticket) is None
    first = tickets.give("first")
    for number in range(256):
        tickets.give(str(number))
    assert tickets.redeem(first) is None


def test_a_sign_in_opens_no_door_to_a_page_of_another_origin(server, browser):
    for origin in ("http://evil.example", "null"):
        assert request(server, "GET", "/console/signed-in", browser.headers | {"Origin": origin})[0] == 403
    assert request(server, "GET", "/metrics", browser.headers | {"Sec-Fetch-Site": "same-site"})[0] == 403


def test_a_refused_upgrade_says_why(server):
    with pytest.raises(InvalidStatus) as refused, connect(f"ws://{server.address}/ws", proxy=None):
        pass
    assert "bandmate console" in json.loads(refused.value.response.body)["sentence"]
