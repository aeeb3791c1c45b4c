"""Receives a job's stems into files that grow as the audio arrives."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bandmate_bridge.audiofiles.encoding import AudioEncoder
from bandmate_bridge.audiofiles.formats import FLOAT_WAV, AudioFormat
from bandmate_bridge.audiofiles.mixdown import write_mixdown
from bandmate_bridge.audiofiles.wav import WavFile
from bandmate_bridge.client import Event
from bandmate_bridge.file_errors import file_errors
from bandmate_bridge.files import PARTIAL_PATTERN, link_target, partial_path, put_in_place
from bandmate_plugins._platform.role_colours import colour_of
from bandmate_protocol.errors import BandmateError, ErrorCode
from bandmate_protocol.messages import Note, Stem, StemEnd
from bandmate_protocol.session import AttemptStarted, NotesReceived, StemFinished, StemPiece, StemStarted
from bandmate_protocol.texts import say

_ORPHAN_SECONDS = 24 * 3600


@dataclass
class ReceivedStem:
    """One finished stem."""

    stem: Stem
    end: StemEnd
    path: Path
    """Where it lies; its final place once it was kept."""
    notes: list[Note] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """What has to be said of the file."""


@dataclass
class _PartialStem:
    stem: Stem
    file: WavFile
    end: StemEnd | None = None
    notes: list[Note] = field(default_factory=list)


class StemReceiver:
    """Takes the events of one job. Nothing has its name before `keep`; `abandon` leaves no trace.

    Files grow in ``folder`` under hidden names, so that `keep` only renames. Errors name ``named``, the file
    or folder that the user asked for.
    """

    def __init__(self, folder: Path, named: Path | None = None) -> None:
        self._folder = folder
        self._named = named or folder
        self._stems: dict[int, _PartialStem] = {}
        _sweep_partials(folder)

    @classmethod
    def copy_of(
        cls, received: Sequence[ReceivedStem], folder: Path, named: Path | None = None
    ) -> StemReceiver:
        """A receiver that has copies of stems that were kept before. Raises RequestError (`disk_full`, ...)."""
        copy = cls(folder, named)
        try:
            for one in received:
                copy._copy_stem(one)
        except BaseException:
            copy.abandon()
            raise
        return copy

    @property
    def stems(self) -> list[Stem]:
        """The stems announced so far."""
        return [growing.stem for growing in self._stems.values()]

    def take(self, event: Event) -> None:
        """Takes in what belongs in a file; other events are none of its business.

        Raises BandmateError: `disk_full`, `file_unusable`, and `internal` for audio that arrived damaged.
        """
        match event:
            case AttemptStarted():
                self.abandon()
            case StemStarted():
                self._start_stem(event.stem)
            case StemPiece():
                self._stems[event.stem.stem].file.write(event.offset, event.data)
            case StemFinished():
                self._finish_stem(event)
            case NotesReceived():
                self._stems[event.stem.stem].notes.extend(event.notes)

    def mix(self) -> None:
        """Puts one mix in the place of several stems, for engines that always give stems.

        Raises RequestError (`engine_failed`) for stems that do not fit together.
        """
        parts = [growing for _, growing in sorted(self._stems.items()) if growing.end is not None]
        if len(parts) < 2:
            return
        sources = [(part.stem, part.file.path) for part in parts]
        file = write_mixdown(sources, self._partial_file(), named=self._named)
        stem = msgspec.structs.replace(parts[0].stem, stem=0, name="Mix", role="mix", colour=colour_of("mix"))
        end = StemEnd(job=stem.job, attempt=stem.attempt, stem=0, frames=stem.frames, sha256=file.sha256())
        notes = [note for part in parts for note in part.notes]
        self.abandon()
        self._stems[0] = _PartialStem(stem, file, end, notes)

    def keep(
        self,
        place: Callable[[Stem], Path],
        *,
        replace: bool = False,
        reserved: bool = False,
        audio_format: AudioFormat = FLOAT_WAV,
    ) -> list[ReceivedStem]:
        """Gives every finished stem its name, in the order of the stems; all of them or, on an error, none.

        ``reserved``: ``place`` made an empty file for it. Raises RequestError (`file_exists`, ...).
        """
        finished = [growing for _, growing in sorted(self._stems.items()) if growing.end is not None]
        kept: list[ReceivedStem] = []
        made: list[Path] = []
        encoded: list[Path] = []
        try:
            for growing in finished:
                kept.append(_received_stem(growing, place(growing.stem)))
                if reserved:
                    made.append(kept[-1].path)
            sources = [growing.file.path for growing in finished]
            if not audio_format.is_float:
                sources = self._encode_stems(finished, kept, audio_format, encoded)
            for source, one in zip(sources, kept, strict=True):
                put_in_place(source, one.path, replace=replace or reserved)
                made.append(link_target(one.path))
        except BaseException:
            for path in (*made, *encoded):
                path.unlink(missing_ok=True)
            self.abandon()
            raise
        self.abandon()
        return kept

    def _encode_stems(
        self,
        finished: Sequence[_PartialStem],
        kept: Sequence[ReceivedStem],
        audio_format: AudioFormat,
        encoded: list[Path],
    ) -> list[Path]:
        """Converts them all before any gets its name; what is made is added to ``encoded``."""
        with AudioEncoder(audio_format) as encoder:
            for growing, one in zip(finished, kept, strict=True):
                target = self._partial_file()
                encoded.append(target)
                one.remarks += encoder.encode(growing.file, one.end.sha256, target, one.path)
                growing.file.abandon()
        return encoded

    def abandon(self) -> None:
        """Removes what was not kept."""
        for growing in self._stems.values():
            growing.file.abandon()
        self._stems.clear()

    def _start_stem(self, stem: Stem) -> None:
        before = self._stems.pop(stem.stem, None)
        if before is not None:
            before.file.abandon()
        file = WavFile(
            self._partial_file(),
            sample_rate=stem.sample_rate,
            channels=stem.channels,
            frames=stem.frames,
            named=self._named,
        )
        self._stems[stem.stem] = _PartialStem(stem, file)

    def _copy_stem(self, received: ReceivedStem) -> None:
        stem, path = received.stem, self._partial_file()
        try:
            with file_errors(self._named):
                shutil.copyfile(received.path, path)
            file = WavFile.reopen(
                path, sample_rate=stem.sample_rate, channels=stem.channels, frames=stem.frames
            )
            file.close()
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        self._stems[stem.stem] = _PartialStem(stem, file, received.end, list(received.notes))

    def _partial_file(self) -> Path:
        return partial_path(self._folder / "stem.wav")

    def _finish_stem(self, event: StemFinished) -> None:
        growing = self._stems[event.stem.stem]
        check_arrived(growing.file, event)
        growing.file.close()
        growing.end = event.end


def _received_stem(growing: _PartialStem, path: Path) -> ReceivedStem:
    assert growing.end is not None, "it is finished"
    return ReceivedStem(growing.stem, growing.end, path, sorted(growing.notes, key=_note_start))


def check_arrived(file: WavFile, event: StemFinished) -> None:
    """Raises BandmateError (`internal`) when a file does not hold the audio that the server sent."""
    if file.sha256() != event.end.sha256:
        raise BandmateError(
            ErrorCode.INTERNAL,
            say("The audio of {name} arrived damaged.", name=event.stem.name),
            "Try again; if it happens again, the server's disk may be failing.",
        )


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it. Raises RequestError (`file_unusable`, `file_exists`)."""
    with file_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def _note_start(note: Note) -> int:
    return note.start


def _sweep_partials(folder: Path) -> None:
    """Removes what a killed command left behind long ago."""
    with contextlib.suppress(OSError):
        for path in folder.glob(PARTIAL_PATTERN):
            if time.time() - path.stat().st_mtime > _ORPHAN_SECONDS:
                path.unlink(missing_ok=True)
