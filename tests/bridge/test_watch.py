"""`bandmate watch`: a surface's `invoke` reaches a project file."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bandmate_bridge.client import Client
from bandmate_bridge.projects import load_project
from bandmate_bridge.rpp import Project
from bandmate_protocol.messages import Error, Invoke, Invoked
from tests.bridge.command_line import CommandLine
from tests.bridge.dawproject.archives import archive, audio, project
from tests.bridge.recordings import audio_song, changed
from tests.patience import PATIENCE_SECONDS
from tests.running import RunningServer


@pytest.fixture
def watching(bandmate: CommandLine, song: Path) -> Iterator[subprocess.Popen[str]]:
    process = bandmate.start("watch", song, "--at", "9.1", "--bars", 2, PYTHONUNBUFFERED="1")
    assert process.stdout is not None
    assert "Watching" in process.stdout.readline()
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def invoke(
    client: Client, prompt: str, task: str = "generate", params: dict[str, Any] | None = None
) -> Invoked:
    """Asks as a surface does, until the watch has said which project is in focus."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    values = {"prompt": prompt} if params is None else params
    while True:
        client.send(Invoke(request=f"button-{time.monotonic()}", task=task, params=values))
        event: object = None
        while not isinstance(event, Invoked | Error):
            assert time.monotonic() < deadline, event
            event = client.poll(1)
        if isinstance(event, Invoked):
            return event
        time.sleep(0.05)


def wait_for_tracks(song: Path, count: int) -> Project:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len((project := Project.load(song)).tracks) < count:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return project


def test_a_surface_generates_into_the_project(
    watching: subprocess.Popen[str], server: RunningServer, song: Path
) -> None:
    with Client.connect(server.address, token=server.token, role="surface") as surface:
        answer = invoke(surface, "upright bass")
        assert answer.job is not None
        project = wait_for_tracks(song, 4)
        line = project.range("9.1", bars=2)
        assert project.tracks[3].items[0].start_frame == line.start_frame
        assert project.tracks[3].items[0].frames == line.frames
        # The project was saved by somebody else meanwhile, and the next one still goes in.
        song.write_bytes(song.read_bytes().replace(b'"Guitar"', b'"Banjo"'))
        second = invoke(surface, "piano")
        assert second.job is not None
        assert wait_for_tracks(song, 5).tracks[0].name == "Banjo"
        # It goes with the bass that plays there by now.
        alone, beside = (surface.job(job).inputs for job in (answer.job, second.job))
        assert alone == ()
        assert [each.role for each in beside] == ["context"]
        refused = invoke(surface, "x", task="gain", params={"factor": 0.5})
        assert refused.job is None
        assert "select one in REAPER" in refused.sentence
    watching.send_signal(signal.SIGINT)
    out, err = watching.communicate(timeout=30)
    assert watching.returncode == 130, err
    assert f"job {answer.job}" in out
    assert "was saved" in out


def test_a_watch_that_ends_cancels_what_runs(
    bandmate: CommandLine, watching: subprocess.Popen[str], server: RunningServer, song: Path
) -> None:
    before = song.read_bytes()
    with Client.connect(server.address, token=server.token, role="surface") as surface:
        answer = invoke(surface, "", "noise", {"pieces": 1000, "delay_ms": 50})
        watching.send_signal(signal.SIGINT)
        watching.communicate(timeout=30)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while surface.job(str(answer.job)).state == "running":
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert surface.job(str(answer.job)).state == "cancelled"
    assert song.read_bytes() == before


def test_a_restarted_server_is_told_again(bandmate: CommandLine, song: Path, tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "other").start()
    try:
        own = CommandLine(server.home, bandmate.folder)
        process = own.start("watch", song, "--at", "9.1", PYTHONUNBUFFERED="1")
        assert process.stdout is not None
        assert "Watching" in process.stdout.readline()
        server.kill()
        server.start()
        with Client.connect(server.address, token=server.token, role="surface") as surface:
            assert invoke(surface, "upright bass").job is not None
        wait_for_tracks(song, 4)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    finally:
        server.stop()


def test_a_project_that_cannot_be_read_is_not_watched(bandmate: CommandLine, song: Path) -> None:
    assert "not a position" in bandmate.refused("watch", song, "--at", "x")
    assert "gone.rpp" in bandmate.refused("watch", "gone.rpp")


def test_a_surface_works_on_the_selected_audio(bandmate: CommandLine, server: RunningServer) -> None:
    song = audio_song(bandmate.folder)
    changed(song, "SELECTION 0 0", "SELECTION 8 12")
    changed(song, "      SEL 0", "      SEL 1")
    process = bandmate.start("watch", song, PYTHONUNBUFFERED="1")
    try:
        assert process.stdout is not None
        assert "Watching" in process.stdout.readline()
        with Client.connect(server.address, token=server.token, role="surface") as surface:
            assert invoke(surface, "busier fill", task="repaint").job is not None
            wait_for(song, lambda project: len(project.tracks[0].items) == 3)
            middle = Project.load(song).tracks[0].items[1]
            assert [take.chosen for take in middle.takes] == [False, True]
            assert (middle.start_frame, middle.end_frame) == (8 * 48_000, 12 * 48_000)
            assert invoke(surface, "", task="separate", params={"mode": "two"}).job is not None
            wait_for(song, lambda project: len(project.tracks) == 5)
            tracks = Project.load(song).tracks
            assert [track.name for track in tracks[1:4]] == ["Drums stems", "Vocals", "Instrumental"]
            assert invoke(surface, "", task="gain", params={"factor": 0.5}).job is not None
            wait_for(song, lambda project: project.tracks[-1].name == "Gain")
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err


def wait_for(song: Path, so: Callable[[Project], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not so(Project.load(song)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_dawproject_is_watched_too(bandmate: CommandLine, server: RunningServer) -> None:
    clip = f'<Clip time="0" duration="16" contentTimeUnit="seconds">{audio()}</Clip>'
    song = archive(bandmate.folder / "song.dawproject", project(clip))
    process = bandmate.start("watch", song, "--at", "3.1", "--bars", 2, PYTHONUNBUFFERED="1")
    assert process.stdout is not None
    assert "Watching" in process.stdout.readline()
    try:
        with Client.connect(server.address, token=server.token, role="surface") as surface:
            assert invoke(surface, "upright bass").job is not None
            deadline = time.monotonic() + PATIENCE_SECONDS
            while len((made := load_project(song)).tracks) < 2:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            (item,) = made.tracks[1].items
            assert (item.start_frame, item.frames) == (4 * made.sample_rate, 4 * made.sample_rate)
            refused = invoke(surface, "", "gain", {"factor": 0.5})
            assert refused.job is None
            assert "Name one with --track; these have audio: 1 Guitar" in refused.sentence
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
