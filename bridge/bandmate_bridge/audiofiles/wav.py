"""WAV files of 32-bit floats, pre-sized and filled at offsets while a stem still arrives."""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from bandmate_bridge.audiofiles.wav_patch import read_layout
from bandmate_bridge.file_errors import file_errors
from bandmate_plugins._platform.durable import NO_ROOM, sync_file
from bandmate_plugins._platform.wav_header import RIFF_LIMIT, WavShape, wav_header
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

SAMPLE_BYTES = 4
_BLOCK_BYTES = 1 << 20
_HEAD_BYTES = 256
_IEEE_FLOAT, _EXTENSIBLE = 3, 0xFFFE


class WavFile:
    """A WAV file under construction. Its length is fixed at the start; what was not written yet is silence.

    Raises RequestError: `file_exists` when the path is taken, `disk_full` when there is no room for all of
    it, and `file_unusable` for whatever else the system refuses; the sentence names ``named``, where the file
    has a temporary name now. A file that fails is removed.

    ``live``: other programs read the file while it grows, so nothing waits in a buffer. `reopen` fills a file
    that is already there again.
    """

    def __init__(
        self,
        path: Path,
        *,
        sample_rate: int,
        channels: int,
        frames: int,
        riff_limit: int = RIFF_LIMIT,
        named: Path | None = None,
        live: bool = False,
    ) -> None:
        header = wav_header(WavShape(sample_rate, channels, frames), riff_limit)
        self._set_shape(path, sample_rate, channels, frames, data_at=len(header), named=named)
        with file_errors(self._named):
            self._file: BinaryIO = _create_file(path, live=live)
        try:
            with file_errors(self._named):
                _reserve_space(self._file, self.data_at + frames * self.frame_bytes)
                self._file.write(header)
                self._file.flush()
        except BaseException:
            self.abandon()
            raise

    @classmethod
    def reopen(cls, path: Path, *, sample_rate: int, channels: int, frames: int) -> Self:
        """Opens a live file of exactly this shape, to fill it from the start.

        Raises RequestError (`file_unusable`) for any other file, which is left alone.
        """
        layout = read_layout(path)
        shape = (sample_rate, channels, frames, True)
        if (layout.sample_rate, layout.channels, layout.frames, layout.floats) != shape:
            raise RequestError(
                ErrorCode.FILE_UNUSABLE, say("{path} is not the file that was started.", path=path)
            )
        file = cls.__new__(cls)
        file._set_shape(path, sample_rate, channels, frames, data_at=layout.data_at)
        with file_errors(path):
            file._file = path.open("r+b", buffering=0)
        return file

    def _set_shape(
        self,
        path: Path,
        sample_rate: int,
        channels: int,
        frames: int,
        *,
        data_at: int,
        named: Path | None = None,
    ) -> None:
        self.path = path
        self._named = named or path
        self.sample_rate = sample_rate
        self.channels = channels
        self.frames = frames
        self.data_at = data_at
        """Where the first frame begins, in bytes."""
        self.restart()

    @property
    def filled_frames(self) -> int:
        """Frames from the start without a gap."""
        return self._hashed

    @property
    def frame_bytes(self) -> int:
        """Bytes of one frame."""
        return self.channels * SAMPLE_BYTES

    def write(self, offset: int, data: bytes | memoryview) -> None:
        """Puts interleaved f32le frames at an offset in frames.

        Raises RequestError (`disk_full`, `file_unusable`), and ValueError for what lies outside the file.
        """
        frames, rest = divmod(len(data), self.frame_bytes)
        if rest or offset < 0 or offset + frames > self.frames:
            raise ValueError(f"{len(data)} bytes at frame {offset} do not fit a file of {self.frames} frames")
        with file_errors(self._named):
            self._file.seek(self.data_at + offset * self.frame_bytes)
            rest_of_data = memoryview(data)
            while rest_of_data:
                rest_of_data = rest_of_data[self._file.write(rest_of_data) :]
        if offset < self._hashed:
            self.restart()
        if offset == self._hashed:
            self._hash.update(data)
            self._hashed += frames

    def restart(self) -> None:
        """Forgets what was hashed on the way: what follows replaces what is there."""
        self._hash = hashlib.sha256()
        self._hashed = 0

    def sha256(self) -> str:
        """The hash over all frames as interleaved f32le: ready when they came in order, else read again."""
        if self._hashed == self.frames:
            return self._hash.hexdigest()
        digest = hashlib.sha256()
        with file_errors(self._named):
            self._file.flush()
            self._file.seek(self.data_at)
            while block := self._file.read(_BLOCK_BYTES):
                digest.update(block)
        return digest.hexdigest()

    def show(self) -> None:
        """Lets other programs see what was written so far."""
        with file_errors(self._named):
            self._file.flush()

    def close(self) -> None:
        """Closes the file, whole and on the disk."""
        try:
            with file_errors(self._named):
                self._file.flush()
                sync_file(self._file.fileno())
                self._file.close()
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Closes the file and removes it."""
        self.release()
        self.path.unlink(missing_ok=True)

    def release(self) -> None:
        """Closes the file and leaves it as it is, for other programs that use it."""
        with contextlib.suppress(OSError):
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()


def _create_file(path: Path, *, live: bool = False) -> BinaryIO:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o666), "w+b", buffering=0 if live else -1)


def _reserve_space(file: BinaryIO, size: int) -> None:
    """Gives the file its whole length, with the room for it where the system can promise that."""
    if hasattr(os, "posix_fallocate"):
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            if error.errno in NO_ROOM:
                raise
        else:
            return
    file.truncate(size)


def create_pcm_wav(
    path: Path, shape: WavShape, *, named: Path | None = None, riff_limit: int = RIFF_LIMIT
) -> int:
    """Makes a file of its whole length, to be filled by another program; returns where its frames begin.

    Raises RequestError as `WavFile`.
    """
    header = wav_header(shape, riff_limit)
    with file_errors(named or path), _create_file(path) as file:
        try:
            _reserve_space(file, len(header) + shape.data_bytes + shape.padding_bytes)
            file.write(header)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return len(header)


def read_frames(path: Path, frames: int) -> Iterator[bytes]:
    """The audio of a file that `WavFile` wrote, in blocks of interleaved f32le, of so many frames at most.

    Raises RequestError (`file_unusable`) for any other file.
    """
    with file_errors(path), path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        at = head.find(b"data", 12)
        form = head.find(b"fmt ", 12)
        known = at >= 0 and form >= 0 and head[:4] in (b"RIFF", b"RF64")
        if not known or not _is_float(head[form + 8 :]):
            raise RequestError(
                ErrorCode.FILE_UNUSABLE, say("{path} does not contain floats that Bandmate wrote.", path=path)
            )
        block_bytes = struct.unpack_from("<H", head, form + 8 + 12)[0] * frames
        file.seek(at + 8)
        while block := file.read(block_bytes):
            yield block


def _is_float(form: bytes) -> bool:
    kind, bits = struct.unpack_from("<H", form)[0], struct.unpack_from("<H", form, 14)[0]
    return bits == 8 * SAMPLE_BYTES and kind in (_IEEE_FLOAT, _EXTENSIBLE)
