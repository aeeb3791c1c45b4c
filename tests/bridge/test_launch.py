"""Finding and starting the real server."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bandmate_bridge.client import Client, launch
from bandmate_bridge.client.address import ServerAddress, named_address, running_address
from bandmate_plugins._platform import home as homes
from bandmate_plugins._platform.health import ask_health
from bandmate_plugins._platform.installation import how_to_add
from bandmate_plugins._platform.lock import HeldError, hold_lock
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Done, Timeline
from bandmate_protocol.session import JobEnded, StemFinished, StemPiece
from tests.running import RunningServer, server_environ

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture(autouse=True)
def ended(home: Path) -> Iterator[None]:
    """Ends whatever server a test started."""
    yield
    server = homes.read_running()
    if server is not None and psutil.pid_exists(server.pid):
        process = psutil.Process(server.pid)
        process.terminate()
        process.wait(20)


def test_a_server_is_started_once_and_then_found() -> None:
    notes: list[str] = []
    first, started = launch.find_or_start(notes.append)
    second, again = launch.find_or_start(notes.append)
    assert (started, again) == (True, False)
    assert first == second
    assert notes == ["Starting a server"]
    answer = ask_health(first.host, first.port, homes.server_token())
    assert answer.proved
    assert answer.health is not None
    assert answer.health.protocol == 1


def test_two_commands_at_once_share_one_server() -> None:
    script = "from bandmate_bridge.client import launch; print(*launch.find_or_start())"
    commands = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    answers = [command.communicate(timeout=60)[0].split() for command in commands]
    assert len({address for address, _ in answers}) == 1
    assert sorted(started for _, started in answers) == ["False", "False", "True"]


def test_a_server_that_died_is_not_taken_for_one_that_runs() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    homes.write_running(homes.ServerRecord(host="127.0.0.1", port=port, pid=1, version="0"))
    assert running_address() is None
    address, started = launch.find_or_start()
    assert started
    assert address.port != port


def test_a_server_that_was_named_is_the_only_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANDMATE_SERVER", "127.0.0.1:1")
    assert named_address() == ServerAddress("127.0.0.1", 1)
    with pytest.raises(RequestError) as caught:
        Client.connect()
    assert caught.value.code == ErrorCode.NO_SERVER
    assert homes.read_running() is None


def test_a_server_that_cannot_start_says_why_and_names_the_log(home: Path) -> None:
    homes.config_dir().mkdir(parents=True)
    (homes.config_dir() / "server.toml").write_text("range_seconds = 'long'\n")
    with pytest.raises(RequestError) as caught:
        launch.find_or_start()
    assert caught.value.code == ErrorCode.NO_SERVER
    assert "range_seconds" in caught.value.sentence
    assert str(home) in caught.value.remedy


def test_without_the_servers_packages_the_extra_is_named() -> None:
    script = """
        import sys
        sys.modules["uvicorn"] = None  # as Python itself marks what cannot be imported
        from bandmate_bridge.client import launch
        from bandmate_protocol.errors import RequestError
        try:
            launch.find_or_start()
        except RequestError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=True
    )
    assert how_to_add("server") in done.stdout


def test_a_lock_is_free_once_its_holder_is_dead(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    script = f"""
        import time
        from pathlib import Path
        from bandmate_plugins._platform.lock import hold_lock
        with hold_lock(Path({str(lock)!r}), 5):
            print("held", flush=True)
            time.sleep(60)
    """
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(HeldError), hold_lock(lock, 0.2):
            pass
        holder.kill()
    with hold_lock(lock, 5):
        pass


def disturbed(client: Client, line: Timeline, disturb: Callable[[], object]) -> dict[int, str]:
    """The stems' hashes of a job in which, once it plays, something happens to the server."""
    accepted = client.submit("generate", line, {"prompt": "rock band"}, seed=5)
    hashes: dict[int, str] = {}
    begun = False
    for event in client.follow(accepted.job):
        if isinstance(event, StemPiece) and not begun:
            begun = True
            disturb()
        if isinstance(event, StemFinished):
            hashes[event.stem.stem] = event.end.sha256
    assert begun
    assert isinstance(event, JobEnded)
    assert isinstance(event.message, Done), event.message
    return hashes


@pytest.fixture
def minute(second: Timeline) -> Timeline:
    return Timeline(sample_rate=48_000, start_frame=0, end_frame=48_000 * 60, tempo=second.tempo)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_a_killed_server_is_started_again_and_its_job_taken_up(minute: Timeline) -> None:
    def kill() -> None:
        server = homes.read_running()
        assert server is not None
        os.kill(server.pid, signal.SIGKILL)

    with Client.connect(role="test") as client:
        assert disturbed(client, minute, kill) == disturbed(client, minute, lambda: None)


def test_serve_takes_the_place_of_a_server_that_a_command_started_and_its_job_goes_on(
    minute: Timeline, home: Path
) -> None:
    with Client.connect(role="test") as client:
        before = homes.read_running()
        assert before is not None
        assert before.on_demand
        by_hand = RunningServer(home)
        assert disturbed(client, minute, by_hand.start) == disturbed(client, minute, lambda: None)
    psutil.Process(before.pid).wait(20)
    now = homes.read_running()
    assert now is not None
    assert by_hand.process is not None
    assert (now.pid, now.on_demand) == (by_hand.process.pid, False)
    assert "replaces the server that a command started" in by_hand.log
    assert by_hand.stop() == 0, by_hand.log


def test_two_servers_do_not_share_a_folder(home: Path) -> None:
    first = RunningServer(home).start()
    try:
        command = [sys.executable, "-m", "bandmate_plugins", "serve", "--port", "0"]
        second = subprocess.run(
            command, env=server_environ(home), capture_output=True, text=True, check=False, timeout=60
        )
        assert second.returncode == 1
        assert first.address in second.stderr
        assert "BANDMATE_SERVER_DATA" in second.stderr
        assert "Traceback" not in second.stderr
        assert running_address() == ServerAddress.parse(first.address)
        environ = server_environ(home) | {"BANDMATE_SERVER_DATA": str(home / "other")}
        other = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
        assert other.stdout is not None
        assert "listens on" in other.stdout.readline()
        other.terminate()
        other.communicate(timeout=30)
    finally:
        first.stop()


def test_a_stopped_server_does_not_hold_a_client_for_ever(
    second: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sys.platform == "win32":
        pytest.skip("no SIGSTOP")
    monkeypatch.setattr("bandmate_bridge.client.connection.PING_SECONDS", 0.2)
    monkeypatch.setattr("bandmate_bridge.client.connection.SILENCE_SECONDS", 1.0)
    monkeypatch.setattr("bandmate_plugins._platform.health.HEALTH_SECONDS", 0.5)
    with Client.connect(role="test", patience=20.0) as client:
        server = homes.read_running()
        assert server is not None
        os.kill(server.pid, signal.SIGSTOP)
        wake = threading.Timer(3.0, os.kill, (server.pid, signal.SIGCONT))
        wake.start()
        began = time.monotonic()
        client.jobs()
        assert client.connections > 1 or time.monotonic() - began < 3.5
        wake.join()
