"""The studio's topics: settings that are written, what the doctor finds, plugins, and slots."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bandmate_protocol.errors import RequestError
from bandmate_server.config import check_setting
from tests.console.acting import choose_task, generate, open_topic, opened_job, wait_for_another
from tests.console.test_everybody import violations
from tests.running import RunningServer

TOPICS = ("Projects", "Engines and models", "Slots", "Surfaces", "Plugins", "Settings", "Doctor")
FILE = "# My studio.\nretention_gb = 5.0  # the disk is small\n"


@pytest.fixture
def set_server(tmp_path: Path) -> Iterator[RunningServer]:
    """With a file of settings, one setting from the environment, and a plugin that is off."""
    path = tmp_path / "home" / "config" / "server.toml"
    path.parent.mkdir(parents=True)
    path.write_text(FILE, encoding="utf-8")
    environ = {"PYTHONPATH": "", "BANDMATE_DISABLE": "cover", "BANDMATE_SERVER_JOBS_IN_ALL": "100"}
    running = RunningServer(tmp_path / "home", environ=environ).start()
    yield running
    assert running.stop() == 0, running.log


def test_settings_are_changed_in_the_users_file(
    open_page: Callable[[RunningServer], Page], set_server: RunningServer
) -> None:
    path = set_server.home / "config" / "server.toml"
    page = open_page(set_server)
    topic = open_topic(page, "Settings")

    disk = topic.get_by_role("group", name="Disk space for audio")
    expect(disk).to_contain_text("from server.toml · applies at once")
    disk.get_by_label("Disk space for audio (GB)").fill("-1")
    disk.get_by_role("button", name="Save").click()
    with pytest.raises(RequestError) as error:
        check_setting("retention_gb", -1, "")
    expect(disk.get_by_role("alert")).to_contain_text(str(error.value.sentence).replace("`", ""))
    assert path.read_text(encoding="utf-8") == FILE
    # A budget of nothing is asked about first, and nothing is written until then.
    expect(disk).to_contain_text("0 deletes all other audio")
    disk.get_by_label("Disk space for audio (GB)").fill("0")
    disk.get_by_role("button", name="Save").click()
    question = page.get_by_role("dialog", name="Change Disk space for audio?")
    expect(question).to_contain_text("With 0 GB, 0.0 MB of audio are deleted within minutes")
    expect(question.get_by_role("button", name="Cancel")).to_be_focused()
    question.get_by_role("button", name="Cancel").click()
    assert path.read_text(encoding="utf-8") == FILE
    disk.get_by_role("button", name="Save").click()
    question.get_by_role("button", name="Delete audio").click()
    expect(disk.get_by_role("button", name="Save")).to_have_count(0)
    assert path.read_text(encoding="utf-8") == FILE.replace("5.0  #", "0.0  #")
    disk.get_by_label("Disk space for audio (GB)").fill("7.5")
    disk.get_by_role("button", name="Save").click()
    expect(disk.get_by_role("button", name="Save")).to_have_count(0)
    assert path.read_text(encoding="utf-8") == FILE.replace("5.0  #", "7.5  #")

    stuck = topic.get_by_role("group", name="Replace a stuck worker after")
    expect(stuck).to_contain_text("applies after a restart")
    stuck.get_by_role("spinbutton").fill("60")
    stuck.get_by_role("button", name="Save").click()
    expect(stuck).to_contain_text("In use now: 600. Restart the server to use 60.")
    stuck.get_by_role("button", name="Reset to 600").click()
    expect(stuck).to_contain_text("default")
    assert "stall_seconds" not in path.read_text(encoding="utf-8")

    # What is fixed is shown with what would change it.
    for title, words in (
        ("Jobs in all", "BANDMATE_SERVER_JOBS_IN_ALL"),
        ("Port", "--port"),
        ("Other machines", "bandmate serve --allow-lan"),
        ("Data folder", "server.toml"),
    ):
        row = topic.get_by_role("group", name=title, exact=True)
        expect(row).to_contain_text(words)
        expect(row.locator("input, select, button")).to_have_count(0)
    expect(topic.get_by_role("group", name="Access token")).to_contain_text("token · set")
    assert set_server.token not in page.content()


def test_the_doctor_and_the_plugins_say_what_is_off(
    open_page: Callable[[RunningServer], Page], set_server: RunningServer
) -> None:
    page = open_page(set_server)
    topic = open_topic(page, "Plugins")
    off = topic.get_by_role("row").filter(has_text="cover").first
    expect(off).to_contain_text("off")
    expect(off).to_contain_text("BANDMATE_DISABLE")
    expect(topic.get_by_role("row").filter(has_text="Engines: ").first).to_contain_text("on")

    topic = open_topic(page, "Doctor")
    expect(topic.get_by_role("listitem").filter(has_text="plugin cover")).to_contain_text("Note")
    topic.get_by_text("In order", exact=True).click()
    expect(topic.get_by_role("listitem").filter(has_text="running on")).to_contain_text(
        f"process {set_server.process.pid}"
    )
    expect(topic.get_by_role("button", name="Check again")).to_be_enabled()
    assert violations(page) == []


def test_a_slot_is_filled_played_renamed_and_cleared(page: Page) -> None:
    job = generate(page, "dry kick", bars=1)
    topic = open_topic(page, "Slots")
    topic.get_by_label("Slot", exact=True).select_option("12")
    topic.get_by_role("button", name="Store “dry kick”").click()
    row = topic.get_by_role("listitem").filter(has=page.get_by_text("12", exact=True))
    expect(row).to_contain_text("prompt: dry kick")
    row.get_by_role("button", name="Rename slot 12").click()
    row.get_by_label("Name of slot 12").fill("Kick")
    row.get_by_role("button", name="Rename", exact=True).click()
    expect(row.get_by_text("Kick", exact=True)).to_be_visible()
    page.reload()
    row = open_topic(page, "Slots").get_by_role("listitem").filter(has_text="Kick")
    row.get_by_role("button", name="Play slot 12").click()
    wait_for_another(page, job)
    assert opened_job(page) != job
    row = open_topic(page, "Slots").get_by_role("listitem").filter(has_text="Kick")
    row.get_by_role("button", name="Clear slot 12").click()
    expect(row).to_have_count(0)
    undo = page.get_by_role("status").filter(has_text="Slot 12 was cleared; it had “Kick”.")
    undo.get_by_role("button", name="Undo").click()
    expect(row).to_contain_text("prompt: dry kick")
    expect(undo).to_have_count(0)
    # What another job replaces comes back, too.
    topic = page.get_by_role("region", name="Slots", exact=True)
    topic.get_by_label("Slot", exact=True).select_option("12")
    topic.get_by_role("button", name="Store “dry kick”").click()
    expect(topic.get_by_role("listitem").get_by_text("Kick", exact=True)).to_have_count(0)
    topic.get_by_role("button", name="Undo").click()
    expect(topic.get_by_role("listitem").get_by_text("Kick", exact=True)).to_have_count(1)


def test_every_topic_is_accessible_and_fits_a_phone(page: Page) -> None:
    generate(page, "claves", bars=1)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (360, 1_280):
            page.set_viewport_size({"width": width, "height": 800})
            for name in TOPICS[:-1]:
                open_topic(page, name)
                expect(page.get_by_text("Asking the server…")).to_have_count(0)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
                if width == 360:
                    assert violations(page) == [], (name, scheme)


def test_the_server_is_restarted_from_the_page_which_asks_while_a_job_is_made(
    open_page: Callable[[RunningServer], Page], own_server: RunningServer
) -> None:
    page = open_page(own_server)
    choose_task(page, "Noise")
    page.locator("[name=pieces]").fill("10000")
    page.locator("[name=delay_ms]").fill("50")
    page.locator("form button[type=submit]").click()
    page.wait_for_function("() => bandmate.opened?.progress")
    topic = open_topic(page, "Settings")
    seconds = topic.locator("[name=stall_seconds]")
    seconds.fill("901")
    topic.get_by_role("button", name="Save").click()
    restart = topic.get_by_role("group", name="Restart")
    restart.get_by_role("button", name="Restart the server").click()
    dialog = page.get_by_role("dialog", name="Restart the server?")
    expect(dialog).to_contain_text("A job is being made: it begins again after a restart.")
    assert violations(page) == []
    dialog.get_by_role("button", name="Restart", exact=True).click()
    # The setting is in use, and the page is connected and has its job again.
    expect(restart).to_have_count(0)
    page.wait_for_function("() => bandmate.opened.attempt > 0 && bandmate.opened.isActive")
    expect(seconds).to_have_value("901")
    page.get_by_role("button", name="Make", exact=True).click()
    page.get_by_label("Stage").get_by_role("button", name="Cancel").click()
    page.wait_for_function("() => bandmate.opened.state === 'cancelled'")
