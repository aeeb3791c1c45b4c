"""Models in the studio: the licence is shown and accepted before anything comes, with progress, and is used then."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.acting import open_topic
from tests.plugins.models.hub import COMMIT, Hub
from tests.running import RunningServer

NAME = "adefossez/HTDemucs"
WEIGHTS = random.Random(1).randbytes(2_000_000)


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with Hub() as running:
        yield running


@pytest.fixture(autouse=True)
def _stocked(hub: Hub) -> None:
    hub.repositories = {NAME: {"htdemucs.yaml": b"models: ['955717e8']", "955717e8.safetensors": WEIGHTS}}
    hub.licences = {NAME: "mit"}
    hub.sent.clear()


@pytest.fixture(scope="module")
def hub_server(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with hub.server(tmp_path_factory.mktemp("home")) as running:
        yield running


def model_row(page: Page) -> Locator:
    open_topic(page, "Engines and models")
    return page.locator(".models > li").filter(has_text="htdemucs").first


def test_a_licence_is_shown_before_anything_comes(
    open_page: Callable[[RunningServer], Page], hub_server: RunningServer, hub: Hub
) -> None:
    row = model_row(open_page(hub_server))
    row.get_by_role("button", name="Download…").click()
    expect(row).to_contain_text("Its licence: mit. To download: 2.0 MB.")
    row.get_by_role("button", name="Not now").click()
    expect(row.get_by_role("button", name="Download…")).to_be_visible()
    assert not any(path.endswith(".safetensors") for path in map(str, hub.sent))


def test_an_accepted_model_comes_and_the_engine_is_ready(
    open_page: Callable[[RunningServer], Page], hub_server: RunningServer
) -> None:
    page = open_page(hub_server)
    row = model_row(page)
    row.get_by_role("button", name="Download…").click()
    row.get_by_role("button", name="Accept and download").click()
    expect(page.locator(".head [role=status]")).to_have_text("Done")
    expect(page.get_by_label("Stage").get_by_role("listitem")).to_contain_text("fetched")
    expect(model_row(page).get_by_text("here", exact=True)).to_be_visible()
    assert page.evaluate("bandmate.catalogue.engines.find(({ name }) => name === 'demucs').status") == "ready"


def test_a_model_is_checked_and_removed(
    open_page: Callable[[RunningServer], Page], hub_server: RunningServer
) -> None:
    page = open_page(hub_server)
    row = model_row(page)
    if not row.get_by_text("here", exact=True).is_visible():
        row.get_by_role("button", name="Download…").click()
        row.get_by_role("button", name="Accept and download").click()
        expect(page.locator(".head [role=status]")).to_have_text("Done")
        row = model_row(page)
    row.get_by_role("button", name="Check", exact=True).click()
    expect(row).to_contain_text("Checked: whole.")
    snapshot = hub_server.home / "hf" / "hub" / "models--adefossez--HTDemucs" / "snapshots" / COMMIT
    weights = (snapshot / "955717e8.safetensors").resolve()
    with weights.open("r+b") as file:
        file.write(b"x")
    row.get_by_role("button", name="Check", exact=True).click()
    expect(row).to_contain_text("Damaged: 955717e8.safetensors: its bytes have changed.")
    row.get_by_role("button", name="Remove…").click()
    expect(row).to_contain_text("This frees 2.0 MB.")
    row.get_by_role("button", name="Keep").click()
    assert weights.exists()
    row.get_by_role("button", name="Remove…").click()
    row.get_by_role("button", name="Remove", exact=True).click()
    expect(row.get_by_role("button", name="Download…")).to_be_visible()
    assert not weights.exists()


def test_a_hub_that_says_no_is_a_problem_in_a_sentence(
    open_page: Callable[[RunningServer], Page], hub_server: RunningServer, hub: Hub
) -> None:
    hub.repositories = {}
    page = open_page(hub_server)
    open_topic(page, "Engines and models")
    expect(page.locator(".engines")).to_contain_text("Download it below.")
    expect(page.locator(".engines")).not_to_contain_text("bandmate models pull")
    page.get_by_role("button", name="Download…").last.click()
    expect(page.get_by_role("alert")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Download…").last).to_be_enabled()
