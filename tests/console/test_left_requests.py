"""Requests of a tab that was closed before they were sent: another page of the browser offers them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.console.acting import choose_task
from tests.running import RunningServer

OFFER = "2 requests, “triangle” first, were not sent before their tab was closed."
MADE = """() => bandmate.wire.ask({ type: "list_jobs", most: 64 }).then(
  ({ jobs = [] }) => jobs.filter(({ params }) => params.prompt === "triangle").length)"""


@pytest.fixture
def waiting(page: Page) -> Page:
    """A page whose two takes cannot be sent."""
    choose_task(page, "Generate")
    page.get_by_label("Prompt").fill("triangle")
    page.locator("[name=bars]").fill("1")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Takes").fill("2")
    page.evaluate("bandmate.wire.post = () => {}")
    page.locator("form button[type=submit]").click()
    page.wait_for_function("() => bandmate.outbox.entries.length === 2")
    page.on("dialog", lambda dialog: dialog.accept())
    return page


def open_another(page: Page) -> Page:
    another = page.context.new_page()
    another.goto(page.url.partition("#")[0])
    expect(another.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    return another


def test_requests_of_a_closed_tab_are_offered_and_sent_once(waiting: Page) -> None:
    address = waiting.url
    before = open_another(waiting)
    made = before.evaluate(MADE)
    waiting.goto("about:blank")
    # A page that was open all the time offers them too, and leaves them to the one that sends them.
    expect(before.get_by_text(OFFER)).to_be_visible()
    after = open_another(before)
    expect(after.get_by_text(OFFER)).to_be_visible()
    assert after.evaluate("bandmate.outbox.entries.length") == 0, "nothing is sent unasked"
    assert after.evaluate(MADE) == made
    after.get_by_role("button", name="Send them").click()
    expect(before.get_by_text(OFFER)).to_have_count(0)
    expect(after.get_by_text(OFFER)).to_have_count(0)
    after.wait_for_function("() => bandmate.takes.jobs.length === 2 && bandmate.outbox.entries.length === 0")
    # The tab comes back after all: what another page sent is not sent again.
    waiting.goto(address)
    expect(waiting.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    waiting.wait_for_function("() => bandmate.opened !== null || bandmate.catalogue !== null")
    assert waiting.evaluate("bandmate.outbox.entries.length") == 0
    assert waiting.evaluate(MADE) == made + 2


def test_requests_of_a_closed_tab_can_be_discarded(
    waiting: Page, open_page: Callable[[RunningServer], Page]
) -> None:
    another = open_another(waiting)
    made = another.evaluate(MADE)
    waiting.close(run_before_unload=True)
    expect(another.get_by_text(OFFER)).to_be_visible()
    another.get_by_role("button", name="Discard").click()
    expect(another.get_by_text(OFFER)).to_have_count(0)
    another.reload()
    expect(another.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    expect(another.get_by_text(OFFER)).to_have_count(0)
    assert another.evaluate(MADE) == made


def test_a_reload_is_no_closed_tab(waiting: Page) -> None:
    waiting.reload()
    waiting.wait_for_function(
        "() => bandmate.takes.jobs.length === 2 && bandmate.outbox.entries.length === 0"
    )
    assert waiting.evaluate("bandmate.outbox.left") == []
