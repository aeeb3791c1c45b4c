"""From the page into a project: what `bandmate watch` has in hand gets its items."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bandmate_bridge.rpp import Project, new_project
from bandmate_protocol.messages import TempoPoint
from tests.bridge.command_line import CommandLine
from tests.console.acting import choose_task
from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer


@pytest.fixture
def song(tmp_path: Path) -> Path:
    project = new_project(
        tmp_path / "song.rpp", sample_rate=44_100, tempo=[TempoPoint(position=0.0, bpm=100.0)]
    )
    project.save()
    return project.path


@pytest.fixture
def watching(server: RunningServer, song: Path) -> Iterator[subprocess.Popen[str]]:
    line = CommandLine(server.home, song.parent)
    process = line.start("watch", song, "--at", "3.1", "--bars", 2, PYTHONUNBUFFERED="1")
    assert process.stdout is not None
    assert "Watching" in process.stdout.readline()
    yield process
    process.kill()
    process.communicate()


def test_the_project_in_focus_is_shown_and_gets_what_is_made(
    page: Page, watching: subprocess.Popen[str], song: Path
) -> None:
    choose_task(page, "Generate")
    page.get_by_label("Prompt").fill("upright bass")
    page.get_by_role("button", name="Into song.rpp").click()
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (tracks := Project.load(song).tracks):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    wanted = Project.load(song).range("3.1", bars=2)
    (item,) = tracks[0].items
    assert (item.start_frame, item.frames) == (wanted.start_frame, wanted.frames)
    page.get_by_role("button", name="Studio").click()
    expect(page.get_by_role("listitem").filter(has_text="song.rpp")).to_contain_text("in focus")
    watching.kill()
    expect(page.get_by_text("No project is connected.")).to_be_visible()


def test_what_the_project_cannot_do_is_said(page: Page, watching: subprocess.Popen[str]) -> None:
    choose_task(page, "Separate")
    page.get_by_role("button", name="Into song.rpp").click()
    expect(page.get_by_role("alert").first).to_contain_text("The project has no items")
