"""The library: every job of the server, found, rated, kept, dropped, opened and played from where its audio lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

import bandmate
from tests.console.acting import generate, stem_samples
from tests.console.conftest import console_link
from tests.console.test_everybody import violations
from tests.material.many_jobs import fill_job_table
from tests.running import RunningServer

MANY = 100_000


@pytest.fixture
def made(home: Path, page: Page) -> NDArray[np.float32]:
    """The samples of a job that another program made while the page was open."""
    with bandmate.connect(start=False) as band:
        (stem,) = band.generate("claves", bars=2, bpm=120, metre="4/4", key="C major", seed=5).stems
        return stem.samples


@pytest.fixture(scope="module")
def large_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """Its table has more jobs than anybody scrolls through."""
    running = RunningServer(tmp_path_factory.mktemp("home"))
    fill_job_table(running.home / "data" / "jobs.sqlite", MANY)
    running.start()
    yield running
    running.stop()


def open_library(page: Page) -> Locator:
    page.get_by_role("button", name="Library", exact=True).click()
    return page.get_by_role("grid", name="Jobs")


def select(page: Page, name: str) -> Locator:
    """Selects the newest job of that name; returns the panel with its facts."""
    page.get_by_role("row", name=name).first.get_by_role("gridcell").first.click()
    return page.get_by_label("Selected job")


def test_a_job_of_another_program_is_there_at_once_and_opens(page: Page, made: NDArray[np.float32]) -> None:
    open_library(page)
    page.get_by_label("Search").fill("claves")
    page.get_by_role("row").get_by_role("button", name="claves").first.click()
    expect(page.get_by_label("Stage").get_by_role("heading", name="claves")).to_be_visible()
    page.wait_for_function("() => bandmate.opened.stems[0]?.audio.drawn > 0")
    assert page.evaluate("bandmate.opened.streams") is False, "drawn from its peaks, played in blocks"
    np.testing.assert_array_equal(stem_samples(page), made)
    peak = page.evaluate("bandmate.opened.stems[0].audio.extremes(0, bandmate.opened.frames)[1]")
    assert peak == int(np.ceil(made.max() * 127))


def test_search_filters_selection_and_note_outlive_a_reload(page: Page, made: NDArray[np.float32]) -> None:
    open_library(page)
    page.get_by_label("Search").fill("nothing like it")
    expect(page.get_by_role("row")).to_have_count(1)
    page.get_by_label("Search").fill("CLAVES generate")
    details = select(page, "claves")
    details.get_by_role("button", name="4 stars").click()
    details.get_by_label("Note").fill("the bridge")
    details.get_by_label("Note").blur()
    page.get_by_role("combobox", name="Rating").select_option("3")
    expect(page.get_by_role("row", name="4 stars").first).to_be_visible()
    page.wait_for_function("() => bandmate.library.details?.note === 'the bridge'")
    page.reload()
    expect(page.get_by_label("Search")).to_have_value("CLAVES generate")
    expect(details.get_by_label("Note")).to_have_value("the bridge")
    expect(details.get_by_role("button", name="4 stars")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Search").fill("bridge")
    expect(page.get_by_role("row", name="claves")).to_have_count(1)
    # A page that opens on another view connects before the library is looked at.
    page.get_by_role("button", name="Make", exact=True).click()
    page.reload()
    page.wait_for_function("() => bandmate.library !== undefined")
    expect(page.locator("header [role=status]").first).to_have_text("Connected")
    open_library(page)
    expect(details.get_by_label("Note")).to_have_value("the bridge")


def test_a_hundred_thousand_jobs_scroll_and_come_back(
    open_page: Callable[[RunningServer], Page], large_server: RunningServer
) -> None:
    page = open_page(large_server)
    grid = open_library(page)
    expect(grid).to_have_attribute("aria-rowcount", str(MANY + 1))
    for share in (0.25, 0.5, 0.98, 0.6):
        grid.evaluate("(grid, share) => { grid.scrollTop = grid.scrollHeight * share; }", share)
        page.wait_for_function(
            "() => { const top = bandmate.library.topRow; return top > 0 && bandmate.library.row(top) !== null; }"
        )
        assert page.get_by_role("row").count() < 80, "only what is in sight is in the document"
    top = page.evaluate("bandmate.library.topRow")
    number = MANY - 1 - (top + 3)
    row = page.get_by_role("row", name=f"job number {number}", exact=False)
    row.get_by_role("gridcell").first.click()
    expect(page.get_by_label("Selected job").get_by_text(f"{number:08d}")).to_be_visible()
    page.reload()
    expect(row).to_be_visible()
    expect(row).to_have_attribute("aria-selected", "true")
    page.get_by_label("Search").fill(f"number {number}")
    expect(grid).to_have_attribute("aria-rowcount", "2")


def test_the_list_is_used_by_the_keyboard_alone(
    open_page: Callable[[RunningServer], Page], large_server: RunningServer
) -> None:
    page = open_page(large_server)
    grid = open_library(page)
    expect(page.get_by_role("row", name=f"number {MANY - 1}")).to_be_visible()
    grid.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.wait_for_function("id => bandmate.library.details?.job === id", arg=f"{MANY - 2:08d}")
    page.keyboard.press("3")
    page.keyboard.press("k")
    page.wait_for_function("() => bandmate.library.details.rating === 3 && bandmate.library.details.kept")
    assert grid.get_attribute("aria-activedescendant") == f"job-{MANY - 2:08d}"
    page.keyboard.press("End")
    page.wait_for_function(f"() => bandmate.library.row({MANY - 1}) !== null")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("Selected job").get_by_text("00000001")).to_be_visible()
    page.keyboard.press("Delete")
    expect(page.get_by_role("dialog", name="Drop job number 1")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_dropped_job_says_what_it_frees_and_comes_back_until_it_is_gone(
    page: Page, made: NDArray[np.float32]
) -> None:
    open_library(page)
    page.get_by_label("Search").fill("claves")
    page.wait_for_function("() => bandmate.library.row(0)?.params.prompt === 'claves'")
    before = page.evaluate("bandmate.library.total")
    details = select(page, "claves")
    details.get_by_role("button", name="Drop…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("frees")
    dialog.get_by_role("button", name="Drop").click()
    expect(page.get_by_role("row", name="claves")).to_have_count(before - 1)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("row", name="claves")).to_have_count(before)
    expect(details.get_by_role("button", name="Drop…")).to_be_visible()
    details.get_by_role("button", name="Drop…").click()
    dialog.get_by_role("button", name="Drop").click()
    page.get_by_label("Dropped").check()
    details = select(page, "claves")
    details.get_by_role("button", name="Delete now…").click()
    expect(dialog).to_contain_text("cannot be undone")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("row")).to_have_count(1)


def test_two_tabs_change_the_same_job_and_agree(
    page: Page, server: RunningServer, made: NDArray[np.float32]
) -> None:
    other = page.context.new_page()
    other.goto(console_link(server))
    panels = []
    for tab in (page, other):
        open_library(tab)
        panels.append(select(tab, "claves"))
        expect(panels[-1].get_by_role("button", name="Open")).to_be_visible()
    panels[0].get_by_role("button", name="2 stars").click()
    panels[1].get_by_role("button", name="5 stars").click()
    for tab in (page, other):
        tab.wait_for_function(
            "() => bandmate.library.details.rating === 5 && bandmate.library.row(0).rating === 5"
        )
    panels[0].get_by_label("Note").fill("mine")
    panels[1].get_by_label("Note").fill("theirs")
    panels[1].get_by_label("Note").blur()
    page.wait_for_function("() => bandmate.library.details.note === 'theirs'")
    expect(panels[0].get_by_label("Note")).to_have_value("mine")
    panels[0].get_by_label("Note").blur()
    expect(panels[0].get_by_role("alert")).to_contain_text("changed this note to: theirs")
    panels[0].get_by_role("button", name="Save mine").click()
    expect(panels[1].get_by_label("Note")).to_have_value("mine")


def test_a_server_that_goes_while_the_list_is_scrolled(
    open_page: Callable[[RunningServer], Page], tmp_path: Path
) -> None:
    server = RunningServer(tmp_path / "home")
    fill_job_table(server.home / "data" / "jobs.sqlite", 2_000)
    server.start()
    page = open_page(server)
    grid = open_library(page)
    expect(page.get_by_role("row", name="number 1999")).to_be_visible()
    server.kill()
    expect(page.get_by_text("The server is gone. Trying again…")).to_be_visible()
    grid.evaluate("(grid) => { grid.scrollTop = 38 * 1000; }")
    expect(page.get_by_role("row", name="…").first).to_be_visible()
    expect(page.get_by_text("The rest of the list comes when the server is back.")).to_be_visible()
    server.start()
    expect(page.get_by_role("row", name="number 990")).to_be_visible()
    server.stop()


def test_a_note_that_is_too_long_is_kept_until_it_is_short_enough(page: Page) -> None:
    generate(page, "shaker", bars=1)
    generate(page, "bongos", bars=1)
    open_library(page)
    note = select(page, "shaker").get_by_label("Note")
    note.fill("x" * 4_000)
    expect(page.get_by_label("Selected job")).to_contain_text("4000 of 4096 characters")
    note.fill("y" * 4_097)
    details = select(page, "bongos")
    expect(details.get_by_role("heading", name="bongos")).to_be_visible()
    expect(details.get_by_label("Note")).to_have_value("")
    expect(select(page, "shaker").get_by_role("alert")).to_contain_text("4097 of 4096 characters")
    page.reload()
    note = select(page, "shaker").get_by_label("Note")
    expect(note).to_have_value("y" * 4_097)
    note.fill("short enough")
    select(page, "bongos")
    page.wait_for_function(
        """() => bandmate.wire.ask({ type: "list_jobs", words: "shaker" })
          .then(({ jobs }) => jobs[0].note === "short enough")"""
    )


def test_several_jobs_are_marked_kept_dropped_and_restored_with_one_undo(page: Page, home: Path) -> None:
    with bandmate.connect(start=False) as band:
        for number in range(4):
            band.generate("claves", bars=1, bpm=120, metre="4/4", key="C major", seed=900 + number)
    grid = open_library(page)
    page.get_by_label("Search").fill("claves")
    rows = grid.get_by_role("row", name="claves")

    def cell(row: int) -> Locator:
        return rows.nth(row).get_by_role("gridcell").first

    cell(0).click()
    cell(2).click(modifiers=["Shift"])
    marked = page.get_by_label("Marked jobs")
    expect(marked.get_by_role("heading", name="3 jobs")).to_be_visible()
    cell(1).click(modifiers=["Control"])
    expect(marked.get_by_role("heading", name="2 jobs")).to_be_visible()
    expect(grid.locator("[aria-selected=true]")).to_have_count(2)
    assert violations(page) == []
    undo = page.get_by_role("button", name="Undo")
    marked.get_by_role("button", name="Keep").click()
    expect(rows.nth(0)).to_contain_text("kept")
    expect(rows.nth(2)).to_contain_text("kept")
    expect(rows.nth(1)).not_to_contain_text("kept")
    undo.click()
    expect(grid.get_by_text("kept", exact=True)).to_have_count(0)
    # The same by the keyboard alone, with one of them kept, which stays.
    cell(0).click()
    grid.press("k")
    expect(rows.nth(0)).to_contain_text("kept")
    for _ in range(2):
        grid.press("Shift+ArrowDown")
    expect(marked.get_by_role("heading", name="3 jobs")).to_be_visible()
    names = page.evaluate("bandmate.library.marked.all.map(({ job }) => job)")
    grid.press("Delete")
    dialog = page.get_by_role("dialog", name="Drop 2 jobs?")
    expect(dialog).to_contain_text("One job is kept or still runs, and stays.")
    dialog.get_by_role("button", name="Drop", exact=True).click()
    is_listed = """names => bandmate.wire.ask({ type: "list_jobs", most: 20, words: "claves" })
      .then(({ jobs }) => names.map((name) => jobs.some(({ job }) => job === name)).join())"""
    expect(undo).to_be_visible()
    assert page.evaluate(is_listed, names) == "true,false,false"
    undo.click()
    expect(undo).to_have_count(0)
    page.wait_for_function(
        f"names => ({is_listed})(names).then((found) => found === 'true,true,true')", arg=names
    )
