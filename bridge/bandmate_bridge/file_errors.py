"""What the system says of a file, as an error that a person can act on."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

from bandmate_plugins._platform.durable import NO_ROOM
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


@contextlib.contextmanager
def file_errors(path: Path) -> Iterator[None]:
    """Turns an OSError about ``path`` into a RequestError: `file_exists`, `disk_full` or `file_unusable`."""
    try:
        yield
    except FileExistsError as error:
        raise RequestError(
            ErrorCode.FILE_EXISTS,
            say("{path} already exists.", path=path),
            "Choose another file, or use --force.",
        ) from error
    except OSError as error:
        raise _refusal_error(path, error) from error


def _refusal_error(path: Path, error: OSError) -> RequestError:
    if error.errno in NO_ROOM:
        return RequestError(
            ErrorCode.DISK_FULL,
            say(
                "There is not enough space for {value}{final_name}.",
                value="audio in " if _is_partial(path) else "",
                final_name=_final_name(path),
            ),
            say("Free some space on the disk of {parent}, or choose another folder.", parent=path.parent),
        )
    reason = error.strerror or str(error)
    if error.errno == errno.ENAMETOOLONG:
        return RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{path}: {reason}.", path=path, reason=reason),
            "Choose a shorter name.",
        )
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("Cannot write audio to {final_name}: {reason}.", final_name=_final_name(path), reason=reason)
        if _is_partial(path)
        else say("{path} cannot be written: {reason}.", path=path, reason=reason),
        "Check that the folder exists and that you may write to it.",
    )


def _is_partial(path: Path) -> bool:
    """Whether it is a hidden file that grows until it gets its name: nobody knows it by its own."""
    return path.name.startswith(".") and path.suffix == ".part"


def _final_name(path: Path) -> Path:
    return path.parent if _is_partial(path) else path
