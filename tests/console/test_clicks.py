"""Clicks as hands make them: twice where once is meant, and the same choice again."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.console.acting import choose_task, generate, start
from tests.console.test_sources import clicks

COUNT_JOBS = (
    """() => bandmate.wire.ask({ type: "list_jobs", most: 64 }).then(({ jobs = [] }) => jobs.length)"""
)


CLICK = "(button, detail) => button.dispatchEvent(new MouseEvent('click', { detail, bubbles: true, cancelable: true }))"


@pytest.mark.parametrize(
    ("button", "jobs"),
    [("Generate", 1), ("Again, with another seed", 1), ("4 variations", 4)],
)
def test_a_double_click_starts_once(page: Page, button: str, jobs: int) -> None:
    generate(page, "claves", bars=1)
    before = page.evaluate(COUNT_JOBS)
    place = page.locator("form" if button == "Generate" else ".stage")
    pressed = place.get_by_role("button", name=button, exact=True).element_handle()
    # The second click comes when the first is answered already, as it does with a fast server.
    pressed.evaluate(CLICK, 1)
    page.wait_for_function(f"before => ({COUNT_JOBS})().then((jobs) => jobs > before)", arg=before)
    pressed.evaluate(CLICK, 2)
    page.wait_for_function("() => bandmate.outbox.entries.length === 0")
    assert page.evaluate(COUNT_JOBS) == before + jobs


def test_a_file_that_is_chosen_again_is_on_the_stage_again(page: Page, tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    song.write_bytes(clicks(bars=2))
    choose_task(page, "Separate")
    stage = page.get_by_label("Stage")
    for _ in range(2):
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Choose a file", exact=True).click()
        chooser.value.set_files(song)
        expect(stage.get_by_role("heading", name="song.wav", exact=True)).to_be_visible()
        start(page)
        expect(stage.get_by_role("heading", name="Stems of song.wav")).to_be_visible()
