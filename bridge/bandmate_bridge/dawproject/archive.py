"""The archive of a DAWproject: a ZIP with `project.xml`, `metadata.xml`, audio and the states of plug-ins.

Entries that are not replaced are copied as they lie in the file, compressed bytes, dates and all.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO

from bandmate_bridge.file_errors import file_errors
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

PROJECT_XML = "project.xml"
METADATA_XML = "metadata.xml"
_MAX_XML_BYTES = 256 << 20
_MAX_ENTRIES = 100_000
_MAX_RATIO = 2_000
"""More than deflate can pack music or XML; zeros alone get to about 1030."""
_SMALL_BYTES = 1 << 20
_BLOCK_BYTES = 1 << 20
_ENCRYPTED = 1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What tells one state of a file from another."""

    inode: int
    modified_ns: int
    size: int

    @classmethod
    def of(cls, path: Path) -> FileStamp | None:
        """None where there is no such file."""
        try:
            found = path.stat()
        except OSError:
            return None
        return cls(found.st_ino, found.st_mtime_ns, found.st_size)


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that was opened: its entries, and the project's text."""

    path: Path
    stamp: FileStamp
    entries: tuple[zipfile.ZipInfo, ...]
    project_xml: bytes

    def entry(self, name: str) -> zipfile.ZipInfo | None:
        """The entry of a path inside the archive; None where there is none."""
        wanted = name.replace("\\", "/").removeprefix("./")
        return next((one for one in self.entries if one.filename == wanted and not one.is_dir()), None)

    def extract(self, entry: zipfile.ZipInfo, target: Path) -> None:
        """Writes what an entry holds into a new file. Raises RequestError (`not_a_project`, `disk_full`, ...)."""
        _check_entry(entry, self.path.name)
        try:
            with (
                zipfile.ZipFile(self.path) as source,
                source.open(entry) as read,
                file_errors(target),
                target.open("xb") as written,
            ):
                _copy_exactly(read, written, entry.file_size)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            target.unlink(missing_ok=True)
            raise _damaged_error(self.path.name, entry.filename) from error


def open_archive(path: Path) -> Archive:
    """Reads the directory of an archive and its project.

    Raises RequestError: `file_unusable` for a file that cannot be read, `not_a_project` for one that is no archive,
    is damaged, has no project, or whose entries are not what they say.
    """
    stamp = FileStamp.of(path)
    if stamp is None or not path.is_file():
        raise RequestError(
            ErrorCode.FILE_UNUSABLE, say("{path} does not exist.", path=path), "Give the path of a project."
        )
    try:
        with file_errors(path), zipfile.ZipFile(path) as archive:
            entries = tuple(archive.infolist())
            return Archive(path, stamp, entries, _read_project(archive, path.name))
    except zipfile.BadZipFile as error:
        raise _not_archive_error(path.name) from error


def is_archive(path: Path) -> bool:
    """Whether a file is meant as a DAWproject: by its ending, or because it is a ZIP."""
    if path.suffix.lower() == ".dawproject":
        return True
    try:
        with path.open("rb") as file:
            return file.read(4) == b"PK\x03\x04"
    except OSError:
        return False


def _read_project(archive: zipfile.ZipFile, called: str) -> bytes:
    entries = archive.infolist()
    if len(entries) > _MAX_ENTRIES:
        raise _suspicious_error(called, f"{len(entries)} entries")
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names):
        raise _suspicious_error(called, "two entries of one name")
    found = next((entry for entry in entries if entry.filename == PROJECT_XML), None)
    if found is None:
        raise RequestError(
            ErrorCode.NOT_A_PROJECT,
            say("{called} is not a DAWproject: it contains no project.xml.", called=called),
            "Give the .dawproject file that the DAW exported.",
        )
    _check_entry(found, called)
    if found.file_size > _MAX_XML_BYTES:
        raise _suspicious_error(called, f"a project.xml of {found.file_size >> 20} MiB")
    try:
        with archive.open(found) as file:
            return file.read(_MAX_XML_BYTES)
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise _damaged_error(called, PROJECT_XML) from error


def _check_entry(entry: zipfile.ZipInfo, called: str) -> None:
    """Raises RequestError for an entry that is encrypted, packed in an unusual way, or a bomb."""
    if entry.flag_bits & _ENCRYPTED:
        raise RequestError(
            ErrorCode.NOT_A_PROJECT,
            say("{called} is encrypted.", called=called),
            "Export the project from the DAW again.",
        )
    packed = max(entry.compress_size, 1)
    if entry.file_size > _SMALL_BYTES and entry.file_size / packed > _MAX_RATIO:
        raise _suspicious_error(
            called, f"an entry that unpacks to {entry.file_size // packed} times its size"
        )
    if entry.compress_type not in _METHODS:
        raise _suspicious_error(called, f"an entry packed with method {entry.compress_type}")


def safe_member(name: str) -> PurePosixPath | None:
    """A path inside the archive; None where it would lead out of it."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or not path.parts or ":" in path.parts[0]:
        return None
    return path


def _copy_exactly(read: IO[bytes], written: BinaryIO, size: int) -> None:
    """Copies as many bytes as were promised; more is a damaged entry, which `zipfile` finds by its checksum."""
    left = size
    while block := read.read(min(_BLOCK_BYTES, left + 1)):
        left -= len(block)
        if left < 0:
            raise zipfile.BadZipFile("longer than its header says")
        written.write(block)


def write_archive(
    target: BinaryIO,
    archive: Archive | None,
    texts: Mapping[str, bytes],
    files: Mapping[str, Path],
) -> None:
    """Writes an archive with new texts and files; all other entries of ``archive`` are copied byte for byte.

    ``texts``: by their path; those of entries that are there take their place. ``files``: audio on the disk.
    """
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written:
        waiting = dict(texts)
        if archive is not None:
            with archive.path.open("rb") as source:
                ends = _record_ends(archive, source)
                for entry in archive.entries:
                    if entry.filename in waiting:
                        _write_text(written, entry.filename, waiting.pop(entry.filename))
                    else:
                        _copy_record(written, source, entry, ends[entry.header_offset])
        for name, text in waiting.items():
            _write_text(written, name, text)
        for name, path in files.items():
            # Music hardly gets smaller, and a DAW can play what is only stored.
            written.write(path, name, zipfile.ZIP_STORED)


def _write_text(written: zipfile.ZipFile, name: str, text: bytes) -> None:
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    written.writestr(info, text)


def _record_ends(archive: Archive, source: BinaryIO) -> dict[int, int]:
    """Where the record of each entry ends, by where it begins: at the next one, or at the directory."""
    with zipfile.ZipFile(source) as opened:
        starts = sorted({entry.header_offset for entry in archive.entries})
        return dict(zip(starts, [*starts[1:], opened.start_dir], strict=True))


def _copy_record(written: zipfile.ZipFile, source: BinaryIO, entry: zipfile.ZipInfo, end: int) -> None:
    """Copies an entry's header, packed bytes and what follows them as they are."""
    target = written.fp
    assert target is not None, "the archive is open"
    place = target.tell()
    source.seek(entry.header_offset)
    left = end - entry.header_offset
    while left > 0 and (block := source.read(min(left, _BLOCK_BYTES))):
        target.write(block)
        left -= len(block)
    copied = zipfile.ZipInfo.__new__(zipfile.ZipInfo)
    for name in zipfile.ZipInfo.__slots__:
        if hasattr(entry, name):
            setattr(copied, name, getattr(entry, name))
    copied.header_offset = place
    written.filelist.append(copied)
    written.NameToInfo[copied.filename] = copied
    written.start_dir = target.tell()


def outside_file(base: Path, written: str) -> Path:
    """The file of an external reference: counted from the folder of the archive, or absolute."""
    return base / (written.replace("\\", "/") if os.name != "nt" else written)


def _not_archive_error(called: str) -> RequestError:
    return RequestError(
        ErrorCode.NOT_A_PROJECT,
        say(
            "{called} is not a DAWproject, or it is cut short: it is not a complete ZIP archive.",
            called=called,
        ),
        "Export the project from the DAW again.",
    )


def _damaged_error(called: str, entry: str) -> RequestError:
    return RequestError(
        ErrorCode.NOT_A_PROJECT,
        say("{called} is damaged: {entry} cannot be unpacked.", called=called, entry=entry),
        "Export the project from the DAW again.",
    )


def _suspicious_error(called: str, what: str) -> RequestError:
    return RequestError(
        ErrorCode.NOT_A_PROJECT,
        say(
            "{called} has {what}, which no project has, so Bandmate does not open it.",
            called=called,
            what=what,
        ),
        "Export the project from the DAW again.",
    )
