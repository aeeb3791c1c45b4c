"""`--json`: one object on standard output, whatever the command made or whatever went wrong."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile

from bandmate_bridge.client import Client
from bandmate_bridge.rpp import Project
from bandmate_protocol.messages import Timeline
from tests.bridge.command_line import CommandLine, snapshot
from tests.bridge.recordings import audio_song, recording
from tests.bridge.test_ended_by_signal import wait_for
from tests.running import RunningServer

MUSIC = ("--bpm", 120, "--metre", "4/4")
RESULT = {"command", "files", "project", "remarks", "jobs"}
JOB = {"job", "task", "engine", "reason", "seed", "seed_used", "seconds", "remarks", "report", "stems"}
STEM = {
    "name", "role", "file", "sample_rate", "channels", "frames", "start_frame", "sha256", "loudness_lufs",
    "true_peak_dbtp", "notes",
}  # fmt: skip


def answered(bandmate: CommandLine, *arguments: object) -> dict[str, Any]:
    found = json.loads(bandmate.good(*arguments, "--json").out)
    assert found.keys() == RESULT
    for job in found["jobs"]:
        assert job.keys() == JOB
        for stem in job["stems"]:
            assert stem.keys() == STEM
    assert found["command"] == arguments[0]
    assert all(Path(file).is_file() and Path(file).is_absolute() for file in found["files"])
    return found


def refused(bandmate: CommandLine, *arguments: object, code: int = 1) -> dict[str, Any]:
    done = bandmate.run(*arguments, "--json")
    assert done.code == code, done
    found = json.loads(done.out)
    assert found.keys() == {"error"}
    assert found["error"].keys() == {"code", "sentence", "remedy", "job"}
    assert found["error"]["sentence"] in done.err
    return dict(found["error"])


def test_files_engine_seed_and_remarks(bandmate: CommandLine) -> None:
    found = answered(
        bandmate,
        "generate",
        "funk band",
        "-o",
        "stems/",
        "--bars",
        1,
        "--seed",
        7,
        "--midi",
        "--key",
        "C major",
    )
    (job,) = found["jobs"]
    assert (job["task"], job["engine"], job["seed"]) == ("generate", "sketch", 7)
    assert found["remarks"][0].startswith("Chosen automatically: ")
    stems = {stem["file"] for stem in job["stems"]}
    assert {Path(file).name for file in stems} == {
        path.name for path in (bandmate.folder / "stems").glob("*.wav")
    }
    assert set(found["files"]) == stems | {str(bandmate.folder / "stems" / "notes.mid")}
    for stem in job["stems"]:
        info = soundfile.info(stem["file"])
        assert (info.frames, info.samplerate, info.channels) == (
            stem["frames"],
            stem["sample_rate"],
            stem["channels"],
        )
        assert stem["notes"] > 0
    again = answered(bandmate, "redo", job["job"], "--seed", 7)
    assert [stem["sha256"] for stem in again["jobs"][0]["stems"]] == [stem["sha256"] for stem in job["stems"]]
    fetched = answered(bandmate, "fetch", job["job"], "-o", "fetched/")
    assert fetched["jobs"][0]["job"] == job["job"]


def test_variations_are_jobs(bandmate: CommandLine) -> None:
    found = answered(bandmate, "generate", "drums", "-o", "out.wav", "--bars", 1, "--variations", 2)
    assert len({job["job"] for job in found["jobs"]}) == 2
    assert [Path(file).name for file in found["files"]] == ["out-1.wav", "out-2.wav"]


def test_what_is_only_played_has_no_files(bandmate: CommandLine, tmp_path: Path) -> None:
    player = tmp_path / "bin" / "aplay"
    player.parent.mkdir()
    player.write_text("#!/bin/sh\nexit 0\n")
    player.chmod(0o755)
    done = bandmate.good("generate", "drums", "--bars", 1, "--play", "--json", PATH=str(player.parent))
    found = json.loads(done.out)
    assert (found["files"], found["jobs"][0]["stems"][0]["file"]) == ([], None)


@pytest.mark.parametrize(
    "arguments",
    [
        ("cover", "take.wav", "strings", "-o", "out.wav", *MUSIC),
        ("accompany", "take.wav", "drums", "-o", "out/", *MUSIC),
        ("extend", "take.wav", "--after", 1, "-o", "out.wav", *MUSIC),
        ("loop", "take.wav", "-o", "out.wav", *MUSIC),
        ("repaint", "take.wav", "x", "--from", "2s", "--to", "4s", "-o", "out.wav", *MUSIC),
        ("separate", "take.wav", "-o", "out/"),
    ],
    ids=lambda arguments: str(arguments[0]),
)
def test_every_command_on_audio(bandmate: CommandLine, arguments: tuple[object, ...]) -> None:
    recording(bandmate.folder / "take.wav", seconds=8.0)
    found = answered(bandmate, *arguments)
    assert found["project"] is None
    (job,) = found["jobs"]
    assert job["task"] == arguments[0]
    assert {stem["file"] for stem in job["stems"]} == set(found["files"])


def test_in_projects(bandmate: CommandLine) -> None:
    song = audio_song(bandmate.folder)
    placed = ("--into", song, "--track", "Drums")
    for arguments in (
        ("generate", "bass", "--into", song, "--at", "1.1", "--bars", 1),
        ("repaint", "x", *placed, "--from", "5.1", "--to", "6.1"),
        ("cover", "strings", *placed, "--at", "9.1", "--bars", 1),
    ):
        found = answered(bandmate, *arguments)
        assert found["project"] == str(song)
        assert found["files"]
    item = Project.load(song).tracks[0].items[0]
    separated = answered(
        bandmate, "separate", "--into", song, "--track", "Drums", "--at", "4s", "--seconds", 1
    )
    assert any("keeps playing beside its stems" in remark for remark in separated["remarks"]), item


def test_errors(bandmate: CommandLine, server: RunningServer, second: Timeline) -> None:
    assert refused(bandmate, "generate", "bass", code=2)["code"] == "bad_params"
    assert refused(bandmate, "jobs", "--most", "many", code=2)["code"] == "bad_params"
    there = bandmate.folder / "out.wav"
    there.write_bytes(b"mine")
    error = refused(bandmate, "generate", "bass", "-o", "out.wav")
    assert error["code"] == "file_exists"
    assert "--force" in error["remedy"]
    error = refused(bandmate, "generate", "bass", "-o", "x.wav", "--bars", 1, "--set", "sound=loud")
    assert error["code"] == "bad_params"
    with Client.connect(server.address, token=server.token, role="test") as client:
        assert error["job"] == client.jobs(1)[0].job
    assert refused(bandmate, "fetch", "zzzz")["code"] == "no_such_job"


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT between processes")
def test_an_interrupt(bandmate: CommandLine) -> None:
    process = bandmate.start("generate", "rock band", "--seconds", "1800", "-o", "long/", "--json")
    wait_for(process, "Playing")
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 143
    assert json.loads(out)["error"]["code"] == "interrupted"
    assert snapshot(bandmate.folder) == {}


def test_what_is_here(bandmate: CommandLine) -> None:
    models = json.loads(bandmate.good("models", "list", "--json").out)
    (found,) = (model for model in models if model["name"] == "htdemucs")
    assert (found["engine"], found["folder"]) == ("demucs", None)
    assert found["size_bytes"] > 1_000_000
    assert {task["name"] for task in json.loads(bandmate.good("plugins", "--json").out)["tasks"]} >= {"noise"}


def test_what_has_no_effect_is_said_and_no_other_try_is_offered(bandmate: CommandLine) -> None:
    """`dsp` gives the same stems whatever the seed is, and has no steps."""
    recording(bandmate.folder / "take.wav", seconds=8.0)
    ask = ("separate", "take.wav", "--engine", "dsp")
    done = bandmate.good(*ask, "-o", "stems/", "--steps", 20, "--seed", 3)
    assert "`steps` has no effect with dsp" in done.out
    assert "seed" not in done.out
    assert "redo" not in done.out
    (job,) = answered(bandmate, *ask, "-o", "again/")["jobs"]
    assert not job["seed_used"]
    (drums,) = answered(bandmate, "generate", "drums", "-o", "drums.wav", "--bars", 1)["jobs"]
    assert drums["seed_used"]
