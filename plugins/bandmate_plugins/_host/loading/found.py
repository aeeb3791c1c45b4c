"""Which plugins are installed, and a key that changes when that does. Reads metadata; imports no plugin."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata

import msgspec

from bandmate_plugins._host.loading.records import FoundPlugin
from bandmate_plugins.hooks import PROJECT
from bandmate_protocol.version import __version__

BUILT_IN = "bandmate"
"""The distribution whose plugins come first."""

_FORMAT = 2
"""Of the cached catalogue; raise it when the meaning of a field changes."""


def find_plugins() -> list[FoundPlugin]:
    """Every entry point of the group `bandmate`, the built-in ones first, then by distribution and name."""
    found = [
        FoundPlugin(
            name=entry.name,
            value=entry.value,
            distribution=entry.dist.name if entry.dist else "",
            version=entry.dist.version if entry.dist else "",
        )
        for entry in metadata.entry_points(group=PROJECT)
    ]
    return sorted(
        found, key=lambda plugin: (plugin.distribution != BUILT_IN, plugin.distribution, plugin.name)
    )


def disabled_plugins() -> frozenset[str]:
    """The names in the setting `BANDMATE_DISABLE`, which separates them by commas."""
    return frozenset(
        name.strip() for name in os.environ.get("BANDMATE_DISABLE", "").split(",") if name.strip()
    )


def environment_key() -> str:
    """A hash over Bandmate's and Python's versions, what is installed and what is disabled."""
    parts = [str(_FORMAT), __version__, sys.version, *sorted(disabled_plugins()), *_installed_lines()]
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def _installed_lines() -> Iterator[str]:
    """A line for each folder of the path and each distribution in it.

    The name of a `.dist-info` folder holds name and version, so that nothing needs to be opened; the time of
    its entry points catches an editable install that was made anew under the same version.
    """
    for folder in dict.fromkeys(sys.path):
        yield folder
        try:
            names = sorted(os.listdir(folder or "."))
        except NotADirectoryError:
            yield from (f"{time}" for time, _ in file_stamps([folder]).values())
            continue
        except OSError:
            continue
        for name in names:
            if name.endswith((".dist-info", ".egg-info")):
                entries = os.path.join(folder, name, "entry_points.txt")
                yield f"{name} {file_stamps([entries]).get(entries)}"


def file_stamps(paths: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Time of change in ns and size in bytes of the paths that exist."""
    result = {}
    for path in paths:
        try:
            facts = os.stat(path)
        except OSError:
            continue
        result[path] = (facts.st_mtime_ns, facts.st_size)
    return result
