"""Plays a file through whatever the machine has for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_PLAYERS: tuple[tuple[str, ...], ...] = (
    ("afplay",),
    ("pw-play",),
    ("paplay",),
    ("ffplay", "-nodisp", "-autoexit", "-loglevel", "error"),
    ("aplay", "-q"),
)

_NO_DEVICE = (
    "audio open failed",  # ffplay, which then ends with 0
    "could not initialize sdl",
    "audio open error",  # aplay
    "connection refused",  # paplay, pw-play: no sound server
    "host is down",
)
"""What players say where there is no sound device, whatever they exit with."""
_REMEDY = (
    "Connect a sound device, or write the result to a file: `bandmate fetch -o file.wav`; next time, "
    "`bandmate generate PROMPT -o file.wav`."
)


def find_player(suffix: str = ".wav") -> list[str] | None:
    """The command line of a player, without the file; None when there is none. Windows needs none."""
    for name, *options in _PLAYERS:
        found = shutil.which(name)
        if found and not (name == "aplay" and suffix == ".flac"):  # it would play the bytes as noise
            return [found, *options]
    return None


def check_player() -> None:
    """Raises RequestError (`file_unusable`) when nothing here plays a file."""
    if sys.platform != "win32":
        _needed_player()


def play_file(path: Path) -> None:
    """Plays a WAV or FLAC file to its end. Raises RequestError (`file_unusable`) that says why it cannot."""
    if sys.platform == "win32":
        _play_on_windows(path)
        return
    player = _needed_player(path.suffix.lower())
    done = subprocess.run([*player, str(path)], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    said = done.stderr.decode("utf-8", "replace").strip()
    name = Path(player[0]).name
    if any(sign in said.casefold() for sign in _NO_DEVICE):
        raise RequestError(ErrorCode.FILE_UNUSABLE, say("{name} found no sound device.", name=name), _REMEDY)
    if done.returncode != 0:
        reason = said.splitlines()[-1] if said else done.returncode
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{name} could not play {path}: {reason}.", name=name, path=path, reason=reason),
            _REMEDY,
        )


def _needed_player(suffix: str = ".wav") -> list[str]:
    player = find_player(suffix)
    if player is None:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("This machine has no player for {suffix} files.", suffix=suffix),
            say(
                "Install one of {names}; or use `bandmate generate` with -o, without --play, and open the file.",
                names=", ".join((name for name, *_ in _PLAYERS)),
            ),
        )
    return player


def _play_on_windows(path: Path) -> None:
    if sys.platform == "win32":
        import os

        os.startfile(path)  # noqa: S606 - the user's own player, on a file that was just written
