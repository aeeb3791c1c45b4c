"""Results into a project that is made for them, in the tempo of the first job."""

from __future__ import annotations

from pathlib import Path

from bandmate_bridge.audiofiles.formats import FLOAT_WAV
from bandmate_bridge.files import check_free
from bandmate_bridge.jobs.job_origin import ProjectOrigin
from bandmate_bridge.jobs.receive import ReceivedStem
from bandmate_bridge.outputs.into_project import ProjectOutput, TrackLayout
from bandmate_bridge.outputs.media_folder import MediaFolder
from bandmate_bridge.outputs.output import ReceivedJob
from bandmate_bridge.path_text import path_text
from bandmate_bridge.projects import project_for
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import TempoPoint, Timeline
from bandmate_protocol.texts import say

_BLANK = Timeline(
    sample_rate=48_000, start_frame=0, end_frame=1, tempo=(TempoPoint(position=0.0, bpm=120.0),)
)
"""Until the tempo is known."""


class NewProjectOutput:
    """A track for each stem in a new project; variations are takes."""

    mixed = False
    audio_format = FLOAT_WAV

    def __init__(self, path: Path, title: str = "", *, force: bool = False, midi: bool = False) -> None:
        """``force``: a file of that name is replaced, and kept as a backup."""
        self._path = path
        self._title = title or path.stem
        self._layout = TrackLayout(self._title, flat=True, midi=midi)
        self._force = force
        self._media = MediaFolder(project_for(path, _BLANK))
        self._inside: ProjectOutput | None = None

    @property
    def folder(self) -> Path:
        """The media folder of the project."""
        return self._media.folder

    @property
    def named(self) -> Path:
        """The project."""
        return self._path

    @property
    def origin(self) -> ProjectOrigin:
        """The project's absolute path, to which a redo adds a take."""
        return ProjectOrigin(
            project=path_text(self._path), title=self._title, flat=True, midi=self._layout.midi, new=True
        )

    def check(self, variations: int) -> None:  # noqa: ARG002 - they are takes of the same items
        """Raises RequestError for a name that is taken, or a folder that is missing."""
        if self._path.is_file() and not self._force:
            raise RequestError(
                ErrorCode.FILE_EXISTS,
                say("{path} already exists.", path=self._path),
                say(
                    "--into {name} adds to it. For a new project choose another file, or use --force to replace it.",
                    name=self._path.name,
                ),
            )
        check_free(self._path, replace=self._force)

    def add(self, made: ReceivedJob) -> list[ReceivedStem]:
        """Brings one job's audio to where the project will have it."""
        if self._inside is None:
            project = project_for(self._path, made.timeline, title=self._title)
            if self._force and self._path.is_file():
                project.replace_file()
            self._inside = ProjectOutput(project, self._layout, force=self._force)
        return self._inside.add(made)

    def finish(self) -> list[str]:
        """Writes the project. Raises RequestError (`file_exists`, `disk_full`, ...); then there is none."""
        return self._inside.finish() if self._inside else []

    @property
    def files(self) -> list[Path]:
        """The audio beside the project; none where it is inside."""
        return self._inside.files if self._inside else []

    @property
    def project_file(self) -> Path | None:
        """The project."""
        return self._inside.project_file if self._inside else None

    def abandon(self) -> None:
        """Removes the audio, and the folder if it was made for it."""
        if self._inside is not None:
            self._inside.abandon()
        self._media.abandon(())
