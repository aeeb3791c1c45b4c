"""Audio files that come into an archive with its next save."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from bandmate_bridge.audiofiles.wav_patch import read_layout
from bandmate_bridge.dawproject.archive import Archive
from bandmate_bridge.dawproject.new_clips import AudioFile

_AUDIO_FOLDER = "audio"


class ArrivingAudio:
    """The files, each once, under names that the archive does not have."""

    def __init__(self, archive: Archive | None) -> None:
        self._taken = {entry.filename.casefold() for entry in archive.entries} if archive else set[str]()
        self._known: dict[Path, AudioFile] = {}
        self.files: dict[str, Path] = {}
        """By their path in the archive."""

    def take_in(self, file: Path, facts: AudioFile | None = None) -> AudioFile:
        """A file, as clips refer to it. ``facts`` says what is in it; else it is a WAV file, and read.

        Raises RequestError (`file_unusable`).
        """
        place = file.resolve()
        known = self._known.get(place)
        if known is None:
            known = replace(facts or wav_facts(file), path=self._free_entry(file.name))
            self._known[place] = known
            self.files[known.path] = file
        return known

    def _free_entry(self, name: str) -> str:
        stem, suffix = os.path.splitext(name)
        entry, number = f"{_AUDIO_FOLDER}/{name}", 1
        while entry.casefold() in self._taken:
            number += 1
            entry = f"{_AUDIO_FOLDER}/{stem}-{number}{suffix}"
        self._taken.add(entry.casefold())
        return entry


def wav_facts(file: Path) -> AudioFile:
    """What is in a WAV file, under its own path. Raises RequestError (`file_unusable`) for what is none."""
    layout = read_layout(file)
    return AudioFile(str(file), layout.sample_rate, layout.channels, layout.frames / layout.sample_rate)
