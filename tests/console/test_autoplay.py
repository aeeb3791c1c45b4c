"""A browser that wants a gesture before a page may play."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, expect

from tests.console.acting import generate
from tests.console.conftest import CHROMIUM, OPTIONS, console_link
from tests.running import RunningServer


def evaluate(session: CDPSession, expression: str) -> Any:
    """As `page.evaluate`, which counts as a gesture; this does not."""
    answer = session.send(
        "Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True}
    )
    return answer["result"].get("value")


WAIT = """(async () => {{
  while (!({condition})) await new Promise((resolve) => setTimeout(resolve, 20));
  return true;
}})()"""


def test_a_page_that_may_not_play_says_so_and_plays_at_the_next_click(
    driver: Playwright, page: Page, server: RunningServer
) -> None:
    job = generate(page, "warm organ pad", bars=2)
    options = [option for option in OPTIONS if "autoplay" not in option]
    strict = driver.chromium.launch(
        executable_path=CHROMIUM, args=[*options, "--autoplay-policy=document-user-activation-required"]
    )
    context: BrowserContext = strict.new_context()
    other = context.new_page()
    other.goto(console_link(server))
    session = context.new_cdp_session(other)
    assert evaluate(session, WAIT.format(condition="globalThis.bandmate?.connection === 'open'"))
    evaluate(session, f"bandmate.jobs.fetchJob('{job}').then((job) => bandmate.openJob(job))")
    evaluate(session, "bandmate.player.play(), null")
    assert evaluate(session, WAIT.format(condition="document.querySelector('.blocked')"))
    assert evaluate(session, "bandmate.player.position") == 0
    other.mouse.click(400, 20)
    other.wait_for_function("() => bandmate.player.position > 10_000")
    expect(other.locator(".blocked")).to_have_count(0)
    strict.close()
