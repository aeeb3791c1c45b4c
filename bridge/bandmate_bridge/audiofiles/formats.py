"""The formats of audio files that Bandmate writes, and which one a command asks for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bandmate_bridge.files import check_regular
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

_FLAC_BITS = 24
"""Where nothing else is asked for."""
_SOUND = {".aac", ".aif", ".aiff", ".m4a", ".mp3", ".ogg", ".opus", ".w64", ".wave"}


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """A container, `wav` or `flac`, and its bits: 16, 24, or 32 for floats."""

    container: str = "wav"
    bits: int = 32

    @property
    def suffix(self) -> str:
        """Of a file's name."""
        return f".{self.container}"

    @property
    def is_float(self) -> bool:
        """Whether it is what stems arrive as: nothing has to be converted."""
        return self.bits == 32

    @property
    def title(self) -> str:
        """For people."""
        return f"{self.bits}-bit {self.container.upper()}"

    @property
    def as_asked(self) -> tuple[str | None, int | None]:
        """Container and bits as a redo asks for them; None for what need not be said."""
        return (None, None) if self.is_float else (self.container, self.bits)


FLOAT_WAV = AudioFormat()


@dataclass(frozen=True, slots=True)
class FormatRequest:
    """What was said of the format: None for what was left open."""

    container: str | None = None
    bits: int | None = None

    def of_folder(self) -> AudioFormat:
        """The format of the files in a folder. Raises RequestError (`bad_params`)."""
        return self._build_format(self.container or "wav")

    def of_file(self, path: Path, folder_for: str) -> AudioFormat:
        """The format that a file's name ends with; ``folder_for`` says what a folder would hold.

        Raises RequestError: `file_unusable` for another ending, `bad_params` for what does not go together.
        """
        container = path.suffix.lower().removeprefix(".")
        if container not in ("wav", "flac"):
            check_regular(path)
            meant = path.with_suffix("") if path.suffix.lower() in _SOUND else path
            raise RequestError(
                ErrorCode.FILE_UNUSABLE,
                say(
                    "{path} does not end in .wav or .flac, the only audio formats that Bandmate writes.",
                    path=path,
                ),
                say(
                    "Use -o {meant}.wav, -o {meant}/ for {folder_for}, or -o {meant}.dawproject for a project.",
                    meant=meant,
                    folder_for=folder_for,
                ),
            )
        if self.container not in (None, container):
            raise RequestError(
                ErrorCode.BAD_PARAMS,
                say(
                    "{path} is a {upper} file, but --format says {container}.",
                    path=path.name,
                    upper=container.upper(),
                    container=self.container,
                ),
                "Remove --format, which is for folders.",
            )
        return self._build_format(container)

    def _build_format(self, container: str) -> AudioFormat:
        if container == "flac" and self.bits == 32:
            raise RequestError(
                ErrorCode.BAD_PARAMS, "FLAC cannot store floats.", "Use --bits 24 or 16, or WAV for 32 bits."
            )
        return AudioFormat(container, self.bits or (_FLAC_BITS if container == "flac" else 32))


OPEN_FORMAT = FormatRequest()
"""Nothing was said."""
