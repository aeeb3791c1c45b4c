"""What the tests of the console share: Chromium as Debian has it, a server, and a page that is signed in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer
from tests.server.console_http import make_code

CHROMIUM = shutil.which("chromium") or "chromium"
# As root, and in containers, Chromium has no sandbox of its own. Nothing is played aloud, and audio needs no gesture.
GONE_SERVER = ("ERR_CONNECTION", "ERR_CONTENT_LENGTH_MISMATCH", "WebSocket connection")
"""What Chromium writes where a server is gone, before or amid an answer: no fault of the page."""
OPTIONS = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    "--mute-audio",
)

expect.set_options(timeout=PATIENCE_SECONDS * 1_000)


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(driver: Playwright) -> Iterator[Browser]:
    browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """As a musician has it, without the plugins of other tests."""
    running = RunningServer(tmp_path_factory.mktemp("home"), environ={"PYTHONPATH": ""}).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture(scope="module")
def slow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """With a task that takes as long as it is told."""
    running = RunningServer(tmp_path_factory.mktemp("home")).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server that a test may end."""
    running = RunningServer(tmp_path / "home").start()
    yield running
    running.stop()


def console_link(server: RunningServer) -> str:
    return f"http://{server.address}/#code={make_code(server)}"


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    made.set_default_timeout(PATIENCE_SECONDS * 1_000)
    yield made
    made.close()


@pytest.fixture
def open_page(context: BrowserContext) -> Iterator[Callable[[RunningServer], Page]]:
    """Opens the console of a server, signed in. What the page's console complains of fails the test."""
    complaints: list[str] = []

    def complain(text: str) -> None:
        if not any(part in text for part in GONE_SERVER):
            complaints.append(text)

    def open_console(server: RunningServer) -> Page:
        page = context.new_page()
        page.on("console", lambda said: complain(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complain(str(error)))
        page.goto(console_link(server))
        expect(page.get_by_role("status").filter(has_text="Connected")).to_be_visible()
        return page

    yield open_console
    assert complaints == []


@pytest.fixture
def page(open_page: Callable[[RunningServer], Page], server: RunningServer) -> Page:
    return open_page(server)


@pytest.fixture
def slow_page(open_page: Callable[[RunningServer], Page], slow_server: RunningServer) -> Page:
    return open_page(slow_server)


@pytest.fixture
def home(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The server's home, where commands find it."""
    monkeypatch.setenv("BANDMATE_HOME", str(server.home))
    for name in [name for name in os.environ if name.startswith("BANDMATE_SERVER")]:
        monkeypatch.delenv(name)
    return server.home
