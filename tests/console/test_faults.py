"""What goes wrong around the page: a server that goes and comes back, a model that lacks, a tab that was hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from playwright.sync_api import Page, expect

from tests.console.acting import choose_task, generate, opened_job, start, stem_samples
from tests.console.test_sources import clicks
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


@contextmanager
def full_disk(server: RunningServer) -> Iterator[None]:
    """For the server and its workers, no file may grow beyond two megabytes: what a full disk or a quota does."""
    processes = [psutil.Process(each) for each in (server.process.pid, *server.workers())]
    before = [process.rlimit(psutil.RLIMIT_FSIZE) for process in processes]
    for process in processes:
        process.rlimit(psutil.RLIMIT_FSIZE, (2 << 20, before[0][1]))
    try:
        yield
    finally:
        for process, limits in zip(processes, before, strict=True):
            with suppress(psutil.NoSuchProcess):
                process.rlimit(psutil.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_named_and_nothing_is_lost(page: Page, server: RunningServer, tmp_path: Path) -> None:
    song = tmp_path / "song.wav"
    song.write_bytes(clicks(bars=16))
    generate(page, "drums", bars=1)
    with full_disk(server):
        page.locator("[name=bars]").fill("64")
        start(page, "Failed")
        expect(page.get_by_label("Stage").get_by_text("disk is full")).to_be_visible()
        choose_task(page, "Cover")
        page.get_by_label("Prompt").fill("jazz trio")
        page.get_by_label("Choose an audio file").set_input_files(song)
        expect(page.locator(".source").get_by_role("alert")).to_contain_text(
            "song.wav was not uploaded. The server's disk is full."
        )
        expect(page.locator(".notice")).to_have_count(0)
        assert page.get_by_label("Prompt").input_value() == "jazz trio"
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_label("Stage").get_by_role("heading", name="song.wav")).to_be_visible()
    page.get_by_role("button", name="Library", exact=True).click()
    page.get_by_role("row", name="drums").first.get_by_role("button", name="drums").click()
    page.wait_for_function("() => bandmate.opened.stems[0]?.audio.drawn > 0")


def test_a_file_of_three_gigabytes_is_refused_before_it_is_read(page: Page, tmp_path: Path) -> None:
    huge = tmp_path / "huge.wav"
    with huge.open("wb") as file:
        file.truncate(3_000_000_000)
    choose_task(page, "Cover")
    page.get_by_label("Choose an audio file").set_input_files(huge)
    expect(page.locator(".source").get_by_role("alert")).to_contain_text(
        "huge.wav has 3.0 GB, but a browser plays at most 2.0 GB."
    )
    assert page.workers == [], "nothing began to hash it"


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
