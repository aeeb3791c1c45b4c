"""Makes the pictures of docs/console.md with a server of its own: `python -m tests.console.pictures`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.console.acting import generate, opened_job, wait_for_another
from tests.console.conftest import CHROMIUM, OPTIONS, console_link
from tests.material.npm_packages import ROOT
from tests.running import RunningServer

PICTURES = ROOT / "docs" / "pictures"
SIZE = {"width": 1_200, "height": 760}


def take_picture(browser: Browser, server: RunningServer, scheme: str) -> None:
    """The stage with a band of four, its chords and sections, and two ranges."""
    page = browser.new_page(viewport=SIZE, color_scheme=scheme)
    page.goto(console_link(server))
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Seed", exact=True).fill("11")
    generate(page, "slow funk band", bars=8, bpm=92, key="D minor")
    made = opened_job(page)
    page.get_by_role("group", name="Go on from here").get_by_role("button", name="Analyse").click()
    wait_for_another(page, made)
    page.evaluate("bandmate.ranges.choose([1, 2].map((bars) => (bars * bandmate.opened.frames) / 8))")
    page.evaluate("bandmate.ranges.add([4, 6].map((bars) => (bars * bandmate.opened.frames) / 8))")
    page.evaluate("bandmate.player.seek(bandmate.opened.frames * 0.59)")
    page.get_by_text("More", exact=True).click()
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator(".handle")).to_have_count(2)
    page.screenshot(path=PICTURES / f"console-{scheme}.png")
    page.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        server = RunningServer(Path(folder) / "home", environ={"PYTHONPATH": ""}).start()
        try:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
            for scheme in ("light", "dark"):
                take_picture(browser, server, scheme)
            browser.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
