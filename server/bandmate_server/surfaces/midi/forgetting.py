"""Takes an entry out of the user's map of a controller; comments and the other entries stay as they are."""

from __future__ import annotations

from pathlib import Path

from bandmate_plugins._platform import home
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say
from bandmate_server.surfaces.midi.maps import MapEntry, MidiMap

_HEADINGS = frozenset({"name", "port"})
"""What a map has that `save_entry` began."""


def forget_entry(used: MidiMap, entry: MapEntry) -> None:
    """Removes an entry from the file of a map. A file without another one goes too, if it was begun by learning.

    Raises RequestError (`file_unusable`).
    """
    # Here, so that a server starts without it.
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    place = used.entries.index(entry)
    try:
        text = used.path.read_bytes().decode()
        content = tomlkit.parse(text)
        entries = content["control"]
        if not isinstance(entries, list) or len(entries) != len(used.entries):
            raise ValueError("it has changed meanwhile")
        del entries[place]
        if not entries and content.keys() <= {*_HEADINGS, "control"} and "#" not in text:
            # An empty map would keep the map that comes with Bandmate from being used.
            used.path.unlink()
            return
        if not entries:
            del content["control"]
        home.write_private(used.path, tomlkit.dumps(content).encode())
    except (OSError, ValueError, KeyError, TOMLKitError) as error:
        raise _file_error(used.path, error) from error


def _file_error(path: Path, error: Exception) -> RequestError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return RequestError(
        ErrorCode.FILE_UNUSABLE,
        say("{path} cannot be changed: {reason}.", path=path, reason=reason),
        "Correct that file or its permissions, or remove the entry in it yourself.",
    )
