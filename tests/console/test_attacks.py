"""Other web pages and what they try: a socket, a request, a form, another name for this machine, a script."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.console.conftest import CHROMIUM, OPTIONS, console_link
from tests.running import RunningServer


@pytest.fixture
def foreign(tmp_path: Path) -> Iterator[str]:
    """A web server of somebody else, on another port of this machine: the same site, to a browser."""
    (tmp_path / "index.html").write_text("<!doctype html><title>elsewhere</title>")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def jobs(page: Page) -> int:
    return page.evaluate(
        "bandmate.wire.ask({ type: 'list_jobs', most: 1000 }).then(({ jobs }) => jobs.length)"
    )


@pytest.mark.parametrize(
    "attack",
    [
        """host => new Promise((resolve) => {
          const socket = new WebSocket(`ws://${host}/ws`, "bandmate.v1");
          socket.onopen = () => resolve("in");
          socket.onerror = () => resolve("refused");
        })""",
        "host => fetch(`http://${host}/`, { credentials: 'include' }).then(() => 'in', () => 'refused')",
        """host => fetch(`http://${host}/console/sign-out`, { method: "POST", mode: "no-cors", credentials: "include" })
          .then((answer) => (answer.type === "opaque" ? "refused" : "in"), () => "refused")""",
        """host => new Promise((resolve) => {
          const frame = document.createElement("iframe");
          const form = Object.assign(document.createElement("form"), {
            action: `http://${host}/console/sign-out`, method: "post", target: "hole",
          });
          frame.name = "hole";
          frame.onload = () => resolve("refused");
          document.body.append(frame, form);
          form.submit();
        })""",
        """host => new Promise((resolve) => {
          const script = Object.assign(document.createElement("script"), {
            src: `http://${host}/page/main.js`, type: "module",
          });
          script.onload = () => resolve("in");
          script.onerror = () => resolve("refused");
          document.head.append(script);
        })""",
    ],
    ids=["socket", "fetch", "post", "form", "script"],
)
def test_a_foreign_page_gets_nothing_while_the_console_is_open(
    context: BrowserContext, page: Page, server: RunningServer, foreign: str, attack: str
) -> None:
    before = jobs(page)
    stranger = context.new_page()
    stranger.goto(foreign)
    assert stranger.evaluate(attack, server.address) == "refused"
    assert jobs(page) == before
    page.reload()
    expect(page.get_by_role("status").filter(has_text="Connected")).to_be_visible()


def test_the_page_cannot_be_framed(context: BrowserContext, server: RunningServer, foreign: str) -> None:
    stranger = context.new_page()
    stranger.goto(foreign)
    stranger.evaluate(
        """host => new Promise((resolve) => {
          const frame = Object.assign(document.createElement("iframe"), { src: `http://${host}/`, onload: resolve });
          document.body.append(frame);
        })""",
        server.address,
    )
    assert all("Bandmate" not in frame.content() for frame in stranger.frames)


def test_another_name_for_this_machine_opens_nothing(driver: Playwright, server: RunningServer) -> None:
    """DNS rebinding: a page of evil.example whose name leads here all of a sudden."""
    rules = "--host-resolver-rules=MAP evil.example 127.0.0.1"
    browser = driver.chromium.launch(executable_path=CHROMIUM, args=[*OPTIONS, rules])
    try:
        answer = browser.new_page().goto(f"http://evil.example:{server.port}/")
        assert answer is not None
        assert answer.status == 403
    finally:
        browser.close()


def test_a_script_in_the_page_does_not_run(context: BrowserContext, server: RunningServer) -> None:
    page = context.new_page()
    page.goto(console_link(server))
    expect(page.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    blocked = page.evaluate(
        """() => new Promise((resolve) => {
          const tell = (event) => resolve(event.effectiveDirective);
          document.addEventListener("securitypolicyviolation", tell, { once: true });
          const script = document.createElement("script");
          script.textContent = "globalThis.owned = true";
          document.body.append(script);
          setTimeout(() => resolve("ran"), 60_000);
        })"""
    )
    assert blocked.startswith("script-src")
    assert page.evaluate("globalThis.owned") is None


def test_names_from_outside_are_text(page: Page) -> None:
    text = '<img src=x onerror="globalThis.owned=true"> drums'
    page.get_by_label("Prompt").fill(text)
    page.locator("form button[type=submit]").click()
    expect(page.get_by_label("Stage").get_by_role("heading", name=text)).to_be_visible()
    assert page.evaluate("globalThis.owned") is None


def test_the_page_asks_nobody_but_its_server(
    context: BrowserContext, page: Page, server: RunningServer
) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    for place in ("Library", "Studio", "Make"):
        page.get_by_role("button", name=place, exact=True).click()
    assert asked
    assert all(url.startswith((f"http://{server.address}/", "blob:", "data:")) for url in asked)
