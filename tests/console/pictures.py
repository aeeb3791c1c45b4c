"""Makes the pictures of docs/console.md with a server of its own: `python -m tests.console.pictures`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.console.acting import generate
from tests.console.conftest import CHROMIUM, OPTIONS, console_link
from tests.material.npm_packages import ROOT
from tests.running import RunningServer

PICTURES = ROOT / "docs" / "pictures"
SIZE = {"width": 1_200, "height": 760}


def take_picture(browser: Browser, server: RunningServer, scheme: str) -> None:
    """The stage with a band of four, its second half repeating."""
    page = browser.new_page(viewport=SIZE, color_scheme=scheme)
    page.goto(console_link(server))
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Seed", exact=True).fill("11")
    generate(page, "slow funk band", bars=8, bpm=92, key="D minor")
    page.evaluate("bandmate.player.setLoop([bandmate.opened.frames / 2, bandmate.opened.frames])")
    page.evaluate("bandmate.player.seek(bandmate.opened.frames * 0.625)")
    page.get_by_text("More", exact=True).click()
    page.evaluate("scrollTo(0, 0)")
    expect(page.locator(".range")).to_be_visible()
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
