"""What all messages of the mailbox share."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

MAILBOX_VERSION: Final = 2
"""What this side speaks. Version 1, of scripts that name none in `hello`, has other names for some fields."""

Identifier = Annotated[str, Meta(max_length=256, description="an id")]
"""REAPER's GUIDs, and ids that the sender chooses and the other side echoes."""

Text = Annotated[str, Meta(max_length=65_536)]
"""A name, a title or a sentence."""

FilePath = Annotated[str, Meta(max_length=32_768, description="an absolute path")]

ItemChunk = Annotated[str, Meta(max_length=32 << 20, description="an item as REAPER saves it")]
"""The lines from `<ITEM` to `>`."""

ProjectSeconds = Annotated[
    float, Meta(ge=-1e9, le=1e9, description="seconds from the project's start", extra={"unit": "s"})
]

TimeSpan = Annotated[
    tuple[ProjectSeconds, ProjectSeconds], Meta(description="start and end", extra={"unit": "s"})
]

ByteCount = Annotated[int, Meta(ge=0, le=2**53, description="bytes", extra={"unit": "bytes"})]

Gigabytes = Annotated[float, Meta(ge=0, le=1e6, description="gigabytes", extra={"unit": "GB"})]

JobNumber = Annotated[int, Meta(ge=0, le=65_535, description="counted from zero")]
"""Of a request's jobs, one for each selected item."""

JobCount = Annotated[int, Meta(ge=0, le=65_536, description="a count")]


class MailboxPart(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a message that has no ``type`` of its own."""


class MailboxMessage(msgspec.Struct, frozen=True, kw_only=True, tag_field="type"):
    """One message: a JSON object whose ``type`` names its kind.

    Every field is written, so that scripts need no defaults; a reader fills in what an older writer leaves
    out, and skips what a newer one adds.
    """


def kind_of(message: type[MailboxMessage]) -> str:
    """The ``type`` of a message class."""
    config: Any = message.__struct_config__
    return str(config.tag)
