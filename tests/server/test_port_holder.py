"""A port that is taken: by which program, as far as the system tells."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from bandmate_server.port_holder import port_holder
from tests.running import RunningServer, server_environ


def refused(home: Path, *options: str) -> str:
    command = [sys.executable, "-m", "bandmate_plugins", "serve", *options]
    done = subprocess.run(
        command, env=server_environ(home), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 1, done
    return done.stderr


def test_a_server_names_the_program_that_has_its_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refused(tmp_path, "--port", str(port))
    assert f"Port {port} on 127.0.0.1 is in use by {psutil.Process().name()} (process {os.getpid()})" in said
    assert "--port 0" in said
    assert "doctor" not in said


def test_another_server_is_called_what_it_is(tmp_path: Path) -> None:
    server = RunningServer(tmp_path / "first").start()
    assert server.process is not None
    try:
        said = refused(tmp_path / "second", "--port", str(server.port))
    finally:
        server.stop()
    assert f"in use by another Bandmate server (process {server.process.pid})" in said


def test_so_does_osc(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        said = refused(tmp_path, "--port", "0", "--osc", "--osc-port", str(port))
    assert f"port {port}: the port is in use by {psutil.Process().name()} (process {os.getpid()})" in said


@pytest.mark.parametrize("table", ["the whole", "one's own processes'"])
def test_where_only_ones_own_processes_are_shown(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As macOS does it to all but root."""

    def denied(_: str) -> Callable[..., object]:
        raise psutil.AccessDenied

    if table != "the whole":
        monkeypatch.setattr(psutil, "net_connections", denied)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"(process {os.getpid()})" in port_holder(port)
    assert port_holder(port) == ""
