"""Requests for chat completions, and what is in their answers, for tests."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import numpy as np
import soundfile

from tests.server.compat.client import Answer, CompatClient

COMPLETIONS = "/v1/chat/completions"
SECONDS = 2.0
SHORT = {"duration": SECONDS, "format": "wav"}


def request_for(content: Any, **fields: Any) -> dict[str, Any]:
    """A body whose one message has a content."""
    return {"messages": [{"role": "user", "content": content}], "audio_config": SHORT} | fields


def ask(chat: CompatClient, content: Any = "lo-fi drums", status: int = 200, **fields: Any) -> Any:
    """The JSON of an answer that has to have this status."""
    answer: Answer = chat("POST", COMPLETIONS, request_for(content, **fields))
    assert answer.status == status, answer.data
    return answer.json


def message_of(completion: Any) -> dict[str, Any]:
    """The message of an answer."""
    (choice,) = completion["choices"]
    assert choice["finish_reason"] == "stop"
    found: dict[str, Any] = choice["message"]
    return found


def decode(part: dict[str, Any]) -> tuple[np.ndarray, int, str]:
    """Samples, rate and format of one audio of an answer; its media type is that of the file."""
    head, _, data = part["audio_url"]["url"].partition(",")
    kind = head.removeprefix("data:").removesuffix(";base64")
    with soundfile.SoundFile(io.BytesIO(base64.b64decode(data, validate=True))) as file:
        assert kind == {"WAV": "audio/wav", "FLAC": "audio/flac", "MP3": "audio/mpeg"}[file.format]
        return file.read(dtype="float32", always_2d=True), file.samplerate, file.format


def audio_part(samples: np.ndarray, rate: int) -> dict[str, Any]:
    """Samples as a part of a message."""
    made = io.BytesIO()
    soundfile.write(made, samples, rate, "FLOAT", format="WAV")
    data = base64.b64encode(made.getvalue()).decode()
    return {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}


def read_stream(data: bytes) -> list[dict[str, Any]]:
    """The chunks of a stream, which has to end as OpenAI's do."""
    events = data.decode().split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""]
    return [json.loads(each.removeprefix("data: ")) for each in events[:-2]]


def deltas(chunks: list[dict[str, Any]], name: str) -> list[Any]:
    """What the chunks bring of one field."""
    found = (chunk["choices"][0]["delta"].get(name) for chunk in chunks if chunk["choices"])
    return [each for each in found if each is not None]
