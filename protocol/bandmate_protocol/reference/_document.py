"""Puts PROTOCOL.md together."""

from __future__ import annotations

import inspect
from typing import NamedTuple, get_args

import msgspec

from bandmate_protocol import codec, errors
from bandmate_protocol.messages import (
    MAX_AUDIO_BYTES,
    ClientMessage,
    Message,
    ServerMessage,
    type_of,
)
from bandmate_protocol.proof import proof_of
from bandmate_protocol.reference import _prose
from bandmate_protocol.reference._javascript import SMALL_CLIENT
from bandmate_protocol.reference.fields import field_table, first_sentence, parts_of
from bandmate_protocol.reference.sources import attribute_docs
from bandmate_protocol.session import MAX_FAULTS, MIN_CREDIT_BYTES
from bandmate_protocol.version import PROTOCOL_MAX, SUBPROTOCOL

_CLIENT: tuple[type[Message], ...] = get_args(ClientMessage)
_SERVER: tuple[type[Message], ...] = get_args(ServerMessage)
_UPLOAD_BYTES = 1 << 20


class _ProofExample(NamedTuple):
    token: str
    host: str
    nonce: str


_PROOF_EXAMPLE = _ProofExample("0123456789abcdef" * 4, "127.0.0.1:7893", "00112233445566778899aabbccddeeff")

_TOPICS = {
    "handshake": "Greeting and pings",
    "catalogue": "What the server can do",
    "focus": "What the musician looks at",
    "slots": "Slots",
    "surfaces": "Surfaces and MIDI learn",
    "settings": "Settings of the server",
    "doctor": "Problems of the installation",
    "suggestion": "Tempo and key for a prompt",
    "inputs": "Audio to the server",
    "work": "Jobs",
    "library": "The library",
    "stems": "Audio to the client",
    "timeline": "Time",
    "fault": "Errors",
    "wording": "Sentences",
}


def protocol_document() -> str:
    """The whole of PROTOCOL.md."""
    prose = (
        _prose.INTRODUCTION,
        _prose.CONNECTION,
        _prose.PROOF,
        _prose.FRAMES,
        _prose.GREETING,
        _prose.REQUESTS,
        _prose.UPLOADS,
        _prose.JOBS,
        _prose.FLOW,
        _prose.CUTS,
        _prose.SAMPLE_FORMAT,
        _prose.TIME,
    )
    sections = [_fill_values(text) for text in prose]
    sections += [_message_sections(), _error_section(), _prose.VERSIONS, SMALL_CLIENT, _prose.VECTORS]
    return "\n".join(sections)


def _fill_values(text: str) -> str:
    limits = (
        ("bytes of a frame", codec.MAX_FRAME_BYTES),
        ("levels of maps and arrays inside one another, the message not counted", codec.MAX_DEPTH),
        ("entries of one map or array", codec.MAX_ITEMS),
        ("entries of all maps and arrays of a frame, and one for each of these", codec.MAX_VALUES),
        ("bytes of one text", codec.MAX_TEXT_BYTES),
    )
    values = {
        "protocol": str(PROTOCOL_MAX),
        "subprotocol": SUBPROTOCOL,
        "limits": "\n".join(f"| {name} | {_grouped_number(most)} |" for name, most in limits),
        "max_faults": str(MAX_FAULTS),
        "min_credit": str(MIN_CREDIT_BYTES),
        "audio_bytes": _grouped_number(MAX_AUDIO_BYTES),
        "upload_bytes": _grouped_number(_UPLOAD_BYTES),
        "proof_token": _PROOF_EXAMPLE.token,
        "proof_host": _PROOF_EXAMPLE.host,
        "proof_nonce": _PROOF_EXAMPLE.nonce,
        "proof": proof_of(*_PROOF_EXAMPLE),
    }
    for name, value in values.items():
        text = text.replace("{{" + name + "}}", value)
    assert "{{" not in text
    return text


def _grouped_number(value: int) -> str:
    return f"{value:,}".replace(",", " ")


def _message_sections() -> str:
    classes: list[type[msgspec.Struct]] = list(dict.fromkeys((*_CLIENT, *_SERVER)))
    # What messages hold, and what that holds.
    for struct in classes:
        classes += [part for part in dict.fromkeys(parts_of(struct)) if part not in classes]
    index = ["## Messages\n", "| message | from | |", "|---|---|---|"]
    index += [
        f"| [`{type_of(kind)}`](#{type_of(kind)}) | {_sender_name(kind)} | {first_sentence(kind)} |"
        for kind in classes
        if issubclass(kind, Message)
    ]
    sections = ["\n".join(index) + "\n"]
    for topic, title in _TOPICS.items():
        of_topic = [kind for kind in classes if kind.__module__.endswith(f".{topic}")]
        classes = [kind for kind in classes if kind not in of_topic]
        sections += [f"### {title}\n", *map(_struct_section, of_topic)]
    assert not classes, f"no topic for {classes}"
    return "\n".join(sections)


def _sender_name(kind: type[Message]) -> str:
    if kind in _CLIENT and kind in _SERVER:
        return "both"
    return "client" if kind in _CLIENT else "server"


def _struct_section(struct: type[msgspec.Struct]) -> str:
    if issubclass(struct, Message):
        head = f"#### `{type_of(struct)}`\n\nFrom: {_sender_name(struct)}."
    else:
        head = f"#### {struct.__name__}\n\nA part of messages; it has no `type`."
    return "\n".join([head + " " + (inspect.getdoc(struct) or ""), "", *field_table(struct)]) + "\n"


def _error_section() -> str:
    docs = attribute_docs(errors.ErrorCode)
    lines = [
        "## Codes of errors\n",
        "In `error` and `failed`. The sentence is for people, the code is for programs, and the remedy says what\n"
        "would have worked.\n",
        "| code | meaning |",
        "|---|---|",
    ]
    lines += [f"| `{code.value}` | {docs[code.name]} |" for code in errors.ErrorCode]
    return "\n".join(lines) + "\n"
