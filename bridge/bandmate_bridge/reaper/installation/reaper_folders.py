"""Where REAPER keeps its things: the resource folders of installations on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

INI = "reaper.ini"
"""What every resource folder has; in a portable installation it lies beside the program."""


def default_places(
    system: str = sys.platform, home: Path | None = None, environ: Mapping[str, str] | None = None
) -> list[Path]:
    """Where the resource folder is on a system, whether or not it is there."""
    own = home or Path.home()
    variables = os.environ if environ is None else environ
    if system == "win32":
        roaming = variables.get("APPDATA")
        return [Path(roaming) / "REAPER" if roaming else own / "AppData" / "Roaming" / "REAPER"]
    if system == "darwin":
        return [own / "Library" / "Application Support" / "REAPER"]
    config = variables.get("XDG_CONFIG_HOME")
    return [Path(config) / "REAPER" if config else own / ".config" / "REAPER"]


def resource_folders(given: Path | None = None, places: list[Path] | None = None) -> list[Path]:
    """The resource folders to install to: the one that was given, else all that are found.

    Raises RequestError (`file_unusable`) when there is none; the sentence says where was looked.
    """
    if given is not None:
        found = _given_folder(given)
        if found is None:
            raise RequestError(
                ErrorCode.FILE_UNUSABLE,
                say("{given} is not a resource folder of REAPER: it has no {ini}.", given=given, ini=INI),
                "In REAPER, Options > Show REAPER resource path in explorer/finder opens the right one.",
            )
        return [found]
    looked = default_places() if places is None else places
    folders = [place for place in looked if (place / INI).is_file()]
    if not folders:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say(
                "REAPER was not found; there is no {ini} in {names}.",
                ini=INI,
                names=", ".join(map(str, looked)),
            ),
            "Start REAPER once, or give its resource folder (for a portable REAPER, its program folder): "
            "bandmate install reaper --path FOLDER.",
        )
    return folders


def _given_folder(given: Path) -> Path | None:
    """The folder itself, or the one of the file that was named."""
    for folder in (given, given.parent):
        if (folder / INI).is_file():
            return folder
    return None
