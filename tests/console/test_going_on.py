"""Going on from the stage: what cannot be is not sent, and what belongs to other music leaves the stage."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.console.acting import choose_task, generate, opened_job, start


def choose_ranges(page: Page, *ranges: list[int]) -> None:
    page.evaluate(
        "ranges => { bandmate.ranges.choose(null); for (const range of ranges) bandmate.ranges.add(range); }",
        list(ranges),
    )


def test_a_range_outside_the_accompaniment_is_refused_before_anything_is_sent(page: Page) -> None:
    generate(page, "drums")
    choose_ranges(page, [0, 96_000])
    choose_task(page, "Accompany")
    page.get_by_label("Prompt").fill("drums")
    start(page)
    choose_task(page, "Repaint")
    stem = page.locator("select[name=stem]")
    expect(stem.locator("option")).to_have_text(["all, mixed to one", "Drums", "Drums (source)"])
    accompaniment = opened_job(page)
    choose_ranges(page, [192_000, 288_000])
    outside = "The range from 4.00 s to 6.00 s is outside “Drums”, which plays from 0.00 s to"
    expect(page.locator("form .lacks")).to_contain_text(outside)
    go_on = page.get_by_role("group", name="Go on from here")
    go_on.get_by_role("button", name="Repaint this range").click()
    expect(page.locator(".notice")).to_contain_text(outside)
    expect(page.locator("form button[type=submit]")).to_be_disabled()
    assert opened_job(page) == accompaniment
    # The source is heard there, and can be repainted.
    stem.select_option("Drums (source)")
    expect(page.locator("form button[type=submit]")).to_be_enabled()


def test_a_task_for_one_range_says_which_of_several(page: Page) -> None:
    generate(page, "drums")
    choose_ranges(page, [0, 48_000], [192_000, 240_000], [96_000, 144_000])
    go_on = page.get_by_role("group", name="Go on from here")
    expect(go_on.get_by_role("button", name="Repaint 3 ranges")).to_be_visible()
    expect(go_on.get_by_role("button", name="Accompany range 2")).to_be_visible()
    choose_task(page, "Accompany")
    expect(page.locator(".source")).to_contain_text("This task works on one range")


@pytest.mark.parametrize("seed", ["-1", "1.5", "4294967296"])
def test_a_seed_that_is_none_is_not_sent(page: Page, seed: str) -> None:
    job = generate(page, "claves", bars=1)
    field = page.get_by_label("Seed for this job")
    again = page.get_by_role("group", name="Once more").get_by_role("button", name="Again")
    field.fill(seed)
    expect(page.get_by_text("A seed is a whole number from 0 to 4294967295.")).to_be_visible()
    expect(again).to_be_disabled()
    field.press("Enter")
    field.fill("7")
    again.click()
    page.wait_for_function("job => bandmate.opened.id !== job && bandmate.opened.seed === 7", arg=job)
    expect(page.locator(".notice")).to_have_count(0)


def test_takes_and_comparisons_leave_with_their_music(page: Page) -> None:
    generate(page, "claves", bars=1)
    page.get_by_role("button", name="4 variations").click()
    strip = page.get_by_role("group", name="Take strip")
    strip.get_by_role("button", name="Compare with take 3").click()
    expect(page.get_by_role("group", name="Compare", exact=True)).to_be_visible()
    # An analysis of the take is about the same music, and is no music to be varied.
    choose_task(page, "Analyse")
    start(page)
    expect(strip).to_be_visible()
    expect(page.get_by_role("button", name="Recipe (JSON)")).to_be_visible()
    expect(page.get_by_role("group", name="Once more")).to_have_count(0)
    generate(page, "soft piano", bars=1)
    expect(strip).to_have_count(0)
    expect(page.get_by_role("group", name="Compare", exact=True)).to_have_count(0)


def test_a_failed_job_offers_only_what_helps(page: Page) -> None:
    choose_task(page, "Generate")
    page.get_by_label("Prompt").fill("zzyzx quux")
    start(page, "Failed")
    expect(page.get_by_role("button", name="Again, with another seed")).to_be_visible()
    for name in ("4 variations", "Save as slot", "Zoom in"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
