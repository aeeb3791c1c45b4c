"""Makes the pictures of docs/console.md with a server of its own: `python -m tests.console.pictures`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.console.acting import generate, open_topic, opened_job, wait_for_another
from tests.console.conftest import CHROMIUM, OPTIONS, console_link
from tests.material.npm_packages import ROOT
from tests.running import RunningServer

PICTURES = ROOT / "docs" / "pictures"
SIZE = {"width": 1_200, "height": 760}
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")


def take_picture(browser: Browser, server: RunningServer, scheme: Literal["light", "dark"]) -> None:
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


LISTED = (
    ("dusty lo-fi drums", {"bars": 4, "bpm": 84}),
    ("walking bass and brushed drums", {"bars": 8, "bpm": 140}),
    ("string quartet, legato", {"bars": 4, "bpm": 66}),
    ("warm organ pad", {"bars": 8, "bpm": 92}),
)


def fill_library(page: Page) -> None:
    """Jobs with stars and a note, one of them kept."""
    for prompt, music in LISTED:
        generate(page, prompt, **music)
    group = page.get_by_role("group", name="Go on from here")
    for action in ("Accompany", "Analyse"):
        before = opened_job(page)
        group.get_by_role("button", name=action, exact=True).click()
        wait_for_another(page, before)
    page.get_by_role("button", name="Library", exact=True).click()
    grid = page.get_by_role("grid", name="Jobs")
    for name, stars in (("dusty lo-fi drums", "3"), ("warm organ pad", "5"), ("string quartet", "4")):
        grid.get_by_role("row", name=name).last.get_by_role("gridcell").first.click()
        grid.press(stars)
    details = page.get_by_label("Selected job")
    details.get_by_role("button", name="Keep").click()
    details.get_by_label("Note").fill("For the bridge; the cello comes in late.")
    grid.focus()
    expect(grid.get_by_text("kept", exact=True)).to_be_visible()


def take_library_pictures(browser: Browser, server: RunningServer) -> None:
    """The library, and the studio's engines and models."""
    page = browser.new_page(viewport=SIZE)
    page.goto(console_link(server))
    fill_library(page)
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.get_by_role("button", name="Library", exact=True).click()
        expect(page.get_by_label("Selected job").get_by_role("heading")).to_be_visible()
        page.screenshot(path=PICTURES / f"console-library-{scheme}.png")
        topic = open_topic(page, "Engines and models")
        expect(topic.get_by_role("listitem").first).to_be_visible()
        page.screenshot(path=PICTURES / f"console-studio-{scheme}.png")
    page.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        server = RunningServer(Path(folder) / "home", environ={"PYTHONPATH": ""}).start()
        try:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
            take_library_pictures(browser, server)
            for scheme in SCHEMES:
                take_picture(browser, server, scheme)
            browser.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
