"""Where a model's files lie: in the hub's usual cache, or in a folder that stands in for the hub.

Only looks at the disk, in the layout that the hub's own library documents, and imports nothing of it, so that
a catalogue can be read quickly.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from bandmate_plugins._models.links import linked_folder
from bandmate_plugins._models.pins import read_pins
from bandmate_plugins.model import Model

MIRROR = "BANDMATE_MODELS"
"""Environment variable that names a folder with `owner/name/files`, looked at before the cache."""


def hub_cache(environ: Mapping[str, str] = os.environ) -> Path:
    """The cache that huggingface_hub uses: other programs' downloads are found too."""
    if named := environ.get("HF_HUB_CACHE"):
        return Path(named).expanduser()
    if home := environ.get("HF_HOME"):
        return Path(home).expanduser() / "hub"
    cache = environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser() / "huggingface" / "hub"


def repository_folder(model: Model, environ: Mapping[str, str] = os.environ) -> Path:
    """The cache's folder of a model's repository."""
    return hub_cache(environ) / f"models--{model.hub_id.replace('/', '--')}"


def find_model(model: Model, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The folder that holds every file of a model, or None."""
    if own := own_folder(model, environ):
        return own
    commit = pinned_commit(model, environ)
    cached = repository_folder(model, environ) / "snapshots" / commit if commit else None
    return cached if cached and holds_model(cached, model) else None


def own_folder(model: Model, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The folder of the user's own that holds all of a model; or None.

    It is below the one that MIRROR names, or one that is used where it is (`links`).
    """
    mirror = environ.get(MIRROR)
    folders = (Path(mirror).expanduser() / model.hub_id if mirror else None, linked_folder(model))
    return next((folder for folder in folders if folder and holds_model(folder, model)), None)


def pinned_commit(model: Model, environ: Mapping[str, str] = os.environ) -> str | None:
    """The commit that a revision stands for here: the one that the first pull noted, else the cache's own."""
    if len(model.revision) == 40:
        return model.revision
    if noted := read_pins().get(model.hub_id):
        return noted
    try:
        reference = repository_folder(model, environ) / "refs" / model.revision
        return reference.read_text(encoding="ascii").strip() or None
    except (OSError, ValueError):
        return None


def holds_model(folder: Path, model: Model) -> bool:
    """Whether a folder has every file of a model; their bytes are not looked at."""
    if not model.files:
        return folder.is_dir() and any(folder.iterdir())
    return not missing_names(folder, model)


def missing_names(folder: Path, model: Model) -> list[str]:
    """The names or patterns of a model's files that nothing in a folder fits."""
    return [name for name in model.files if not _is_there(folder, name)]


def _is_there(folder: Path, name: str) -> bool:
    if "*" in name:
        return any(path.is_file() for path in folder.glob(name))
    return (folder / name).is_file()


def files_of(model: Model, names: Iterable[str]) -> dict[str, list[str]]:
    """Which of a repository's files each of a model's names or patterns means; all by `*` without any."""
    there = sorted(names)
    wanted = model.files or ("*",)
    return {each: [name for name in there if _matches_name(each, name)] for each in wanted}


def _matches_name(pattern: str, name: str) -> bool:
    """A `*` stays within its folder, but for one that stands alone."""
    return pattern == "*" or (pattern.count("/") == name.count("/") and fnmatchcase(name, pattern))
