"""Bringing a file to the server, from the byte on that it lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bandmate_bridge.client.connection import ServerConnection, request_error
from bandmate_bridge.client.requests import AnswerTimeout
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Error, Upload, Uploaded
from bandmate_protocol.session import ClientEvent
from bandmate_protocol.texts import say

PIECE_BYTES = 512 * 1024
_BLOCK_BYTES = 1 << 20
_POLL_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class HashedFile:
    """A file as it was when its hash was taken."""

    path: Path
    size: int
    sha256: str


def hash_file(path: Path, most_bytes: int) -> HashedFile:
    """Reads a file once. Raises RequestError: `file_unusable`, `input_unusable` (empty), `quota_exceeded`."""
    digest, size = hashlib.sha256(), 0
    with _open_file(path) as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            size += len(block)
            if size > most_bytes:
                raise RequestError(
                    ErrorCode.QUOTA_EXCEEDED,
                    say(
                        "{path} is larger than the {most_bytes:g} GB that the server accepts.",
                        path=path.name,
                        most_bytes=most_bytes / 1000000000.0,
                    ),
                    "Shorten it, or raise upload_gb in the server's settings.",
                )
    if size == 0:
        raise RequestError(
            ErrorCode.INPUT_UNUSABLE, say("{path} is empty.", path=path), "Give a file that contains audio."
        )
    return HashedFile(path, size, digest.hexdigest())


def send_file(
    wire: ServerConnection, file: HashedFile, offset: int, progress: Callable[[int, int], None]
) -> Iterator[ClientEvent]:
    """Sends the file from a byte on, waits until the server has checked it, and yields what else came.

    When all of it is there already, a piece without bytes has the server check it.

    Raises RequestError as the server refuses it, and when the file changed since it was hashed.
    """
    # More than the file has: somebody else's mistake, which the server finds at the end.
    offset = offset if offset <= file.size else 0
    for data in _read_pieces(file, offset):
        wire.send(Upload(sha256=file.sha256, total_bytes=file.size, offset=offset, data=data))
        offset += len(data)
        progress(offset, file.size)
        arrived = False
        for event in wire.pump(0):
            arrived = arrived or _is_upload_end(event, file)
            if not arrived:
                yield event
        if arrived:
            return
    waiting = AnswerTimeout(wire.address)
    while True:
        for event in wire.pump(_POLL_SECONDS):
            if _is_upload_end(event, file):
                return
            yield event
        waiting.check()


def _is_upload_end(event: ClientEvent, file: HashedFile) -> bool:
    # An upload has no request id; an error without one is its answer.
    if isinstance(event, Error) and event.request is None:
        raise request_error(event)
    return isinstance(event, Uploaded) and event.sha256 == file.sha256


def _read_pieces(file: HashedFile, offset: int) -> Iterator[bytes]:
    if offset == file.size:
        yield b""
    with _open_file(file.path) as source:
        source.seek(offset)
        while offset < file.size:
            data = source.read(min(PIECE_BYTES, file.size - offset))
            if not data:
                raise RequestError(
                    ErrorCode.FILE_UNUSABLE,
                    say("{path} shrank while it was being sent.", path=file.path),
                    "Try again when no program is writing to it.",
                )
            offset += len(data)
            yield data


def _open_file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("There is no file {path}.", path=path),
            "Check the name and the folder.",
        ) from error
    except OSError as error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{path} cannot be read: {reason}.", path=path, reason=error.strerror or error),
            "Give a file that you are allowed to read.",
        ) from error
