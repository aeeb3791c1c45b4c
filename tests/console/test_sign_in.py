"""Into the console, and out of it, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.console.conftest import console_link
from tests.running import RunningServer
from tests.server.console_http import request


def test_the_link_signs_in_and_leaves_no_code_behind(page: Page, server: RunningServer) -> None:
    assert page.url == f"http://{server.address}/"
    assert "code" not in page.evaluate("document.cookie + location.href + JSON.stringify(history.state)")
    page.reload()
    expect(page.get_by_role("status").filter(has_text="Connected")).to_be_visible()


def test_a_used_link_says_what_to_do(context: BrowserContext, page: Page, server: RunningServer) -> None:
    link = console_link(server)
    first = context.browser.new_context().new_page()
    first.goto(link)
    expect(first.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    second = context.browser.new_context().new_page()
    second.goto(link)
    expect(second.get_by_role("alert")).to_have_text(re.compile("used before.*bandmate console"))
    first.context.close()
    second.context.close()


def test_without_a_link_the_page_shows_the_command(context: BrowserContext, server: RunningServer) -> None:
    stranger = context.browser.new_context().new_page()
    stranger.goto(f"http://{server.address}/")
    expect(stranger.get_by_text("bandmate console")).to_be_visible()
    assert stranger.evaluate("bandmate.catalogue") is None
    stranger.context.close()


def test_whoever_signs_out_is_out_in_every_tab(
    context: BrowserContext, open_page: Callable[[RunningServer], Page], server: RunningServer
) -> None:
    page = open_page(server)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("bandmate console")).to_be_visible()
    again = context.new_page()
    again.goto(f"http://{server.address}/")
    expect(again.get_by_text("bandmate console")).to_be_visible()


def test_the_other_tab_is_signed_out_too_and_a_new_link_brings_it_back(
    context: BrowserContext, open_page: Callable[[RunningServer], Page], server: RunningServer
) -> None:
    page = open_page(server)
    other = context.new_page()
    other.goto(f"http://{server.address}/")
    expect(other.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(other.get_by_text("bandmate console")).to_be_visible()
    # In the same tab, only the fragment changes.
    other.evaluate("link => { location.href = link; }", console_link(server))
    expect(other.get_by_role("status").filter(has_text="Connected")).to_be_visible()


def test_a_page_that_is_open_ends_when_another_program_signs_it_out(
    context: BrowserContext, own_server: RunningServer
) -> None:
    page = context.new_page()
    page.goto(console_link(own_server))
    expect(page.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    headers = {"Authorization": f"Bearer {own_server.token}"}
    assert request(own_server, "POST", "/console/sign-out", headers)[0] == 200
    expect(page.get_by_text("bandmate console")).to_be_visible()
