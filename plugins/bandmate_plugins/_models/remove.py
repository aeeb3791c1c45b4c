"""Deletes a model from the hub's cache, and nothing that another model of the same repository needs."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from bandmate_plugins._models.pins import pin_commit
from bandmate_plugins._models.place import files_of, find_model, pinned_commit, repository_folder
from bandmate_plugins.model import Model


def remove_model(model: Model, known: Iterable[Model]) -> bool:
    """Deletes a model; False when nothing of it is here. `known` are all that may share its repository."""
    folder = repository_folder(model)
    if not folder.is_dir():
        return False
    beside = [other for other in known if _shares_repository(other, model) and find_model(other) is not None]
    if beside:
        for part in (folder / "blobs").glob("*.incomplete"):
            part.unlink(missing_ok=True)
        return _remove_files(folder / "snapshots" / str(pinned_commit(model)), model, beside)
    shutil.rmtree(folder)
    pin_commit(model.hub_id, None)
    return True


def _shares_repository(other: Model, model: Model) -> bool:
    return other.hub_id == model.hub_id and other.files != model.files


def _remove_files(snapshot: Path, model: Model, beside: Iterable[Model]) -> bool:
    there = _snapshot_files(snapshot, model)
    needed = {path.resolve() for other in beside for path in _snapshot_files(snapshot, other)}
    for path in there:
        if path.resolve() not in needed:
            # The cache keeps contents by hash, and names as links to them.
            path.resolve().unlink()
            path.unlink(missing_ok=True)
    return bool(there)


def _snapshot_files(snapshot: Path, model: Model) -> list[Path]:
    names = [path.relative_to(snapshot).as_posix() for path in snapshot.rglob("*") if path.is_file()]
    return [snapshot / name for found in files_of(model, names).values() for name in found]
