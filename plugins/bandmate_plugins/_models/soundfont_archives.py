"""Finds known SoundFonts in what people download them as: Debian packages, tar and zip archives.

A Debian package is an `ar` archive (deb(5)) whose member `data.tar.*` holds the files.
"""

from __future__ import annotations

import hashlib
import io
import lzma
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from bandmate_plugins._models.soundfonts import KNOWN_SOUNDFONTS, KnownSoundFont

_AR, _AR_HEADER_BYTES = b"!<arch>\n", 60
_BLOCK = 1 << 20
_MAX_MEMBERS = 20_000


def extract_known(archive: Path, target: IO[bytes]) -> KnownSoundFont | None:
    """Writes the first known SoundFont of an archive to a file; None where it holds none.

    Raises OSError, and nothing for archives that are damaged: they hold none.
    """
    sizes = {known.size_bytes for known in KNOWN_SOUNDFONTS}
    try:
        for size, member in _members(archive):
            if size not in sizes:
                continue
            target.seek(0)
            target.truncate()
            digest = _copy(member, target)
            known = next((one for one in KNOWN_SOUNDFONTS if one.sha256 == digest), None)
            if known is not None:
                return known
    except (tarfile.TarError, zipfile.BadZipFile, lzma.LZMAError, EOFError, ValueError, NotImplementedError):
        return None
    return None


def _members(archive: Path) -> Iterator[tuple[int, IO[bytes]]]:
    """The files in an archive with their sizes, each to be read before the next."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            for entry in opened.infolist()[:_MAX_MEMBERS]:
                with opened.open(entry) as member:
                    yield entry.file_size, member
        return
    with _tar_stream(archive) as stream, tarfile.open(fileobj=stream, mode="r|*") as tar:
        for _, one in zip(range(_MAX_MEMBERS), tar, strict=False):
            found = tar.extractfile(one) if one.isfile() else None
            if found is not None:
                yield one.size, found


@contextmanager
def _tar_stream(archive: Path) -> Iterator[IO[bytes]]:
    """The file at its start, or inside a Debian package at its data."""
    with archive.open("rb") as file:
        if file.read(len(_AR)) != _AR:
            file.seek(0)
            yield file
            return
        while len(header := file.read(_AR_HEADER_BYTES)) == _AR_HEADER_BYTES:
            size = int(header[48:58])
            if header[:16].startswith(b"data.tar"):
                yield file
                return
            file.seek(size + size % 2, io.SEEK_CUR)
        raise ValueError("a package without data")


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := source.read(_BLOCK):
        digest.update(block)
        target.write(block)
    return digest.hexdigest()
