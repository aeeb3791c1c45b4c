"""Names of audio files as results carry them: the name is the permission, so that players need no header."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from hashlib import sha256

_NAME = re.compile(r"([0-9a-z]{8})-([0-9]{1,5})-([0-9a-f]{32})\.(mp3|wav|wav32|flac)", re.ASCII)


@dataclass(frozen=True)
class AudioName:
    """One file: a stem of a job in a format."""

    job: str
    stem: int
    audio_format: str

    def sealed(self, token: str) -> str:
        """The name as a client gets it, which nobody else can make up."""
        return f"{self.job}-{self.stem}-{self._seal(token)}.{self.audio_format}"

    def _seal(self, token: str) -> str:
        told = f"acestep audio {self.job} {self.stem} {self.audio_format}"
        return hmac.new(token.encode(), told.encode(), sha256).hexdigest()[:32]


def read_audio_name(text: str, token: str) -> AudioName | None:
    """The file that a client asks for; None for a name that this server did not give out."""
    found = _NAME.fullmatch(text.rpartition("/")[2])
    if found is None:
        return None
    name = AudioName(found[1], int(found[2]), found[4])
    return name if hmac.compare_digest(name.sealed(token), found[0]) else None
