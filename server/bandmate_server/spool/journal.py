"""The journal: an attempt's messages in order, with references where audio goes.

A record is a kind byte, a 32-bit length (little endian) and the body: an encoded message, or where a piece of
audio lies. The worker appends a record after the bytes it speaks of, so whoever sees a record can read them.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bandmate_protocol.codec import MAX_FRAME_BYTES

_RECORD_HEAD = struct.Struct("<cI")
_AUDIO_BODY = struct.Struct("<IIQI")
_MESSAGE_KIND = b"M"
_AUDIO_KIND = b"A"


@dataclass(frozen=True, slots=True)
class MessageEntry:
    """An encoded message, ready for the wire."""

    frame: bytes


@dataclass(frozen=True, slots=True)
class AudioEntry:
    """A piece of a stem; the bytes lie in the stem's own file at the same frame offset."""

    stem: int
    revision: int
    offset: int
    """Frames."""
    frames: int


JournalEntry = MessageEntry | AudioEntry


def message_record(frame: bytes) -> bytes:
    """The record of an encoded message."""
    return _RECORD_HEAD.pack(_MESSAGE_KIND, len(frame)) + frame


def audio_record(entry: AudioEntry) -> bytes:
    """The record of a piece of audio."""
    body = _AUDIO_BODY.pack(entry.stem, entry.revision, entry.offset, entry.frames)
    return _RECORD_HEAD.pack(_AUDIO_KIND, len(body)) + body


class DamagedJournalError(Exception):
    """Raised when a journal holds what no worker writes there."""


class JournalReader:
    """Reads a journal while it grows. A record that is not whole yet is read the next time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._position = 0

    def read(self, most: int = 64) -> list[JournalEntry]:
        """The next entries, at most so many; empty when there are none yet, or no journal yet.

        Raises DamagedJournalError, and OSError when it cannot be read.
        """
        if self._file is None:
            try:
                self._file = self._path.open("rb")
            except FileNotFoundError:
                return []
        entries: list[JournalEntry] = []
        self._file.seek(self._position)
        while len(entries) < most:
            entry = self._next_entry(self._file)
            if entry is None:
                break
            entries.append(entry)
        return entries

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _next_entry(self, file: BinaryIO) -> JournalEntry | None:
        head = file.read(_RECORD_HEAD.size)
        if len(head) < _RECORD_HEAD.size:
            return None
        kind, length = _RECORD_HEAD.unpack(head)
        if length > MAX_FRAME_BYTES:
            raise DamagedJournalError(f"a record of {length} bytes")
        body = file.read(length)
        if len(body) < length:
            return None
        self._position += _RECORD_HEAD.size + length
        if kind == _AUDIO_KIND and length == _AUDIO_BODY.size:
            return AudioEntry(*_AUDIO_BODY.unpack(body))
        if kind == _MESSAGE_KIND:
            return MessageEntry(body)
        raise DamagedJournalError(f"a record of kind {kind!r} and {length} bytes")
