"""Deletes a model from the hub's cache, and nothing that another model of the same repository needs."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from bandmate_plugins._models.links import unlink_model
from bandmate_plugins._models.pins import pin_commit, touch_pins
from bandmate_plugins._models.place import files_of, find_model, pinned_commit, repository_folder
from bandmate_plugins.model import Model


def remove_model(model: Model, known: Iterable[Model]) -> bool:
    """Deletes a model; False when nothing of it is here. `known` are all that may share its repository.

    One in a folder of another program is no longer used from there, and stays.
    """
    unlinked = unlink_model(model)
    folder = repository_folder(model)
    if not folder.is_dir():
        return unlinked
    beside = _models_beside(model, known)
    if beside:
        for part in _partial_files(folder):
            part.unlink(missing_ok=True)
        gone = _remove_files(_pinned_snapshot(folder, model), model, beside)
        # Whoever looks whether models have come or gone looks at the file of the pins.
        touch_pins()
        return gone or unlinked
    shutil.rmtree(folder)
    pin_commit(model.hub_id, None)
    return True


def freeable_bytes(model: Model, known: Iterable[Model]) -> int:
    """What deleting a model frees on the disk: what is downloaded of it, whole or not, and no other model needs."""
    folder = repository_folder(model)
    if not folder.is_dir():
        return 0
    beside = _models_beside(model, known)
    if not beside:
        return _size_of(path for path in folder.rglob("*") if not path.is_symlink())
    snapshot = _pinned_snapshot(folder, model)
    return _size_of([*_own_files(snapshot, model, beside), *_partial_files(folder)])


def _size_of(paths: Iterable[Path]) -> int:
    """A file that several names stand for counts once."""
    return sum(path.stat().st_size for path in {each.resolve() for each in paths} if path.is_file())


def _models_beside(model: Model, known: Iterable[Model]) -> list[Model]:
    return [other for other in known if _shares_repository(other, model) and find_model(other) is not None]


def _partial_files(folder: Path) -> list[Path]:
    return list((folder / "blobs").glob("*.incomplete"))


def _pinned_snapshot(folder: Path, model: Model) -> Path:
    return folder / "snapshots" / str(pinned_commit(model))


def _own_files(snapshot: Path, model: Model, beside: Iterable[Model]) -> list[Path]:
    """Those of a model's files that no other model needs."""
    needed = {path.resolve() for other in beside for path in _snapshot_files(snapshot, other)}
    return [path for path in _snapshot_files(snapshot, model) if path.resolve() not in needed]


def _shares_repository(other: Model, model: Model) -> bool:
    return other.hub_id == model.hub_id and other.files != model.files


def _remove_files(snapshot: Path, model: Model, beside: Iterable[Model]) -> bool:
    there = _snapshot_files(snapshot, model)
    for path in _own_files(snapshot, model, beside):
        # The cache keeps contents by hash, and names as links to them.
        path.resolve().unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    return bool(there)


def _snapshot_files(snapshot: Path, model: Model) -> list[Path]:
    names = [path.relative_to(snapshot).as_posix() for path in snapshot.rglob("*") if path.is_file()]
    return [snapshot / name for found in files_of(model, names).values() for name in found]
