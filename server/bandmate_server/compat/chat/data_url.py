"""Audio as text: base64 in messages, `data:` addresses in answers."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from bandmate_protocol.texts import say
from bandmate_server.compat.chat.body import ContentPart
from bandmate_server.compat.chat.errors import FieldError

MEDIA_TYPES = {"mp3": "audio/mpeg", "wav": "audio/wav", "flac": "audio/flac"}
"""By the formats that answers can have."""


@dataclass(frozen=True)
class AudioPart:
    """An audio file that came in a message."""

    data: bytes
    param: str
    """Where in the request it was."""


def read_audio_part(part: ContentPart, where: str) -> AudioPart:
    """The file of a part `input_audio` or `audio_url`. Raises FieldError."""
    if part.type == "audio_url":
        param, text = f"{where}.audio_url.url", part.audio_url.url if part.audio_url else ""
        if text and not text.startswith("data:"):
            raise FieldError(
                param,
                "Bandmate fetches no audio from other places.",
                "Send the file itself in base64, as `input_audio`.",
            )
    else:
        param, text = f"{where}.input_audio.data", part.input_audio.data if part.input_audio else ""
    data = _decode(text, param)
    if not data:
        raise FieldError(param, "This part has no audio.", "Send the file in base64.")
    return AudioPart(data, param)


def audio_data_url(data: bytes, container: str) -> str:
    """A file as an address that holds it."""
    return f"data:{MEDIA_TYPES[container]};base64,{base64.b64encode(data).decode('ascii')}"


def _decode(text: str, param: str) -> bytes:
    if text.startswith("data:"):
        text = text.partition(",")[2]
    # Encoders that wrap their lines are common.
    plain = text.translate({ord(mark): None for mark in " \t\r\n"})
    padding = "=" * (-len(plain) % 4) if not plain.endswith("=") else ""
    try:
        return base64.b64decode(plain + padding, validate=True)
    except (binascii.Error, ValueError) as error:
        raise FieldError(
            param,
            say("The audio is not valid base64: {reason}.", reason=error),
            "Encode the whole file, as `base64 -w0 FILE` does.",
        ) from error
