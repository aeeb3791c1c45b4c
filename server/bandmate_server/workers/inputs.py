"""Audio that came with a job, decoded and laid on the project's own frames, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from bandmate_plugins.request import AudioInput
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Input
from bandmate_server.workers.link import InputFile

_BLOCK_FRAMES = 1 << 16


class FileInput(AudioInput):
    """A slice of a file at the project's rate.

    Decoded to headless f32le beside the spool as far as it is read, and no further: the first audio of a job
    does not wait for the end of a long file, and random access costs no memory.
    """

    def __init__(
        self, given: Input, file: InputFile, sample_rate: int, scratch: Path, check: Callable[[], None]
    ) -> None:
        """`scratch` is where the decoded frames go; `check` is called for every block."""
        self.role = given.role
        self.start_frame = given.at_frame
        self._given = given
        self._file = file
        self._scratch = scratch
        self._check = check
        with self._open() as sound:
            self._source_frames = _slice_frames(given, len(sound))
            self._rate_in = sound.samplerate * given.play_rate
            self._channel_list = _channels(given, sound.channels)
        self._rate_out = sample_rate
        self.channels = len(self._channel_list)
        self.frames = max(round(self._source_frames * sample_rate / self._rate_in), 1)
        self._blocks_left = self._resampled()
        self._decoded: BinaryIO | None = None
        self._done = 0

    def read(self, offset: int = 0, frames: int | None = None) -> NDArray[np.float32]:
        """See AudioInput."""
        end = self.frames if frames is None else min(offset + frames, self.frames)
        start = min(offset, end)
        if self._decoded is None:
            self._decoded = self._scratch.open("w+b")
        self._decode(self._decoded, end)
        self._decoded.seek(start * self._frame_bytes)
        data = self._decoded.read((end - start) * self._frame_bytes)
        return np.frombuffer(data, "<f4").astype(np.float32).reshape(-1, self.channels)

    def close(self) -> None:
        """Lets go of the decoded frames."""
        self._blocks_left.close()
        if self._decoded is not None:
            self._decoded.close()

    @property
    def _frame_bytes(self) -> int:
        return 4 * self.channels

    def _decode(self, out: BinaryIO, end: int) -> None:
        """Decodes up to a frame. The resampler's last frame or two are cut, or silent."""
        out.seek(self._done * self._frame_bytes)
        while self._done < end:
            self._check()
            block = next(self._blocks_left, None)
            if block is None:
                out.write(bytes(self._frame_bytes * (self.frames - self._done)))
                self._done = self.frames
                return
            kept = block[: self.frames - self._done]
            out.write(kept.astype("<f4", copy=False).tobytes())
            self._done += len(kept)

    def _resampled(self) -> Generator[NDArray[np.float32], None, None]:
        if self._rate_in == self._rate_out:
            yield from self._blocks()
            return
        stream = soxr.ResampleStream(
            self._rate_in, self._rate_out, self.channels, dtype="float32", quality="VHQ"
        )
        for block in self._blocks():
            yield _as_frames(stream.resample_chunk(block), self.channels)
        yield _as_frames(
            stream.resample_chunk(np.zeros((0, self.channels), np.float32), last=True), self.channels
        )

    def _blocks(self) -> Iterator[NDArray[np.float32]]:
        left = self._source_frames
        with self._open() as sound:
            sound.seek(self._given.start_frame)
            while left:
                read = sound.read(min(_BLOCK_FRAMES, left), dtype="float32", always_2d=True)
                block: NDArray[np.float32] = np.asarray(read, np.float32)
                if len(block) == 0:
                    raise _unusable(f"ends {left} frames early", "Save the file again.")
                if not np.isfinite(block).all():
                    raise _unusable("holds values that are not numbers", "Render the audio again.")
                left -= len(block)
                yield np.ascontiguousarray(block[:, self._channel_list])

    def _open(self) -> soundfile.SoundFile:
        try:
            if self._file.sample_rate is None:
                return soundfile.SoundFile(self._file.path)
            return soundfile.SoundFile(
                self._file.path,
                samplerate=self._file.sample_rate,
                channels=self._file.channels,
                format="RAW",
                subtype="FLOAT",
                endian="LITTLE",
            )
        except (soundfile.SoundFileError, OSError, TypeError) as error:
            raise _unusable("cannot be read as audio", "WAV, RF64, AIFF, FLAC, OGG and MP3 can.") from error


def _slice_frames(given: Input, available: int) -> int:
    if available == 0:
        raise _unusable("is empty", "Choose audio that has at least one frame.")
    wanted = available - given.start_frame if given.frames is None else given.frames
    if wanted <= 0 or given.start_frame + wanted > available:
        raise _unusable(
            f"has {available} frames, too few for {wanted} from frame {given.start_frame} on",
            "Choose a slice inside the file.",
        )
    return wanted


def _channels(given: Input, available: int) -> list[int]:
    chosen = list(given.channels) or list(range(available))
    if max(chosen) >= available:
        raise _unusable(
            f"has {available} channels, and channel {max(chosen) + 1} was asked for", "Choose others."
        )
    return chosen


def _as_frames(block: NDArray[np.float32], channels: int) -> NDArray[np.float32]:
    return block.reshape(-1, channels)


def _unusable(what: str, remedy: str) -> RequestError:
    return RequestError(ErrorCode.INPUT_UNUSABLE, f"The audio that came with the job {what}.", remedy)
