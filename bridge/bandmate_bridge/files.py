"""Files that appear whole or not at all, and never over one that is there.

A link is followed: the file that it leads to is written, and the link stays.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
import tempfile
from pathlib import Path

from bandmate_bridge.file_errors import file_errors
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

STANDARD_OUTPUT = Path("-")
"""What stands for standard output where a file is named."""

PARTIAL_PATTERN = ".bandmate-*.part"
"""What `partial_path` gives; those of a killed command may lie around."""
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}
_NAME_BYTES = 255
"""The longest name of a file on the usual file systems."""
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def link_target(path: Path) -> Path:
    """The file that a path leads to, whether it is there or not. Raises RequestError for a link to itself."""
    if not path.is_symlink():
        return path
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{path} is a broken link.", path=path),
            "Choose another file.",
        ) from error


def names_folder(where: str) -> bool:
    """Whether `-o` names a folder: by a slash at its end, or because one is there."""
    return where.endswith(("/", "\\")) or os.path.isdir(where)


def partial_path(final: Path) -> Path:
    """Where a file grows before it gets its name: beside it, hidden, and never the same twice.

    The name does not hold that of the file, which may be as long as a name can be.
    """
    return link_target(final).with_name(f".bandmate-{os.getpid()}-{secrets.token_hex(4)}.part")


def put_in_place(partial: Path, final: Path, *, replace: bool = False) -> None:
    """Gives a finished file its name.

    Raises RequestError `file_exists` when the name is taken and ``replace`` is not set; the partial file is
    then still there.
    """
    with file_errors(final):
        target = link_target(final)
        if replace:
            _replace_file(partial, target)
        else:
            _claim_name(partial, target)


def check_free(path: Path, *, replace: bool = False) -> None:
    """Raises RequestError when a file cannot be made here, before any work is done for it."""
    with file_errors(path):
        target = link_target(path)
        folder_is_there = target.parent.is_dir()
        found = _file_status(target)
    if found is not None and stat.S_ISDIR(found.st_mode):
        raise RequestError(
            ErrorCode.FILE_EXISTS,
            say("{path} is a folder.", path=path),
            "Name a file, or end the name with a slash for a folder.",
        )
    if not folder_is_there:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("The folder {parent} does not exist.", parent=target.parent),
            "Create it, or choose another.",
        )
    check_regular(path)
    if found is not None and not replace:
        raise RequestError(
            ErrorCode.FILE_EXISTS,
            say("{path} already exists.", path=path),
            "Choose another file, or use --force to replace it.",
        )
    _check_writable(path, target, found)


def check_regular(path: Path) -> None:
    """Raises RequestError for a device, a pipe or a socket, such as /dev/stdout: audio needs a file."""
    with file_errors(path):
        found = _file_status(path)
    if found is None or stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
        return
    raise RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("{path} is a device or a pipe, but Bandmate writes files.", path=path),
        "Use -o out.wav, and pass that file on.",
    )


def _check_writable(path: Path, target: Path, found: os.stat_result | None) -> None:
    if found is not None and not found.st_mode & _WRITABLE:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{path} is write-protected.", path=path),
            "Choose another file, or make this one writable.",
        )
    if os.name != "nt" and not os.access(target.parent, os.W_OK | os.X_OK):
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("You may not write to the folder {parent}.", parent=target.parent),
            "Choose another folder, or change its permissions.",
        )


def write_whole(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Writes a small file whole or not at all. Raises RequestError: `file_exists`, `disk_full`, ..."""
    partial = partial_path(path)
    try:
        with file_errors(path):
            partial.write_bytes(data)
        put_in_place(partial, path, replace=replace)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def free_name(path: Path) -> Path:
    """The path itself, or with -2, -3, ... before its ending: the first that is not taken."""
    candidate = path
    number = 1
    while os.path.lexists(candidate):
        number += 1
        candidate = path.with_name(shorten_name(path.stem, f"-{number}{path.suffix}"))
    return candidate


def shorten_name(stem: str, ending: str) -> str:
    """A name with that ending, its stem cut at a character's boundary to what file systems take."""
    room = _NAME_BYTES - len(os.fsencode(ending))
    while len(os.fsencode(stem)) > room:
        stem = stem[:-1]
    return stem + ending


def _file_status(path: Path) -> os.stat_result | None:
    """What is there; None when there is nothing. Raises OSError for a name that cannot be, for one."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _replace_file(partial: Path, target: Path) -> None:
    """Moves a file over another, whose permissions it gets; also onto another file system, behind a link."""
    found = _file_status(target)
    if found is not None:
        partial.chmod(stat.S_IMODE(found.st_mode))
    try:
        partial.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        near = partial_path(target)
        try:
            shutil.copy(partial, near)
            near.replace(target)
        finally:
            near.unlink(missing_ok=True)
        partial.unlink()


def _claim_name(partial: Path, final: Path) -> None:
    if os.name == "nt":
        partial.rename(final)  # which Windows refuses when the name is taken
        return
    try:
        os.link(partial, final)
    except OSError as error:
        if error.errno not in _NO_LINKS | {errno.EXDEV}:
            raise
        # File systems without hard links: hold the name with an empty file, then replace that.
        os.close(os.open(final, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        _replace_file(partial, final)
        return
    with contextlib.suppress(FileNotFoundError):
        partial.unlink()


def numbered_path(path: Path, number: int | None) -> Path:
    """The name of one of several variations."""
    return path if number is None else path.with_name(f"{path.stem}-{number}{path.suffix}")


def temporary_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for files that nobody keeps."""
    return tempfile.TemporaryDirectory(prefix="bandmate-")
