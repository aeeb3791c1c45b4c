"""Where results go. Each kind checks first, takes job after job, and finishes or leaves no trace."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bandmate_bridge.audiofiles.encoding import check_encoder
from bandmate_bridge.audiofiles.formats import OPEN_FORMAT, AudioFormat, FormatRequest
from bandmate_bridge.files import check_free, link_target, numbered_path, write_whole
from bandmate_bridge.jobs.job_origin import FileOrigin, FolderOrigin, JobOrigin
from bandmate_bridge.jobs.receive import ReceivedStem, StemReceiver, make_folder
from bandmate_bridge.path_text import path_text
from bandmate_bridge.rpp.media_files import file_slug
from bandmate_bridge.rpp.track_names import TakenNames
from bandmate_plugins._platform.midi_file import MidiPart, midi_bytes
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Stem, Timeline
from bandmate_protocol.texts import say


@dataclass(frozen=True, slots=True)
class ReceivedJob:
    """What one job made."""

    job: str
    seed: int
    number: int | None
    """Which of several variations, from 1; None when there is one."""
    timeline: Timeline
    receiver: StemReceiver


class ResultOutput(Protocol):
    """Where results go."""

    mixed: bool
    """One stereo mix is wanted in place of stems."""

    @property
    def folder(self) -> Path:
        """Where the audio grows and stays."""
        ...

    @property
    def named(self) -> Path:
        """The file or folder that the user asked for, as errors name it."""
        ...

    @property
    def audio_format(self) -> AudioFormat:
        """Of the files; what arrives as floats is converted to it."""
        ...

    @property
    def origin(self) -> JobOrigin:
        """What a redo has to know."""
        ...

    def check(self, variations: int) -> None:
        """Raises RequestError when the results could not be put there, before any work is done."""
        ...

    def add(self, made: ReceivedJob) -> list[ReceivedStem]:
        """Takes one job's results."""
        ...

    def finish(self) -> list[str]:
        """Completes what all jobs made; returns lines that say what is where."""
        ...

    @property
    def files(self) -> list[Path]:
        """The files with what was made, audio and notes, once it is finished."""
        ...

    @property
    def project_file(self) -> Path | None:
        """The project that was written, if the result went into one."""
        ...

    def abandon(self) -> None:
        """Undoes what `finish` would have completed."""
        ...


class _FilesOutput:
    """What outputs into files have in common: which files they wrote, with the notes if they are wanted."""

    project_file: Path | None = None

    def __init__(self, *, force: bool, midi: bool) -> None:
        self._force = force
        self._midi = midi
        self.files: list[Path] = []
        self._remarks: list[str] = []

    def finish(self) -> list[str]:
        """The files."""
        return [*map(str, self.files), *self._remarks]

    def _note_files(self, kept: list[ReceivedStem], notes: Path, made: ReceivedJob) -> None:
        """Adds what one job made; its notes are written into a file here."""
        self.files += [received.path for received in kept]
        if not self._midi or not kept:
            return
        if _write_midi(notes, kept, made.timeline, self._force):
            self.files.append(notes)
        else:
            self._remarks.append("No MIDI file: the engine does not know which notes it played.")


class FileOutput(_FilesOutput):
    """One mixed file for each job; a MIDI file beside it if wanted."""

    mixed = True

    def __init__(
        self, path: Path, *, force: bool = False, midi: bool = False, asked: FormatRequest = OPEN_FORMAT
    ) -> None:
        super().__init__(force=force, midi=midi)
        self._path = path
        self._asked = asked

    @property
    def folder(self) -> Path:
        """The folder of the file; where a link leads to, so that the file is only renamed at the end."""
        return link_target(self._path).parent

    @property
    def named(self) -> Path:
        """The file."""
        return self._path

    @property
    def origin(self) -> FileOrigin:
        """The file's absolute path."""
        container, bits = self.audio_format.as_asked
        return FileOrigin(output=path_text(self._path), midi=self._midi, format=container, bits=bits)

    @property
    def audio_format(self) -> AudioFormat:
        """By the name's ending. Raises RequestError (`file_unusable`, `bad_params`)."""
        return self._asked.of_file(self._path, "a folder of stems")

    def check(self, variations: int) -> None:
        """Raises RequestError for another ending, a name that is taken, or a folder that is missing."""
        check_encoder(self.audio_format)
        for number in range(1, variations + 1) if variations > 1 else (None,):
            path = numbered_path(self._path, number)
            check_free(path, replace=self._force)
            if self._midi:
                check_free(path.with_suffix(".mid"), replace=self._force)

    def add(self, made: ReceivedJob) -> list[ReceivedStem]:
        """Puts the file in its place."""
        path = numbered_path(self._path, made.number)
        kept = made.receiver.keep(lambda _: path, replace=self._force, audio_format=self.audio_format)
        self._note_files(kept, path.with_suffix(".mid"), made)
        return kept

    def abandon(self) -> None:
        """Nothing: each file was complete when it got its name."""


class FolderOutput(_FilesOutput):
    """A file for each stem in a folder; a MIDI file of all of them if wanted."""

    mixed = False

    def __init__(
        self, folder: Path, *, force: bool = False, midi: bool = False, asked: FormatRequest = OPEN_FORMAT
    ) -> None:
        super().__init__(force=force, midi=midi)
        self._folder = folder
        self._asked = asked
        self._made_folder = False

    @property
    def folder(self) -> Path:
        """The folder, which is made here."""
        if not self._folder.is_dir():
            make_folder(self._folder)
            self._made_folder = True
        return self._folder

    @property
    def named(self) -> Path:
        """The folder."""
        return self._folder

    @property
    def origin(self) -> FolderOrigin:
        """The folder's absolute path."""
        container, bits = self.audio_format.as_asked
        return FolderOrigin(output=path_text(self._folder), midi=self._midi, format=container, bits=bits)

    @property
    def audio_format(self) -> AudioFormat:
        """Of every file. Raises RequestError (`bad_params`)."""
        return self._asked.of_folder()

    def check(self, variations: int) -> None:  # noqa: ARG002 - the stems' names are not known yet
        """Raises RequestError when the folder is a file, or holds audio already."""
        check_encoder(self.audio_format)
        if self._folder.is_dir():
            audio = (path for path in sorted(self._folder.iterdir()) if path.suffix in (".wav", ".flac"))
            taken = next(audio, None)
            if taken and not self._force:
                raise RequestError(
                    ErrorCode.FILE_EXISTS,
                    say("{folder} already contains {taken}.", folder=self._folder, taken=taken.name),
                    "Choose another folder, or use --force to replace files of the same name.",
                )
        elif self._folder.exists():
            raise RequestError(
                ErrorCode.FILE_EXISTS, say("{folder} is a file.", folder=self._folder), "Choose a folder."
            )

    def add(self, made: ReceivedJob) -> list[ReceivedStem]:
        """Puts the stems in their places."""
        taken = TakenNames(())

        def place(stem: Stem) -> Path:
            name = taken.free_name(file_slug(stem.name, 60) or f"stem {stem.stem + 1}")
            return numbered_path(self._folder / f"{name}{self.audio_format.suffix}", made.number)

        kept = made.receiver.keep(place, replace=self._force, audio_format=self.audio_format)
        self._note_files(kept, numbered_path(self._folder / "notes.mid", made.number), made)
        return kept

    def abandon(self) -> None:
        """Takes the folder away again if it was made here and nothing came into it."""
        if self._made_folder and not any(self._folder.iterdir()):
            self._folder.rmdir()


def file_output_of(origin: FileOrigin | FolderOrigin, path: Path) -> ResultOutput:
    """The output for a redo of what went to a file or a folder, under another path."""
    kind = FolderOutput if isinstance(origin, FolderOrigin) else FileOutput
    return kind(path, midi=origin.midi, asked=asked_format(origin))


def asked_format(origin: FileOrigin | FolderOrigin) -> FormatRequest:
    """The format that a job's files were asked for in."""
    return FormatRequest(origin.format, origin.bits)


def _write_midi(path: Path, kept: list[ReceivedStem], timeline: Timeline, force: bool) -> bool:
    """Whether there were any notes to write."""
    parts = [
        MidiPart(received.stem.name, received.stem.start_frame, received.notes)
        for received in kept
        if received.notes
    ]
    if parts:
        write_whole(path, midi_bytes(parts, timeline), replace=force)
    return bool(parts)
