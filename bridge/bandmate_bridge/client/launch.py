"""Finding this user's server, and starting one when none is there."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bandmate_bridge.client.address import ServerAddress, named_address, running_address
from bandmate_bridge.client.settings_differences import end_idle_server, server_differences, settings_remark
from bandmate_plugins._platform import home
from bandmate_plugins._platform.environment import absolute_paths
from bandmate_plugins._platform.folders import unusable_folder, usable_folder
from bandmate_plugins._platform.installation import how_to_add
from bandmate_plugins._platform.lock import HeldError, hold_lock
from bandmate_plugins._platform.private import make_folder
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

START_SECONDS = 30.0
"""How long a server may take to be ready; it usually takes under one."""
IDLE_EXIT_SECONDS = 600
_PATIENCE_SECONDS = START_SECONDS + 10
_POLL_SECONDS = 0.02
_NEEDED = ("numpy", "psutil", "starlette", "uvicorn")

_children: list[subprocess.Popen[bytes]] = []


def find_or_start(
    notify: Callable[[str], None] = lambda _: None,
    warn: Callable[[str], None] = lambda _: None,
    *,
    any_settings: bool = False,
) -> tuple[ServerAddress, bool]:
    """A server, and whether this call started it. Two callers at once share one server.

    Unless ``any_settings`` will do, a server that an earlier command started with other settings makes way if
    it has nothing to do, and ``warn`` is told of settings that the server does not work by. Raises
    RequestError (`no_server`) when none can be started.
    """
    found = named_address() or running_address()
    if found and (any_settings or named_address() or not server_differences()):
        return found, False
    with _one_starter(home.state_dir() / "launch.lock"):
        found = running_address()
        other = [] if any_settings or not found else server_differences()
        if found and not other:
            return found, False
        if found and not (can_start() and end_idle_server(found)):
            warn(settings_remark(other))
            return found, False
        notify("Starting a server")
        return start()[0], True


def can_start() -> bool:
    """Whether this installation has what a server needs."""
    return all(importlib.util.find_spec(name) is not None for name in _NEEDED)


@contextmanager
def _one_starter(lock: Path) -> Iterator[None]:
    """Waits for another command that starts a server; RequestError (`no_server`) if it does not end."""
    with ExitStack() as held:
        try:
            held.enter_context(hold_lock(lock, _PATIENCE_SECONDS))
        except HeldError as error:
            raise RequestError(
                ErrorCode.NO_SERVER,
                say(
                    "Another command has been starting a server for {patience_seconds:.0f} s.",
                    patience_seconds=_PATIENCE_SECONDS,
                ),
                say("Stop it and try again; if no such command is running, delete {lock}.", lock=lock),
            ) from error
        except OSError as error:
            raise unusable_folder(lock.parent, "BANDMATE_HOME", error) from error
        yield


def start(idle_exit: int = IDLE_EXIT_SECONDS) -> tuple[ServerAddress, subprocess.Popen[bytes]]:
    """Starts a server on a free port, which outlives this process, and waits until it answers.

    Raises RequestError (`no_server`) that names the log when it does not come up.
    """
    if not can_start():
        raise RequestError(
            ErrorCode.NO_SERVER,
            "No server is running, and this installation cannot start one.",
            say(
                "{how_to_add} Or set BANDMATE_SERVER=host:port to use a server on another machine.",
                how_to_add=how_to_add("server"),
            ),
        )
    log = home.state_dir() / "log" / "launch.log"
    with usable_folder(log.parent, "BANDMATE_HOME"):
        child = _spawn_server(["serve", "--port", "0", "--idle-exit", str(idle_exit)], log)
    _children[:] = [known for known in _children if known.poll() is None]
    # Kept so that a child that outlives its purpose here is not reported as forgotten.
    _children.append(child)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        address = running_address()
        if address:
            return address, child
        if child.poll() is not None:
            raise _start_error(f"The server stopped while starting (exit code {child.returncode})", log)
        time.sleep(_POLL_SECONDS)
    child.terminate()
    raise _start_error(f"The server was not ready after {START_SECONDS:.0f} s", log)


def _spawn_server(arguments: list[str], log: Path) -> subprocess.Popen[bytes]:
    """A process of our own command line, on its own: Ctrl-C here does not reach it."""
    make_folder(log.parent)
    log.write_bytes(b"")
    # Appended to, so that the server may empty the file while it writes to it.
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "bandmate_plugins", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=log.parent,
            env=absolute_paths(os.environ),
            start_new_session=True,
            creationflags=_detached_flags(),
        )


def _detached_flags() -> int:
    if sys.platform == "win32":
        return subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    return 0


def _start_error(what: str, log: Path) -> RequestError:
    lines = log.read_text("utf-8", "replace").strip().splitlines() if log.exists() else []
    said = f": {lines[-1].strip()}" if lines else "."
    return RequestError(
        ErrorCode.NO_SERVER,
        say("{what}{said}", what=what, said=said),
        say("Its full output is in {log}.", log=log),
    )
