"""What goes wrong around the page: a server that goes and comes back, a model that lacks, a tab that was hidden."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.console.acting import choose_task, generate, opened_job, stem_samples
from tests.running import RunningServer


def test_a_killed_server_comes_back_and_the_job_goes_on(
    open_page: Callable[[RunningServer], Page], own_server: RunningServer
) -> None:
    page = open_page(own_server)
    choose_task(page, "Noise")
    page.locator("[name=pieces]").fill("60")
    page.locator("[name=delay_ms]").fill("50")
    page.locator("form button[type=submit]").click()
    page.wait_for_function("() => bandmate.opened?.stems[0]?.audio.drawn > 0")
    job = opened_job(page)
    own_server.kill()
    expect(page.get_by_text("The server is gone. Trying again…")).to_be_visible()
    expect(page.locator("form button[type=submit]")).to_be_disabled()
    assert page.locator("[name=pieces]").input_value() == "60"
    own_server.start()
    expect(page.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    expect(page.locator(".head [role=status]")).to_have_text("Done")
    assert opened_job(page) == job
    samples = stem_samples(page)
    assert abs(samples).max() > 0.05
    assert (abs(samples).reshape(len(samples) // 480, -1).max(axis=1) > 0).all(), (
        "no gap where the server went"
    )


def test_what_was_made_plays_without_a_server(
    open_page: Callable[[RunningServer], Page], own_server: RunningServer
) -> None:
    page = open_page(own_server)
    generate(page, "drums", bars=1)
    own_server.stop()
    expect(page.get_by_text("The server is gone. Trying again…")).to_be_visible()
    page.get_by_role("button", name="Play").click()
    page.wait_for_function("() => bandmate.player.position > 20_000")


def test_a_hidden_tab_is_right_when_it_is_shown_again(page: Page) -> None:
    page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { value: true, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    generate(page, "drums", bars=1)
    page.evaluate(
        """() => {
          Object.defineProperty(document, "hidden", { value: false, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    page.get_by_role("button", name="Library").click()
    expect(page.get_by_role("row", name="drums").first).to_be_visible()
