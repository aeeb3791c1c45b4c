"""Files that appear whole or not at all, and never over one that is there."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from bandmate_bridge.wav import explained
from bandmate_protocol.errors import ErrorCode, RequestError

_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EACCES}


def partial_path(final: Path) -> Path:
    """Where a file grows before it gets its name: beside it, hidden, and never the same twice."""
    return final.with_name(f".{final.name}.{secrets.token_hex(4)}.part")


def put_in_place(partial: Path, final: Path, *, replace: bool = False) -> None:
    """Gives a finished file its name.

    Raises RequestError `file_exists` when the name is taken and ``replace`` is not set; the partial file is
    then still there.
    """
    with explained(final):
        if replace:
            partial.replace(final)
        else:
            _claim(partial, final)


def check_free(path: Path, *, replace: bool = False) -> None:
    """Raises RequestError when a file cannot be made here, before any work is done for it."""
    if path.is_dir():
        raise RequestError(
            ErrorCode.FILE_EXISTS,
            f"{path} is a folder.",
            "Name a file, or end the name with a slash for a folder.",
        )
    if not path.parent.is_dir():
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            f"The folder {path.parent} does not exist.",
            "Make it, or choose another.",
        )
    if path.exists() and not replace:
        raise RequestError(
            ErrorCode.FILE_EXISTS,
            f"{path} is there already.",
            "Name another file, or use --force to replace it.",
        )


_SOUND = {".aac", ".aif", ".aiff", ".flac", ".m4a", ".mp3", ".ogg", ".opus", ".w64", ".wave"}


def check_wav_name(path: Path, folder_for: str) -> None:
    """Raises RequestError for a name without `.wav`; ``folder_for`` says what a folder would hold."""
    if path.suffix.lower() == ".wav":
        return
    meant = path.with_suffix("") if path.suffix.lower() in _SOUND else path
    raise RequestError(
        ErrorCode.FILE_UNUSABLE,
        f"{path} does not end with .wav, and no other kind of file is written.",
        f"Write -o {meant}.wav, or -o {meant}/ for {folder_for}.",
    )


def write_whole(path: Path, data: bytes, *, replace: bool = False) -> None:
    """Writes a small file whole or not at all. Raises RequestError: `file_exists`, `disk_full`, ..."""
    partial = partial_path(path)
    try:
        with explained(path):
            partial.write_bytes(data)
        put_in_place(partial, path, replace=replace)
    finally:
        partial.unlink(missing_ok=True)


def free_name(path: Path) -> Path:
    """The path itself, or with -2, -3, ... before its ending: the first that is not taken."""
    candidate = path
    number = 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return candidate


def _claim(partial: Path, final: Path) -> None:
    if os.name == "nt":
        partial.rename(final)  # which Windows refuses when the name is taken
        return
    try:
        os.link(partial, final)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        # File systems without hard links: hold the name with an empty file, then replace that.
        os.close(os.open(final, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        partial.replace(final)
        return
    with contextlib.suppress(FileNotFoundError):
        partial.unlink()
