"""The worker's side of the spool."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bandmate_plugins._platform.durable import sync_file, sync_folder
from bandmate_protocol.codec import encode_message
from bandmate_protocol.messages import MAX_AUDIO_BYTES, Message
from bandmate_server.spool.attempt_files import JobSpool
from bandmate_server.spool.journal import AudioEntry, audio_record, message_record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_FIRST_PIECE_BYTES = 16 * 1024
"""A stem's first pieces are short, so that a track has something to show at once."""


class SpoolWriter:
    """Writes one attempt's journal and audio. Nothing is buffered: a killed worker leaves whole records.

    A stem is on the disk before it gets its name by hash. Raises OSError when the disk is full.
    """

    def __init__(self, spool: JobSpool, attempt: int) -> None:
        spool.folder.mkdir(parents=True, exist_ok=True)
        self._spool = spool
        self._attempt = attempt
        self._journal: BinaryIO = spool.journal_path(attempt).open("wb", buffering=0)
        self._stems: dict[tuple[int, int], _StemFile] = {}

    def append_message(self, message: Message) -> bytes:
        """Appends a message; returns its frame."""
        frame = encode_message(message)
        self._append_record(message_record(frame))
        return frame

    def begin_stem(self, stem: int, revision: int, channels: int) -> None:
        """Opens the file of a stem."""
        path = self._spool.audio_path(self._attempt, stem, revision)
        self._stems[stem, revision] = _StemFile(path, channels)

    def append_audio(self, stem: int, revision: int, samples: NDArray[np.float32]) -> None:
        """Appends frames of shape (frames, channels) to a stem."""
        file = self._stems[stem, revision]
        start = file.frames
        file.append(samples)
        records = b"".join(
            audio_record(AudioEntry(stem, revision, offset, frames))
            for offset, frames in _piece_bounds(start, len(samples), file.frame_bytes)
        )
        if records:
            self._append_record(records)

    def end_stem(self, stem: int, revision: int, keep_in: Path) -> str:
        """Closes a stem's file once it is on the disk, files it by its hash and returns the hash."""
        file = self._stems.pop((stem, revision))
        digest = file.close()
        _link_by_hash(file.path, keep_in / f"{digest}.f32")
        return digest

    def close(self) -> None:
        """Closes everything that is still open."""
        for file in self._stems.values():
            file.abandon()
        self._stems.clear()
        self._journal.close()

    def _append_record(self, record: bytes) -> None:
        _write_all(self._journal, record)


class _StemFile:
    """A growing file of frames with its hash."""

    def __init__(self, path: Path, channels: int) -> None:
        self.path = path
        self.frame_bytes = 4 * channels
        self.frames = 0
        self._file: BinaryIO = path.open("wb", buffering=0)
        self._hash = hashlib.sha256()

    def append(self, samples: NDArray[np.float32]) -> None:
        data = memoryview(samples.astype("<f4", copy=False).tobytes())
        _write_all(self._file, data)
        self._hash.update(data)
        self.frames += len(samples)

    def close(self) -> str:
        """Returns the hash of what is on the disk by then."""
        with self._file:
            sync_file(self._file.fileno())
        return self._hash.hexdigest()

    def abandon(self) -> None:
        self._file.close()


def _write_all(file: BinaryIO, data: bytes | memoryview) -> None:
    """A raw write may take only a part when the disk is nearly full."""
    view = memoryview(data)
    while view:
        written = file.write(view)
        view = view[written:]


def _piece_bounds(start: int, frames: int, frame_bytes: int) -> list[tuple[int, int]]:
    """Offsets and lengths in frames that fit one `audio` each; the first of a stem is short."""
    most = MAX_AUDIO_BYTES // frame_bytes
    pieces = []
    done = 0
    while done < frames:
        size = max(_FIRST_PIECE_BYTES // frame_bytes, 1) if start + done == 0 else most
        size = min(size, frames - done)
        pieces.append((start + done, size))
        done += size
    return pieces


def _link_by_hash(source: Path, target: Path) -> None:
    """Gives a synced file its name by hash: a link, or a copy where there are none.

    A file that has the name already is replaced: it may have been damaged since.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f"{target.stem}.{secrets.token_hex(4)}.part")
    try:
        try:
            os.link(source, fresh)
        except OSError:
            _copy_synced(source, fresh)
        _replace_target(fresh, target)
    finally:
        # Also when both names are of one file, which a move leaves as it is.
        fresh.unlink(missing_ok=True)
    sync_folder(target.parent)


def _copy_synced(source: Path, fresh: Path) -> None:
    with source.open("rb") as given, fresh.open("wb") as copy:
        shutil.copyfileobj(given, copy, 1 << 20)
        copy.flush()
        sync_file(copy.fileno())


def _replace_target(fresh: Path, target: Path) -> None:
    try:
        fresh.replace(target)
    except PermissionError:
        # Windows keeps a file that is being read; whoever reads it will find out if it is damaged.
        if not target.exists() or target.stat().st_size != fresh.stat().st_size:
            raise
