"""A server for one command alone, with a home of its own, which ends with the command."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from bandmate_bridge.client import Client, launch
from bandmate_bridge.progress import ProgressCallback, StageStarted

_END_SECONDS = 10.0
_IDLE_EXIT_SECONDS = 60
_HOME = "BANDMATE_HOME"
_DATA = "BANDMATE_SERVER_DATA"


@contextmanager
def own_server(progress: ProgressCallback) -> Iterator[Client]:
    """A client of a fresh server on a free port; nothing of this user's other servers is touched.

    Raises RequestError (`no_server`).
    """
    with (
        tempfile.TemporaryDirectory(prefix="bandmate-", ignore_cleanup_errors=True) as folder,
        _environment_settings({_HOME: folder, _DATA: None}),
    ):
        progress(StageStarted("Starting a server"))
        address, process = launch.start(_IDLE_EXIT_SECONDS)
        try:
            with Client.connect(address, role="cli", name="bandmate demo") as client:
                yield client
        finally:
            _end_process(process)


def _end_process(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def _environment_settings(values: dict[str, str | None]) -> Iterator[None]:
    """Environment variables for this process and those that it starts; None leaves one out."""
    before = {name: os.environ.get(name) for name in values}
    try:
        _set_environment(values)
        yield
    finally:
        _set_environment(before)


def _set_environment(values: dict[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
