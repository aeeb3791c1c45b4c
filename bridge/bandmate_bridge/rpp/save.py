"""Writing a project whole or not at all, with what was there before kept beside it."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from bandmate_bridge.files import shorten_name
from bandmate_plugins._platform.durable import NO_ROOM, sync_file, sync_folder
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

BACKUP_SUFFIX = "-bandmate-bak"
"""`song.rpp-bandmate-bak` is the project before the last save, `song.rpp-bandmate-bak2` that before the one before."""
DAY_SUFFIX = "-bandmate-day-"
"""`song.rpp-bandmate-day-2026-11-30` is the project before the first save of that day."""
_MOST_BACKUPS = 5
_MOST_DAYS = 3

Write = Callable[[int, bytes], int]
"""Writes bytes to an open file and returns how many, as `os.write` does."""


@dataclass(frozen=True, slots=True)
class SavedBackup:
    """Where the project is as it was before a save."""

    previous: Path
    day: Path | None = None
    """The same as the first state of the day, where this was its first save."""


def read_project(path: Path) -> bytes:
    """The file's bytes. Raises RequestError (`file_unusable`)."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unusable_error(path, error, "read") from error


FileContent = Callable[[int], None]
"""Writes a file's content to its handle."""


def replace_project(path: Path, data: bytes, read: bytes, *, write: Write = os.write) -> SavedBackup:
    """Puts ``data`` in the place of a project that still holds what was ``read``; see `replace_file`."""

    def is_unchanged() -> bool:
        return path.read_bytes() == read

    return replace_file(path, _content_of(data, write), _content_of(read, write), is_unchanged)


def replace_file(
    path: Path,
    content: FileContent,
    before: FileContent,
    is_unchanged: Callable[[], bool],
    *,
    most_bytes: int | None = None,
) -> SavedBackup:
    """Puts a content in the place of a project, and what it was ``before`` beside it; returns its backups.

    The last five states are kept, and the first of each of the last three days with a save; where they take more than
    ``most_bytes``, fewer, but always the last state and the first of the newest day. A link is followed.
    Permissions stay. Raises RequestError: `project_changed` unless ``is_unchanged``, `file_unusable`, `disk_full`;
    then every file is as it was.
    """
    path = path.resolve()
    # One byte is left for the number of an older one.
    backup = path.with_name(shorten_name(path.name, f"{BACKUP_SUFFIX}9").removesuffix("9"))
    mode = writable_mode(path)
    day = path.with_name(shorten_name(path.name, f"{DAY_SUFFIX}{date.today().isoformat()}"))
    with _folder_lock(path.parent), contextlib.ExitStack() as stack:
        _check_unchanged(path, is_unchanged)
        begins_day = not day.exists()
        new = stack.enter_context(_temporary_file(path, content, mode))
        old = stack.enter_context(_temporary_file(backup, before, mode))
        first = stack.enter_context(_temporary_file(day, before, mode)) if begins_day else None
        _check_unchanged(path, is_unchanged)
        _make_room(backup)
        _move_file(old, backup)
        if first is not None:
            _move_file(first, day)
            _remove_old_days(day)
        _move_file(new, path)
        _sync_folder(path.parent)
        if most_bytes is not None:
            _remove_beyond(backup, day, most_bytes)
    return SavedBackup(backup, day if begins_day else None)


def _remove_old_days(day: Path) -> None:
    """Removes the states of all days but the last few."""
    for old in _days(day)[:-_MOST_DAYS]:
        with contextlib.suppress(OSError):
            old.unlink()


def _days(day: Path) -> list[Path]:
    """The states of days that are there, the oldest first."""
    head = day.name[: -len("2026-11-30")]
    return sorted(one for one in day.parent.iterdir() if _is_day(one.name, head) and one.is_file())


def _remove_beyond(backup: Path, day: Path, most_bytes: int) -> None:
    """Removes backups that do not fit into so many bytes: the oldest of the last states first, then older days."""
    newest, *older = [*reversed(_days(day)), *_numbered(backup)[1:]]
    with contextlib.suppress(OSError):
        left = most_bytes - backup.stat().st_size - newest.stat().st_size
        for one in older:
            if one.is_file():
                left -= one.stat().st_size
                if left < 0:
                    one.unlink()


def _is_day(name: str, head: str) -> bool:
    return name.startswith(head) and re.fullmatch(r"\d{4}-\d\d-\d\d", name[len(head) :]) is not None


def _make_room(backup: Path) -> None:
    """Moves each of the last backups on by one, from the oldest; what is no file stays in the way."""
    for older, newer in reversed(list(pairwise(_numbered(backup)))):
        if older.is_file():
            _move_file(older, newer)


def _numbered(backup: Path) -> list[Path]:
    """Where the last states are, the newest first."""
    return [backup, *(backup.with_name(f"{backup.name}{number}") for number in range(2, _MOST_BACKUPS + 1))]


def create_project(path: Path, data: bytes, *, write: Write = os.write) -> None:
    """Writes a project where no file is. Raises as `create_file`."""
    create_file(path, _content_of(data, write))


def create_file(path: Path, content: FileContent) -> None:
    """Writes a file where none is.

    Raises RequestError: `file_exists`, `file_unusable`, `disk_full`; then no file is left behind.
    """
    path = path.parent.resolve() / path.name
    with _temporary_file(path, content, None) as new:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError as error:
            raise RequestError(
                ErrorCode.FILE_EXISTS,
                say("{path} already exists.", path=path),
                "Give another name, or move the existing file.",
            ) from error
        except OSError as error:
            raise _unusable_error(path, error, "written") from error
        try:
            _move_file(new, path)
        except RequestError:
            path.unlink()
            raise
    _sync_folder(path.parent)


def writable_mode(path: Path) -> int:
    """The permissions of a project that may be written.

    Raises RequestError: `project_changed` when it is gone, `file_unusable` when it is write-protected.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as error:
        raise _changed_error(path) from error
    if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{path} is write-protected.", path=path),
            "Make it writable, or copy the project.",
        )
    return mode


def _check_unchanged(path: Path, is_unchanged: Callable[[], bool]) -> None:
    try:
        same = is_unchanged()
    except OSError as error:
        raise _changed_error(path) from error
    if not same:
        raise _changed_error(path)


@contextlib.contextmanager
def _temporary_file(target: Path, content: FileContent, mode: int | None) -> Iterator[Path]:
    """A file beside the target that holds the content safely on the disk; removed unless it was moved away."""
    # Without the target's name, which may be as long as a name can be.
    path = target.with_name(f".bandmate-{os.getpid()}-{secrets.token_hex(6)}.tmp")
    try:
        try:
            _write_all(path, content, mode)
        except OSError as error:
            raise _unusable_error(target, error, "written") from error
        yield path
    finally:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)


def _content_of(data: bytes, write: Write) -> FileContent:
    def put(handle: int) -> None:
        left = memoryview(data)
        while left:
            left = left[write(handle, bytes(left[: 1 << 20])) :]

    return put


def _write_all(path: Path, content: FileContent, mode: int | None) -> None:
    binary = getattr(os, "O_BINARY", 0)
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | binary, 0o666)
    try:
        content(handle)
        sync_file(handle)
    finally:
        os.close(handle)
    if mode is not None:
        os.chmod(path, mode)


def _move_file(source: Path, target: Path) -> None:
    try:
        os.replace(source, target)
    except OSError as error:
        raise _unusable_error(target, error, "written") from error


@contextlib.contextmanager
def _folder_lock(folder: Path) -> Iterator[None]:
    """Keeps two of our own writers apart by a lock on the folder, where the system has such locks."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _sync_folder(folder: Path) -> None:
    """Makes the new name itself safe. The project is in place by now, so that a refusal changes nothing."""
    with contextlib.suppress(OSError):
        sync_folder(folder)


def _changed_error(path: Path) -> RequestError:
    return RequestError(
        ErrorCode.PROJECT_CHANGED,
        say(
            "Another program changed or moved {path} in the meantime, so Bandmate did not write to it.",
            path=path,
        ),
        "Run the command again; the audio is kept.",
    )


def _unusable_error(path: Path, error: OSError, done: str) -> RequestError:
    if error.errno in NO_ROOM:
        return RequestError(
            ErrorCode.DISK_FULL,
            say("The disk is full: {path} could not be written.", path=path),
            "Free some space and try again.",
        )
    if isinstance(error, FileNotFoundError) and done == "read":
        return RequestError(
            ErrorCode.FILE_UNUSABLE, say("{path} does not exist.", path=path), "Give the path of a project."
        )
    if isinstance(error, FileNotFoundError):
        return RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("The folder {parent} does not exist.", parent=path.parent),
            "Create it first.",
        )
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("{path} cannot be {done}: {reason}.", path=path, done=done, reason=error.strerror or error),
        "Check its permissions and those of its folder.",
    )
