"""Where the results of jobs went in projects, so that a redo can join them: a small file for each job."""

from __future__ import annotations

import contextlib

import msgspec

from bandmate_plugins._platform import home

_MAX_ENTRIES = 1000


class PlacedStem(msgspec.Struct, frozen=True):
    """One stem of a job as an item of a project."""

    name: str
    item: str
    """The item's id."""
    track: str = ""
    """The id of its track; another track may have an item of the same id."""
    file: str = ""
    """The audio of the job's take; absolute path."""


class LedgerEntry(msgspec.Struct, frozen=True):
    """A job's result in a project."""

    project: str
    """Absolute path."""
    placed: tuple[PlacedStem, ...]


def remember_result(job: str, entry: LedgerEntry) -> None:
    """Notes where a job's stems went."""
    folder = home.state_dir() / "placed"
    home.write_private(folder / f"{job}.json", msgspec.json.encode(entry))
    known = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in known[:-_MAX_ENTRIES]:
        path.unlink(missing_ok=True)


def recall_result(job: str) -> LedgerEntry | None:
    """Where they went, if that is still known."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode(
            (home.state_dir() / "placed" / f"{job}.json").read_bytes(), type=LedgerEntry
        )
    return None


def find_maker(file: str) -> tuple[str, str] | None:
    """The job that made a file, and the name of the stem; None when that is not known."""
    known = sorted((home.state_dir() / "placed").glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in reversed(known):
        entry = recall_result(path.stem)
        for placed in entry.placed if entry else ():
            if placed.file == file:
                return path.stem, placed.name
    return None
