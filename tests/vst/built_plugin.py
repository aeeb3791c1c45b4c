"""Builds of the plugin, kept in the user's cache by what they are made of: an unchanged one is built once."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bandmate_plugins._platform.lock import hold_lock
from tests.material.cache import cache

SOURCE = Path(__file__).parents[2] / "bridge" / "vst"
LIBRARIES = (Path("/usr/share/dpf"), Path("/usr/include/nlohmann"))
"""What is compiled with the source, where the system's packages put it."""
BUILD_SECONDS = 1_700
KEPT_DAYS = 14


def build_plugin(options: tuple[str, ...]) -> Path:
    """The folder of a build with these options of CMake; built now if there is none of the same source.

    Processes that want the same build wait for the one that makes it. Raises AssertionError with what the compiler
    says.
    """
    builds = cache() / "vst"
    folder = builds / _digest(options)
    with hold_lock(folder.with_suffix(".lock"), BUILD_SECONDS):
        done = folder / "built"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            run_cmake(folder, options)
        # Last, as it says that the build is whole; its time says when the build was used last.
        done.touch()
    _remove_unused(builds)
    return folder


def run_cmake(folder: Path, options: tuple[str, ...]) -> None:
    """Configures and builds. Raises AssertionError with what the compiler says."""
    for command in (
        ["cmake", "-S", SOURCE, "-B", folder, *options],
        ["cmake", "--build", folder, "--parallel", "2"],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def _digest(options: tuple[str, ...]) -> str:
    """Of the source, the libraries, the tools and the options."""
    found = hashlib.sha256(repr(options).encode())
    for tool in ("cmake", "c++"):
        found.update(subprocess.run([tool, "--version"], capture_output=True, check=True).stdout)
    for folder in (SOURCE, *LIBRARIES):
        for path in _files_of(folder):
            found.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
            found.update(path.read_bytes())
    for name in ("CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS"):
        found.update(f"{name}={os.environ.get(name, '')}\0".encode())
    return found.hexdigest()[:24]


def _files_of(folder: Path) -> Iterator[Path]:
    yield from sorted(path for path in folder.rglob("*") if path.is_file())


def _remove_unused(builds: Path) -> None:
    """Removes builds that nobody used for a while."""
    oldest = time.time() - KEPT_DAYS * 24 * 3600
    for done in builds.glob("*/built"):
        if done.stat().st_mtime < oldest:
            shutil.rmtree(done.parent, ignore_errors=True)
