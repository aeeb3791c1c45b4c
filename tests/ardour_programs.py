"""Ardour's programs without a window, for tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

ATTEMPTS = 5
STEP_SECONDS = 660
"""More than a script waits for any one thing."""


def ardour_program(name: str) -> str:
    """`lua`, `export`, ...: where it is. Skips the test without Ardour."""
    names = (f"ardour{version}-{name}" for version in (7, 8, 9))
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip("Ardour is not here: apt install ardour")
    return found


def ardour_environ(home: Path) -> dict[str, str]:
    """The environment of an Ardour with settings of its own."""
    # It reads hundreds of patch files otherwise, none of which is needed.
    return os.environ | {"HOME": str(home), "ARDOUR_MIDI_PATCH_PATH": str(home)}


def ardour(*command: object, environ: dict[str, str], makes: Path) -> None:
    """Runs one of Ardour's tools, which leaves `makes`.

    Ardour 7.3 reads its files in several threads as it starts, and about one start in ten ends by a
    signal, with any plugin or none; that is tried again, anew.
    """
    code, output = -1, ""
    for _ in range(ATTEMPTS):
        if makes.is_dir():
            shutil.rmtree(makes)
        words = [str(word) for word in command]
        code, output = run_while_it_goes_on(words, environ)
        if code >= 0:
            break
    assert code == 0, output


def run_while_it_goes_on(words: list[str], environ: dict[str, str]) -> tuple[int, str]:
    """The exit status and the output of a program; one that writes no line for STEP_SECONDS is ended."""
    with tempfile.TemporaryFile("w+") as output:
        with subprocess.Popen(words, env=environ, stdout=output, stderr=output) as process:
            written = -1
            while process.poll() is None and (size := os.fstat(output.fileno()).st_size) != written:
                written = size
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(STEP_SECONDS)
            if process.poll() is None:
                process.kill()
        output.seek(0)
        return process.returncode, output.read()
