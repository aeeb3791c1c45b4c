"""`bandmate ... --into song.rpp` while REAPER has that project open: the result goes into it there."""

import shutil
from pathlib import Path

import pytest

from bandmate_bridge.client import Client
from bandmate_bridge.rpp import open_project_id
from bandmate_protocol.messages import Invoke, Invoked
from tests.bridge.command_line import CommandLine
from tests.reaper import rpp_file
from tests.reaper.model import Mark, Track
from tests.reaper.pictures import source_item


@pytest.fixture
def opened(stage):
    """A saved project in REAPER, with two tracks; the agent has told the server of it."""
    stage.project.tracks = [Track("Loop", items=[source_item(stage.song, 8.0)]), Track("Voice")]
    stage.project.tempo = []
    path = stage.song / "song.rpp"
    rpp_file.save(stage.project, path)
    stage.open(path)
    stage.action("Panel")
    with Client.connect(stage.server.address, token=stage.server.token, role="surface") as client:
        stage.reaper.run_until(lambda: is_known(client, path))
    stage.forget_jobs()
    return stage


def is_known(client: Client, path: Path) -> bool:
    """Whether the server has heard of the project: then REAPER answers, that it knows no such task."""
    client.send(Invoke(request="known", task="nothing", project=open_project_id(path)))
    return isinstance(client.poll(0.1), Invoked)


def command(stage, *arguments) -> str:
    """Runs a command while REAPER goes on; what it says."""
    line = CommandLine(stage.server.home, stage.song)
    process = line.start(*arguments, BANDMATE_SERVER=stage.server.address)
    stage.reaper.run_until(lambda: process.poll() is not None, 60)
    out, err = process.communicate()
    assert process.returncode == 0, err
    stage.reaper.run_until(lambda: not stage.running)
    return out


def test_it_goes_into_the_open_project(opened):
    before = (opened.song / "song.rpp").read_bytes()
    said = command(
        opened, "generate", "drums, bass", "--into", "song.rpp", "--at", "3.1", "--bars", 2, "--seed", 5
    )
    assert "REAPER has song.rpp open, so the result goes into the open project." in said
    assert ", seed 5." in said
    tracks = opened.project.tracks
    assert [track.name for track in tracks][:3] == ["Loop", "Voice", "drums, bass"]
    assert [(item.position, item.values["D_LENGTH"]) for track in tracks[3:] for item in track.items] == [
        (4.0, 4.0)
    ] * 2
    assert opened.undone() == ["Bandmate: drums, bass"]
    assert (opened.song / "song.rpp").read_bytes() == before
    assert not list(opened.song.glob("song-bandmate*"))


def test_times_are_those_of_the_ruler(opened):
    opened.project.time_offset = 3590.0
    command(opened, "generate", "drums", "--into", "song.rpp", "--at", "59:54", "--bars", 1)
    assert [item.position for item in opened.project.tracks[-1].items] == [4.0]


def test_several_items_of_a_track_are_heard_as_one(opened):
    later = source_item(opened.song, 4.0)
    later.values |= {"D_POSITION": 10.0, "D_VOL": 0.5}
    loop = opened.project.tracks[0]
    loop.items.append(later)
    command(opened, "separate", "--into", "song.rpp", "--track", "Loop", "--stems", "bass", "--mute-source")
    (stem,) = opened.project.tracks[1].items
    assert (stem.position, stem.values["D_LENGTH"], stem.values["D_VOL"]) == (0.0, 14.0, 1.0)
    assert [item.values["B_MUTE"] for item in loop.items] == [1.0, 1.0]
    assert len(opened.undone()) == 1


def test_what_is_sung_goes_along(opened):
    arguments = ("generate", "drums", "--into", "song.rpp", "--at", "3.1", "--bars", 1)
    said = command(opened, *arguments, "--lyrics", "la la la")
    assert "lyrics" in said.lower()
    assert [track.name for track in opened.project.tracks][:2] == ["Loop", "Voice"]


def test_a_track_and_a_range_are_meant_by_name_whatever_is_selected(opened):
    opened.project.tracks[1].selected = True
    opened.project.selection = (0.0, 1.0)
    command(
        opened, "repaint", "busier", "--into", "song.rpp", "--track", "loop", "--from", "2.1", "--to", "3.1"
    )
    loop = opened.project.tracks[0]
    assert [len(item.takes) for item in sorted(loop.items, key=lambda one: one.position)] == [1, 2, 1]
    command(opened, "generate", "drums", "--into", "song.rpp", "--track", "Voice", "--at", "1.1", "--bars", 1)
    (item,) = opened.project.named("Voice").items
    assert item.values["D_LENGTH"] == 2.0
    assert opened.undone() == ["Bandmate: busier", "Bandmate: drums"]


def test_what_reaper_refuses_is_the_commands_error(opened):
    line = CommandLine(opened.server.home, opened.song)
    process = line.start(
        *("repaint", "busier", "--into", "song.rpp", "--track", "Voice", "--from", "1.1", "--to", "2.1"),
        BANDMATE_SERVER=opened.server.address,
    )
    opened.reaper.run_until(lambda: process.poll() is not None, 60)
    _, error = process.communicate()
    assert process.returncode == 1
    assert "REAPER reports: The track Voice is empty." in error
    assert opened.undone() == []


@pytest.mark.parametrize("how", ["another project", "forced"])
def test_otherwise_it_goes_into_the_file(opened, how):
    """The project that is in front in REAPER is another one; or the file itself was asked for."""
    path = opened.song / "song.rpp"
    if how == "another project":
        shutil.copy(path, path.with_name("other.rpp"))
        path = path.with_name("other.rpp")
    force = ["--force"] if how == "forced" else []
    said = command(opened, "generate", "drums", "--into", path.name, "--at", "1.1", "--bars", 1, *force)
    assert "REAPER has" not in said
    assert opened.undone() == []
    assert len(opened.project.tracks) == 2
    assert len(rpp_file.load(path).tracks) == 3


def test_the_agent_that_is_gone_is_not_waited_for(opened):
    opened.reaper.close()
    opened.reaper.processes[-1].wait(10)
    line = CommandLine(opened.server.home, opened.song)
    line.good("generate", "drums", "--into", "song.rpp", "--at", "1.1", "--bars", 1)
    assert len(rpp_file.load(opened.song / "song.rpp").tracks) == 3


def test_a_section_is_that_of_the_open_project(opened):
    """Its regions count as they are now, not as they were saved."""
    opened.project.marks = [
        Mark(1, "Verse", 0.0, 4.0, 0), Mark(2, "Chorus", 4.0, 8.0, 0), Mark(3, "Verse", 8.0, 12.0, 0)
    ]  # fmt: skip
    command(opened, "generate", "drums", "--into", "song.rpp", "--section", "chorus")
    (item,) = opened.project.tracks[-1].items
    assert (item.position, item.values["D_LENGTH"]) == (4.0, 4.0)
    command(
        opened, "separate", "--into", "song.rpp", "--track", "Loop", "--stems", "bass", "--section", "verse:1"
    )
    (stem,) = opened.project.tracks[1].items
    assert (stem.position, stem.values["D_LENGTH"]) == (0.0, 4.0)
