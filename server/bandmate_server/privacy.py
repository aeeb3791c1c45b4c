"""Keeps other users of the machine out of prompts, audio and logs."""

from __future__ import annotations

import os
from pathlib import Path

from bandmate_plugins._platform import home
from bandmate_plugins._platform.folders import unusable_folder
from bandmate_plugins._platform.private import check_owner, is_open, make_private, others_may_write
from bandmate_server.config import DATA_SETTING, Settings

_OWN_NAMES = ("audio", "jobs.sqlite", "models", "server.lock", "soundfonts", "spool", "uploads")
"""How the names begin of what lies in a data folder."""


def close_folders(settings: Settings) -> list[str]:
    """Closes Bandmate's folders to other users; a sentence for each that was open, or still is.

    A data folder that the settings name is closed if it holds nothing but ours. Raises RequestError
    (`file_unusable`) when a folder belongs to another user, or cannot be made.
    """
    folders = [home.config_dir(), home.state_dir()]
    # Nothing needs a cache that cannot be written.
    folders += [home.cache_dir()] if home.cache_dir().exists() else []
    said = [sentence for folder in folders for sentence in _close_folder(folder, "BANDMATE_HOME")]
    data = settings.data
    said += _close_folder(data, DATA_SETTING) if _is_ours_alone(data) else _shared_folder_warnings(data)
    base = os.environ.get("BANDMATE_HOME")
    if base and others_may_write(Path(base).expanduser()):
        said.append(
            f"Other users may write to {base}, and could replace the folders in it; `chmod go-w` prevents that."
        )
    return said


def _close_folder(folder: Path, setting: str) -> list[str]:
    try:
        was_open = make_private(folder)
    except OSError as error:
        if folder.is_dir() and _is_ours(folder):
            return [
                f"{folder} is open to other users, and its permissions cannot be changed ({error.strerror})."
            ]
        raise unusable_folder(folder, setting, error) from error
    if not was_open:
        return []
    if is_open(folder):
        return [f"{folder} is open to other users, because its file system has no permissions."]
    return [f"{folder} was open to other users of this machine; Bandmate made it private."]


def _is_ours_alone(data: Path) -> bool:
    """Whether a data folder is the usual one, or has nothing else in it."""
    if data == home.data_dir() or not data.is_dir():
        return True
    return _is_ours(data) and all(entry.name.startswith(_OWN_NAMES) for entry in data.iterdir())


def _is_ours(path: Path) -> bool:
    try:
        check_owner(path)
    except OSError:
        return False
    return True


def _shared_folder_warnings(data: Path) -> list[str]:
    """What is to say of a data folder with other things in it, or of another user: it is left as it is."""
    if not is_open(data):
        return []
    return [
        f"Other users of this machine can read {data}, where the server keeps prompts and audio. It also "
        "contains other files, so Bandmate did not change it: set another folder as `data`, or make this one "
        "private with `chmod 700`."
    ]
