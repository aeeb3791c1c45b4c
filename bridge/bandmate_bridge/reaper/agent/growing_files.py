"""Audio files that REAPER plays while they are filled."""

from __future__ import annotations

from pathlib import Path

from bandmate_bridge.audiofiles.wav import WavFile
from bandmate_bridge.rpp import media_path
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.messages import Stem


def open_stem_file(known: str | None, folder: Path, title: str, stem: Stem) -> WavFile:
    """The file that was begun for a stem, ``known`` by its path; else a new one. Raises RequestError."""
    if known is not None:
        try:
            return WavFile.reopen(
                Path(known), sample_rate=stem.sample_rate, channels=stem.channels, frames=stem.frames
            )
        except RequestError as error:
            # The file is gone or is another one by now; the stem gets a new one.
            if error.code != ErrorCode.FILE_UNUSABLE:
                raise
    return _create_stem_file(folder, title, stem)


def _create_stem_file(folder: Path, title: str, stem: Stem) -> WavFile:
    """A silent file of the stem's length, under a name that is nobody else's. Raises RequestError."""
    while True:
        path = media_path(folder, title, stem.name)
        path.unlink()
        try:
            return WavFile(
                path,
                sample_rate=stem.sample_rate,
                channels=stem.channels,
                frames=stem.frames,
                live=True,
            )
        except RequestError as error:
            # Somebody took the name in between; the next one is free.
            if error.code != ErrorCode.FILE_EXISTS:
                raise
