"""SIGTERM, SIGHUP and a closed terminal end a command as Ctrl-C does: no job goes on, no file is left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bandmate_bridge.client import Client
from bandmate_protocol.messages import JobSummary
from tests.bridge.command_line import CommandLine, snapshot
from tests.running import RunningServer, server_environ

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no such signals between processes"
)

LONG = ("generate", "rock band", "--seconds", "1800", "-o", "long/")


def newest(server: RunningServer) -> JobSummary:
    with Client.connect(server.address, token=server.token, role="test") as client:
        return client.jobs(1)[0]


def wait_for(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if words in line:
            return
    raise AssertionError(said)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_the_job_is_cancelled_and_no_part_is_left(
    bandmate: CommandLine, server: RunningServer, number: signal.Signals, code: int
) -> None:
    process = bandmate.start(*LONG)
    wait_for(process, "Playing")
    assert newest(server).state == "running"
    process.send_signal(number)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out) == (code, "")
    assert err.splitlines()[-1] == "Interrupted."
    assert snapshot(bandmate.folder) == {}
    assert newest(server).state == "cancelled"


def test_a_project_stays_as_it_was(bandmate: CommandLine, song: Path, server: RunningServer) -> None:
    before = snapshot(bandmate.folder)
    process = bandmate.start("generate", "rock band", "--into", song, "--at", "1.1", "--seconds", "1800")
    wait_for(process, "Playing")
    process.terminate()
    process.communicate(timeout=120)
    assert process.returncode == 143
    assert snapshot(bandmate.folder) == before
    assert newest(server).state == "cancelled"


def test_a_terminal_that_closes_ends_the_command(bandmate: CommandLine, server: RunningServer) -> None:
    """The command leads the session of a terminal of its own, whose other side goes away."""
    ours, theirs = os.openpty()
    script = "import fcntl, termios, runpy; fcntl.ioctl(0, termios.TIOCSCTTY, 0);"
    script += "runpy.run_module('bandmate_plugins', run_name='__main__')"
    process = subprocess.Popen(
        [sys.executable, "-c", script, *LONG],
        cwd=bandmate.folder,
        env=server_environ(bandmate.home) | {"TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    while b"Playing" not in shown:
        shown += os.read(ours, 4096)
    os.close(ours)
    assert process.wait(120) == 129
    assert snapshot(bandmate.folder) == {}
    assert newest(server).state == "cancelled"


def test_a_command_under_nohup_goes_on(bandmate: CommandLine, server: RunningServer) -> None:
    script = "import signal, runpy; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
    script += "runpy.run_module('bandmate_plugins', run_name='__main__')"
    process = subprocess.Popen(
        [sys.executable, "-c", script, "generate", "rock band", "--seconds", "60", "-o", "band/"],
        cwd=bandmate.folder,
        env=server_environ(bandmate.home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(process, "Playing")
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=120)
    assert process.returncode == 0
    assert newest(server).state == "done"


def test_a_server_whose_terminal_closes_ends_in_order(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "home").start()
    assert server.process is not None
    server.process.send_signal(signal.SIGHUP)
    assert server.process.wait(60) == 0
    assert not (server.home / "state" / "server.json").exists()
