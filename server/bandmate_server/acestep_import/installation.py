"""The folder of an installation of ACE-Step: where its checkpoints, settings, adapters and saved requests are.

Only reads, follows no links to folders, and looks at a bounded number of files.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.acestep_import.env_file import read_env_file

CHECKPOINTS = "checkpoints"
_CHECKPOINT_VARIABLE = "ACESTEP_CHECKPOINTS_DIR"
_PARTS = ("acestep-v15-*", "acestep-5Hz-lm-*", "Qwen3-Embedding-0.6B", "vae")
"""What lies in a folder of checkpoints."""
_NOT_THE_USERS = frozenset(
    {
        ".cache", ".git", ".venv", "__pycache__", "acestep", "datasets", "docs", "examples", "node_modules",
        "portablegit", "python_embeded", "site-packages", "ui", "venv",
    }
)  # fmt: skip
"""Folders of the program itself, by their names in small letters."""
_MAX_FILES = 50_000
_MAX_DEPTH = 8


@dataclass
class Installation:
    """What was found. Paths are absolute."""

    folder: Path
    checkpoints: Path | None
    variables: dict[str, str]
    """Of `.env`, and of the environment, which comes first as it does there."""
    env_faults: list[str] = field(default_factory=list)
    tomls: list[Path] = field(default_factory=list)
    jsons: list[Path] = field(default_factory=list)
    adapters: list[Path] = field(default_factory=list)
    """Folders with an adapter each, or single files."""
    ggufs: list[Path] = field(default_factory=list)
    is_cut: bool = False
    """There are more files than were looked at."""


def open_installation(folder: Path, environ: Mapping[str, str]) -> Installation:
    """Looks at a folder. Raises RequestError (`file_unusable`) for one that has nothing of ACE-Step 1.5."""
    folder = Path(os.path.abspath(folder.expanduser()))
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{folder} {what}.", folder=folder, what=what),
            "Name the folder of ACE-Step 1.5, the one with `checkpoints` in it.",
        )
    try:
        variables, faults = read_env_file(folder / ".env")
    except OSError as error:
        variables, faults = {}, [f".env cannot be read: {error.strerror or error}."]
    own = {name: value for name, value in environ.items() if name.startswith("ACESTEP_")}
    found = Installation(folder, None, variables | own, faults)
    found.checkpoints = _find_checkpoints(folder, found.variables)
    _look_around(found)
    if not (found.checkpoints or found.variables or found.tomls or found.jsons or found.adapters):
        raise _nothing_error(found)
    return found


def _find_checkpoints(folder: Path, variables: Mapping[str, str]) -> Path | None:
    """The folder of checkpoints: the given one, the one in it, or the one that a variable names."""
    candidates = [folder, folder / CHECKPOINTS]
    if named := variables.get(_CHECKPOINT_VARIABLE):
        candidates.append(Path(os.path.abspath(folder / Path(named).expanduser())))
    return next((each for each in candidates if _has_parts(each)), None)


def _has_parts(folder: Path) -> bool:
    try:
        return any(path.is_dir() for pattern in _PARTS for path in folder.glob(pattern))
    except OSError:
        return False


def _look_around(found: Installation) -> None:
    for number, path in enumerate(_files_below(found)):
        if number >= _MAX_FILES:
            found.is_cut = True
            return
        _sort_in(found, path)


def _sort_in(found: Installation, path: Path) -> None:
    match path.suffix.lower():
        case ".toml" if path.name != "pyproject.toml":
            found.tomls.append(path)
        case ".json" if path.name == "adapter_config.json":
            found.adapters.append(path.parent)
        case ".json":
            found.jsons.append(path)
        case ".safetensors" if path.name == "lokr_weights.safetensors":
            found.adapters.append(path)
        case ".gguf":
            found.ggufs.append(path)


def _files_below(found: Installation) -> Iterator[Path]:
    for place, folders, files in os.walk(found.folder):
        here = Path(place)
        if here == found.checkpoints or len(here.relative_to(found.folder).parts) >= _MAX_DEPTH:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if name.lower() not in _NOT_THE_USERS)
        yield from (here / name for name in sorted(files))


def _nothing_error(found: Installation) -> RequestError:
    if found.ggufs:
        return RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{folder} has models of acestep.cpp (GGUF), which cannot be read.", folder=found.folder),
            "`bandmate models pull ace_step1.5` downloads the original (6.3 GB).",
        )
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("{folder} has nothing of ACE-Step 1.5.", folder=found.folder),
        "Name the folder of ACE-Step 1.5, the one with `checkpoints` in it, or its `checkpoints` folder.",
    )
