"""Saved requests with numbers, for surfaces that have buttons but no keyboard."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, field

from bandmate_protocol.messages._base import Message, MessagePart
from bandmate_protocol.units import Label, RequestId, Values, Word

SLOT_COUNT = 64
"""How many slots a server has."""

SlotNumber = Annotated[int, Meta(ge=1, le=SLOT_COUNT, description="a slot's number, from 1")]


class Slot(MessagePart, frozen=True, kw_only=True):
    """A task with its parameters under a number."""

    number: SlotNumber
    task: Word
    """The name of a task in the catalogue."""
    name: Label = ""
    """What a display shows; the prompt's first words when empty."""
    params: Values = field(default_factory=dict)
    """What differs from the task's defaults; options of an engine may be among them, as in `submit`."""
    options: Values = field(default_factory=dict)
    """What differs from the engine's defaults."""
    engine: Word | None = None
    """None leaves the choice to the server."""


class ListSlots(Message, frozen=True, kw_only=True):
    """Asks for the slots."""

    request: RequestId


class StoreSlot(Message, frozen=True, kw_only=True):
    """Fills a slot and replaces its content. Refused when the task or a parameter does not exist."""

    request: RequestId
    slot: Slot


class ClearSlot(Message, frozen=True, kw_only=True):
    """Empties a slot."""

    request: RequestId
    number: SlotNumber


class Slots(Message, frozen=True, kw_only=True):
    """All filled slots, by number."""

    request: RequestId
    slots: Annotated[tuple[Slot, ...], Meta(max_length=SLOT_COUNT)] = ()
