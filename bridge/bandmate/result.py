"""What a job made: stems with audio and notes, a report, remarks."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from bandmate_bridge.audiofiles.formats import FormatRequest
from bandmate_bridge.audiofiles.wav import read_frames
from bandmate_bridge.client.uploads import hash_file
from bandmate_bridge.jobs.job_origin import PatchOrigin
from bandmate_bridge.jobs.job_run import FinishedJob
from bandmate_bridge.jobs.receive import ReceivedStem, StemReceiver
from bandmate_bridge.outputs.output import ReceivedJob
from bandmate_bridge.runs.on_audio import output_on_file
from bandmate_protocol import messages
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Accepted, Timeline
from bandmate_protocol.texts import say

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK_FRAMES = 1 << 16
_MAX_SOURCE_BYTES = 1 << 62


@dataclass(frozen=True, slots=True)
class Note:
    """A note of a stem."""

    pitch: int
    """MIDI note number, 0 to 127; for drums by the General MIDI percussion map."""
    velocity: int
    """1 to 127."""
    channel: int
    """MIDI channel from 0; 9 for drums."""
    start_frame: int
    """From the stem's start."""
    frames: int
    """How long it sounds."""
    sample_rate: int

    @property
    def start_seconds(self) -> float:
        """From the stem's start."""
        return self.start_frame / self.sample_rate

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return self.frames / self.sample_rate


class ResultFolder:
    """A temporary folder that goes when the last result or stem that uses it does."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="bandmate-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The audio file that a job replaces ranges of."""

    path: Path
    sha256: str
    """As it was when the job was asked for."""

    def check_unchanged(self) -> None:
        """Raises BandmateError (`file_unusable`) when it is another file by now."""
        if hash_file(self.path, _MAX_SOURCE_BYTES).sha256 != self.sha256:
            raise RequestError(
                ErrorCode.FILE_UNUSABLE,
                say("{path} has changed since the job was asked for.", path=self.path),
                "Run the job on the file as it is now, or save the new ranges alone: save('ranges/').",
            )


@dataclass(frozen=True)
class FinishedAudio:
    """A job's audio in its folder, and what saving it needs to know."""

    accepted: Accepted
    timeline: Timeline
    received: list[ReceivedStem]
    folder: ResultFolder
    source: SourceFile | None = None
    """Where the job replaces ranges of a file: saved as a file, the result is that file with the ranges."""

    def save(
        self,
        path: str | os.PathLike[str],
        asked: FormatRequest,
        *,
        replace: bool,
        midi: bool,
        only: Collection[int] | None = None,
    ) -> tuple[list[Path], list[str]]:
        """Writes files; returns them, and what to say about them. Raises BandmateError as `Result.save`."""
        where = os.fspath(path)
        patches = self.source is not None and only is None
        file = self.source.path if self.source else Path(where)
        output = output_on_file(file, where, force=replace, patches=patches, midi=midi, asked=asked)
        try:
            output.check(1)
            if self.source is not None and patches and isinstance(output.origin, PatchOrigin):
                self.source.check_unchanged()
            chosen = [one for one in self.received if only is None or one.stem.stem in only]
            receiver = StemReceiver.copy_of(chosen, output.folder, output.named)
            if output.mixed:
                receiver.mix()
            kept = output.add(
                ReceivedJob(
                    job=self.accepted.job,
                    seed=self.accepted.seed,
                    number=None,
                    timeline=self.timeline,
                    receiver=receiver,
                )
            )
            output.finish()
        except BaseException as error:
            output.abandon()
            if isinstance(error, RequestError) and error.code == ErrorCode.FILE_EXISTS:
                error.remedy = "Name another file, or pass replace=True."
            raise
        return output.files, [remark for one in kept for remark in one.remarks]


class Stem:
    """One part of a result, such as the drums."""

    def __init__(self, audio: FinishedAudio, received: ReceivedStem) -> None:
        self._audio = audio
        self._received = received

    @property
    def name(self) -> str:
        """For people, such as `Drums`."""
        return self._received.stem.name

    @property
    def role(self) -> str:
        """What it plays: `drums`, `bass`, `vocals`, `mix`, ..."""
        return self._received.stem.role

    @property
    def colour(self) -> str:
        """Of the track that it would become, as `#rrggbb`."""
        return self._received.stem.colour

    @property
    def sample_rate(self) -> int:
        """In Hz."""
        return self._received.stem.sample_rate

    @property
    def channels(self) -> int:
        """How many."""
        return self._received.stem.channels

    @property
    def frames(self) -> int:
        """How long it is."""
        return self._received.stem.frames

    @property
    def start_frame(self) -> int:
        """Where it begins on the job's timeline."""
        return self._received.stem.start_frame

    @property
    def sha256(self) -> str:
        """Of its samples as interleaved little-endian 32-bit floats."""
        return self._received.end.sha256

    @property
    def loudness_lufs(self) -> float | None:
        """Integrated loudness by ITU-R BS.1770; None for silence or under 400 ms."""
        return self._received.end.loudness_lufs

    @property
    def true_peak_dbtp(self) -> float | None:
        """None for silence."""
        return self._received.end.true_peak_dbtp

    @property
    def path(self) -> Path:
        """A temporary WAV file of 32-bit floats, there as long as this object; `save` keeps the audio."""
        return self._received.path

    @property
    def notes(self) -> tuple[Note, ...]:
        """By their start; empty where the engine does not know them."""
        return tuple(_note_of(note, self.sample_rate) for note in self._received.notes)

    @property
    def samples(self) -> NDArray[np.float32]:
        """The audio, read anew: shape (frames, channels), full scale at 1.0. Needs numpy."""
        import numpy as np

        data = b"".join(read_frames(self.path, _BLOCK_FRAMES))
        return np.frombuffer(data, "<f4").reshape(-1, self.channels).astype(np.float32)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        replace: bool = False,
        midi: bool = False,
        bits: int | None = None,
    ) -> Path:
        """Writes it as a `.wav` or `.flac` file, and returns that. Arguments and errors as `Result.save`."""
        only = (self._received.stem.stem,)
        files, _ = self._audio.save(path, FormatRequest(bits=bits), replace=replace, midi=midi, only=only)
        return files[0]

    def __repr__(self) -> str:
        return f"<Stem {self.name!r}: {self.frames} frames at {self.sample_rate} Hz>"


class Stems(Sequence[Stem]):
    """The stems in their order; also by name or role, as in `stems["drums"]`."""

    def __init__(self, stems: Sequence[Stem]) -> None:
        self._stems = tuple(stems)

    @overload
    def __getitem__(self, key: int | str) -> Stem: ...
    @overload
    def __getitem__(self, key: slice) -> Stems: ...
    def __getitem__(self, key: int | str | slice) -> Stem | Stems:
        """Raises IndexError, and KeyError that names the stems that there are."""
        if isinstance(key, slice):
            return Stems(self._stems[key])
        if isinstance(key, int):
            return self._stems[key]
        wanted = key.casefold()
        for stem in self._stems:
            if stem.name.casefold() == wanted:
                return stem
        for stem in self._stems:
            if stem.role.casefold() == wanted:
                return stem
        names = ", ".join(stem.name for stem in self._stems) or "none"
        raise KeyError(f"There is no stem {key!r}; there are: {names}.")

    def __len__(self) -> int:
        return len(self._stems)

    def __repr__(self) -> str:
        return repr(self._stems)


class Result:
    """What a job made. It stays usable after the session has ended."""

    def __init__(self, audio: FinishedAudio, finished: FinishedJob) -> None:
        self._audio = audio
        self._finished = finished
        self.stems = Stems([Stem(audio, received) for received in audio.received])
        """The parts; empty for a job that only reports."""
        self.remarks = list(finished.done.remarks)
        """Sentences about the result: from the engine, and from saving it."""

    @property
    def job(self) -> str:
        """The job's id, as `bandmate jobs` lists it."""
        return self._audio.accepted.job

    @property
    def task(self) -> str:
        """What was asked for."""
        return self._audio.accepted.task

    @property
    def engine(self) -> str:
        """What made it."""
        return self._audio.accepted.engine

    @property
    def seed(self) -> int:
        """The same seed gives the same result."""
        return self._audio.accepted.seed

    @property
    def seconds(self) -> float:
        """From the request to the end."""
        return self._finished.seconds

    @property
    def report(self) -> dict[str, Any]:
        """Values that the task reports, such as tempo and chords of an analysis."""
        return self._finished.done.report

    @property
    def timeline(self) -> messages.Timeline:
        """The range that was filled, with tempo, metre and key."""
        return self._audio.timeline

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        replace: bool = False,
        midi: bool = False,
        bits: int | None = None,
        format: str | None = None,  # noqa: A002 - what the option is called
    ) -> list[Path]:
        """Writes the audio, and returns the files.

        A name ending with `.wav` or `.flac` gets a mix of all stems; one ending with a slash, or an existing
        folder, gets a file for each stem. A repainted file is the source with the new ranges in it.
        ``replace`` overwrites; ``midi`` adds the notes as a MIDI file, where the engine knows them; ``bits``
        is 16, 24 or 32 (floats); ``format`` is `wav` or `flac`, for folders.

        Raises BandmateError: `file_exists`, `file_unusable`, `disk_full`, `engine_failed` (no audio).
        """
        if not self.stems:
            raise RequestError(
                ErrorCode.ENGINE_FAILED, "The job made no audio to save.", "Its `report` has what it found."
            )
        files, remarks = self._audio.save(path, FormatRequest(format, bits), replace=replace, midi=midi)
        self.remarks += remarks
        return files

    def __iter__(self) -> Iterator[Stem]:
        return iter(self.stems)

    def __repr__(self) -> str:
        names = ", ".join(stem.name for stem in self.stems)
        return f"<Result of {self.task}: {names or 'a report'}>"


def _note_of(note: messages.Note, sample_rate: int) -> Note:
    return Note(note.pitch, note.velocity, note.channel, note.start, note.frames, sample_rate)
