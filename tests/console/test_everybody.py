"""The page for everybody: by keyboard, with a screen reader, on a phone, in the dark, quickly."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.console.acting import generate, open_topic
from tests.console.conftest import console_link
from tests.material.npm_packages import console_packages, modules_folder
from tests.running import RunningServer

MOST_BYTES = 400_000


def violations(page: Page) -> list[Any]:
    axe = (modules_folder(console_packages()) / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(f"() => {{ {axe} }}")
    found = page.evaluate("axe.run().then(({ violations }) => violations)")
    return [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("place", ["Make", "Library", "Studio"])
def test_axe_finds_nothing_on_any_view(page: Page, scheme: Any, place: str) -> None:
    page.emulate_media(color_scheme=scheme)
    generate(page, "drums and bass", bars=1)
    page.get_by_role("button", name=place, exact=True).click()
    assert violations(page) == []


SCHEMES = ("light", "dark")
WIDTHS = (360, 1_280, 3_840)


def test_axe_finds_nothing_in_the_library_and_in_dialogs_however_wide_the_window_is(page: Page) -> None:
    for prompt in ("claves", "tambourine"):
        generate(page, prompt, bars=1)
    page.get_by_role("button", name="Library", exact=True).click()
    grid = page.get_by_role("grid", name="Jobs")
    first = grid.get_by_role("row", name="tambourine").first.get_by_role("gridcell").first

    def look(what: str) -> None:
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (what, width)
                assert violations(page) == [], (what, scheme, width)

    first.click()
    expect(page.get_by_label("Selected job").get_by_role("heading")).to_have_text("tambourine")
    look("the selected job")
    grid.press("Delete")
    dialog = page.get_by_role("dialog", name="Drop tambourine?")
    expect(dialog).to_contain_text("It frees")
    look("the drop of one")
    dialog.get_by_role("button", name="Cancel").click()
    grid.press("Shift+ArrowDown")
    expect(page.get_by_label("Marked jobs")).to_be_visible()
    look("the marked jobs")
    grid.press("Delete")
    dialog = page.get_by_role("dialog", name="Drop 2 jobs?")
    dialog.get_by_role("button", name="Drop", exact=True).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    look("what can be undone")
    page.get_by_role("button", name="Undo").click()
    disk = open_topic(page, "Settings").get_by_role("group", name="Disk space for audio")
    disk.get_by_label("Disk space for audio (GB)").fill("0")
    disk.get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog", name="Change Disk space for audio?")).to_be_visible()
    look("the disk budget")


def test_axe_finds_nothing_before_signing_in(context: BrowserContext, server: RunningServer) -> None:
    stranger = context.new_page()
    stranger.goto(f"http://{server.address}/")
    expect(stranger.get_by_text("bandmate console")).to_be_visible()
    assert violations(stranger) == []


@pytest.mark.parametrize("width", [360, 1_280, 3_840])
def test_nothing_is_wider_than_the_window(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    generate(page, "funk band", bars=1)
    for place in ("Make", "Library", "Studio"):
        page.get_by_role("button", name=place, exact=True).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place


def test_music_is_made_and_played_by_the_keyboard_alone(page: Page) -> None:
    page.get_by_label("Prompt").focus()
    page.keyboard.type("claves")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "submit":
            break
    page.keyboard.press("Enter")
    expect(page.locator(".head [role=status]")).to_have_text("Done")
    page.get_by_role("slider", name="Position").focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("bandmate.player.position") > 0
    page.keyboard.press("Home")
    assert page.evaluate("bandmate.player.position") == 0


def test_who_wants_no_motion_gets_none(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    names = "[...document.querySelectorAll('*')].map((each) => getComputedStyle(each).animationName)"
    assert set(page.evaluate(names)) == {"none"}


def test_little_is_sent_before_the_page_can_be_used(context: BrowserContext, server: RunningServer) -> None:
    page = context.new_page()
    sizes: list[int] = []
    page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
    page.goto(console_link(server))
    expect(page.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    expect(page.locator("form button[type=submit]")).to_be_enabled()
    assert 20_000 < sum(sizes) < MOST_BYTES


def test_two_stems_of_one_role_have_colours_of_their_own_and_a_deep_zoom_has_times(page: Page) -> None:
    generate(page, "two electric guitars", bars=1)
    page.wait_for_function("() => new Set(bandmate.opened.stems.map((stem) => stem.colour)).size === 2")
    inked = """() => {
      const ruler = document.querySelector(".ruler");
      const half = ruler.width / 2;
      return ruler.getContext("2d").getImageData(half, 0, half, ruler.height).data.some((value) => value > 0);
    }"""
    for _ in range(9):
        page.get_by_role("button", name="Zoom in").click()
    page.wait_for_function("() => bandmate.view.frames < 10_000")
    page.wait_for_function(inked)
    expect(page.get_by_role("timer", name="Place")).to_have_text("0:00.00")
