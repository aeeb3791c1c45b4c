"""WAV files of 32-bit floats, pre-sized and filled at offsets while a stem still arrives.

One or two channels are WAVE_FORMAT_IEEE_FLOAT, which everything reads; more are WAVE_FORMAT_EXTENSIBLE,
which says where each one plays (Microsoft, "Multiple channel audio data and WAVE files"). Past 4 GB the file
is RF64 (EBU Tech 3306).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from bandmate_plugins.durable import NO_ROOM, sync_file
from bandmate_protocol.errors import ErrorCode, RequestError

RIFF_LIMIT = 2**32 - 1
"""The largest size that a plain RIFF header can say."""

SAMPLE_BYTES = 4
_BLOCK_BYTES = 1 << 20
_HEAD_BYTES = 256
_IEEE_FLOAT = 3
_EXTENSIBLE = 0xFFFE
_FLOAT_SUBFORMAT = struct.pack("<H", _IEEE_FLOAT) + bytes.fromhex("000000001000800000aa00389b71")
_SPEAKERS = {3: 0x7, 4: 0x33, 5: 0x37, 6: 0x3F, 7: 0x13F, 8: 0x63F}


class WavFile:
    """A WAV file under construction. Its length is fixed at the start; what was not written yet is silence.

    Raises RequestError: `file_exists` when the path is taken, `disk_full` when there is no room for all of
    it, and `file_unusable` for whatever else the system refuses; the sentence names ``named``, where the file
    has a temporary name now. A file that fails is removed.
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
    ) -> None:
        self.path = path
        self._named = named or path
        self.sample_rate = sample_rate
        self.channels = channels
        self.frames = frames
        header = _header(sample_rate, channels, frames, riff_limit)
        self._data_at = len(header)
        self._size = self._data_at + frames * self.frame_bytes
        self._hash = hashlib.sha256()
        self._hashed = 0
        with explained(self._named):
            self._file: BinaryIO = _create(path)
        try:
            with explained(self._named):
                _reserve(self._file, self._size)
                self._file.write(header)
                self._file.flush()
        except BaseException:
            self.abandon()
            raise

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
        with explained(self._named):
            self._file.seek(self._data_at + offset * self.frame_bytes)
            self._file.write(data)
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
        with explained(self._named):
            self._file.flush()
            self._file.seek(self._data_at)
            while block := self._file.read(_BLOCK_BYTES):
                digest.update(block)
        return digest.hexdigest()

    def show(self) -> None:
        """Lets other programs see what was written so far."""
        with explained(self._named):
            self._file.flush()

    def close(self) -> None:
        """Closes the file, whole and on the disk."""
        try:
            with explained(self._named):
                self._file.flush()
                sync_file(self._file.fileno())
                self._file.close()
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Closes the file and removes it."""
        with contextlib.suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
        else:
            self.abandon()


class explained:  # noqa: N801 - reads as a word in `with explained(path):`
    """Turns what the system says of a file into a RequestError that a person can act on."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, FileExistsError):
            raise RequestError(
                ErrorCode.FILE_EXISTS, f"{self._path} is there already.", "Name another file, or use --force."
            ) from error
        if isinstance(error, OSError):
            raise _refused(self._path, error) from error


def _refused(path: Path, error: OSError) -> RequestError:
    if error.errno in NO_ROOM:
        return RequestError(
            ErrorCode.DISK_FULL,
            f"There is no room for {'audio in ' if _is_partial(path) else ''}{_named(path)}.",
            f"Free some space on the disk of {path.parent}, or choose another folder.",
        )
    reason = error.strerror or str(error)
    if error.errno == errno.ENAMETOOLONG:
        return RequestError(ErrorCode.FILE_UNUSABLE, f"{path}: {reason}.", "Choose a shorter name.")
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        f"No audio can be written to {_named(path)}: {reason}."
        if _is_partial(path)
        else f"{path} cannot be written: {reason}.",
        "Check that the folder exists and that you may write to it.",
    )


def _is_partial(path: Path) -> bool:
    """Whether it is a hidden file that grows until it gets its name: nobody knows it by its own."""
    return path.name.startswith(".") and path.suffix == ".part"


def _named(path: Path) -> Path:
    return path.parent if _is_partial(path) else path


def _create(path: Path) -> BinaryIO:
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.fdopen(os.open(path, flags, 0o666), "w+b")


def _reserve(file: BinaryIO, size: int) -> None:
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


def _header(rate: int, channels: int, frames: int, riff_limit: int) -> bytes:
    data_bytes = frames * channels * SAMPLE_BYTES
    form = _format(rate, channels)
    plain = _chunk(b"fmt ", form) + _chunk(b"fact", struct.pack("<I", min(frames, 2**32 - 1)))
    riff_bytes = 4 + len(plain) + 8 + data_bytes
    if riff_bytes <= riff_limit:
        return (
            b"RIFF"
            + struct.pack("<I", riff_bytes)
            + b"WAVE"
            + plain
            + b"data"
            + struct.pack("<I", data_bytes)
        )
    body = _chunk(b"fmt ", form)
    riff_bytes = 4 + (8 + 28) + len(body) + 8 + data_bytes
    sizes = _chunk(b"ds64", struct.pack("<QQQI", riff_bytes, data_bytes, frames, 0))
    unsaid = struct.pack("<I", 2**32 - 1)
    return b"RF64" + unsaid + b"WAVE" + sizes + body + b"data" + unsaid


def _format(rate: int, channels: int) -> bytes:
    block = channels * SAMPLE_BYTES
    kind = _IEEE_FLOAT if channels <= 2 else _EXTENSIBLE
    common = struct.pack("<HHIIHH", kind, channels, rate, rate * block, block, 8 * SAMPLE_BYTES)
    if kind == _IEEE_FLOAT:
        return common + struct.pack("<H", 0)
    return common + struct.pack("<HHI", 22, 8 * SAMPLE_BYTES, _SPEAKERS.get(channels, 0)) + _FLOAT_SUBFORMAT


def _chunk(name: bytes, body: bytes) -> bytes:
    assert len(body) % 2 == 0, "chunks are padded to even lengths"
    return name + struct.pack("<I", len(body)) + body


def read_frames(path: Path, frames: int) -> Iterator[bytes]:
    """The audio of a file that `WavFile` wrote, in blocks of interleaved f32le, of so many frames at most.

    Raises RequestError (`file_unusable`) for any other file.
    """
    with explained(path), path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        at = head.find(b"data", 12)
        form = head.find(b"fmt ", 12)
        if at < 0 or form < 0 or head[:4] not in (b"RIFF", b"RF64"):
            raise RequestError(ErrorCode.FILE_UNUSABLE, f"{path} was not written by Bandmate.")
        block_bytes = struct.unpack_from("<H", head, form + 8 + 12)[0] * frames
        file.seek(at + 8)
        while block := file.read(block_bytes):
            yield block
