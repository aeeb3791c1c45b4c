"""Audio files that come into an archive with its next save."""

from __future__ import annotations

import os
from pathlib import Path

from bandmate_bridge.audiofiles.wav_patch import read_layout
from bandmate_bridge.dawproject.archive import Archive
from bandmate_bridge.dawproject.new_clips import AudioFile

_AUDIO_FOLDER = "audio"


class ArrivingAudio:
    """The files, each once, under names that the archive does not have."""

    def __init__(self, archive: Archive | None) -> None:
        self._taken = {entry.filename.casefold() for entry in archive.entries} if archive else set()
        self.files: dict[str, Path] = {}
        """By their path in the archive."""

    def take_in(self, file: Path) -> AudioFile:
        """A WAV file, as clips refer to it."""
        layout = read_layout(file)
        known = {path.resolve(): name for name, path in self.files.items()}
        name = known.get(file.resolve()) or self._free_entry(file.name)
        self.files[name] = file
        return AudioFile(name, layout.sample_rate, layout.channels, layout.frames / layout.sample_rate)

    def _free_entry(self, name: str) -> str:
        taken = self._taken | {added.casefold() for added in self.files}
        stem, suffix = os.path.splitext(name)
        entry, number = f"{_AUDIO_FOLDER}/{name}", 1
        while entry.casefold() in taken:
            number += 1
            entry = f"{_AUDIO_FOLDER}/{stem}-{number}{suffix}"
        return entry
