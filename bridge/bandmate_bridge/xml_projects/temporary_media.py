"""Files of audio that jobs need and the project does not have, in a folder that goes away with the process."""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
from pathlib import Path

from bandmate_bridge.file_errors import file_errors

_lock = threading.Lock()
_folder: Path | None = None


def new_folder() -> Path:
    """An empty folder that is removed when the process ends."""
    global _folder
    with _lock:
        if _folder is None or not _folder.is_dir():
            with file_errors(Path(tempfile.gettempdir())):
                _folder = Path(tempfile.mkdtemp(prefix="bandmate-media-"))
            atexit.register(shutil.rmtree, _folder, ignore_errors=True)
        return Path(tempfile.mkdtemp(dir=_folder))


def is_temporary(file: Path) -> bool:
    """Whether a file goes away with the process."""
    return _folder is not None and file.is_relative_to(_folder)
