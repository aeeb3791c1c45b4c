"""The maps that lie in the folders for them, read again when a file changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from bandmate_plugins._platform import home
from bandmate_protocol.errors import RequestError
from bandmate_server.surfaces.control.model import ControlModel
from bandmate_server.surfaces.midi.maps import MidiMap, read_map

BUNDLED_FOLDER = Path(__file__).parent / "ready"
"""Maps that come along. A task that is not installed here is left out of them."""
_FileStamp = tuple[int, int]


def user_map_folder() -> Path:
    """Where the musician's maps lie."""
    return home.config_dir() / "midi"


class MapLibrary:
    """Looks through folders; of two maps for one controller that of the first folder counts.

    In one folder that counts whose pattern says most: `*X-TOUCH MINI*` before `*X-TOUCH*`.
    """

    def __init__(self, model: ControlModel, folders: Sequence[Path], complain: Callable[[str], None]) -> None:
        self._model = model
        self._folders = folders
        self._complain = complain
        self._stamps: dict[Path, _FileStamp] = {}
        self._maps: dict[Path, MidiMap] = {}

    def reload_changed(self) -> bool:
        """Reads what is new; whether anything changed. A file with a mistake leaves its map as it was."""
        stamps = dict(self._stat_maps())
        if stamps == self._stamps:
            return False
        fresh = [path for path, stamp in stamps.items() if self._stamps.get(path) != stamp]
        self._stamps = stamps
        for path in fresh:
            try:
                ready = path.parent == BUNDLED_FOLDER
                self._maps[path] = read_map(path, self._model, skips_unknown=ready)
            except RequestError as error:
                self._complain(error.sentence)
        # In the order of the folders, without what was removed.
        self._maps = {path: self._maps[path] for path in stamps if path in self._maps}
        return True

    def _stat_maps(self) -> list[tuple[Path, _FileStamp]]:
        found = []
        for folder in self._folders:
            for path in sorted(folder.glob("*.toml")):
                try:
                    known = path.stat()
                except OSError:  # removed meanwhile
                    continue
                found.append((path, (known.st_mtime_ns, known.st_size)))
        return found

    def all_maps(self) -> list[MidiMap]:
        """Those that could be read."""
        return list(self._maps.values())

    def map_for_port(self, name: str) -> MidiMap | None:
        """The map for the controller on a port."""
        for folder in self._folders:
            maps = [
                each for path, each in self._maps.items() if path.parent == folder and each.match_score(name)
            ]
            if maps:
                return max(maps, key=lambda each: each.match_score(name))
        return None
