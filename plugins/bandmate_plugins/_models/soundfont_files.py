"""Bandmate's own folder of SoundFonts: files come in, are checked, and go."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from bandmate_plugins._models.soundfont_archives import extract_known
from bandmate_plugins._models.soundfont_places import SOUNDFONT_ENDINGS, own_soundfont_folder
from bandmate_plugins._models.soundfonts import KNOWN_SOUNDFONTS, KnownSoundFont, file_sha256
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say


@dataclass(frozen=True)
class AddedSoundFont:
    """A SoundFont that is in Bandmate's folder now."""

    path: Path
    known: KnownSoundFont | None
    """None for one that Bandmate does not know."""


def add_soundfont(file: Path, wanted: KnownSoundFont | None = None) -> AddedSoundFont:
    """Copies a SoundFont, or the known one in an archive, into Bandmate's folder.

    `wanted` is the only one that may come. Raises RequestError (`file_unusable`): it cannot be read, holds no
    SoundFont, or another one is there under its name.
    """
    with _readable(file):
        digest = file_sha256(file)
        known = next((one for one in KNOWN_SOUNDFONTS if one.sha256 == digest), None)
        if known is None and not _looks_like_soundfont(file):
            return _add_from_archive(file, wanted)
    if wanted is not None and known != wanted:
        raise _wrong_file(file, wanted)
    path = known.own_path if known else own_soundfont_folder() / file.name
    if path.exists() and file_sha256(path) != digest and known is None:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("There is another SoundFont at {path}.", path=path),
            "Rename one of them.",
        )
    if not path.exists() or file_sha256(path) != digest:
        with _readable(file), _new_file() as (part, target), file.open("rb") as source:
            shutil.copyfileobj(source, target, 1 << 20)
            target.close()
            part.replace(path)
    return AddedSoundFont(path, known)


def damage_reason(known: KnownSoundFont) -> str:
    """What is wrong with Bandmate's own copy; empty if nothing is."""
    path = known.own_path
    try:
        size = path.stat().st_size
        if size != known.size_bytes:
            return f"it has {size} bytes instead of {known.size_bytes}"
        return "" if file_sha256(path) == known.sha256 else "its bytes have changed"
    except OSError as error:
        return error.strerror or "it cannot be read"


def remove_soundfont(known: KnownSoundFont) -> bool:
    """Deletes Bandmate's own copy and what came of a download; False when there is neither."""
    there = [path for path in (known.own_path, part_path(known)) if path.is_file()]
    for path in there:
        path.unlink()
    return bool(there)


def part_path(known: KnownSoundFont) -> Path:
    """Where what came of a download so far lies."""
    return own_soundfont_folder() / f".{known.name}.part"


def _add_from_archive(file: Path, wanted: KnownSoundFont | None) -> AddedSoundFont:
    with _new_file() as (part, target):
        found = extract_known(file, target)
        target.close()
        if found is None or (wanted is not None and found != wanted):
            raise _wrong_file(file, wanted)
        part.replace(found.own_path)
        return AddedSoundFont(found.own_path, found)


def _wrong_file(file: Path, wanted: KnownSoundFont | None) -> RequestError:
    if wanted is not None:
        return RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{file} is not {name}: its SHA-256 is another.", file=file.name, name=wanted.full_name),
            say("The file that is wanted has the SHA-256 {sha256}.", sha256=wanted.sha256),
        )
    names = ", ".join(known.full_name for known in KNOWN_SOUNDFONTS)
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("{file} is not a SoundFont, and no archive of one that Bandmate knows.", file=file),
        say("Name an .sf2 or .sf3 file, or a package or archive with one of {names}.", names=names),
    )


def _looks_like_soundfont(file: Path) -> bool:
    with file.open("rb") as opened:
        head = opened.read(12)
    return file.suffix.lower() in SOUNDFONT_ENDINGS and head[:4] == b"RIFF" and head[8:] == b"sfbk"


@contextmanager
def _new_file() -> Iterator[tuple[Path, IO[bytes]]]:
    """A file in Bandmate's folder that is gone afterwards unless it was moved."""
    folder = own_soundfont_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=folder, prefix=".new-", delete=False) as target:
        part = Path(target.name)
        try:
            yield part, target
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno == 28:
            raise RequestError(
                ErrorCode.DISK_FULL,
                say("There is not enough space in {folder}.", folder=own_soundfont_folder()),
                "Free some space and try again.",
            ) from error
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{file} cannot be read: {reason}.", file=file, reason=error.strerror or "it cannot be read"),
            "Name a file that can be read.",
        ) from error
