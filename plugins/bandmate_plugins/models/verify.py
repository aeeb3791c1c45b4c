"""Whether a model's files are what the hub has: each is named after its own hash in the hub's cache."""

from __future__ import annotations

import hashlib
from pathlib import Path

from bandmate_plugins.engine import Model

_BLOCK = 1 << 20


CHANGED = "its bytes have changed"
"""The reason when a hash does not match."""


def damaged(folder: Path, model: Model) -> dict[str, str]:
    """The files whose bytes do not match their hash, or that cannot be checked, each with the reason."""
    names = model.files or tuple(sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()))
    reasons = {name: _reason(folder / name) for name in names}
    return {name: reason for name, reason in reasons.items() if reason}


def _reason(path: Path) -> str:
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
            digest.update(block)
    return "" if digest.hexdigest() == wanted else CHANGED
