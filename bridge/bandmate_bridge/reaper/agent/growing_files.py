"""Audio files that REAPER plays while they are filled."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from bandmate_bridge.audiofiles.wav import SAMPLE_BYTES, WavFile
from bandmate_bridge.audiofiles.wav_patch import read_layout
from bandmate_bridge.file_errors import file_errors
from bandmate_bridge.rpp import media_path
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Stem
from bandmate_protocol.texts import say

_BLOCK_BYTES = 1 << 20


class GrowingFile:
    """A WAV file of a stem's final length under its final name. What is written can be read at once."""

    def __init__(self, path: Path, stem: Stem) -> None:
        """Opens a file that `create_file` made, to fill it (again) from the start. Raises RequestError."""
        self.path = path
        self._frame_bytes = stem.channels * SAMPLE_BYTES
        self._frames = stem.frames
        layout = read_layout(path)
        if (layout.sample_rate, layout.channels, layout.frames, layout.floats) != _wav_shape(stem):
            raise RequestError(
                ErrorCode.FILE_UNUSABLE, say("{path} is not the file that was begun.", path=path)
            )
        self._data_at = layout.data_at
        with file_errors(path):
            self._file: BinaryIO = path.open("r+b", buffering=0)
        self.restart()

    @property
    def filled_frames(self) -> int:
        """Frames without a gap from the start."""
        return self._hashed

    def restart(self) -> None:
        """What follows replaces what is there."""
        self._hash = hashlib.sha256()
        self._hashed = 0

    def write(self, offset: int, data: bytes) -> None:
        """Puts interleaved f32le frames at an offset in frames. Raises RequestError (`disk_full`, ...)."""
        frames = len(data) // self._frame_bytes
        if offset + frames > self._frames:
            raise ValueError(f"{frames} frames at {offset} do not fit a file of {self._frames}")
        with file_errors(self.path):
            self._file.seek(self._data_at + offset * self._frame_bytes)
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
        if offset < self._hashed:
            self.restart()
        if offset == self._hashed:
            self._hash.update(data)
            self._hashed += frames

    def sha256(self) -> str:
        """Over all frames as interleaved f32le."""
        if self._hashed == self._frames:
            return self._hash.hexdigest()
        digest = hashlib.sha256()
        with file_errors(self.path):
            self._file.seek(self._data_at)
            while block := self._file.read(_BLOCK_BYTES):
                digest.update(block)
        return digest.hexdigest()

    def close(self) -> None:
        """Lets go of the file."""
        self._file.close()


def create_file(folder: Path, title: str, stem: Stem) -> Path:
    """Makes a silent file of the stem's length, under a name that is nobody else's. Raises RequestError."""
    while True:
        path = media_path(folder, title, stem.name)
        path.unlink()
        try:
            WavFile(path, sample_rate=stem.sample_rate, channels=stem.channels, frames=stem.frames).close()
        except RequestError as error:
            # Somebody took the name in between; the next one is free.
            if error.code != ErrorCode.FILE_EXISTS:
                raise
        else:
            return path


def _wav_shape(stem: Stem) -> tuple[int, int, int, bool]:
    return stem.sample_rate, stem.channels, stem.frames, True
