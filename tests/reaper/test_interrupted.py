"""What ends, or changes, while a job runs."""

import os

import pytest

from tests.reaper import rpp_file
from tests.reaper.model import Project, Track
from tests.reaper.situations import BAND, LONG, begun, checked
from tests.reaper.stage import Stage
from tests.running import RunningServer


@pytest.fixture
def own_server(tmp_path):
    running = RunningServer(tmp_path / "home", environ={"PYTHONPATH": os.environ.get("PYTHONPATH", "")})
    yield running.start()
    running.stop()


def test_a_killed_agent_is_started_again_and_fills_the_same_files(stage):
    begun(stage)
    (job,) = stage.running
    stage.kill_agent()
    stage.finish(120)
    assert len(stage.reaper.processes) == 2
    assert stage.undone() == [f"Bandmate: {BAND}"]
    checked(stage, job["id"])


def test_a_killed_server_comes_back(tmp_path, own_server):
    (tmp_path / "stage").mkdir()
    stage = Stage(tmp_path / "stage", own_server)
    try:
        begun(stage)
        (job,) = stage.running
        own_server.kill()
        for _ in range(20):
            stage.reaper.tick()
        own_server.start()
        stage.finish(120)
        assert stage.undone() == [f"Bandmate: {BAND}"]
        checked(stage, job["id"])
    finally:
        stage.end()


def test_reaper_closed_and_opened_again(stage):
    begun(stage)
    (job,) = stage.running
    path = stage.song / "song.rpp"
    rpp_file.save(stage.project, path)
    stage.reaper.close()
    stage.reopen(rpp_file.load(path))
    assert [known["id"] for known in stage.running] == [job["id"]]
    stage.action("Panel")
    stage.finish(120)
    assert stage.undone() == []
    checked(stage, job["id"])


def test_reaper_crashed_before_the_project_was_saved(stage):
    begun(stage)
    stage.reaper.crash()
    path = stage.song / "song.rpp"
    rpp_file.save(Project(stage.song, ext=dict(stage.project.ext)), path)
    (job,) = stage.running
    stage.reopen(rpp_file.load(path))
    stage.action("Panel")
    stage.finish(120)
    checked(stage, job["id"])


def test_a_track_that_was_deleted_meanwhile(stage):
    stage.settings(growing=False)
    stage.project.tracks = [Track("Target", selected=True)]
    stage.project.selection = LONG
    stage.forget_jobs()
    stage.ask("generate", prompt="drums")
    stage.reaper.run_until(lambda: stage.running)
    stage.project.tracks.clear()
    stage.finish()
    (track,) = stage.project.tracks
    assert (track.name, len(track.items)) == ("Mix", 1)


def test_another_project_opened_in_its_place(stage):
    """What was made waits for its project, and goes into it when it is open again."""
    first = stage.project
    path = stage.song / "first.rpp"
    stage.project.selection = LONG
    stage.forget_jobs()
    stage.ask("generate", prompt="drums, bass")
    stage.reaper.run_until(lambda: stage.running)
    rpp_file.save(first, path)
    had = len(first.tracks)
    other = Project(stage.folder / "other")
    stage.reaper.projects[:] = [other]
    stage.reaper.current = other
    for _ in range(60):
        stage.reaper.tick()
    assert other.tracks == []
    stage.open(path)
    stage.finish(120)
    assert len(stage.project.tracks) == 3
    assert had in (0, 3)
    assert other.tracks == []


def test_two_projects_in_two_tabs(stage):
    first, second = stage.project, Project(stage.folder / "second")
    first.selection = (0.0, 4.0)
    stage.reaper.projects.append(second)
    stage.forget_jobs()
    stage.ask("generate", prompt="drums")
    stage.reaper.run_until(lambda: stage.running is not None)
    stage.reaper.current = second
    stage.finish()
    assert len(first.tracks) == 1
    assert second.tracks == []
    assert stage.reaper.current is second
