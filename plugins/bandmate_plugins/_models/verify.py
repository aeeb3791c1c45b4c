"""Whether a model's files are what the hub has: each is named after its own hash in the hub's cache."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bandmate_plugins._models.noted_hashes import is_hash, noted_hash
from bandmate_plugins._models.place import files_of, find_model
from bandmate_plugins.model import Model

_BLOCK = 1 << 20
_MAX_HEADER_BYTES = 100_000_000
"""Of a file of safetensors; their own library takes no more."""


@dataclass(frozen=True)
class ModelCheck:
    """What became of looking at a model."""

    state: Literal["whole", "damaged", "unhashed", "missing"]
    """`unhashed`: no damage was found, but there is no hash to compare some of its files with."""
    damage: dict[str, str]
    """Reasons by file."""

    def sentence(self, name: str) -> str:
        """The result in words, for a model that is called `name`."""
        match self.state:
            case "missing":
                return f"{name}: not installed"
            case "damaged":
                return f"{name}: {'; '.join(f'{file}: {reason}' for file, reason in self.damage.items())}"
            case "unhashed":
                return f"{name}: no damage found; plain files have no known hash"
            case _:
                return f"{name}: whole"


CHANGED = "its bytes have changed"
"""The reason when a hash does not match."""


def damaged_files(
    folder: Path,
    model: Model,
    check: Callable[[], None] = lambda: None,
    hashes: Mapping[str, str] | None = None,
    *,
    lengths_only: bool = False,
) -> dict[str, str]:
    """The files that are missing, or whose bytes are not those of the hub, each with the reason.

    `check` is called all the while. `hashes` are SHA-256 by name, for plain files (`unhashed_files`), of which
    otherwise no more than the length is known, and that of safetensors alone. `lengths_only` looks at no more than
    that of any file, which takes no time.
    """
    known = hashes or {}
    reasons = {}
    for name in _file_names(folder, model):
        wanted = "" if lengths_only else known.get(name) or _known_hash(folder, name)
        reasons[name] = _damage_reason(folder / name, wanted, check)
    return {name: reason for name, reason in reasons.items() if reason}


def check_model(model: Model, check: Callable[[], None] = lambda: None) -> ModelCheck:
    """Looks at every file of a model; `check` is called all the while."""
    folder = find_model(model)
    return ModelCheck("missing", {}) if folder is None else check_folder(folder, model, check)


def check_folder(folder: Path, model: Model, check: Callable[[], None] = lambda: None) -> ModelCheck:
    """The same for a model that is in some folder."""
    damage = damaged_files(folder, model, check)
    if damage:
        return ModelCheck("damaged", damage)
    return ModelCheck("unhashed" if unhashed_files(folder, model) else "whole", {})


def unhashed_files(folder: Path, model: Model) -> list[str]:
    """Files whose hash nothing tells, as in a folder of one's own or where there are no links."""
    return [name for name in _file_names(folder, model) if not _known_hash(folder, name)]


def _file_names(folder: Path, model: Model) -> list[str]:
    there = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    found = files_of(model, there)
    # What is named but not there is said by its own name.
    return list(dict.fromkeys(name for wanted, files in found.items() for name in files or [wanted]))


def _known_hash(folder: Path, name: str) -> str:
    """The hash by which the hub's cache calls a file, or that its library noted beside it; else empty.

    A link of the user's own, such as one to another disk, leads to a file with a name of its own.
    """
    path = folder / name
    target = path.resolve().name if path.is_symlink() else ""
    return target if is_hash(target) else noted_hash(folder, name)


def _damage_reason(path: Path, wanted: str, check: Callable[[], None]) -> str:
    if not path.is_file():
        return "it is missing"
    if not wanted:
        return _length_reason(path) if path.suffix == ".safetensors" else ""
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


def _length_reason(path: Path) -> str:
    """What is wrong with the length of a file of safetensors, which says in front where its tensors end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        header = file.read(header_bytes) if header_bytes <= _MAX_HEADER_BYTES else b""
    try:
        described = json.loads(header)
        ends = [each["data_offsets"][1] for name, each in described.items() if name != "__metadata__"]
        wanted = 8 + header_bytes + max(ends, default=0)
    except (ValueError, LookupError, TypeError, AttributeError):
        return "it is not a safetensors file"
    return "" if size == wanted else f"it has {size} bytes instead of {wanted}"
