"""From the page into a project: what `bandmate watch` has in hand gets its items."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bandmate_bridge.rpp import Project, new_project
from bandmate_bridge.rpp.save import BACKUP_SUFFIX, shorten_name
from bandmate_protocol.messages import TempoPoint
from tests.bridge.command_line import CommandLine
from tests.console.acting import choose_task, open_topic
from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer


@pytest.fixture
def song(tmp_path: Path) -> Path:
    project = new_project(
        tmp_path / "song.rpp", sample_rate=44_100, tempo=[TempoPoint(position=0.0, bpm=100.0)]
    )
    project.save()
    return project.path


@contextmanager
def watch(server: RunningServer, song: Path) -> Iterator[subprocess.Popen[str]]:
    """A project in hand, with two bars selected."""
    line = CommandLine(server.home, song.parent)
    process = line.start("watch", song, "--at", "3.1", "--bars", 2, PYTHONUNBUFFERED="1")
    assert process.stdout is not None
    assert "Watching" in process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def watching(server: RunningServer, song: Path) -> Iterator[subprocess.Popen[str]]:
    with watch(server, song) as process:
        yield process


def wait_for_items(song: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not Project.load(song).tracks:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_project_in_focus_is_shown_and_gets_what_is_made(
    page: Page, watching: subprocess.Popen[str], song: Path
) -> None:
    choose_task(page, "Generate")
    page.get_by_label("Prompt").fill("upright bass")
    page.locator("[name=bpm]").fill("170")
    expect(page.get_by_text("takes place, tempo, metre, key and length from the project")).to_be_visible()
    button = page.get_by_role("button", name="Into song.rpp")
    watching.send_signal(signal.SIGSTOP)  # a project that takes its time to answer
    button.click()
    expect(page.get_by_text("Asking song.rpp…")).to_be_visible()
    expect(button).to_be_disabled()
    watching.send_signal(signal.SIGCONT)
    expect(
        page.get_by_text("“upright bass” is now in song.rpp at bar 3, on a track of its own.")
    ).to_be_visible()
    expect(button).to_be_enabled()
    wait_for_items(song)
    wanted = Project.load(song).range("3.1", bars=2)
    (item,) = Project.load(song).tracks[0].items
    assert (item.start_frame, item.frames) == (wanted.start_frame, wanted.frames)
    page.get_by_role("button", name="Studio").click()
    expect(page.get_by_role("listitem").filter(has_text="song.rpp")).to_contain_text("in focus")
    watching.kill()
    expect(page.get_by_text("No project is connected.")).to_be_visible()


def test_a_job_for_a_project_that_fails_says_so_on_the_page(
    page: Page, watching: subprocess.Popen[str]
) -> None:
    choose_task(page, "Generate")
    page.get_by_label("Prompt").fill("zzyzx quux")
    page.get_by_role("button", name="Into song.rpp").click()
    expect(page.locator(".into")).to_contain_text("“zzyzx quux” for song.rpp failed.")
    expect(page.locator(".into")).to_contain_text("knows no word of")


def test_a_project_that_cannot_be_written_says_so_on_the_page(
    page: Page, song: Path, watching: subprocess.Popen[str]
) -> None:
    # The backup, without which no project is replaced, has no place.
    song.with_name(shorten_name(song.name, BACKUP_SUFFIX)).joinpath("in the way").mkdir(parents=True)
    choose_task(page, "Generate")
    page.get_by_label("Prompt").fill("tambourine")
    page.get_by_role("button", name="Into song.rpp").click()
    expect(page.locator(".into[role=alert]")).to_contain_text(
        "“tambourine” is made, but song.rpp did not take it."
    )
    expect(page.locator(".into")).to_contain_text("The library has it.")


def test_another_project_than_that_in_focus_is_chosen(
    page: Page, server: RunningServer, watching: subprocess.Popen[str], song: Path
) -> None:
    encore = new_project(song.parent / "encore.rpp", sample_rate=44_100)
    encore.save()
    with watch(server, encore.path):
        choose_task(page, "Generate")
        page.get_by_label("Prompt").fill("claves")
        expect(page.get_by_role("button", name="Into encore.rpp")).to_be_visible()
        page.get_by_label("Project", exact=True).select_option("song.rpp")
        page.get_by_role("button", name="Into song.rpp").click()
        wait_for_items(song)
        assert not Project.load(encore.path).tracks
        projects = open_topic(page, "Projects")
        chosen = projects.get_by_role("button", name="Send to song.rpp")
        expect(chosen).to_have_attribute("aria-pressed", "true")
        projects.get_by_role("button", name="Send to encore.rpp").click()
        expect(chosen).to_have_attribute("aria-pressed", "false")
        page.get_by_role("button", name="Make", exact=True).click()
        expect(page.get_by_role("button", name="Into encore.rpp")).to_be_visible()


def test_what_the_project_cannot_do_is_said(page: Page, watching: subprocess.Popen[str]) -> None:
    choose_task(page, "Separate")
    page.get_by_role("button", name="Into song.rpp").click()
    expect(page.locator(".into")).to_contain_text("The project has no items")
    expect(page.locator(".notice")).to_have_count(0)
