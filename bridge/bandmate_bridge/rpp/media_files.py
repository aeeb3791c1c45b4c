"""Where new audio goes, under names that no file has and that every system takes."""

from __future__ import annotations

import os
import re
import unicodedata
from pathlib import Path, PureWindowsPath

from bandmate_bridge.rpp.lines import to_one_line
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

OWN_FOLDER = "Bandmate"
"""Beside the project, where that has no media folder of its own."""

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\ud800-\udfff]')
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])", re.IGNORECASE
)
_PROMPT_CHARS = 40
_NAME_CHARS = 40
_PART_BYTES = 100
_MAX_FILES = 100_000


def media_folder(project: Path, record_path: str) -> Path:
    """The project's own media folder (``record_path``, as the project has it) if it can be used here.

    Else `Bandmate` beside the project: so for a path of another system, or one with REAPER's wildcards.
    """
    text = record_path if os.name == "nt" else record_path.replace("\\", "/")
    elsewhere = os.name != "nt" and PureWindowsPath(record_path).drive
    if not text.strip() or "$" in text or elsewhere:
        return project.parent / OWN_FOLDER
    return project.parent / text


def reserve_media_file(folder: Path, prompt: str, part: str, suffix: str = ".wav") -> Path:
    """Creates an empty file such as `dusty drums-Drums-001.wav`, which is nobody else's; returns its path.

    Raises RequestError (`file_unusable`) when the folder cannot be made or written to.
    """
    stem = (
        "-".join(piece for piece in (file_slug(prompt, _PROMPT_CHARS), file_slug(part, _NAME_CHARS)) if piece)
        or "audio"
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, _MAX_FILES):
            path = folder / f"{stem}-{number:03d}{suffix}"
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say(
                "Cannot write audio to {folder}: {reason}.",
                folder=folder,
                reason=error.strerror or error,
            ),
            "Make the folder writable, or set another media path in REAPER's project settings.",
        ) from error
    raise RequestError(
        ErrorCode.FILE_UNUSABLE,
        say(
            "{folder} already has {max_files} files named {stem}.",
            folder=folder,
            max_files=_MAX_FILES - 1,
            stem=stem,
        ),
        "Move some of them elsewhere.",
    )


def free_media_path(folder: Path, name: str) -> Path:
    """Where a copy of a file of that name goes: under its name as far as every system takes it, and as it is free."""
    stem = file_slug(Path(name).stem, _PART_BYTES) or "audio"
    path, number = folder / f"{stem}{Path(name).suffix}", 1
    while os.path.lexists(path):
        number += 1
        path = folder / f"{stem}-{number}{Path(name).suffix}"
    return path


def file_slug(text: str, most: int) -> str:
    """A piece of a file's name: what Windows forbids is left out, letters of every script stay."""
    plain = to_one_line(_FORBIDDEN.sub(" ", unicodedata.normalize("NFC", text)))
    plain = " ".join(plain.replace(".", " ").split())[:most]
    while len(plain.encode()) > _PART_BYTES:
        plain = plain[:-1]
    plain = plain.strip(" -")
    return f"_{plain}" if _RESERVED.fullmatch(plain) else plain


def stored_path(file: Path, folder: Path) -> str:
    """A file's path as the project stores it: from the project's folder, or whole when it lies elsewhere."""
    whole, base = Path(os.path.abspath(file)), Path(os.path.abspath(folder))
    try:
        return whole.relative_to(base).as_posix()
    except ValueError:
        return str(whole)
