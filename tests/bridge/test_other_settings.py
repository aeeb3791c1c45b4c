"""Settings of the environment reach the server that does the work, or it is said that they do not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bandmate_bridge.client import Client
from bandmate_plugins._platform import home as homes
from bandmate_plugins._platform.environment import absolute_paths, server_settings, setting_differences
from bandmate_protocol.messages import Timeline
from tests.bridge.command_line import CommandLine
from tests.running import RunningServer

SLOW = {"stems": 1, "pieces": 1000, "delay_ms": 50}


@pytest.fixture
def alone(home: Path, tmp_path: Path) -> Iterator[CommandLine]:
    """The command line with a home of its own; whatever server is left there is ended."""
    (tmp_path / "work").mkdir()
    yield CommandLine(home, tmp_path / "work")
    server = homes.read_running()
    if server is not None and psutil.pid_exists(server.pid):
        process = psutil.Process(server.pid)
        process.terminate()
        process.wait(20)


def setting(line: CommandLine, name: str, **environ: str) -> tuple[str, str]:
    """A variable as the server's worker has it, and what the command said besides."""
    done = line.good("run", "setting", "--set", f"name={name}", "--seconds", 1, "--json", **environ)
    return json.loads(done.out)["jobs"][0]["report"]["value"], done.err


def pid() -> int:
    server = homes.read_running()
    assert server is not None
    return server.pid


def there() -> Client:
    """A client of the server that runs, whatever its settings are."""
    server = homes.read_running()
    assert server is not None
    return Client.connect(f"127.0.0.1:{server.port}", role="test")


def test_a_server_that_a_command_started_makes_way_for_one_with_the_settings(alone: CommandLine) -> None:
    assert setting(alone, "BANDMATE_MODELS")[0] == ""
    first = pid()
    value, said = setting(alone, "BANDMATE_MODELS", BANDMATE_MODELS="weights")
    assert value == str(alone.folder / "weights")
    assert "other settings" not in said
    second = pid()
    assert second != first
    assert setting(alone, "BANDMATE_MODELS", BANDMATE_MODELS=str(alone.folder / "weights"))[0] == value
    assert pid() == second
    assert setting(alone, "BANDMATE_MODELS")[0] == ""


def test_one_with_jobs_stays_and_that_is_said(alone: CommandLine, second: Timeline) -> None:
    alone.good("jobs")
    with there() as client:
        job = client.submit("noise", second, SLOW).job
        first = pid()
        done = alone.good("jobs", BANDMATE_SOUNDFONT="/fonts/big.sf2")
        assert "BANDMATE_SOUNDFONT is none there and /fonts/big.sf2 here" in done.err
        assert pid() == first
        assert client.job(job).state == "running"
        client.cancel(job)
        for _ in client.follow(job):
            pass
    assert "other settings" not in alone.good("jobs", BANDMATE_SOUNDFONT="/fonts/big.sf2").err
    assert pid() != first


def test_one_that_was_started_by_hand_stays(alone: CommandLine) -> None:
    server = RunningServer(alone.home, environ={"BANDMATE_DISABLE": "demucs"}).start()
    try:
        value, said = setting(alone, "BANDMATE_DISABLE")
        assert value == "demucs"
        assert "settings" not in said, "what is set for the server alone is its owner's own choice"
        value, said = setting(alone, "BANDMATE_DISABLE", BANDMATE_DISABLE="roformer")
        assert value == "demucs"
        assert "BANDMATE_DISABLE is demucs there and roformer here" in said
        assert "`bandmate serve`" in said
        assert server.process is not None
        assert pid() == server.process.pid
        doctor = alone.run("doctor", BANDMATE_DISABLE="roformer").out
        assert "BANDMATE_DISABLE is demucs there and roformer here" in " ".join(doctor.split())
    finally:
        server.stop()


def test_settings_for_a_server_elsewhere_are_said_to_stay_here(
    bandmate: CommandLine, server: RunningServer
) -> None:
    environ = {"BANDMATE_SERVER": server.address, "BANDMATE_MODELS": "weights"}
    said = bandmate.good("jobs", **environ).err
    assert "BANDMATE_MODELS" in said
    assert f"not apply to the server at {server.address}" in said


def test_a_relative_home_is_one_for_the_command_and_its_server(alone: CommandLine) -> None:
    try:
        assert setting(alone, "BANDMATE_HOME", BANDMATE_HOME="near")[0] == str(alone.folder / "near")
    finally:
        said = json.loads((alone.folder / "near" / "state" / "server.json").read_text())
        process = psutil.Process(said["pid"])
        process.terminate()
        process.wait(20)


def test_what_plugins_read_is_neither_kept_nor_shown(alone: CommandLine, second: Timeline) -> None:
    alone.good("jobs", BANDMATE_ACME_KEY="hush-hush")
    assert "hush-hush" not in (alone.home / "state" / "server.json").read_text()
    with there() as client:
        job = client.submit("noise", second, SLOW).job
        said = alone.good("jobs", BANDMATE_ACME_KEY="keep-quiet").err
        client.cancel(job)
    assert "BANDMATE_ACME_KEY" in said
    assert "keep-quiet" not in said


def test_what_counts_as_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {
        "BANDMATE_HOME": "h", "BANDMATE_TOKEN": "t", "BANDMATE_SERVER": "s:1", "BANDMATE_MEDIA": "m",
        "BANDMATE_SOUNDFONT": "None", "BANDMATE_MODELS": "a/b", "BANDMATE_SERVER_OSC": "1", "HF_HOME": "~/hf",
        "MAX_CUDA_VRAM": " 8 ", "BANDMATE_DISABLE": "", "PATH": "/bin",
    }  # fmt: skip
    assert server_settings(environ) == {
        "BANDMATE_SOUNDFONT": "None",
        "BANDMATE_MODELS": str(tmp_path / "a" / "b"),
        "BANDMATE_SERVER_OSC": "1",
        "HF_HOME": str(Path.home() / "hf"),
        "MAX_CUDA_VRAM": "8",
    }
    assert absolute_paths(environ)["BANDMATE_HOME"] == str(tmp_path / "h")
    assert absolute_paths(environ)["PATH"] == "/bin"
    odd = server_settings({"BANDMATE_MODELS": "/caf\udce9"})
    assert json.loads(json.dumps(odd)) == {"BANDMATE_MODELS": "/caf\\xe9"}


def test_which_settings_differ() -> None:
    theirs, here = {"A": "1", "B": "2"}, {"B": "3", "C": "4"}
    assert [each.name for each in setting_differences(theirs, here, both_ways=True)] == ["A", "B", "C"]
    assert [each.name for each in setting_differences(theirs, here, both_ways=False)] == ["B", "C"]
    assert setting_differences(theirs, dict(theirs), both_ways=True) == []
