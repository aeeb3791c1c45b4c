"""Where the plugin's source, what was built of it, and the folders of the hosts are."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import bandmate_bridge
from bandmate_plugins._platform import home
from bandmate_protocol.errors import ErrorCode, RequestError

FORMATS = {"VST3": "bandmate.vst3", "CLAP": "bandmate.clap", "LV2": "bandmate.lv2"}
"""What each format calls the plugin, a file or a folder."""


def source_folder() -> Path:
    """The C++ source: in the package, or beside it in a clone. Raises RequestError (`file_unusable`)."""
    package = Path(bandmate_bridge.__file__).parent
    for folder in (package / "vst_source", package.parent / "vst"):
        if (folder / "CMakeLists.txt").is_file():
            return folder
    raise RequestError(
        ErrorCode.FILE_UNUSABLE,
        "This installation does not include the plugin's source.",
        "Install Bandmate from a clone or from its source distribution.",
    )


def built_folder() -> Path:
    """Where `bandmate build vst` leaves the plugins."""
    return home.data_dir() / "vst"


def host_folders(path: Path | None = None) -> dict[str, Path]:
    """Where hosts of this user look for each format, or all of them in one given folder."""
    if path is not None:
        return dict.fromkeys(FORMATS, path)
    user = Path.home()
    if sys.platform == "darwin":
        audio = user / "Library" / "Audio" / "Plug-Ins"
        return {"VST3": audio / "VST3", "CLAP": audio / "CLAP", "LV2": audio / "LV2"}
    if sys.platform == "win32":
        common = Path(os.environ.get("LOCALAPPDATA", user)) / "Programs" / "Common"
        roaming = Path(os.environ.get("APPDATA", user))
        return {"VST3": common / "VST3", "CLAP": common / "CLAP", "LV2": roaming / "LV2"}
    return {"VST3": user / ".vst3", "CLAP": user / ".clap", "LV2": user / ".lv2"}
