"""Settings in the environment: which of them a server works by, and how two processes differ in them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

_PREFIX = "BANDMATE_"
_CLIENTS_OWN = frozenset({"BANDMATE_HOME", "BANDMATE_SERVER", "BANDMATE_TOKEN", "BANDMATE_MEDIA"})
"""Read by clients, or the same for all who find one another."""
_FROM_OTHERS = (
    "CUDA_VISIBLE_DEVICES",
    "HF_ENDPOINT",
    "HF_HOME",
    "HF_HUB_CACHE",
    "HF_HUB_OFFLINE",
    "MAX_CUDA_VRAM",
)
_SHOWN = ("BANDMATE_DISABLE", "BANDMATE_MODELS", "BANDMATE_SERVER_", "BANDMATE_SOUNDFONT", *_FROM_OTHERS)
"""Their values may be shown; what plugins read may be a secret, of which only a hash is kept."""
_PATHS = frozenset(
    {
        "BANDMATE_HOME",
        "BANDMATE_MODELS",
        "BANDMATE_SERVER_DATA",
        "BANDMATE_SOUNDFONT",
        "HF_HOME",
        "HF_HUB_CACHE",
    }
)
_NO_PATH = "none"
"""What BANDMATE_SOUNDFONT may say in place of a path."""


@dataclass(frozen=True, slots=True)
class SettingDifference:
    """A setting that a server was started with otherwise than a command was."""

    name: str
    there: str | None
    """The server's value; None where it is not set."""
    here: str | None

    def __str__(self) -> str:
        if not self.name.startswith(_SHOWN):
            return f"{self.name} differs"
        return f"{self.name} is {self.there or 'not set'} there and {self.here or 'not set'} here"


def absolute_paths(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment for a process in another folder: paths from the present folder become absolute."""
    return {name: _absolute_value(name, value) for name, value in environ.items()}


def server_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """What of an environment a server works by, in a form that can be kept and compared."""
    found: dict[str, str] = {}
    for name, value in sorted(environ.items()):
        ours = name.startswith(_PREFIX) and name not in _CLIENTS_OWN
        if not value.strip() or not (ours or name in _FROM_OTHERS):
            continue
        if name.startswith(_SHOWN):
            found[name] = _storable_text(_absolute_value(name, value.strip()))
        else:
            found[name] = hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()
    return found


def setting_differences(
    there: Mapping[str, str], here: Mapping[str, str], *, both_ways: bool
) -> list[SettingDifference]:
    """Settings of ``here`` that are not so ``there``, and if ``both_ways`` those of ``there`` alone."""
    names = sorted({*here, *(there if both_ways else ())})
    found = (SettingDifference(name, there.get(name), here.get(name)) for name in names)
    return [each for each in found if each.there != each.here]


def _storable_text(value: str) -> str:
    """A value that can be kept as text, also where a file's name in it is no Unicode."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _absolute_value(name: str, value: str) -> str:
    if name not in _PATHS or not value or value.lower() == _NO_PATH:
        return value
    return os.path.abspath(os.path.expanduser(value))
