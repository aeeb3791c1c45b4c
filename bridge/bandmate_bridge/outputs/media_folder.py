"""The media folder of a project while results come into it: made when needed, gone when nothing stays."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bandmate_bridge.jobs.receive import ReceivedStem, make_folder
from bandmate_bridge.rpp import Project


class MediaFolder:
    """Where the audio of results goes."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._made = False

    @property
    def folder(self) -> Path:
        """The folder, which is there from now on. Raises RequestError (`file_unusable`, `disk_full`)."""
        folder = self._project.media_folder()
        if not folder.is_dir():
            make_folder(folder)
            self._made = True
        return folder

    def abandon(self, received: Iterable[ReceivedStem]) -> None:
        """Removes audio that no project names, and the folder if it was made for it."""
        for each in received:
            each.path.unlink(missing_ok=True)
        folder = self._project.media_folder()
        if self._made and folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
