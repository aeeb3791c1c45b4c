"""A phone in the same network: the page over plain HTTP by an address that no browser takes for secure, by touch."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bandmate_server.web.lan import lan_addresses
from tests.bridge.command_line import CommandLine
from tests.console.acting import generate, stem_samples
from tests.console.test_everybody import violations
from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer

SIZE = {"width": 360, "height": 740}


@pytest.fixture(scope="module")
def lan_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    running = RunningServer(
        tmp_path_factory.mktemp("home"), "--allow-lan", environ={"PYTHONPATH": ""}
    ).start()
    yield running
    assert running.stop() == 0, running.log


@pytest.fixture
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport=SIZE, has_touch=True, is_mobile=True, device_scale_factor=2)
    made.set_default_timeout(PATIENCE_SECONDS * 1_000)
    yield made
    made.close()


@pytest.fixture
def phone_page(phone: BrowserContext, lan_server: RunningServer, tmp_path: Path) -> Iterator[Page]:
    """Opened by the link that the QR code of `bandmate console` holds."""
    (tmp_path / "work").mkdir()
    shown = CommandLine(lan_server.home, tmp_path / "work").good("console", "--no-browser").out
    link = re.search(r"It opens (http://\S+)\n", shown)
    assert link is not None, shown
    complaints: list[str] = []
    page = phone.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(link[1])
    expect(page.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    yield page
    assert complaints == []


def test_music_is_made_and_heard_without_a_secure_context(
    phone_page: Page, lan_server: RunningServer
) -> None:
    address = lan_addresses("0.0.0.0")[0]
    # The code is gone from the address, and the browser has no cryptography of its own here.
    assert phone_page.url == f"http://{address}:{lan_server.port}/"
    assert phone_page.evaluate("() => [isSecureContext, typeof crypto.subtle]") == [False, "undefined"]
    generate(phone_page, "drums", bars=1)
    assert abs(stem_samples(phone_page)).max() > 0.01
    phone_page.get_by_role("button", name="Play", exact=True).tap()
    phone_page.wait_for_function("() => bandmate.player.position > 0")
    # The sign-in lasts: cookie and key are there after a reload.
    phone_page.reload()
    expect(phone_page.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    cookies = phone_page.context.cookies()
    assert [(each["httpOnly"], each["sameSite"]) for each in cookies] == [(True, "Strict")]
    assert lan_server.token not in phone_page.content()
    assert violations(phone_page) == []


def test_a_file_is_hashed_and_uploaded_without_a_secure_context(phone_page: Page, tmp_path: Path) -> None:
    sha256 = phone_page.evaluate(
        """async () => {
          const { uploadFile } = await import("/page/net/upload.js");
          return uploadFile(bandmate.wire, new File([new Uint8Array(100_000)], "zeros.wav"), () => {});
        }"""
    )
    assert sha256 == hashlib.sha256(bytes(100_000)).hexdigest()


def swipe(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A finger from one point to another, as the browser gets it from a screen."""
    session = page.context.new_cdp_session(page)

    def touch(kind: str, points: list[dict[str, float]]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    steps = 10
    touch("touchStart", [{"x": start[0], "y": start[1]}])
    for step in range(1, steps + 1):
        share = step / steps
        at = {"x": start[0] + (end[0] - start[0]) * share, "y": start[1] + (end[1] - start[1]) * share}
        touch("touchMove", [at])
    touch("touchEnd", [])


def test_a_finger_chooses_a_range_across_and_scrolls_along(phone_page: Page) -> None:
    generate(phone_page, "funk band", bars=4)
    lanes = phone_page.get_by_role("slider", name="Position")
    lanes.scroll_into_view_if_needed()
    phone_page.wait_for_function("() => document.querySelector('.lanes').getBoundingClientRect().top < 600")
    box = lanes.bounding_box()
    assert box is not None
    left, right = box["x"] + box["width"] * 0.25, box["x"] + box["width"] * 0.75
    y = max(box["y"], 0) + 30
    assert phone_page.evaluate("() => bandmate.player.loop") is None
    swipe(phone_page, (left, y), (right, y))
    phone_page.wait_for_function("() => bandmate.player.loop !== null")
    frames = phone_page.evaluate("() => bandmate.opened.frames")
    start, end = phone_page.evaluate("() => bandmate.player.loop")
    assert abs(start / frames - 0.25) < 0.1
    assert abs(end / frames - 0.75) < 0.1

    # Along the page it scrolls, and the range stays.
    before = phone_page.evaluate("() => scrollY")
    position = phone_page.evaluate("() => bandmate.player.position")
    # Beside the range, whose edges can be moved.
    beside = box["x"] + box["width"] * 0.1
    swipe(phone_page, (beside, y), (beside, y + 200))
    phone_page.wait_for_function("before => scrollY < before", arg=before)
    assert phone_page.evaluate("() => bandmate.player.loop") == [start, end]
    assert phone_page.evaluate("() => bandmate.player.position") == position


def test_every_view_fits_and_buttons_are_large_enough_for_a_finger(phone_page: Page) -> None:
    generate(phone_page, "claves", bars=1)
    for place in ("Make", "Library", "Studio"):
        phone_page.get_by_role("button", name=place, exact=True).tap()
        assert phone_page.evaluate("() => document.documentElement.scrollWidth") <= SIZE["width"], place
        small = phone_page.evaluate(
            """() => [...document.querySelectorAll("button, select, input:not([type=checkbox])")]
              .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 24)
              .map((each) => each.textContent || each.name)"""
        )
        assert small == [], place
