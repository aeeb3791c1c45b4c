"""How the two sides meet, know of each other's life, and part."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from bandmate_bridge.reaper.mailbox_messages.message_base import (
    Identifier,
    MailboxMessage,
    Text,
)

MailboxVersion = Annotated[int, Meta(ge=1, le=65_535, description="version of the mailbox's messages")]


class ScriptsHello(MailboxMessage, frozen=True, kw_only=True, tag="hello"):
    """The scripts' first message to an agent that they started."""

    id: Identifier = ""
    version: Text = ""
    """Of Bandmate, as the scripts were installed."""
    mailbox_version: MailboxVersion = 1
    """The agent writes what that version reads."""


class ScriptsBye(MailboxMessage, frozen=True, kw_only=True, tag="bye"):
    """The scripts or REAPER are ending; the agent ends too."""


class AgentHello(MailboxMessage, frozen=True, kw_only=True, tag="hello"):
    """The agent's first message, and its answer to the scripts' `hello`."""

    re: Identifier | None = None
    """The id of the `hello` that it answers."""
    version: Text
    """Of Bandmate."""
    pid: Annotated[int, Meta(ge=0, le=2**53)]
    """The agent's process. A new one does not know yet what is running."""
    mailbox_version: MailboxVersion = 1
    """What the agent writes, unless the scripts read only an older one."""
    stale: Text | None = None
    """Says that the scripts and Bandmate have different versions."""
    remedy: Text = ""
    """How to bring both to the same version."""


class AgentAlive(MailboxMessage, frozen=True, kw_only=True, tag="alive"):
    """The agent is running. Sent every second."""


class ServerState(MailboxMessage, frozen=True, kw_only=True, tag="server"):
    """Whether there is a server."""

    state: Literal["starting", "ready", "gone"]
    address: Text = ""
    """Of a server that is ready."""
    sentence: Text = ""
    """Why there is none, or what is being started."""
    remedy: Text = ""
    """What would help."""
