"""Whether a model's files are what the hub has: each is named after its own hash in the hub's cache."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from bandmate_plugins.engine import Model
from bandmate_plugins.models.place import files_of

_BLOCK = 1 << 20


CHANGED = "its bytes have changed"
"""The reason when a hash does not match."""


def damaged(folder: Path, model: Model, check: Callable[[], None] = lambda: None) -> dict[str, str]:
    """The files whose bytes do not match their hash, or that cannot be checked, each with the reason.

    `check` is called all the while.
    """
    there = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    found = files_of(model, there)
    # What is named but not there is said by its own name.
    names = dict.fromkeys(name for wanted, files in found.items() for name in files or [wanted])
    reasons = {name: _reason(folder / name, check) for name in names}
    return {name: reason for name, reason in reasons.items() if reason}


def _reason(path: Path, check: Callable[[], None]) -> str:
    if not path.is_file():
        return "it is missing"
    if not path.is_symlink():
        return "it is a plain file, so its hash is not known here"
    wanted = path.resolve().name
    if len(wanted) == 64:
        digest = hashlib.sha256()
    else:
        # Small files are named as git names them.
        digest = hashlib.sha1(usedforsecurity=False)
        digest.update(f"blob {path.stat().st_size}\0".encode())
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            check()
            digest.update(block)
    return "" if digest.hexdigest() == wanted else CHANGED
