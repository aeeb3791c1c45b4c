"""`bandmate console`: a link that signs in once, opened by the browser that the user has."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from pathlib import Path

import pytest
import segno
from websockets.exceptions import ConnectionClosed

from tests.bridge.command_line import CommandLine
from tests.running import RunningServer
from tests.server.console_http import Browser, request

LINK = re.compile(r"http://127\.0\.0\.1:(\d+)/#code=([\w-]{43})")


def test_the_link_that_it_prints_signs_in(bandmate: CommandLine, server: RunningServer) -> None:
    done = bandmate.good("console", "--no-browser")
    found = LINK.search(done.out)
    assert found is not None, done
    assert int(found[1]) == server.port
    assert Browser.signed_in(server, found[2]).get("/console/signed-in")[0] == 204


def test_it_signs_every_browser_out_and_closes_their_sockets(
    bandmate: CommandLine, server: RunningServer
) -> None:
    browsers = [Browser.signed_in(server) for _ in range(2)]
    with browsers[0].greeted() as socket:
        assert "Sign-ins ended: " in bandmate.good("console", "--sign-out").out
        with pytest.raises(ConnectionClosed, match="signed out"):
            socket.recv(60)
    assert [browser.get("/console/signed-in")[0] for browser in browsers] == [401, 401]
    assert bandmate.good("console", "--sign-out").out == "No browser was signed in.\n"


def test_it_opens_the_users_browser_and_keeps_the_code_to_itself(
    bandmate: CommandLine, server: RunningServer, tmp_path: Path
) -> None:
    opened = tmp_path / "opened.txt"
    browser = tmp_path / "browser"
    browser.write_text(f"#!{sys.executable}\nimport sys\nopen({str(opened)!r}, 'w').write(sys.argv[1])\n")
    browser.chmod(0o700)
    done = bandmate.good("console", BROWSER=str(browser))
    assert LINK.fullmatch(opened.read_text())
    assert "code=" not in done.out + done.err
    assert f"http://{server.address}/" in done.out


def test_without_a_browser_it_prints_the_link(bandmate: CommandLine) -> None:
    done = bandmate.good("console", BROWSER="/nowhere/browser", DISPLAY="", WAYLAND_DISPLAY="", PATH="")
    assert LINK.search(done.out)
    assert "works once" in done.out


def test_it_starts_a_server_where_none_runs(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    alone = CommandLine(tmp_path / "home", folder)
    found = LINK.search(alone.good("console", "--no-browser").out)
    assert found is not None
    started = RunningServer(alone.home)
    started.port = int(found[1])
    try:
        assert request(started, "GET", "/")[0] == 200
        assert Browser.signed_in(started, found[2]).get("/console/signed-in")[0] == 204
    finally:
        record = json.loads((alone.home / "state" / "server.json").read_text())
        os.kill(record["pid"], signal.SIGTERM)


def test_a_server_without_a_console_is_named_in_a_sentence(bandmate: CommandLine) -> None:
    said = bandmate.refused("console", "--no-browser", BANDMATE_SERVER="127.0.0.1:9", code=3)
    assert "127.0.0.1:9" in said


def test_for_a_phone_there_is_a_qr_code_with_a_code_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    server = RunningServer(tmp_path / "home", "--allow-lan").start()
    try:
        out = CommandLine(server.home, folder).good("console", "--no-browser").out
        here = LINK.search(out)
        phone = re.search(r"It opens (http://([\d.]+):(\d+)/#code=([\w-]{43}))\n", out)
        assert here is not None, out
        assert phone is not None, out
        assert int(phone[3]) == server.port
        assert not phone[2].startswith("127.")
        assert phone[4] != here[2]
        assert qr_modules(out) == [list(row) for row in segno.make_qr(phone[1], error="l").matrix]
        assert server.token not in out
        assert Browser(server).exchange(phone[4])[0] == 200
        assert Browser(server).exchange(phone[4])[0] == 401
        assert Browser(server).exchange(here[2])[0] == 200
    finally:
        assert server.stop() == 0, server.log


def test_a_server_that_keeps_to_itself_has_none(bandmate: CommandLine) -> None:
    assert "phone" not in bandmate.good("console", "--no-browser").out


def qr_modules(out: str) -> list[list[int]]:
    """The QR code that was printed, in half blocks, as dark (1) and light (0) modules without its margin."""
    rows: list[list[int]] = []
    for line in out.splitlines():
        if line and set(line) <= set(" ▀▄█"):
            rows.append([int(each in " ▄") for each in line])
            rows.append([int(each in " ▀") for each in line])
    size = len(rows[0])
    return [row[4 : size - 4] for row in rows[4 : size - 4]]
