"""Writes one setting into the user's `server.toml`, whose comments, order and other keys stay as they are."""

from __future__ import annotations

import os
from pathlib import Path

from bandmate_plugins._platform import home
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

TomlValue = bool | int | float | str


def write_setting(path: Path, name: str, value: TomlValue | None) -> None:
    """Sets a key of the file, or removes it for None. The file is replaced as a whole, or not at all.

    Raises RequestError (`file_unusable`) for a file that cannot be read or written; it is left as it is then.
    """
    # Here, so that a server starts without it.
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        # As bytes, so that lines end as they did.
        text = path.read_bytes().decode()
    except FileNotFoundError:
        text = ""
    except (OSError, ValueError) as error:
        raise _file_error(path, error) from error
    try:
        content = tomlkit.parse(text)
        if value is None:
            content.pop(name, None)
        else:
            content[name] = value
        home.write_private(_link_target(path), tomlkit.dumps(content).encode())
    except (OSError, TOMLKitError) as error:
        raise _file_error(path, error) from error


def _link_target(path: Path) -> Path:
    """The file itself: settings may be a link into a folder that is kept under version control."""
    return Path(os.path.realpath(path))


def _file_error(path: Path, error: Exception) -> RequestError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("{path} cannot be changed: {reason}.", path=path, reason=reason),
        "Correct that file or its permissions, or change the setting in it yourself.",
    )
