"""Installs the npm packages that tests want, for development and CI: those of PROTOCOL.md's client in JavaScript, those
whose built files the console's page contains, axe-core, which looks at that page, those that make a client of REST,
and OpenAI's.

python -m tests.material.npm_packages

They stay in the user's cache. It wants npm, and a connection to its registry the first time.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tests.material.htdemucs_weights import cache

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "protocol" / "PROTOCOL.md"
VENDOR = ROOT / "server" / "bandmate_server" / "web" / "page" / "vendor"
AXE = "axe-core@4.14.1"
REST_CLIENT = ("openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3")
OPENAI = ("openai@7.59.0",)
TRIES = 4


def client_packages() -> tuple[str, ...]:
    """The packages with their versions, as the page names them."""
    found = re.search(r"`npm install ((?:[\w@./-]+@[\d.]+ ?)+)`", PAGE.read_text(encoding="utf-8"))
    assert found is not None, "the page says what to install"
    return tuple(found[1].split())


def vendored_files() -> dict[str, tuple[str, str]]:
    """The files that the console's page has of packages: the package with its version, and the file there."""
    listed = json.loads((VENDOR / "packages.json").read_text(encoding="utf-8"))
    return {name: (f"{package}@{version}", path) for name, (package, version, path) in listed.items()}


def console_packages() -> tuple[str, ...]:
    """What the page contains, and what looks at it."""
    return (*sorted({package for package, _ in vendored_files().values()}), AXE)


def modules_folder(packages: tuple[str, ...] | None = None) -> Path:
    """The `node_modules` folder with the packages, else the client's. Raises RuntimeError when they cannot be had."""
    packages = packages or client_packages()
    folder = cache() / "npm" / re.sub(r"[^\w.-]+", "-", "_".join(packages))
    if not folder.is_dir():
        _install(packages, folder)
    return folder / "node_modules"


def _install(packages: tuple[str, ...], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    reason = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(2**attempt)
        partial = Path(tempfile.mkdtemp(dir=folder.parent))
        command = ["npm", "install", "--prefix", str(partial), "--no-audit", "--no-fund", *packages]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=240)
            partial.rename(folder)
        except (OSError, subprocess.SubprocessError) as error:
            shutil.rmtree(partial, ignore_errors=True)
            if folder.is_dir():
                return  # another process was faster
            reason = (getattr(error, "stderr", "") or str(error)).strip()
        else:
            return
    raise RuntimeError(
        f"The npm packages {', '.join(packages)} could not be installed: {reason}. It takes npm and a connection "
        "to its registry; `python -m tests.material.npm_packages` tries again."
    )


if __name__ == "__main__":
    print(modules_folder())
    print(modules_folder(console_packages()))
    print(modules_folder(REST_CLIENT))
    print(modules_folder(OPENAI))
