"""The library: every job of the server, found, opened and played from where its audio lies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page, expect

import bandmate
from tests.console.acting import stem_samples
from tests.console.conftest import console_link
from tests.running import RunningServer


@pytest.fixture
def made(home: Path, page: Page) -> NDArray[np.float32]:
    """The samples of a job that another program made while the page was open."""
    with bandmate.connect(start=False) as band:
        (stem,) = band.generate("claves", bars=2, bpm=120, metre="4/4", key="C major", seed=5).stems
        return stem.samples


def test_a_job_of_another_program_is_there_at_once_and_opens(page: Page, made: NDArray[np.float32]) -> None:
    page.get_by_role("button", name="Library").click()
    page.get_by_label("Search").fill("claves")
    page.get_by_role("row").get_by_role("button", name="claves").first.click()
    expect(page.get_by_label("Stage").get_by_role("heading", name="claves")).to_be_visible()
    page.wait_for_function("() => bandmate.opened.stems[0]?.audio.drawn > 0")
    assert page.evaluate("bandmate.opened.streams") is False, "drawn from its peaks, played in blocks"
    np.testing.assert_array_equal(stem_samples(page), made)
    peak = page.evaluate("Math.max(...bandmate.opened.stems[0].audio.highs)")
    assert peak == int(np.ceil(made.max() * 127))


def test_search_and_task_narrow_the_list(page: Page, made: NDArray[np.float32]) -> None:
    page.get_by_role("button", name="Library").click()
    expect(page.get_by_role("row", name="claves").first).to_be_visible()
    page.get_by_label("Search").fill("nothing like it")
    expect(page.get_by_role("row")).to_have_count(1)
    page.get_by_label("Search").fill("CLAVES generate")
    expect(page.get_by_role("row", name="claves").first).to_be_visible()


def test_older_jobs_come_when_they_are_asked_for(
    open_page: Callable[[RunningServer], Page], own_server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANDMATE_HOME", str(own_server.home))
    with bandmate.connect(start=False) as band:
        for seed in range(60):
            band.run("noise", bars=0.25, bpm=120, seed=seed).wait()
    page = open_page(own_server)
    page.get_by_role("button", name="Library").click()
    expect(page.get_by_text("50 of 50+ jobs")).to_be_visible()
    page.get_by_role("button", name="Show older jobs").click()
    expect(page.get_by_text("60 of 60 jobs")).to_be_visible()
    assert page.evaluate("new Set(bandmate.listed.map((each) => each.job)).size") == 60


def test_two_tabs_see_the_same_jobs(page: Page, server: RunningServer, made: NDArray[np.float32]) -> None:
    other = page.context.new_page()
    other.goto(console_link(server))
    for tab in (page, other):
        tab.get_by_role("button", name="Library").click()
        expect(tab.get_by_role("row", name="claves").first).to_be_visible()
