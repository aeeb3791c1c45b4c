"""A third party's task says where its result goes and what it hears: no line of the bridge knows its name."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from bandmate_bridge.client import Client
from bandmate_bridge.client.older_servers import complete_catalogue
from bandmate_bridge.rpp import Project
from bandmate_protocol.messages import (
    FORM_ORDER,
    Catalogue,
    Done,
    Failed,
    JobSummary,
    TaskInfo,
    Timeline,
)
from bandmate_protocol.session import JobEnded
from tests.bridge.command_line import CommandLine
from tests.bridge.recordings import audio_song, changed, items_of
from tests.bridge.test_watch import invoke, wait_for
from tests.running import RunningServer


def newest_job(server: RunningServer) -> JobSummary:
    with Client.connect(server.address, token=server.token) as client:
        return client.jobs(1)[0]


def chosen_audio(song: Path, part: int) -> tuple[np.ndarray, np.ndarray]:
    """What the takes of a split item's part hold: the range of the recording, and the new take."""
    item = items_of(song)[part]
    old, new = item.takes
    assert new.chosen
    assert not old.chosen
    assert old.source is not None
    assert new.source is not None
    samples, rate = soundfile.read(new.source.file, dtype="float32", always_2d=True)
    first = round(old.offset_seconds * rate)
    whole, _ = soundfile.read(old.source.file, dtype="float32", always_2d=True)
    return whole[first : first + len(samples)], samples


def test_a_take_goes_onto_the_item(bandmate: CommandLine, server: RunningServer) -> None:
    song = audio_song(bandmate.folder)
    bandmate.good("run", "reverse", "--into", song, "--track", "Drums", "--at", "5.1", "--bars", 1)
    assert [len(item.takes) for item in items_of(song)] == [1, 2, 1]
    assert [track.name for track in Project.load(song).tracks] == ["Drums", "Empty"]
    before, after = chosen_audio(song, 1)
    np.testing.assert_allclose(after, before[::-1], atol=1e-4)
    assert newest_job(server).origin["to"] == "item"


def test_a_report_changes_no_project(bandmate: CommandLine) -> None:
    song = audio_song(bandmate.folder)
    before = song.read_bytes()
    said = bandmate.good("run", "peak", "--into", song, "--track", "Drums", "--at", "5.1", "--bars", 1).out
    assert '"peak"' in said
    bandmate.good("run", "secret", "--into", song, "--at", "1.1", "--bars", 1)
    assert song.read_bytes() == before


def test_one_that_listens_hears_the_project(bandmate: CommandLine, server: RunningServer) -> None:
    song = audio_song(bandmate.folder)
    bandmate.good("run", "shadow", "--into", song, "--at", "5.1", "--bars", 2)
    assert [given.role for given in newest_job(server).inputs] == ["context"]
    (item,) = Project.load(song).tracks[-1].items
    assert item.take is not None
    assert item.take.source is not None
    shadow, _ = soundfile.read(item.take.source.file, dtype="float32")
    assert np.abs(shadow).max() > 0.05


def test_a_watched_project_gets_takes_reports_and_what_listens(
    bandmate: CommandLine, server: RunningServer
) -> None:
    song = audio_song(bandmate.folder)
    changed(song, "SELECTION 0 0", "SELECTION 8 12")
    changed(song, "      SEL 0", "      SEL 1")
    process = bandmate.start("watch", song, PYTHONUNBUFFERED="1")
    try:
        assert process.stdout is not None
        assert "Watching" in process.stdout.readline()
        with Client.connect(server.address, token=server.token, role="surface") as surface:
            assert invoke(surface, "", task="reverse", params={}).job is not None
            wait_for(song, lambda project: len(project.tracks[0].items) == 3)
            take = Project.load(song).tracks[0].items[1].take
            assert take is not None
            assert take.name == "Drums reversed"
            assert invoke(surface, "", task="peak", params={}).job is not None
            while '"peak"' not in process.stdout.readline():
                assert process.poll() is None
            shadow = invoke(surface, "", task="shadow", params={}).job
            assert shadow is not None
            wait_for(song, lambda project: project.tracks[-1].name == "Shadow")
            # The item is three by now, and each of them plays there.
            assert [given.role for given in surface.job(shadow).inputs] == ["context"] * 3
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    before, after = chosen_audio(song, 1)
    np.testing.assert_allclose(after, before[::-1], atol=1e-4)


@pytest.mark.parametrize(("fails", "names"), [(True, ("one",)), (False, ("two",))])
def test_models_that_would_help_are_named_beside_the_sentence(
    server: RunningServer, second: Timeline, fails: bool, names: tuple[str, ...]
) -> None:
    with Client.connect(server.address, token=server.token) as client:
        job = client.submit("wanting", second, {"fails": fails}).job
        (end,) = [event for event in client.follow(job) if isinstance(event, JobEnded)]
    assert isinstance(end.message, Failed if fails else Done)
    assert end.message.models == names


def test_an_error_for_programs_names_the_models(bandmate: CommandLine) -> None:
    ended = bandmate.run("run", "wanting", "--seconds", 1, "--set", "fails=true", "--json")
    assert ended.code == 1
    assert json.loads(ended.out)["error"]["models"] == ["one"]


def before_results(task: TaskInfo) -> TaskInfo:
    """The task as a server from before these fields describes it."""
    fields = msgspec.structs.asdict(task)
    old = ("name", "title", "summary", "ability", "source", "params", "engines", "plugin")
    return TaskInfo(**{name: fields[name] for name in old})


def as_it_was(task: TaskInfo) -> TaskInfo:
    """The task as it was before covers and accompaniments heard the other tracks."""
    deaf = task.name in ("accompany", "cover")
    return msgspec.structs.replace(task, listens=task.listens and not deaf)


def test_an_older_server_is_read_as_the_built_in_tasks_are_now(server: RunningServer) -> None:
    with Client.connect(server.address, token=server.token) as client:
        now = client.describe()
    old = Catalogue(request="r", tasks=tuple(map(before_results, now.tasks)), engines=(), plugins=())
    completed = {task.name: task for task in complete_catalogue(old).tasks}
    newer = ("verify_model", "remove_model", "write")  # no server from before these fields has them
    built_in = [
        task for task in now.tasks if task.plugin not in ("double", "results") and task.name not in newer
    ]
    assert {task.name for task in built_in} >= {
        "generate",
        "repaint",
        "cover",
        "accompany",
        "separate",
        "pull",
    }
    assert [completed[task.name] for task in built_in] == list(map(as_it_was, built_in))
    gain = completed["gain"]
    assert (gain.result, gain.hidden, gain.order) == ("tracks", False, FORM_ORDER)
    assert complete_catalogue(now) is now
