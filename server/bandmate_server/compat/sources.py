"""Audio that a client sends or names, on its way to a job."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Upload
from bandmate_protocol.texts import say
from bandmate_server.compat.access import CompatAccess
from bandmate_server.services import Services
from bandmate_server.sessions import requests

_PIECE_BYTES = 1 << 20


async def store_audio(services: Services, audio: bytes | BinaryIO) -> str:
    """Puts a file where jobs find it, and returns its hash for `Input`; whether it is audio, the job finds out.

    Raises RequestError: `input_unusable` when it is empty or changes meanwhile, `quota_exceeded`, `disk_full`.
    """
    file = io.BytesIO(audio) if isinstance(audio, bytes) else audio
    sha256, total = await asyncio.to_thread(_digest, file)
    if total == 0:
        raise RequestError(ErrorCode.INPUT_UNUSABLE, "The audio file is empty.", "Send the whole file.")
    if await services.shelf.find(sha256) is not None:
        return sha256
    offset = 0
    while data := await asyncio.to_thread(file.read, _PIECE_BYTES):
        piece = Upload(sha256=sha256, total_bytes=total, offset=offset, data=data)
        offset += len(data)
        if await services.uploads.accept_piece(piece):
            break
    await requests.finish_upload(services, sha256)
    return sha256


async def store_named_audio(services: Services, access: CompatAccess, path: str) -> str:
    """As `store_audio`, for a file of this machine that the client names. Raises RequestError as `allowed_file`."""
    found = await asyncio.to_thread(allowed_file, access, path)
    try:
        file = await asyncio.to_thread(found.open, "rb")
    except OSError as error:
        raise _unreadable_error(path) from error
    with file:
        return await store_audio(services, file)


def allowed_file(access: CompatAccess, path: str) -> Path:
    """A file inside one of the folders that the user allowed, links followed. Blocks.

    Raises RequestError: `not_allowed` outside of them, whether or not there is a file; `input_missing`.
    """
    wanted = Path(path)
    folders = [Path(folder).expanduser() for folder in access.folders]
    # By its words first: on Windows, to look at a path on another machine would send that the user's name.
    if "\0" in path or not wanted.is_absolute() or not _is_inside(Path(os.path.normpath(path)), folders):
        raise _outside_error(path)
    real = Path(os.path.realpath(wanted))
    if not _is_inside(real, [Path(os.path.realpath(folder)) for folder in folders]):
        raise _outside_error(path)
    try:
        found = real.stat()
    except OSError as error:
        raise _unreadable_error(path) from error
    if not stat.S_ISREG(found.st_mode):
        raise _unreadable_error(path)
    return real


def _is_inside(path: Path, folders: list[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _digest(file: BinaryIO) -> tuple[str, int]:
    hashed, total = hashlib.sha256(), 0
    file.seek(0)
    while block := file.read(_PIECE_BYTES):
        hashed.update(block)
        total += len(block)
    file.seek(0)
    return hashed.hexdigest(), total


def _outside_error(path: str) -> RequestError:
    return RequestError(
        ErrorCode.NOT_ALLOWED,
        say("The path {path} is not in a folder that programs may read from.", path=_shown(path)),
        "Send the file itself, or name its folder in `compat_folders` of Bandmate's settings.",
    )


def _unreadable_error(path: str) -> RequestError:
    return RequestError(
        ErrorCode.INPUT_MISSING, say("There is no readable file at {path}.", path=_shown(path))
    )


def _shown(path: str) -> str:
    text = ascii(path)
    return text if len(text) <= 200 else text[:197] + "..."
