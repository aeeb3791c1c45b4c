"""What all messages share."""

import re
from typing import Any

import msgspec


def wire_name(class_name: str) -> str:
    """The ``type`` on the wire: StemEnd is ``stem_end``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", class_name).lower()


class MessagePart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A piece of a message that has no ``type`` of its own."""


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag=wire_name):
    """One message: a msgpack map whose ``type`` is the class's name in snake case.

    Immutable. Fields unknown to a peer are ignored by it, so old and new peers live together.
    """


def type_of(message: type[Message]) -> str:
    """The ``type`` that a message class has on the wire."""
    config: Any = message.__struct_config__
    return str(config.tag)
