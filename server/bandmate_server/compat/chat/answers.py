"""Answers in OpenAI's form: whole, and in chunks."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from bandmate_protocol.errors import BandmateError
from bandmate_server.compat.chat.errors import error_object

DONE = b"data: [DONE]\n\n"
_NO_TOKENS = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
"""Nothing here is counted in tokens."""


@dataclass(frozen=True)
class Completion:
    """One answer to one request; all of its chunks have its id and its time."""

    model: str
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, content: str, audio: Sequence[Mapping[str, Any]]) -> bytes:
        """The answer in one piece."""
        message = {"role": "assistant", "content": content, "audio": audio or None, "audio_codes": None}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return self._encode("chat.completion", [choice], usage=_NO_TOKENS)

    def chunk(self, **delta: Any) -> bytes:
        """A piece of the answer: any of `role`, `content`, `audio` and `progress`."""
        return self._event([_choice(delta)])

    def end(self) -> bytes:
        """The last piece of an answer."""
        return self._event([_choice({}, "stop")])

    def usage(self) -> bytes:
        """What a client gets after the end that asked for it."""
        return self._event([], usage=_NO_TOKENS)

    def failure(self, error: BandmateError, status: int) -> bytes:
        """The last pieces of an answer that failed on the way.

        Upstream's clients read the text of the first; OpenAI's raise for the `error` of the second.
        """
        text = self.chunk(content=f"\n\nError: {error}")
        return text + self._event([_choice({}, "error")], error=error_object(error, status))

    def _event(self, choices: list[dict[str, Any]], **more: Any) -> bytes:
        return b"data: " + self._encode("chat.completion.chunk", choices, **more) + b"\n\n"

    def _encode(self, kind: str, choices: list[dict[str, Any]], **more: Any) -> bytes:
        said = {"id": self.id, "object": kind, "created": self.created, "model": self.model}
        return msgspec.json.encode({**said, "choices": choices, **more})


def _choice(delta: Mapping[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
