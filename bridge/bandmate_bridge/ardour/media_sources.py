"""The sources of a session: files with one channel or more, of which a region plays one source for each channel.

Ardour keeps stereo audio as two files. For a job they are joined into one, once, when it needs them, in a folder that
goes away with the process.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bandmate_bridge.ardour.joined_audio import join_channels
from bandmate_bridge.audiofiles.wav_patch import read_layout
from bandmate_bridge.rpp.made_files import make_on_demand
from bandmate_bridge.rpp.media_files import file_slug
from bandmate_bridge.xml_projects.temporary_media import new_folder
from bandmate_bridge.xml_projects.xml_tree import Element
from bandmate_protocol.errors import RequestError

_NAME_CHARS = 60
_joined: dict[str, Path] = {}
"""By the state of their files and channels."""
_KINDS = {"audio": "audiofiles", "midi": "midifiles"}


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One channel of a file."""

    id: str
    name: str
    """As the session has it: a name in its media folder, or a whole path."""
    kind: str
    channel: int


def read_sources(session: Element) -> dict[str, SourceFile]:
    """All sources by their ids."""
    return {
        one.get("id"): SourceFile(
            one.get("id"), one.get("name"), one.get("type") or "audio", int(one.number("channel") or 0)
        )
        for around in session.all("Sources")
        for one in around.all("Source")
    }


def media_name(folder: Path) -> str:
    """What the folder of a session calls its own part of `interchange`: the one that is there, else its own name."""
    interchange = folder / "interchange"
    there = sorted(one.name for one in interchange.iterdir() if one.is_dir()) if interchange.is_dir() else []
    return there[0] if len(there) == 1 else folder.resolve().name


class SessionMedia:
    """Where the audio and the notes of a session lie on the disk."""

    def __init__(self, folder: Path, sources: Mapping[str, SourceFile], search: Sequence[Path]) -> None:
        """``folder``: the session's. ``search``: further folders with audio, as the session names them."""
        # Files are named whole: the document that is made of a session may be read from elsewhere.
        self._folder = Path(os.path.abspath(folder))
        self._sources = sources
        self._search = list(search)
        interchange = self._folder / "interchange"
        self._parts = sorted(interchange.iterdir()) if interchange.is_dir() else []

    def file_of(self, source: SourceFile) -> Path:
        """The file of a source; a path where nothing is for a missing one."""
        named = Path(source.name)
        if named.is_absolute():
            return named
        inside = _KINDS.get(source.kind, "audiofiles")
        places = [*(part / inside for part in self._parts), *self._search]
        found = (place / source.name for place in places if (place / source.name).is_file())
        return next(found, self._folder / "interchange" / media_name(self._folder) / inside / source.name)

    def source_file(self, id_: str) -> Path | None:
        """The file of the source of an id; None where the session has none."""
        source = self._sources.get(id_)
        return self.file_of(source) if source else None

    def audio_of(self, ids: Sequence[str]) -> Path | None:
        """The file that plays the sources of a region, channel by channel; None where the session lacks one of them.

        It is made when it is needed where no file of the session has just these channels.
        """
        sources = [self._sources.get(one) for one in ids]
        known = [one for one in sources if one is not None]
        if not known or len(known) < len(sources):
            return None
        files = [self.file_of(one) for one in known]
        channels = [one.channel for one in known]
        missing = next((file for file in files if not file.is_file()), None)
        if missing is not None or (len(set(files)) == 1 and channels == _channels(files[0])):
            return missing or files[0]
        return _joined_file(files, channels)


def _channels(file: Path) -> list[int]:
    try:
        return list(range(read_layout(file).channels))
    except RequestError:
        return [0]


def _joined_file(files: Sequence[Path], channels: Sequence[int]) -> Path:
    stamp = [(str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files]
    key = repr((stamp, channels))
    if key not in _joined:
        name = file_slug(files[0].stem.removesuffix("%L"), _NAME_CHARS) or "audio"
        _joined[key] = new_folder() / f"{name}.wav"
    return make_on_demand(
        _joined[key], lambda path: join_channels(list(zip(files, channels, strict=True)), path)
    )
