"""Where SoundFonts lie on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from bandmate_plugins._platform import home

SETTING = "BANDMATE_SOUNDFONT"
"""The environment variable that names a SoundFont, or is `none` for none."""
SOUNDFONT_ENDINGS = (".sf2", ".sf3")
_MAX_FILES = 200


def own_soundfont_folder() -> Path:
    """Bandmate's own folder for SoundFonts."""
    return home.data_dir() / "soundfonts"


def soundfont_folders() -> list[Path]:
    """Bandmate's own folder for SoundFonts, then the user's and the system's usual ones."""
    user = Path.home()
    own = own_soundfont_folder()
    if sys.platform == "win32":
        programs = [os.environ.get(name) for name in ("PROGRAMDATA", "PROGRAMFILES")]
        there = [Path(base) / "soundfonts" for base in programs if base]
        windows = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"))
        return [own, user / "Documents" / "soundfonts", user / "soundfonts", *there, windows / "soundfonts"]
    if sys.platform == "darwin":
        banks = Path("Library/Audio/Sounds/Banks")
        return [own, user / banks, Path("/") / banks, Path("/opt/homebrew/share/soundfonts")]
    data = Path(os.environ.get("XDG_DATA_HOME") or user / ".local/share")
    system = ["/usr/local/share/soundfonts", "/usr/share/soundfonts", "/usr/share/sounds"]
    return [own, data / "soundfonts", data / "sounds", *(Path(name) for name in system)]


def find_soundfonts(places: Sequence[Path]) -> list[Path]:
    """SoundFonts in folders and the folders in them: folder by folder, the largest file first."""
    found: list[Path] = []
    for folder in places:
        files = {path.resolve(): _file_size(path) for path in _list_files(folder)}
        found.extend(sorted(files, key=lambda path: (-files[path], str(path))))
    return list(dict.fromkeys(found))[:_MAX_FILES]


def _list_files(folder: Path) -> list[Path]:
    try:
        inside = sorted(folder.iterdir())
        nested = [path for one in inside if one.is_dir() for path in sorted(one.iterdir())]
    except OSError:
        return []
    return [path for path in inside + nested if path.suffix.lower() in SOUNDFONT_ENDINGS and path.is_file()]


def _file_size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
