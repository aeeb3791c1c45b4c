"""Folders and files that only their owner may enter, read or change.

Windows keeps others out of a user's folders by itself; nothing is checked or changed there.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from bandmate_protocol.texts import say

UMASK = 0o077
"""For processes whose files are nobody else's."""


def make_private(folder: Path) -> bool:
    """Makes a folder that only its owner may enter, or closes it to others; whether it was open to any.

    Raises OSError, also when it belongs to somebody else.
    """
    make_folder(folder)
    check_owner(folder)
    if not is_open(folder):
        return False
    folder.chmod(0o700)
    return True


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it where they are missing, all of them private. Raises OSError."""
    for missing in reversed([place for place in (folder, *folder.parents) if not place.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)


def is_open(path: Path) -> bool:
    """Whether its mode lets anybody else in. Raises OSError."""
    return os.name != "nt" and bool(path.stat().st_mode & UMASK)


def check_owner(path: Path) -> None:
    """Raises PermissionError when a file or folder is another user's, who could change it at any time."""
    if os.name != "nt" and path.stat().st_uid != os.geteuid():
        raise PermissionError(say("{path} belongs to another user", path=path))


def others_may_write(folder: Path) -> bool:
    """Whether somebody else could put another folder in the place of one in there. Raises OSError."""
    mode = folder.stat().st_mode
    return os.name != "nt" and bool(mode & 0o022) and not mode & stat.S_ISVTX
