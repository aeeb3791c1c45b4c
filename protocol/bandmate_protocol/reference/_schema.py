"""The messages as JSON Schema, draft 2020-12, for tools that check or generate from it."""

from __future__ import annotations

from typing import Any, get_args

from bandmate_protocol.messages import ClientMessage, ServerMessage
from bandmate_protocol.reference.struct_schema import DIALECT, schema_definitions, schema_reference
from bandmate_protocol.version import PROTOCOL_MAX

_CLIENT = get_args(ClientMessage)
_SERVER = get_args(ServerMessage)


def protocol_schema() -> dict[str, Any]:
    """One schema with every message under ``$defs``, and `client_message` and `server_message` that choose.

    ``unit`` and ``contentEncoding: msgpack bin`` are annotations of the protocol's own.
    """
    return {
        "$schema": DIALECT,
        "title": f"Bandmate protocol, version {PROTOCOL_MAX}",
        "anyOf": [{"$ref": "#/$defs/client_message"}, {"$ref": "#/$defs/server_message"}],
        "$defs": {
            "client_message": {"anyOf": [schema_reference(kind) for kind in _CLIENT]},
            "server_message": {"anyOf": [schema_reference(kind) for kind in _SERVER]},
            **schema_definitions(dict.fromkeys((*_CLIENT, *_SERVER))),
        },
    }
