"""The page that shows REST, in a browser: requests are made from it, with the token and with the console's sign-in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.console.test_everybody import violations
from tests.running import RunningServer
from tests.server.rest.client import TIMELINE


def open_docs(page: Page, server: RunningServer) -> None:
    page.goto(f"http://{server.address}/api/v1/docs")
    expect(page.locator("details")).to_have_count(38)


def send(page: Page, operation: str) -> None:
    page.locator(f"#{operation} button", has_text="Send").click()


def open_form(page: Page, operation: str) -> None:
    page.locator(f"#{operation} > summary").click()


def test_a_job_is_made_followed_and_played_with_the_token(
    context: BrowserContext, server: RunningServer
) -> None:
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    open_docs(page, server)
    page.get_by_label("Token").fill(server.token)
    open_form(page, "submit_job")
    body = {"task": "generate", "engine": "sketch", "params": {"prompt": "drums"}, "timeline": TIMELINE}
    assert json.loads(page.locator("#submit_job textarea").input_value())["timeline"]["tempo"]
    page.locator("#submit_job textarea").fill(json.dumps(body))
    send(page, "submit_job")
    expect(page.locator("#submit_job pre")).to_contain_text('"seed"')
    job = json.loads((page.locator("#submit_job pre").text_content() or "").partition("\n\n")[2])["job"]
    open_form(page, "follow_job")
    page.locator("#follow_job [name=job]").fill(job)
    send(page, "follow_job")
    expect(page.locator("#follow_job pre")).to_contain_text("event: done")
    open_form(page, "get_stem_audio")
    page.locator("#get_stem_audio [name=job]").fill(job)
    page.locator("#get_stem_audio [name=stem]").fill("0")
    page.locator("#get_stem_audio [name=bits]").select_option("32")
    send(page, "get_stem_audio")
    page.wait_for_function("() => document.querySelector('#get_stem_audio audio').duration === 2")
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_signed_in_browser_needs_no_token_and_axe_finds_nothing(
    page: Page, server: RunningServer, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    open_docs(page, server)
    open_form(page, "list_jobs")
    send(page, "list_jobs")
    expect(page.locator("#list_jobs pre")).to_contain_text("200 OK")
    page.set_viewport_size({"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert violations(page) == []
