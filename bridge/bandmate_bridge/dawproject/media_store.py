"""Audio of an archive as files on the disk, as jobs need them, in a folder that goes away with the process."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path
from typing import ClassVar

from bandmate_bridge.dawproject.archive import Archive, outside_file, safe_member
from bandmate_bridge.rpp.media_files import file_slug
from bandmate_bridge.xml_projects.heard_clips import MediaReference
from bandmate_bridge.xml_projects.temporary_media import new_folder

_MISSING = Path("missing")
_NAME_CHARS = 60
_lock = threading.Lock()


class MediaStore:
    """Where the audio of one archive lies on the disk. The same audio is unpacked once in a process."""

    _unpacked: ClassVar[dict[tuple[object, ...], Path]] = {}

    def __init__(self, archive: Archive | None, base: Path) -> None:
        """``base``: the folder from which paths of audio outside the archive are counted."""
        self._archive, self._base = archive, base

    def locate(self, media: MediaReference) -> Path:
        """The file of a reference; a path where nothing is for what is missing, or leads out of the archive.

        Raises RequestError (`not_a_project`, `disk_full`) for an entry that cannot be unpacked.
        """
        if media.external:
            return outside_file(self._base, media.path)
        member = safe_member(media.path)
        entry = self._archive.entry(str(member)) if self._archive and member else None
        if entry is None or self._archive is None:
            # Below the archive, which is no folder: nothing can be there, and sentences show where it should be.
            around = self._archive.path if self._archive else self._base / _MISSING
            return around / (member or file_slug(media.path, _NAME_CHARS))
        key = (self._archive.path.resolve(), self._archive.stamp, entry.filename)
        with _lock:
            found = self._unpacked.get(key)
        if found is None or not found.is_file():
            name = Path(entry.filename)
            found = new_folder() / ((file_slug(name.stem, _NAME_CHARS) or "audio") + name.suffix.lower())
            try:
                self._archive.extract(entry, found)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(found)
                raise
            with _lock:
                self._unpacked[key] = found
        return found
