"""Audio small enough to be handed to an assistant: mono MP3 of half a minute at most."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
import soxr
from mcp_types import AudioContent, TextContent

from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import say

PREVIEW_RATE = 24_000
"""Hz."""
MAX_PREVIEW_SECONDS = 30.0
MAX_PREVIEW_BYTES = 400_000
"""Of the MP3; base64 makes it a third longer."""
MIME_TYPE = "audio/mpeg"


@dataclass(frozen=True)
class AudioPreview:
    """An excerpt."""

    data: bytes
    """An MP3 file: mono, 24 kHz."""
    start_seconds: float
    seconds: float
    whole_seconds: float
    """Of the recording."""


def audio_preview(path: Path, start: float = 0.0, seconds: float = MAX_PREVIEW_SECONDS) -> AudioPreview:
    """An excerpt of an audio file, in seconds from its start. The level stays as it is.

    Raises RequestError: `file_unusable` for a file that is no audio, `bad_position` for a start behind its end.
    """
    try:
        with soundfile.SoundFile(path) as file:
            whole = file.frames / file.samplerate
            if start >= whole:
                raise RequestError(
                    ErrorCode.BAD_POSITION,
                    say("The recording ends at {whole:.3f} s.", whole=whole),
                    "Give an earlier start.",
                )
            file.seek(int(start * file.samplerate))
            wanted = min(seconds, MAX_PREVIEW_SECONDS)
            samples = file.read(int(wanted * file.samplerate), dtype="float32", always_2d=True)
            rate = file.samplerate
    except soundfile.LibsndfileError as error:
        raise RequestError(
            ErrorCode.FILE_UNUSABLE,
            say("{path} cannot be read as audio: {error}", path=path, error=error),
            "Give a WAV, FLAC, OGG or MP3 file.",
        ) from error
    mono = samples.mean(axis=1, dtype=np.float32)
    data = _encode_mp3(soxr.resample(mono, rate, PREVIEW_RATE))
    return AudioPreview(data, start, len(mono) / rate, whole)


def preview_content(path: Path, start: float, seconds: float) -> list[AudioContent | TextContent]:
    """An excerpt as a tool hands it back, and in words what it is. Raises as `audio_preview` does."""
    made = audio_preview(path, start, seconds)
    said = (
        f"{made.seconds:.1f} s from {made.start_seconds:.1f} s of {made.whole_seconds:.1f} s; mono, 24 kHz."
    )
    audio = AudioContent(type="audio", data=base64.b64encode(made.data).decode(), mime_type=MIME_TYPE)
    return [audio, TextContent(type="text", text=said)]


def _encode_mp3(samples: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, PREVIEW_RATE, format="MP3", subtype="MPEG_LAYER_III")
    data = out.getvalue()
    assert len(data) <= MAX_PREVIEW_BYTES, "30 s of mono at this rate"
    return data
