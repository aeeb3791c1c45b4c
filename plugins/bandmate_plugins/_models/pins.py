"""Which commit of a model's repository is used here, where its engine names only a branch.

The first pull looks up the branch and notes its commit; from then on that one is used, whatever becomes of
the branch, until a pull with `--update`.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from bandmate_plugins._platform import home


def pins_file() -> Path:
    """Where the commits are noted."""
    return home.data_dir() / "models.json"


def read_pins() -> dict[str, str]:
    """Commits by `owner/name`; none when nothing was noted, or the file is damaged."""
    try:
        return msgspec.json.decode(pins_file().read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}


def pin_commit(hub_id: str, commit: str | None) -> None:
    """Notes a commit, or forgets it."""
    pins = read_pins()
    if commit is None:
        pins.pop(hub_id, None)
    else:
        pins[hub_id] = commit
    _write_pins(pins)


def touch_pins() -> None:
    """Writes the file again as it is, so that whoever watches it sees that models have changed."""
    _write_pins(read_pins())


def _write_pins(pins: dict[str, str]) -> None:
    path = pins_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_suffix(".new")
    whole.write_bytes(msgspec.json.format(msgspec.json.encode(pins)))
    whole.replace(path)
