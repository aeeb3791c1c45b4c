"""A repainted range back in a copy of the file that it was cut from."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from bandmate_bridge.audiofiles.formats import FLOAT_WAV
from bandmate_bridge.audiofiles.wav import read_frames
from bandmate_bridge.audiofiles.wav_patch import read_layout, write_patched
from bandmate_bridge.files import check_free, check_regular, partial_path, put_in_place, temporary_folder
from bandmate_bridge.jobs.job_origin import PatchOrigin, origin_of
from bandmate_bridge.jobs.receive import ReceivedStem
from bandmate_bridge.outputs.output import ReceivedJob
from bandmate_bridge.path_text import path_text, text_path
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import JobSummary
from bandmate_protocol.texts import say

_BLOCK_FRAMES = 1 << 14


class PatchOutput:
    """A new WAV file: the source, in its own format, with the ranges of one job in it."""

    mixed = False
    project_file: Path | None = None
    audio_format = FLOAT_WAV
    """Of the ranges on their way; the file keeps its own."""

    def __init__(self, source: Path, path: Path, *, force: bool = False) -> None:
        self._source = source
        self._path = path
        self._force = force
        self.files: list[Path] = []
        self._scratch = temporary_folder()
        self._stamp = _file_stamp(source)

    @property
    def folder(self) -> Path:
        """A temporary one: only the ranges arrive."""
        return Path(self._scratch.name)

    @property
    def named(self) -> Path:
        """The new file."""
        return self._path

    @property
    def origin(self) -> PatchOrigin:
        """Both files' absolute paths."""
        return PatchOrigin(output=path_text(self._path), source=path_text(self._source))

    def check(self, variations: int) -> None:  # noqa: ARG002 - there is one
        """Raises RequestError for a source that is no WAV, or a name that is taken."""
        if self._path.suffix.lower() != ".wav":
            check_regular(self._path)
            raise RequestError(
                ErrorCode.FILE_UNUSABLE,
                say(
                    "A repainted file keeps its source's format, but {path} does not end in .wav.",
                    path=self._path,
                ),
                say(
                    "Use -o {with_suffix}, or name a folder for the new ranges only.",
                    with_suffix=self._path.with_suffix(".wav"),
                ),
            )
        check_free(self._path, replace=self._force)
        if self._path.resolve() == self._source.resolve():
            raise RequestError(
                ErrorCode.FILE_EXISTS, "This would overwrite the source.", "Choose another file with -o."
            )
        read_layout(self._source)

    def add(self, made: ReceivedJob) -> list[ReceivedStem]:
        """Writes the file, and gives it in place of the ranges."""
        kept = made.receiver.keep(lambda stem: self.folder / f"{stem.stem}.wav", replace=True)
        if _file_stamp(self._source) != self._stamp:
            raise RequestError(
                ErrorCode.FILE_UNUSABLE,
                say("{source} changed while Bandmate was working on it.", source=self._source),
                "Try again when no program is writing to it.",
            )
        partial = partial_path(self._path)
        try:
            pieces = (
                (each.stem.start_frame, read_frames(each.path, _BLOCK_FRAMES), each.stem.channels)
                for each in kept
            )
            write_patched(self._source, partial, pieces)
            put_in_place(partial, self._path, replace=self._force)
        finally:
            partial.unlink(missing_ok=True)
            self._scratch.cleanup()
        self.files.append(self._path)
        return [replace(each, path=self._path) for each in kept[:1]]

    def finish(self) -> list[str]:
        """The file."""
        return [f"{path}: {self._source.name} with the range repainted." for path in self.files]

    def abandon(self) -> None:
        """Removes what arrived; the file itself was complete when it got its name."""
        self._scratch.cleanup()


def patch_output_of(job: JobSummary, path: Path, *, force: bool = False) -> PatchOutput:
    """The output for the result of an earlier job. Raises RequestError when the source is gone or another."""
    origin = origin_of(job)
    source = text_path(origin.source if isinstance(origin, PatchOrigin) else "")
    output = PatchOutput(source, path, force=force)
    output.check(1)
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest not in {given.sha256 for given in job.inputs}:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{source} has changed since job {job} read it.", source=source, job=job.job),
            "Repaint the current file.",
        )
    return output


def _file_stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
