"""What jobs are called, in the library and on the stage: by the music that they work on."""

from __future__ import annotations

import io

import numpy as np
import soundfile
from playwright.sync_api import Page, expect

from tests.console.acting import choose_task, generate, stem_samples, wait_for_another
from tests.console.test_library import open_library
from tests.console.test_sources import clicks, drop


def test_a_dropped_file_has_its_name_in_the_library_and_is_heard_from_there(page: Page) -> None:
    choose_task(page, "Repaint")
    data = clicks()
    (samples, _) = soundfile.read(io.BytesIO(data), dtype="float32")
    drop(page, "my clicks.wav", data)
    facts = page.locator(".head .facts")
    expect(facts).to_contain_text("(a guess)")  # the key of wood blocks
    page.evaluate("bandmate.ranges.choose([115_200, 230_400])")
    file = page.evaluate("bandmate.opened.id")
    page.get_by_role("group", name="Go on from here").get_by_role("button", name="Repaint").click()
    wait_for_another(page, file)
    # As a page that has seen none of it.
    page.evaluate("sessionStorage.clear(); bandmate.opened = null")
    page.reload()
    open_library(page)
    page.get_by_label("Search").fill("my clicks")
    repaint = page.get_by_role("row").filter(has_text="Repaint of my clicks.wav")
    expect(repaint.locator(".cell-task")).to_have_text("Repaint")
    expect(repaint.locator(".cell-task")).to_be_visible()
    repaint.get_by_role("button", name="Repaint of my clicks.wav").click()
    page.wait_for_function("() => bandmate.opened?.isPatch && bandmate.opened.stems[0]?.ended")
    np.testing.assert_array_equal(stem_samples(page)[:115_200, 0], samples[:115_200])
    open_library(page)
    page.get_by_role("button", name="Analysis of my clicks.wav").click()
    page.wait_for_function("() => bandmate.opened?.isReport && bandmate.opened.base.doubts !== null")
    np.testing.assert_array_equal(stem_samples(page)[:, 0], samples)
    expect(
        page.get_by_label("Stage").get_by_role("heading", name="Analysis of my clicks.wav")
    ).to_be_visible()
    expect(facts).to_contain_text("(a guess)")
    assert abs(page.evaluate("bandmate.opened.timeline.tempo[0].bpm") - 100) < 0.5


def test_what_was_made_of_a_job_names_it(page: Page) -> None:
    first = generate(page, "claves", bars=2)
    page.get_by_role("group", name="Go on from here").get_by_role("button", name="Accompany").click()
    wait_for_another(page, first)
    expect(page.get_by_role("heading", name="Accompaniment to claves")).to_be_visible()
    choose_task(page, "Cover")
    page.get_by_label("Prompt").fill("soft piano")
    page.evaluate("bandmate.openJob(bandmate.jobs.values().next().value)")
    page.locator("form button[type=submit]").click()
    page.wait_for_function("() => bandmate.opened.task === 'cover' && !bandmate.opened.isActive")
    open_library(page)
    expect(page.get_by_role("button", name="Cover of claves: soft piano")).to_be_visible()
    expect(page.get_by_role("button", name="Accompaniment to claves")).to_be_visible()
