"""What the server asks `export_process` for, and what that answers."""

from __future__ import annotations

from typing import Literal

import msgspec


class ExportSlice(msgspec.Struct, frozen=True):
    """Frames of a finished stem, and where they go in what is made."""

    path: str
    channels: int
    start_frame: int
    frames: int
    at_frame: int


class ExportSource(msgspec.Struct, frozen=True):
    """A finished stem: bare f32le frames."""

    path: str
    """Empty where it is put together from slices."""
    file_name: str
    """Of the file to make."""
    sha256: str
    sample_rate: int
    channels: int
    frames: int
    slices: tuple[ExportSlice, ...] = ()
    """Added up where they overlap."""


class ExportOrder(msgspec.Struct, frozen=True):
    """What to make."""

    sources: tuple[ExportSource, ...]
    container: Literal["wav", "flac", "mp3"]
    bits: Literal[16, 24, 32]
    folder: str
    """An empty folder for the files."""
    zip_name: str = ""
    """Puts all files into one of this name."""


class ExportAnswer(msgspec.Struct, frozen=True):
    """What became of it."""

    file: str = ""
    """Its path."""
    error: str = ""
