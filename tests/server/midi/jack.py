"""A JACK server of our own on its dummy driver, which needs no sound hardware."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def jack_server(log: Path) -> Iterator[None]:
    """RtMidi and mido take it in this process and in those that it starts."""
    name = f"bandmate-{os.getpid()}"
    with pytest.MonkeyPatch.context() as patch, log.open("wb") as file:
        patch.setenv("JACK_DEFAULT_SERVER", name)
        patch.setenv("JACK_NO_START_SERVER", "1")
        patch.setenv("MIDO_BACKEND", "mido.backends.rtmidi/UNIX_JACK")
        process = subprocess.Popen(["jackd", "-n", name, "-r", "-d", "dummy"], stdout=file, stderr=file)
        try:
            waiting = subprocess.run(["jack_wait", "-s", name, "-w", "-t", "30"], check=False)
            assert waiting.returncode == 0, log.read_text()
            yield
        finally:
            process.terminate()
            process.wait(30)
