"""SoundFonts that Bandmate knows by their hash: free ones with a whole General MIDI set.

Sizes and hashes are those of the files in Debian's packages, licences those that the packages' copyright files
state. The hash decides, so a file may come from any place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bandmate_plugins._models.soundfont_places import find_soundfonts, own_soundfont_folder, soundfont_folders
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

PREFIX = "soundfont:"
"""What their names begin with on the command line."""
_BLOCK = 1 << 20


@dataclass(frozen=True)
class KnownSoundFont:
    """A SoundFont, by the hash of its file."""

    name: str
    file_name: str
    sha256: str
    size_bytes: int
    licence: str
    package: str
    """The Debian package that has it."""

    @property
    def full_name(self) -> str:
        """Its name on the command line."""
        return PREFIX + self.name

    @property
    def own_path(self) -> Path:
        """Where Bandmate keeps it."""
        return own_soundfont_folder() / self.file_name


KNOWN_SOUNDFONTS = (
    KnownSoundFont(
        "fluid_r3", "FluidR3_GM.sf2",
        "74594e8f4250680adf590507a306655a299935343583256f3b722c48a1bc1cb0", 148_398_306,
        "MIT", "fluid-soundfont-gm",
    ),
    KnownSoundFont(
        "musescore_general", "MuseScore_General_Full.sf3",
        "f9a37b36655f23e167c66ec91bef6097c8e99be29286219a54062919eb41aeae", 85_967_114,
        "MIT, parts CC0 or public domain", "musescore-general-soundfont",
    ),
    KnownSoundFont(
        "musescore_general_lite", "MuseScore_General_Lite.sf3",
        "916aaca6b0eb9f9083eb42399614acb2ff4ec72ce28dffff1814592a9696b479", 39_978_561,
        "MIT, parts CC0 or public domain", "musescore-general-soundfont-small",
    ),
    KnownSoundFont(
        "fluid_r3_mono", "FluidR3Mono_GM.sf3",
        "cda013d8c370a48ae8dad271e761078d2e77455488dabdedbfbe5fc76a38c682", 23_614_353,
        "MIT", "fluidr3mono-gm-soundfont",
    ),
)  # fmt: skip


def is_soundfont_name(name: str) -> bool:
    """Whether a name on the command line is that of a SoundFont."""
    return name.startswith(PREFIX)


def soundfont_named(name: str) -> KnownSoundFont:
    """The SoundFont of that name, with or without the prefix. Raises RequestError (`bad_params`)."""
    for known in KNOWN_SOUNDFONTS:
        if name.removeprefix(PREFIX) == known.name:
            return known
    there = ", ".join(known.full_name for known in KNOWN_SOUNDFONTS)
    raise RequestError(
        ErrorCode.BAD_PARAMS,
        say("There is no SoundFont named {name}.", name=name),
        say("Available: {there}. `bandmate models add FILE` adds any other.", there=there),
    )


def installed_path(known: KnownSoundFont) -> Path | None:
    """Where a SoundFont lies, in Bandmate's folder or one of the system's; None if it does not."""
    for path in find_soundfonts(soundfont_folders()):
        if _has_size(path, known.size_bytes) and file_sha256(path) == known.sha256:
            return path
    return None


def file_sha256(path: Path, check: Callable[[], None] = lambda: None) -> str:
    """The hash of a file; `check` is called all the while. Raises OSError."""
    digest = hashlib.sha256()
    for block in file_blocks(path):
        check()
        digest.update(block)
    return digest.hexdigest()


def file_blocks(path: Path) -> Iterator[bytes]:
    """A file's bytes, a megabyte at a time. Raises OSError."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _has_size(path: Path, size_bytes: int) -> bool:
    try:
        return path.stat().st_size == size_bytes
    except OSError:
        return False
