"""What a musician would lose: audio that was removed, takes and requests that were still to be sent."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.console.acting import generate, stem_samples, wait_for_another
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
