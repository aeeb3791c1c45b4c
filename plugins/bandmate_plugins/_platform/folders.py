"""What to say of a folder that cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bandmate_plugins._platform.durable import NO_ROOM
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


@contextmanager
def usable_folder(folder: Path, setting: str) -> Iterator[None]:
    """Names the folder that cannot be used, and the setting that names another.

    Raises RequestError (`file_unusable`, `disk_full`) for an OSError inside.
    """
    try:
        yield
    except OSError as error:
        raise unusable_folder(folder, setting, error) from error


def unusable_folder(folder: Path, setting: str, error: OSError) -> RequestError:
    """The error as a sentence that names the folder."""
    if error.errno in NO_ROOM:
        return RequestError(
            ErrorCode.DISK_FULL,
            say("The disk that holds {folder} is full.", folder=folder),
            "Free some space on it.",
        )
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("{folder} cannot be used: {reason}.", folder=folder, reason=error.strerror or error),
        say("Make it readable and writable, or set another folder: {setting}=FOLDER.", setting=setting),
    )
