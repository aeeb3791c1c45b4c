"""`bandmate fetch`: results of jobs that outlived their command, their server, or their first files."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import mido
import psutil
import pytest
import soundfile

from bandmate_bridge.client import Client
from bandmate_bridge.rpp import Project
from bandmate_plugins._platform import home as homes
from bandmate_protocol.messages import Accepted, Timeline
from tests.bridge.command_line import CommandLine, snapshot
from tests.bridge.recordings import RATE, audio_song, file_of, items_of, recording
from tests.bridge.test_ended_by_signal import wait_for
from tests.running import RunningServer

BAND = ("generate", "rock band", "--seconds", "90", "--seed", "5")
SLOW = {"stems": 1, "pieces": 1000, "delay_ms": 50}


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    """The command line with a home of its own; whatever server is left there is ended."""
    (tmp_path / "alone").mkdir()
    line = CommandLine(tmp_path / "own home", tmp_path / "alone")
    yield line
    monkeypatch.setenv("BANDMATE_HOME", str(line.home))
    server = homes.read_running()
    if server is not None and psutil.pid_exists(server.pid):
        process = psutil.Process(server.pid)
        process.terminate()
        process.wait(20)


def connected(server: RunningServer) -> Client:
    return Client.connect(server.address, token=server.token, role="test")


def newest_id(server: RunningServer) -> str:
    with connected(server) as client:
        return client.jobs(1)[0].job


def finished(client: Client, accepted: Accepted) -> str:
    for _ in client.follow(accepted.job):
        pass
    return accepted.job


def stems(folder: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in folder.glob("*.wav")}
    assert len(found) > 1
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.parametrize("by_hand", [True, False])
def test_a_command_whose_server_is_killed_starts_one_and_ends_with_whole_files(
    alone: CommandLine, by_hand: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = RunningServer(alone.home).start() if by_hand else None
    process = alone.start(*BAND, "-o", "big/")
    wait_for(process, "Playing")
    monkeypatch.setenv("BANDMATE_HOME", str(alone.home))
    server = homes.read_running()
    assert server is not None
    assert server.on_demand is not by_hand
    psutil.Process(server.pid).kill()
    if started is not None:
        started.kill()
    _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    alone.good(*BAND, "-o", "undisturbed/")
    assert stems(alone.folder / "big") == stems(alone.folder / "undisturbed")
    assert not list((alone.folder / "big").glob(".*"))


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_job_whose_command_and_server_were_killed_comes_where_it_was_asked_for(alone: CommandLine) -> None:
    server = RunningServer(alone.home).start()
    process = alone.start(*BAND, "-o", "big/")
    wait_for(process, "Playing")
    process.kill()
    process.communicate()
    server.kill()
    fetched = alone.good("fetch")
    assert "big/Drums.wav" in fetched.out.replace("\\", "/")
    alone.good(*BAND, "-o", "undisturbed/")
    assert stems(alone.folder / "big") == stems(alone.folder / "undisturbed")


def test_a_finished_job_gives_its_stems_and_notes_again(bandmate: CommandLine, server: RunningServer) -> None:
    bandmate.good("generate", "funk band", "-o", "stems/", "--midi", "--bars", 1)
    first = snapshot(bandmate.folder / "stems")
    job = newest_id(server)
    assert "already contains" in bandmate.refused("fetch", job)
    bandmate.good("fetch", job[:7], "-o", "again/", "--midi")
    again = snapshot(bandmate.folder / "again")
    assert mido.MidiFile(bandmate.folder / "again" / "notes.mid").tracks[1:]
    assert again == first
    for path in (bandmate.folder / "stems").iterdir():
        path.unlink()
    bandmate.good("fetch")
    assert snapshot(bandmate.folder / "stems") == first


def test_one_of_several_variations_has_its_own_name(bandmate: CommandLine) -> None:
    bandmate.good("generate", "rock drums", "-o", "out.wav", "--variations", 2, "--bars", 1)
    whole = snapshot(bandmate.folder)
    (bandmate.folder / "out-2.wav").unlink()
    assert bandmate.good("fetch").out.splitlines()[0] == str(bandmate.folder / "out-2.wav")
    assert snapshot(bandmate.folder) == whole


def test_into_the_project_that_it_was_asked_for(
    bandmate: CommandLine, song: Path, server: RunningServer
) -> None:
    before = song.read_bytes()
    bandmate.good("generate", "bass", "--into", song, "--at", "9.1", "--bars", 2)
    job = newest_id(server)
    (item,) = Project.load(song).tracks[-1].items
    assert "already" in bandmate.refused("fetch", job)
    song.write_bytes(before)
    bandmate.good("fetch", job)
    (again,) = Project.load(song).tracks[-1].items
    assert (again.start_frame, again.frames) == (item.start_frame, item.frames)
    assert file_of(again).read_bytes() == file_of(item).read_bytes()
    bandmate.good("fetch", job, "--into", song, "--at", "1.1")
    (moved,) = Project.load(song).tracks[-1].items
    assert (moved.start_frame, moved.frames) == (0, item.frames)


def test_into_a_project_of_another_rate_it_lasts_as_long(bandmate: CommandLine, song: Path) -> None:
    bandmate.good("generate", "piano", "-o", "piano.wav", "--seconds", 3, "--rate", 48_000)
    bandmate.good("fetch", "--into", song, "--at", "2s", "--midi")
    audio, notes = (track.items[0] for track in Project.load(song).tracks[-2:])
    assert (audio.start_frame, audio.frames) == (2 * 44_100, 3 * 44_100)
    assert (notes.start_frame, notes.frames) == (2 * 44_100, 3 * 44_100)


def test_as_a_take_of_the_item_that_was_repainted(bandmate: CommandLine) -> None:
    song = audio_song(bandmate.folder)
    before = song.read_bytes()
    run = ("repaint", "busier", "--into", song, "--track", "Drums", "--from", "5.1", "--to", "6.1")
    bandmate.good(*run)
    first = file_of(items_of(song)[1]).read_bytes()
    assert "already" in bandmate.refused("fetch")
    song.write_bytes(before)
    bandmate.good("fetch")
    assert [len(item.takes) for item in items_of(song)] == [1, 2, 1]
    assert file_of(items_of(song)[1]).read_bytes() == first


def test_as_the_file_that_was_repainted(bandmate: CommandLine) -> None:
    recording(bandmate.folder / "take.wav", seconds=8.0)
    music = ("--bpm", 120, "--metre", "4/4")
    bandmate.good("repaint", "take.wav", "busier", "--from", "2s", "--to", "4s", "-o", "out.wav", *music)
    first = (bandmate.folder / "out.wav").read_bytes()
    assert "--force" in bandmate.refused("fetch")
    bandmate.good("fetch", "-o", "again.wav")
    (bandmate.folder / "out.wav").unlink()
    bandmate.good("fetch")
    for name in ("out", "again"):
        assert (bandmate.folder / f"{name}.wav").read_bytes() == first
    bandmate.good("fetch", "-o", "range/")
    (alone,) = (bandmate.folder / "range").glob("*.wav")
    assert soundfile.info(alone).frames == 2 * RATE


def test_what_was_asked_for_elsewhere_needs_a_place(
    bandmate: CommandLine, server: RunningServer, second: Timeline
) -> None:
    with connected(server) as client:
        job = finished(client, client.submit("noise", second, {"pieces": 1}))
    said = bandmate.refused("fetch", job)
    assert "-o" in said
    assert "--into" in said
    bandmate.good("fetch", job, "-o", "noise/")
    assert sorted(snapshot(bandmate.folder)) == ["noise", "noise/Noise 0.wav", "noise/Noise 1.wav"]


def test_an_analysis_is_shown_again(bandmate: CommandLine) -> None:
    recording(bandmate.folder / "take.wav", seconds=8.0)
    lines = bandmate.good("analyse", "take.wav", "--engine", "dsp").out.splitlines()
    assert lines[0].startswith("Length")
    assert bandmate.good("fetch").out.splitlines()[: len(lines)] == lines


def test_what_was_cancelled_is_said_with_the_way_out(
    bandmate: CommandLine, server: RunningServer, second: Timeline
) -> None:
    with connected(server) as client:
        job = client.submit("noise", second, SLOW).job
    bandmate.good("cancel", job)
    said = bandmate.refused("fetch", job, "-o", "noise/")
    assert "was cancelled" in said
    assert f"bandmate redo {job}" in said
    assert job not in bandmate.run("fetch", "-o", "other/").out, "the newest that has something is meant"


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT between processes")
def test_ctrl_c_ends_the_fetching_and_not_the_job(
    bandmate: CommandLine, server: RunningServer, second: Timeline
) -> None:
    with connected(server) as client:
        job = client.submit("noise", second, SLOW).job
        process = bandmate.start("fetch", job, "-o", "noise.wav")
        wait_for(process, "Rendering")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 130, err
        assert f"bandmate cancel {job}" in err
        assert client.job(job).state == "running"
        client.cancel(job)
        finished_as = list(client.follow(job))[-1]
    assert type(finished_as.message).__name__ == "Cancelled"  # type: ignore[union-attr]
    assert snapshot(bandmate.folder) == {}
