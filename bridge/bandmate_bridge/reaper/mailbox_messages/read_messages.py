"""From plain values to messages and back, with a sentence for whatever is not a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar, get_args

import msgspec

from bandmate_bridge.reaper.mailbox_messages import AgentMessage, MailboxMessage, ScriptMessage, kind_of
from bandmate_bridge.reaper.mailbox_messages.older_names import with_current_names, with_older_names
from bandmate_protocol.errors import ErrorCode, RequestError
from bandmate_protocol.texts import plain_text, say

SCRIPT_KINDS: Final[dict[str, type[ScriptMessage]]] = {
    kind_of(kind): kind for kind in get_args(ScriptMessage)
}
AGENT_KINDS: Final[dict[str, type[AgentMessage]]] = {kind_of(kind): kind for kind in get_args(AgentMessage)}

_UPDATE = "Run `bandmate install reaper`, and start the action again, so that both have the same version."

_Message = TypeVar("_Message", bound=MailboxMessage)


def read_script_message(values: Mapping[str, Any]) -> ScriptMessage:
    """A message of the scripts, of today's or of an older version.

    Strict: text is not taken for a number. Unknown fields are skipped. Raises RequestError: `unknown_type` for
    another kind, and `bad_message` for one that lacks a field or breaks a bound.
    """
    return _read_message(values, SCRIPT_KINDS)


def read_agent_message(values: Mapping[str, Any]) -> AgentMessage:
    """A message of the agent. Raises RequestError as `read_script_message` does."""
    return _read_message(values, AGENT_KINDS)


def message_values(message: MailboxMessage, version: int) -> dict[str, Any]:
    """A message as plain values for a reader of that version of the mailbox."""
    values: dict[str, Any] = msgspec.to_builtins(message, enc_hook=plain_text)
    return with_older_names(values, type(message)) if version < 2 else values


def _read_message(values: Mapping[str, Any], kinds: Mapping[str, type[_Message]]) -> _Message:
    kind = kinds.get(str(values.get("type")))
    if kind is None:
        raise RequestError(
            ErrorCode.UNKNOWN_TYPE,
            say(
                "REAPER's scripts sent a message of the kind `{kind}`, and this version of Bandmate has none.",
                kind=str(values.get("type"))[:64],
            ),
            _UPDATE,
        )
    try:
        return msgspec.convert(with_current_names(dict(values), kind), kind)
    except msgspec.ValidationError as error:
        raise RequestError(
            ErrorCode.BAD_MESSAGE,
            say(
                "REAPER's scripts sent a message `{kind}` that Bandmate cannot read: {error}.",
                kind=kind_of(kind),
                error=error,
            ),
            _UPDATE,
        ) from error
