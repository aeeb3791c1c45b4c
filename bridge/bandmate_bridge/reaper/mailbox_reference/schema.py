"""The messages as JSON Schema, draft 2020-12."""

from __future__ import annotations

from typing import Any, get_args

from bandmate_bridge.reaper.mailbox_messages import MAILBOX_VERSION, AgentMessage, ScriptMessage
from bandmate_protocol.reference.struct_schema import DIALECT, schema_definitions, schema_reference


def mailbox_schema() -> dict[str, Any]:
    """One schema with every message under ``$defs``, and `to_agent` and `to_reaper` that choose by direction.

    ``unit`` is an annotation of its own.
    """
    to_agent, to_reaper = get_args(ScriptMessage), get_args(AgentMessage)
    return {
        "$schema": DIALECT,
        "title": f"Mailbox between REAPER's scripts and Bandmate's agent, version {MAILBOX_VERSION}",
        "anyOf": [{"$ref": "#/$defs/to_agent"}, {"$ref": "#/$defs/to_reaper"}],
        "$defs": {
            "to_agent": {"anyOf": [schema_reference(kind) for kind in to_agent]},
            "to_reaper": {"anyOf": [schema_reference(kind) for kind in to_reaper]},
            **schema_definitions((*to_agent, *to_reaper)),
        },
    }
