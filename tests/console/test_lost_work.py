"""What a musician would lose: audio that was removed, takes and requests that were still to be sent."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.console.acting import choose_task, generate, stem_samples, wait_for_another
from tests.running import RunningServer

IS_SWEPT = """() => bandmate.wire.ask({ type: "list_jobs", most: 1 }).then(
  ({ jobs }) => (jobs[0]?.removed_stems ?? []).length > 0, () => false)"""


def test_a_job_whose_audio_was_removed_says_so_and_is_made_again(
    open_page: Callable[[RunningServer], Page], own_server: RunningServer
) -> None:
    page = open_page(own_server)
    job = generate(page, "drums", bars=1)
    before = stem_samples(page)
    own_server.stop()
    own_server.environ["BANDMATE_SERVER_RETENTION_GB"] = "0"
    own_server.start()
    page.wait_for_function(IS_SWEPT)
    # A request for audio that is gone would be an error in the page's console, which fails the test.
    page.reload()
    page.wait_for_function(
        "job => bandmate.opened?.id === job && bandmate.opened.lostStems.length === 1", arg=job
    )
    stage = page.get_by_label("Stage")
    expect(stage).to_contain_text("The audio of this job was removed from the server's disk.")
    expect(stage.get_by_role("button", name="Play", exact=True)).to_be_disabled()
    expect(stage.get_by_role("button", name="Download Drums as WAV")).to_have_count(0)
    expect(stage.get_by_role("group", name="Go on from here")).to_have_count(0)
    page.get_by_role("button", name="Library").click()
    expect(page.get_by_role("row", name="drums").first).to_contain_text("audio removed")
    page.get_by_role("button", name="Make", exact=True).click()
    stage.get_by_role("button", name="Make it again").click()
    wait_for_another(page, job)
    expect(stage.get_by_role("button", name="Play", exact=True)).to_be_enabled()
    assert (stem_samples(page) == before).all()


def test_takes_and_requests_that_wait_are_sent_after_the_server_and_the_page_went(
    open_page: Callable[[RunningServer], Page], own_server: RunningServer
) -> None:
    page = open_page(own_server)
    choose_task(page, "Noise")
    page.locator("[name=pieces]").fill("2")
    page.locator("[name=bars]").fill("1")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Takes").fill("3")
    # The server goes before any of them is accepted.
    page.evaluate("bandmate.wire.post = () => {}")
    page.locator("form button[type=submit]").click()
    page.wait_for_function("() => bandmate.outbox.entries.length === 3")
    own_server.kill()
    expect(page.get_by_text("3 requests, “Noise” first, are sent when the server is back.")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    own_server.start()
    page.reload()
    page.wait_for_function("() => bandmate.takes.jobs.length === 3 && bandmate.outbox.entries.length === 0")
    page.wait_for_function("() => bandmate.takes.jobs.every((job) => job.state === 'done')")
    seeds = page.evaluate("bandmate.takes.jobs.map((job) => job.seed)")
    assert len(set(seeds)) == 3
    assert page.evaluate("bandmate.notice") is None


def test_variations_outlast_a_server_and_a_page_that_go_and_closing_the_tab_asks(
    open_page: Callable[[RunningServer], Page], own_server: RunningServer
) -> None:
    page = open_page(own_server)
    first = generate(page, "claves", bars=1)
    page.evaluate("bandmate.wire.post = () => {}")
    page.get_by_role("button", name="4 variations").click()
    page.wait_for_function("() => bandmate.outbox.entries.length === 4")
    own_server.kill()
    page.get_by_role("button", name="Library").click()
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    own_server.start()
    page.reload()
    assert asked == ["beforeunload"], "a tab with requests that wait is not closed unasked, whatever it shows"
    page.wait_for_function("() => bandmate.takes.jobs.length === 5 && bandmate.outbox.entries.length === 0")
    page.wait_for_function("() => bandmate.takes.jobs.every((job) => job.state === 'done')")
    takes = page.evaluate("bandmate.takes.jobs.map(({ id, seed, title }) => [id, seed, title])")
    assert takes[0][0] == first
    assert len({seed for _, seed, _ in takes}) == 5
    assert {title for _, _, title in takes} == {"claves"}


def test_ranges_that_meet_become_one(page: Page) -> None:
    generate(page, "drums", bars=2)
    page.evaluate("""() => {
      const { ranges } = bandmate;
      ranges.choose([10_000, 20_000]);
      ranges.add([15_000, 30_000]);
      ranges.add([60_000, 70_000]);
      ranges.replace(ranges.current, [25_000, 35_000]);
    }""")
    assert page.evaluate("bandmate.ranges.all") == [[10_000, 35_000]]
    undo = page.get_by_role("button", name="Undo join")
    undo.click()
    page.wait_for_function("() => bandmate.ranges.all.length === 2")
    assert page.evaluate("bandmate.ranges.all") == [[10_000, 30_000], [60_000, 70_000]]
    expect(undo).to_have_count(0)
    # The same by the keyboard.
    page.evaluate("bandmate.ranges.add([20_000, 65_000])")
    page.get_by_role("slider", name="Position").press("Control+z")
    page.wait_for_function("() => bandmate.ranges.all.length === 2")


def test_a_file_may_be_dropped_anywhere_and_more_than_one_is_said(page: Page) -> None:
    page.get_by_role("button", name="Library").click()
    transfer = page.evaluate_handle("""() => {
      const transfer = new DataTransfer();
      for (const name of ["one.wav", "two.wav"]) transfer.items.add(new File(["no audio"], name));
      return transfer;
    }""")
    page.dispatch_event("header", "drop", {"dataTransfer": transfer})
    expect(page.locator(".notice")).to_contain_text("2 files were dropped, and only “one.wav” is used.")
    assert page.evaluate("bandmate.file.title") == "one.wav"
    expect(page.get_by_role("button", name="Make", exact=True)).to_have_attribute("aria-current", "page")
