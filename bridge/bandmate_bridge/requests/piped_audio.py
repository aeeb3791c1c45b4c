"""Audio from a pipe: kept in a file, because it is read more than once."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from bandmate_bridge.projects import names_project
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_MAX_BYTES = 8_000_000_000
"""As much as a server takes of one file by default: an endless pipe must not fill the disk."""
_BLOCK_BYTES = 1 << 20


def check_audio_file(file: Path) -> None:
    """Raises RequestError (`file_unusable`) for a file that is not there or unreadable, or is a project."""
    if names_project(file):
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{file} is a project, not audio.", file=file),
            say("Pass it as --into {file}.", file=file),
        )
    mode = _file_mode(file)
    if mode is None or stat.S_ISDIR(mode):
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("There is no file {file}.", file=file),
            "Name an audio file first, then the prompt, if any; pass a project as --into song.rpp.",
        )
    if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{file} is a device, not an audio file.", file=file),
            "Give a file, or a pipe: `cat take.wav | bandmate ... /dev/stdin`.",
        )


@contextmanager
def rereadable_file(file: Path) -> Iterator[Path]:
    """The file itself, or what came out of a pipe as a temporary file of its name.

    Raises RequestError: `file_unusable`, `disk_full`, `quota_exceeded` for a pipe that does not end.
    """
    mode = _file_mode(file)
    if mode is None or not stat.S_ISFIFO(mode):
        yield file
        return
    with tempfile.TemporaryDirectory(prefix="bandmate-", ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / file.name
        try:
            with file.open("rb") as source, copy.open("wb") as target:
                _copy_stream(file, source, target)
        except OSError as error:
            raise RequestError(
                ErrorCode.FILE_UNUSABLE,
                say(
                    "Cannot store the audio from {file} in {folder}: {reason}.",
                    file=file,
                    folder=folder,
                    reason=error.strerror or error,
                ),
                "Save it to a file first.",
            ) from error
        yield copy


def _copy_stream(file: Path, source: BinaryIO, target: BinaryIO) -> None:
    while block := source.read(_BLOCK_BYTES):
        if target.tell() + len(block) > _MAX_BYTES:
            raise RequestError(
                ErrorCode.QUOTA_EXCEEDED,
                say(
                    "{file} sent more than {max_bytes:g} GB.",
                    max_bytes=_MAX_BYTES / 1000000000.0,
                    file=file,
                ),
                "Save the part that you need to a file.",
            )
        target.write(block)


def _file_mode(file: Path) -> int | None:
    """Give -o for files or --into for a project, not both."""
    try:
        return file.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{file} cannot be read: {reason}.", file=file, reason=error.strerror or error),
            "Give a file that you are allowed to read.",
        ) from error
