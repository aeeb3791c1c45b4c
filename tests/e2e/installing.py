"""What tests of the package share: installers, the wheel, and a copy of the clone to install from."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


def run(
    *command: object, env: Mapping[str, str] | None = None, cwd: Path | None = None, timeout: float = 600
) -> subprocess.CompletedProcess[str]:
    """The finished process."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    return subprocess.run(
        [str(part) for part in command],
        env=clean | dict(env or {}),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def good(*command: object, **more: object) -> subprocess.CompletedProcess[str]:
    """A process that must end well; a failure shows what it printed."""
    ended = run(*command, **more)  # type: ignore[arg-type]
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended


def uv_program() -> str:
    found = os.environ.get("UV") or shutil.which("uv")
    assert found, "uv is what the README asks for; install it by its installer, pipx or pip"
    return found


def copy_clone(folder: Path) -> Path:
    """A clone of its own: installers write into the folder that they install from."""
    listed = good("git", "ls-files", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout
    for name in listed.splitlines():
        if (ROOT / name).is_file() and not name.startswith("tests/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder
