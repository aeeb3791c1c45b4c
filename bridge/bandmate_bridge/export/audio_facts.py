"""What is in an audio file, as a clip has to say it: WAV is read here, all else by a process of the server part."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import msgspec

from bandmate_bridge.dawproject.arriving_audio import wav_facts
from bandmate_bridge.dawproject.new_clips import AudioFile
from bandmate_plugins._platform.installation import how_to_add
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_PROGRAM = "bandmate_server.audio.probe_process"
_NEEDED = ("numpy", "soundfile")
_MOST_SECONDS = 60.0
_FOUND = "AudioHeader"


class _ProbeAnswer(msgspec.Struct, frozen=True):
    kind: str = msgspec.field(name="type")
    sample_rate: int = 0
    channels: int = 0
    frames: int = 0


def audio_facts(file: Path) -> AudioFile | None:
    """What is in a file; None where it cannot be read as audio.

    Raises RequestError (`engine_unavailable`) for a file that only the server part can read, where that is missing.
    """
    try:
        return wav_facts(file)
    except RequestError:
        return _probed_facts(file)


def _probed_facts(file: Path) -> AudioFile | None:
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise RequestError(
            ErrorCode.ENGINE_UNAVAILABLE,
            say(
                "Only the server part of Bandmate, which is not installed here, can read {name}.",
                name=file.name,
            ),
            say("{how_to_add} WAV files need nothing extra.", how_to_add=how_to_add("server")),
        )
    try:
        done = subprocess.run(
            [sys.executable, "-m", _PROGRAM, str(file.resolve())],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_MOST_SECONDS,
            check=True,
        )
        found = msgspec.json.decode(done.stdout, type=_ProbeAnswer)
    except (OSError, subprocess.SubprocessError, msgspec.DecodeError):
        return None
    if found.kind != _FOUND or not found.sample_rate:
        return None
    return AudioFile(str(file), found.sample_rate, found.channels, found.frames / found.sample_rate)
