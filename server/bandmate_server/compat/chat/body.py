"""The body of a request for a chat completion: OpenAI's fields, ACE-Step's, and those that both send as null.

Values are taken as upstream takes them: numbers and truth values may be text. What other services know, such as
`user` or `frequency_penalty`, is let through.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from bandmate_protocol.texts import say
from bandmate_server.compat.chat.errors import FieldError

MAX_BATCH = 8
MAX_MESSAGES = 1_000
MAX_PARTS = 64
TaskType = Literal["text2music", "cover", "cover-nofsq", "repaint", "lego", "complete", "extract"]
TASK_TYPES = ("text2music", "cover", "repaint", "lego", "complete", "extract")

_Share = Annotated[float, Meta(ge=0.0, le=1.0)]
_Name = Annotated[str, Meta(max_length=256)]
_Seconds = Annotated[float, Meta(ge=-1.0, le=86_400.0)]


class InputAudio(msgspec.Struct, frozen=True):
    """Audio in a message, in base64."""

    data: str
    format: _Name | None = None
    """Not needed: what the file is decides."""


class AudioUrl(msgspec.Struct, frozen=True):
    """Audio in a message as an address, which has to be one of the scheme `data:`."""

    url: str


class ContentPart(msgspec.Struct, frozen=True):
    """A part of a message."""

    type: _Name
    text: str | None = None
    input_audio: InputAudio | None = None
    audio_url: AudioUrl | None = None


class ChatMessage(msgspec.Struct, frozen=True):
    """One message; of all of them, the last one of the user counts."""

    role: _Name
    content: str | Annotated[list[ContentPart], Meta(max_length=MAX_PARTS)] | None = None


class AudioConfig(msgspec.Struct, frozen=True):
    """How the audio is to be."""

    duration: _Seconds | None = None
    """In seconds; 0 and -1 leave it open."""
    format: _Name | None = None
    bpm: Annotated[float, Meta(ge=0.0, le=2_000.0)] | None = None
    """0 leaves it open."""
    key_scale: _Name | None = None
    time_signature: int | _Name | None = None
    vocal_language: _Name | None = None
    instrumental: bool | None = None


class SpokenAudio(msgspec.Struct, frozen=True):
    """OpenAI's own field for audio in answers; the voice has no meaning here."""

    format: _Name | None = None


class StreamOptions(msgspec.Struct, frozen=True):
    """OpenAI's options of a stream."""

    include_usage: bool | None = None


class ChatBody(msgspec.Struct, frozen=True):
    """All of it."""

    messages: Annotated[list[ChatMessage], Meta(min_length=1, max_length=MAX_MESSAGES)]
    model: _Name | None = None
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    seed: Any = None
    """A whole number, several as text with commas, or a list of them."""
    temperature: Annotated[float, Meta(ge=0.0, le=2.0)] | None = None
    """Of the planner, as are the next two."""
    top_p: _Share | None = None
    top_k: int | None = None
    audio: SpokenAudio | None = None
    audio_config: AudioConfig | None = None
    lyrics: str | None = None
    sample_mode: bool | None = None
    use_format: bool | None = None
    use_cot_caption: bool | None = None
    use_cot_language: bool | None = None
    thinking: bool | None = None
    inference_steps: Annotated[int, Meta(ge=0, le=200)] | None = None
    guidance_scale: Annotated[float, Meta(ge=0.0, le=100.0)] | None = None
    batch_size: Annotated[int, Meta(ge=1, le=MAX_BATCH)] | None = None
    task_type: TaskType | None = None
    repainting_start: Annotated[float, Meta(ge=0.0, le=86_400.0)] | None = None
    """In seconds."""
    repainting_end: _Seconds | None = None
    """In seconds; 0, -1 and nothing mean the end of the audio."""
    audio_cover_strength: _Share | None = None
    track_name: _Name | None = None


def read_chat_body(fields: Any) -> ChatBody:
    """A body as JSON has it. Raises FieldError that names the field."""
    if not isinstance(fields, dict):
        raise FieldError("", "The body is not a JSON object.", _EXAMPLE)
    if not fields.get("messages"):
        raise FieldError("messages", "The request has no messages.", _EXAMPLE)
    try:
        return msgspec.convert(fields, ChatBody, strict=False)
    except (msgspec.ValidationError, RecursionError) as error:
        reason, _, path = str(error).partition(" - at `$")
        param = path.rstrip("`").removeprefix(".")
        raise FieldError(
            param, say("The field `{param}` is wrong: {reason}.", param=param or "body", reason=reason)
        ) from error


_EXAMPLE = 'Send {"messages": [{"role": "user", "content": "mellow lo-fi with a warm bass"}]}.'
